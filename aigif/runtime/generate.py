"""Making a picture, and the file that says how it was made."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aigif._gen.container import WEIGHTS_SECTION
from aigif._gen.enums import (
    BatchGenerators,
    DataType,
    ModelCompressor,
    NoiseSource,
    PixelCompressor,
    PromptDialect,
    SavedWeights,
    Scheduler,
    SigmaSchedule,
)
from aigif._gen.types import (
    Aigif,
    Data,
    Distilled,
    Hires,
    Platform,
    Prior,
    Refiner,
    SamplerOptions,
    Variation,
)
from aigif.errors import UsageError
from aigif.file import dumps, with_best_text, with_section
from aigif.pictures import HASH_BYTES, with_picture
from aigif.runtime import cost
from aigif.runtime.adapterchoice import ChosenAdapters, choose_adapters
from aigif.runtime.devices import pick_device
from aigif.runtime.engine import Prepared, prepare
from aigif.runtime.exact import arithmetic_of
from aigif.runtime.options import (
    batch_generators_of,
    compressor_of,
    data_type_of,
    dialect_of,
    model_compressor_of,
    noise_source_of,
    scheduler_of,
    sigma_schedule_of,
)
from aigif.runtime.progress import NoProgress, Progress
from aigif.runtime.registry import choose, few_step_file
from aigif.runtime.render import render
from aigif.runtime.resources import gather
from aigif.runtime.usual import scheduled, usual_settings
from aigif.runtime.warm import Models
from aigif.runtime.watch import Watch
from aigif.runtime.weightsoverlay import collect_weights
from aigif.weights import Tensor
from aigif.weights import decode as decode_weights
from aigif.weights import encode as encode_weights

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Generated", "generate"]


@dataclass(frozen=True, slots=True)
class Generated:
    """A new picture, and the file that holds its generation syntax."""

    image: Image
    aigif: Aigif
    warnings: tuple[str, ...] = ()


def generate(
    prompt: str,
    *,
    model: str | os.PathLike[str] | int | None = None,
    negative_prompt: str = "",
    seed: int | None = None,
    height: int | None = None,
    width: int | None = None,
    steps: int | None = None,
    guidance_scale: float | None = None,
    scheduler: Scheduler | int | str | None = None,
    sigma_schedule: SigmaSchedule | int | str | None = None,
    sampler_options: SamplerOptions | None = None,
    prompt_2: str = "",
    negative_prompt_2: str = "",
    prompt_3: str = "",
    negative_prompt_3: str = "",
    clip_skip: int = 1,
    guidance_rescale: float = 0.0,
    distilled: Distilled | None = None,
    hires: Hires | None = None,
    refiner: Refiner | None = None,
    variation: Variation | None = None,
    prior: Prior | None = None,
    tiling: bool = False,
    prompt_dialect: PromptDialect | int | str = PromptDialect.PLAIN,
    noise_source: NoiseSource | int | str = NoiseSource.TORCH_CPU,
    batch_size: int = 1,
    batch_position: int = 0,
    batch_generators: BatchGenerators | int | str = BatchGenerators.SHARED,
    exact: bool | int = False,
    device: str = "auto",
    dtype: DataType | str | None = None,
    threads: int | None = None,
    save_pixels: PixelCompressor | int | str | None = None,
    save_model: ModelCompressor | int | str | None = None,
    adapter: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None = None,
    adapter_weight: float | Sequence[float] = 1.0,
    save_adapter: ModelCompressor | int | str | None = None,
    few_step: bool = False,
    preview: bool = False,
    hash_bytes: int = HASH_BYTES,
    max_cost: float | None = None,
    low_memory: bool = False,
    progress: Progress | None = None,
    watch: Watch | None = None,
    models: Models | None = None,
) -> Generated:
    """Run a model and record everything that its picture depends on.

    Args:
        prompt, negative_prompt, prompt_2 ...: Texts; the numbered ones for models with several text models.
        model: A folder in the hub's layout, a name of the model table, or a repository on the hub that the table
            lists and the Hugging Face cache holds; None for the embedded model.
        seed: 0 to 2**64 - 1; None draws 32 random bits.
        height, width: In pixels; None for the model's own size.
        steps: None for 20, or 25 for the embedded model.
        guidance_scale: 1 is none; None for 7, for 1 with distilled guidance, and for 3 with the embedded model.
        scheduler, sigma_schedule: None for the model's own.
        clip_skip: Which layer of the text model, counted from the end; 1 is the last, or the pipeline's own choice.
        hires: A second pass, at a larger size.
        refiner: Another model that takes over near the end.
        variation: A second seed whose noise is mixed in.
        prior: Settings of the prior, for models that have one.
        tiling: Whether the picture's edges fit each other.
        prompt_dialect: How the prompt's text becomes embeddings: plain, a1111, comfyui, compel.
        noise_source: Where the noise comes from: torch_cpu, or cuda_philox and nv, computed on the CPU.
        batch_size, batch_position: The picture is the one at `batch_position` (from 0) of `batch_size`.
        batch_generators: shared, or separate: each picture of the batch has a generator of its own.
        exact: Whether to run under exact arithmetic, which gives the same pixels on every platform and is slower;
            True or 24 for operands of 24 bits, 20 for its fast variant (docs/exact-arithmetic.md).
        device: torch's name of a device, or auto.
        dtype: The data type of the weights; None for float32.
        threads: On the CPU; None leaves torch's number. It is recorded.
        save_pixels: A pixel compressor, to put the pixels into the file.
        save_model: A model compressor, to put the weights into the file. The picture is made with the weights as the
            file gives them back, so that int8 too is recreated bit for bit.
        adapter: The safetensors file of a LoRA, or several. Names without ending and hashes are recorded.
        adapter_weight: From -1000 to 1000, on the denoising network and on the text models; one for each adapter.
        few_step: The embedded model's variant that takes 4 steps without guidance.
        save_adapter: A model compressor, to put the adapter into the file; as `save_model`, and not together with it.
        preview: Whether a ThumbHash goes into the file.
        hash_bytes: How many bytes of the pixels' SHA-256 go into the file, 0 to 32.
        max_cost: Cap on the estimate; None for `cost.MOST_COST`.
        low_memory: Keep the model's parts on the CPU while they aren't used, and decode a batch picture by picture.
        progress: Receives the steps.
        watch: Is shown the picture as it grows.
        models: Models that stay loaded between calls; `low_memory` is then theirs.

    Raises an AigifError: UsageError and ElementError for values that make no sense, ModelError and
    MissingPackageError, PolicyError, NotHonouredError for elements that the model can't honour, LimitError.
    """
    if not 0 <= hash_bytes <= 32:
        raise UsageError(
            "a hash has 0 to 32 bytes", element="verification.pixel_hash", hint="8 bytes are usual"
        )
    saved_as = None if save_pixels is None else compressor_of(save_pixels)
    weights_as = None if save_model is None else model_compressor_of(save_model)
    recorded, resolved = choose(model)
    if few_step and (resolved.source != "embedded" or adapter is not None):
        raise UsageError(
            "the few-step variant belongs to the embedded model", hint="leave out model and adapter"
        )
    chosen = _adapters(few_step_file() if few_step else adapter, adapter_weight, save_adapter, weights_as)
    usual = usual_settings(resolved, few_step=few_step)
    aigif = Aigif(
        model=scheduled(
            recorded.replace(
                data_type=data_type_of(dtype) or DataType.FLOAT32,
                clip_skip=clip_skip,
                prompt_dialect=dialect_of(prompt_dialect),
                sampler_options=None if sampler_options == SamplerOptions() else sampler_options,
                adapters=chosen.records,
            ),
            resolved,
            scheduler_of(scheduler),
            sigma_schedule_of(sigma_schedule),
        ),
        data=Data(
            prompt=prompt,
            negative_prompt=negative_prompt,
            prompt_2=prompt_2,
            negative_prompt_2=negative_prompt_2,
            prompt_3=prompt_3,
            negative_prompt_3=negative_prompt_3,
            height=usual.height if height is None else height,
            width=usual.width if width is None else width,
            steps=usual.steps if steps is None else steps,
            guidance_scale=usual.guidance if guidance_scale is None else float(guidance_scale),
            guidance_rescale=float(guidance_rescale),
            seed=secrets.randbits(32) if seed is None else seed,
            distilled=distilled,
            hires=hires,
            refiner=refiner,
            variation=variation,
            prior=prior,
            tiling=tiling,
            batch_size=batch_size,
            batch_position=batch_position,
            batch_generators=batch_generators_of(batch_generators),
        ),
        platform=Platform(
            noise_source=noise_source_of(noise_source), arithmetic=arithmetic_of(exact)
        ),
    )
    dumps(aigif)  # what no file can hold is refused before the model runs
    cost.check_size(aigif, None)
    prepared = prepare(
        aigif, resolved, gather(aigif, None), device=pick_device(device), max_cost=max_cost
    )
    prepared = replace(prepared, adapters=chosen.applied)
    loaded = models or Models(low_memory=low_memory)
    payload, weights = _weights(prepared, weights_as, loaded)
    image, platform, warnings = render(
        prepared,
        loaded,
        threads=threads or 0,
        progress=progress or NoProgress(),
        watch=watch,
        weights=weights,
    )
    aigif = with_picture(
        aigif.replace(platform=platform), image, pixels=saved_as, hash_bytes=hash_bytes, preview=preview
    )
    if payload is not None and weights_as is not None:
        aigif = _with_weights(aigif, payload, weights_as, SavedWeights.MODEL)
    if chosen.payload is not None and chosen.saved_as is not None:
        aigif = _with_weights(aigif, chosen.payload, chosen.saved_as, SavedWeights.ADAPTER)
    return Generated(image, with_best_text(aigif), (*prepared.warnings, *warnings))


def _weights(
    prepared: Prepared, compressor: ModelCompressor | None, models: Models
) -> tuple[bytes | None, dict[str, Tensor] | None]:
    if compressor is None:
        return None, None
    pipe = models.pipeline(prepared.model, prepared.data_type, prepared.device)
    payload = encode_weights(collect_weights(pipe), compressor)
    return payload, decode_weights(payload, compressor, 2**40)


def _adapters(
    given: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None,
    weight: float | Sequence[float],
    save_as: ModelCompressor | int | str | None,
    model_as: ModelCompressor | None,
) -> ChosenAdapters:
    if given is None:
        if save_as is not None or weight != 1.0:
            raise UsageError("there is no adapter to save or to weigh", hint="name its safetensors file")
        return ChosenAdapters()
    if save_as is not None and model_as is not None:
        raise UsageError(
            "a file holds the weights of the model or of an adapter, not both",
            element="compression.saved_weights",
            hint="save one of them",
        )
    paths = [given] if isinstance(given, str | os.PathLike) else list(given)
    weights = [weight] * len(paths) if isinstance(weight, int | float) else list(weight)
    return choose_adapters(paths, weights, None if save_as is None else model_compressor_of(save_as))


def _with_weights(aigif: Aigif, payload: bytes, compressor: ModelCompressor, what: SavedWeights) -> Aigif:
    compression = aigif.compression.replace(model_compressor=compressor, saved_weights=what)
    return with_section(aigif.replace(compression=compression), WEIGHTS_SECTION, payload)
