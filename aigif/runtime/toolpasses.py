"""The passes of a picture as AUTOMATIC1111 and ComfyUI make them, inside an unmodified pipeline of diffusers.

The pipeline runs with a `ToolScheduler`, with the prompts' embeddings in the tool's dialect, and from the tool's
noise. A second pass is the same pipeline again, from the enlarged latent with new noise on it. The last step is the
tools' too: they cut the decoded samples off to 8 bits where diffusers rounds them (modules/processing.py,
`process_images_inner`; ComfyUI's nodes.py, `SaveImage`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aigif._gen.enums import UpscaleForm
from aigif._gen.types import Aigif, Hires
from aigif.runtime.noise import injected_noise
from aigif.runtime.picturenoise import PictureNoise
from aigif.runtime.pipelines import AfterStep, no_numbers, run_pipeline
from aigif.runtime.prompts import Conditioning, Switch, conditioned, encode_prompts, encodes
from aigif.runtime.toolplan import Sampling, ToolPlan, second_data, tool_sampler
from aigif.runtime.torchlib import require
from aigif.runtime.upscale import (
    Enlargement,
    cut_latent,
    enlarge_latent,
    enlarge_picture,
    enlargement,
)

__all__ = ["ToolPasses", "embedded", "run_tool_passes"]


def embedded(arguments: Mapping[str, Any], conditioning: Conditioning) -> dict[str, Any]:
    """A call's arguments with the prompts' embeddings in place of their texts."""
    texts = ("prompt", "prompt_2", "prompt_3")
    dropped = {*texts, *(f"negative_{name}" for name in texts), "clip_skip"}
    kept = {name: value for name, value in arguments.items() if name not in dropped}
    given = conditioning.call_arguments()
    if "true_cfg_scale" in kept and kept["true_cfg_scale"] <= 1.0:  # FLUX takes none without guidance
        given = {name: value for name, value in given.items() if not name.startswith("negative")}
    return kept | given


@dataclass(frozen=True, slots=True)
class ToolPasses:
    """What the passes of one picture need, all prepared."""

    plan: ToolPlan
    arguments: Mapping[str, Any]
    """Of the first pass's call, with the prompts as text."""
    own_scheduler: Mapping[str, Any]
    guidance: str
    """The argument that takes the guidance scale."""
    embeddings: Mapping[str, Any]
    """Vectors of textual inversions by their names."""
    refiner: Any
    """The refiner's pipeline, or None."""


def run_tool_passes(
    pipe: Any, aigif: Aigif, passes: ToolPasses, after_step: AfterStep, next_pass: Callable[[], None]
) -> list[Any]:
    """The pictures (of Pillow) of one batch."""
    hires = aigif.data.hires
    first = _Pass(pipe, aigif, passes, passes.plan.first)
    if hires is None:
        return _pictures(first.run(after_step, "np"))
    latent_next = hires.form == UpscaleForm.LATENT
    made = first.run(after_step, "latent" if latent_next else "np")
    next_pass()
    return _pictures(_second(pipe, aigif, passes, hires, first.prompt_calls).again(made, after_step))


def _second(pipe: Any, aigif: Aigif, passes: ToolPasses, hires: Hires, first_calls: int) -> _Pass:
    data = second_data(aigif.data, hires)
    return _Pass(
        pipe,
        aigif.replace(data=data),
        passes,
        passes.plan.second,
        first_calls,
        enlargement(aigif.data, hires),
    )


class _Pass:
    """One run of the pipeline. `prompt_calls` is what a prompt's edits count of it."""

    def __init__(
        self,
        pipe: Any,
        aigif: Aigif,
        passes: ToolPasses,
        sampling: Sampling,
        first_calls: int | None = None,
        sides: Enlargement | None = None,
    ) -> None:
        self._pipe, self._aigif, self._passes = pipe, aigif, passes
        self._enlarged, self._sides = aigif.data.hires, sides
        self._first_calls = first_calls
        self._noise = PictureNoise(aigif)
        self._scheduler = tool_sampler(
            passes.plan, sampling, passes.own_scheduler, aigif.data.steps, type(pipe).__name__, self._noise
        )
        network = getattr(pipe, "unet", None) or pipe.transformer
        self._scheduler.model_dtype = network.dtype
        self.prompt_calls = self._scheduler.prompt_calls

    def run(self, after_step: AfterStep, output: str) -> Any:
        """From pure noise: latents, or samples from 0 to 1 [pictures, height, width, channels]."""
        if hasattr(self._pipe, "unet"):
            start = self._noise.normal(self._shape())
            return self._call(after_step, output, {"latents": start.to(self._pipe._execution_device)})
        return self._call(after_step, output, {})

    def again(self, made: Any, after_step: AfterStep) -> Any:
        """From what the first pass made: latents, or samples from 0 to 1."""
        hires, sides, scale = self._enlarged, self._sides, self._pipe.vae_scale_factor
        assert hires is not None and sides is not None
        if hires.form == UpscaleForm.LATENT:
            latent = enlarge_latent(made.float(), sides, str(hires.upscaler), scale)
        else:
            larger = [enlarge_picture(picture, sides, str(hires.upscaler)) for picture in _pictures(made)]
            latent = cut_latent(self._encoded(larger), sides, scale)
        noise = self._noise.normal(tuple(latent.shape)).to(latent.device)
        return self._call(after_step, "np", {"latents": self._scheduler.noised(latent, noise)})

    def _call(self, after_step: AfterStep, output: str, more: dict[str, Any]) -> Any:
        data = self._aigif.data
        scheduler, pipe = self._scheduler, self._pipe
        guided = data.guidance_scale > 1.0
        scheduler.copies = 2 if guided and hasattr(pipe, "unet") else None
        if scheduler.wants_brownian:
            scheduler.noise = self._noise.between(*scheduler.brownian_range)
        pipe.scheduler = scheduler
        arguments = dict(self._passes.arguments) | more
        arguments |= {
            "height": data.height,
            "width": data.width,
            "num_inference_steps": data.steps,
            self._passes.guidance: data.guidance_scale,
            "output_type": output,
        }
        with contextlib.ExitStack() as stack:
            if encodes(self._aigif.model.prompt_dialect, type(pipe).__name__):
                arguments = self._embedded(arguments, stack)
            if "latents" not in more:
                stack.enter_context(injected_noise(self._noise, pipe))
            stack.enter_context(_single_precision_at_the_end(pipe))
            return run_pipeline(pipe, arguments, None, data.steps, after_step)

    def _embedded(self, arguments: dict[str, Any], stack: contextlib.ExitStack) -> dict[str, Any]:
        pipe, data = self._pipe, self._aigif.data
        conditioning = self._conditioning(pipe)
        arguments = embedded(arguments, conditioning)
        if not hasattr(pipe, "unet"):
            return arguments
        network = stack.enter_context(
            conditioned(
                pipe,
                conditioning,
                guidance_scale=data.guidance_scale,
                switch=self._switch(),
                needs_uncond=self._scheduler.needs_unguided,
            )
        )
        if self._scheduler.needs_unguided:
            step = self._scheduler.step
            stack.callback(delattr, self._scheduler, "step")

            def told(*given: Any, **options: Any) -> Any:
                self._scheduler.note_unguided(network.last_uncond)
                return step(*given, **options)

            self._scheduler.step = told  # type: ignore[method-assign]
        return arguments

    def _conditioning(self, pipe: Any) -> Conditioning:
        return encode_prompts(
            pipe,
            self._aigif,
            self.prompt_calls,
            self._passes.embeddings,
            first_pass_calls=self._first_calls,
        )

    def _switch(self) -> Switch | None:
        refiner, pipe = self._aigif.data.refiner, self._passes.refiner
        if refiner is None or pipe is None:
            return None
        if self._enlarged is not None and self._sides is None:
            return None  # modules/shared_options.py: hires_fix_refiner_pass is "second pass" unless told otherwise
        size = (self._aigif.data.height, self._aigif.data.width)
        ids: list[Any] = [None, None]
        if getattr(pipe.config, "requires_aesthetics_score", False):
            scores = (refiner.aesthetic_score, refiner.negative_aesthetic_score)
            ids = [require("torch").tensor([[*size, 0, 0, score]]) for score in scores]
        return Switch(pipe.unet, self._conditioning(pipe), refiner.switch_at, None, *ids)

    def _shape(self) -> tuple[int, int, int, int]:
        data, scale = self._aigif.data, self._pipe.vae_scale_factor
        channels = self._pipe.unet.config.in_channels
        return (data.batch_size, channels, data.height // scale, data.width // scale)

    def _encoded(self, pictures: list[Any]) -> Any:
        """The latents of pictures: the mean of what the VAE's encoder gives, in float32."""
        pipe = self._pipe
        with require("torch").no_grad():
            numpy, torch = require("numpy"), require("torch")
            stacked = numpy.stack([numpy.asarray(picture) for picture in pictures])
            samples = torch.from_numpy(stacked).permute(0, 3, 1, 2).float() / 255.0 * 2.0 - 1.0
            samples = samples.to(pipe._execution_device, pipe.vae.dtype)
            return pipe.vae.encode(samples).latent_dist.mode().float() * pipe.vae.config.scaling_factor


@contextlib.contextmanager
def _single_precision_at_the_end(pipe: Any) -> Iterator[None]:
    """The tools take decoded samples to float32 before they bring them into 0 to 1; diffusers does it after."""
    processor = pipe.image_processor
    postprocess = processor.postprocess

    def in_float32(image: Any, *given: Any, **options: Any) -> Any:
        return postprocess(image.float(), *given, **options)

    processor.postprocess = in_float32
    try:
        yield
    finally:
        del processor.postprocess


def _pictures(samples: Any) -> list[Any]:
    """Pictures of Pillow from samples from 0 to 1, cut off to 8 bits as the tools do it.

    Raises RecreationError where the samples are no numbers.
    """
    import PIL.Image

    if not require("numpy").isfinite(samples).all():
        raise no_numbers()
    return [PIL.Image.fromarray((255.0 * sample).astype("uint8")) for sample in samples]
