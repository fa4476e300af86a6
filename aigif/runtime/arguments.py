"""From the syntax elements to the arguments of a pipeline's call; and which elements no call can take."""

from __future__ import annotations

import inspect
from typing import Any

from aigif._gen.enums import Arithmetic, Completeness, DataType, NoiseSource, PromptDialect
from aigif._gen.types import Aigif, Data, Distilled, GenerativeModel
from aigif.errors import ElementError
from aigif.runtime.adapters import check_adapters
from aigif.runtime.families import PipelineRules
from aigif.runtime.honour import Unhonoured
from aigif.runtime.noise import check_batch
from aigif.runtime.options import DTYPES

__all__ = ["call_arguments", "check_elements"]

_DATA = Data()


def check_elements(syntax: Aigif, unhonoured: Unhonoured) -> None:
    """Add to `unhonoured` every element that this version can't honour on any model.

    Raises ElementError for values that make no sense for any model: no steps, a place outside the batch.
    """
    model, data = syntax.model, syntax.data
    if data.steps < 1:
        raise ElementError(["a picture takes at least one diffusion step"], element="data.steps")
    check_batch(data)
    if data.completeness != Completeness.COMPLETE:
        unhonoured.add("data.completeness", "the file says that not all elements of the picture are recorded")
    if syntax.platform.noise_source != NoiseSource.TORCH_CPU:
        unhonoured.add("platform.noise_source", "this version draws noise from torch's CPU generator only")
    if syntax.platform.arithmetic != Arithmetic.NATIVE:
        unhonoured.add("platform.arithmetic", "this version has the platform's own arithmetic only")
    if model.prompt_dialect != PromptDialect.PLAIN:
        unhonoured.add("model.prompt_dialect", "this version gives the prompt to the tokenizer as it is")
    if model.data_type not in (*DTYPES, DataType.UNSPECIFIED):
        unhonoured.add(
            "model.data_type", "this version loads weights as float32, float16, bfloat16 or float64"
        )
    check_adapters(syntax, unhonoured)
    for field, reason in (
        ("vae_name", "this version uses the model's own VAE"),
        ("vae_hash", "this version uses the model's own VAE"),
    ):
        if getattr(model, field):
            unhonoured.add(f"model.{field}", reason)
    for field, reason in (
        ("denoising_strength", "it needs an image input, which no file holds"),
        ("hires", "this version makes no second pass"),
        ("refiner", "this version runs one model only"),
        ("variation", "this version draws noise from one seed only"),
        ("tiling", "this version makes no tiling pictures"),
    ):
        if getattr(data, field) != getattr(_DATA, field):
            unhonoured.add(f"data.{field}", reason)
    if syntax.unknown is not None:
        unhonoured.add("unknown elements", "a newer version wrote elements that this one can't read")


def call_arguments(
    pipeline_class: Any,
    rules: PipelineRules,
    model: GenerativeModel,
    data: Data,
    eta: float,
    unhonoured: Unhonoured,
) -> dict[str, Any]:
    """The keyword arguments of the pipeline's call, all but the generator and the callback.

    An element that differs from its default and that the class has no argument for is added to `unhonoured`.
    """
    accepted = inspect.signature(pipeline_class.__call__).parameters
    arguments: dict[str, Any] = {
        "prompt": data.prompt,
        "height": data.height,
        "width": data.width,
        "num_inference_steps": data.steps,
        "num_images_per_prompt": data.batch_size,
        "output_type": "pil",
        rules.guidance: data.guidance_scale,
    }

    def give(element: str, argument: str, value: object) -> None:
        if argument in accepted:
            arguments[argument] = value
        else:
            unhonoured.add(element, f"{pipeline_class.__name__} has no argument {argument}")

    for name in ("negative_prompt", "prompt_2", "negative_prompt_2", "prompt_3", "negative_prompt_3"):
        if getattr(data, name):
            give(f"data.{name}", name, getattr(data, name))
    if rules.guidance == "true_cfg_scale" and data.guidance_scale > 1.0:
        arguments.setdefault("negative_prompt", "")  # without one such a pipeline gives no guidance
    if data.guidance_rescale:
        give("data.guidance_rescale", "guidance_rescale", data.guidance_rescale)
    if eta:
        give("model.sampler_options.eta", "eta", eta)
    skipped = max(0, model.clip_skip - (2 if rules.from_penultimate else 1))
    if skipped:
        give("model.clip_skip", "clip_skip", skipped)
    _give_distilled(rules, data, give)
    _give_sizes(rules, data, give)
    if data.max_sequence_length:
        give("data.max_sequence_length", "max_sequence_length", data.max_sequence_length)
    return arguments


def _give_distilled(rules: PipelineRules, data: Data, give: Any) -> None:
    distilled = data.distilled
    if rules.distilled_guidance is None:
        if distilled is not None:
            give("data.distilled", "distilled guidance", distilled)
        return
    values = distilled or Distilled()
    give("data.distilled.guidance", rules.distilled_guidance, values.guidance)


def _give_sizes(rules: PipelineRules, data: Data, give: Any) -> None:
    sizes = data.micro_conditioning
    if sizes is None:
        return
    own = (data.height, data.width)
    original = (sizes.original_height or own[0], sizes.original_width or own[1])
    target = (sizes.target_height or own[0], sizes.target_width or own[1])
    element = "data.micro_conditioning"
    give(element, "original_size", original)
    give(element, "target_size", target)
    give(element, "crops_coords_top_left", (sizes.crop_top, sizes.crop_left))
