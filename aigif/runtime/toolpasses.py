"""The passes of a picture as AUTOMATIC1111 and ComfyUI make them, inside an unmodified pipeline of diffusers.

The pipeline runs with a `ToolScheduler`, with the prompts' embeddings in the tool's dialect, and from the tool's
noise. A second pass is the same pipeline again, from the enlarged latent with new noise on it. The last step is the
tools' too: they cut the decoded samples off to 8 bits where diffusers rounds them (modules/processing.py,
`process_images_inner`; ComfyUI's nodes.py, `SaveImage`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aigif._gen.enums import UpscaleForm
from aigif._gen.types import Aigif, Hires
from aigif.runtime.noise import injected_noise
from aigif.runtime.picturenoise import PictureNoise
from aigif.runtime.pipelines import AfterStep, no_numbers, run_pipeline
from aigif.runtime.prompts import Conditioning, Switch, conditioned, encode_prompts, encodes
from aigif.runtime.samplers import Strength, tool_scheduler
from aigif.runtime.toolplan import Sampling, ToolPlan
from aigif.runtime.torchlib import require
from aigif.runtime.upscale import enlarge_latent, enlarge_picture, second_size

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
    pipe: Any, aigif: Aigif, passes: ToolPasses, after_step: AfterStep, next_pass: Callable[[int], None]
) -> list[Any]:
    """The pictures (of Pillow) of one batch."""
    hires = aigif.data.hires
    first = _Pass(pipe, aigif, passes, passes.plan.first)
    if hires is None:
        return _pictures(first.run(after_step, "np"))
    latent_next = hires.form == UpscaleForm.LATENT
    made = first.run(after_step, "latent" if latent_next else "np")
    next_pass(aigif.data.steps)
    return _pictures(_second(pipe, aigif, passes, hires, first.calls).again(made, after_step))


def _second(pipe: Any, aigif: Aigif, passes: ToolPasses, hires: Hires, first_calls: int) -> _Pass:
    sampling = passes.plan.second
    part = Strength(hires.denoising_strength)
    width, height = second_size(aigif.data, hires)
    data = aigif.data.replace(
        width=width,
        height=height,
        steps=hires.steps or aigif.data.steps,
        prompt=hires.prompt or aigif.data.prompt,
        negative_prompt=hires.negative_prompt or aigif.data.negative_prompt,
        guidance_scale=hires.guidance_scale or aigif.data.guidance_scale,
        seed=hires.seed if hires.own_seed else aigif.data.seed,
    )
    second = Sampling(sampling.code, sampling.schedule, sampling.options, part)
    return _Pass(pipe, aigif.replace(data=data), passes, second, first_calls)


class _Pass:
    """One run of the pipeline. `calls` is how often the network is called in it."""

    def __init__(
        self, pipe: Any, aigif: Aigif, passes: ToolPasses, sampling: Sampling, first_calls: int | None = None
    ) -> None:
        self._pipe, self._aigif, self._passes = pipe, aigif, passes
        self._first_calls = first_calls
        self._noise = PictureNoise(aigif)
        self._scheduler = tool_scheduler(
            sampling.code,
            sampling.schedule,
            sampling.options,
            passes.own_scheduler,
            aigif.data.steps,
            passes.plan.convention,
            self._noise,
            sampling.part,
            sdxl="XL" in type(pipe).__name__,
        )
        network = getattr(pipe, "unet", None) or pipe.transformer
        self._scheduler.model_dtype = network.dtype
        self.calls = len(self._scheduler.timesteps)

    def run(self, after_step: AfterStep, output: str) -> Any:
        """From pure noise: latents, or samples from 0 to 1 [pictures, height, width, channels]."""
        if hasattr(self._pipe, "unet"):
            start = self._noise.normal(self._shape())
            return self._call(after_step, output, {"latents": start.to(self._pipe._execution_device)})
        return self._call(after_step, output, {})

    def again(self, made: Any, after_step: AfterStep) -> Any:
        """From what the first pass made: latents, or samples from 0 to 1."""
        hires, data = self._aigif.data.hires, self._aigif.data
        assert hires is not None
        size = data.width, data.height
        if hires.form == UpscaleForm.LATENT:
            latent = enlarge_latent(made.float(), *size, str(hires.upscaler), self._pipe.vae_scale_factor)
        else:
            latent = self._encoded(
                [enlarge_picture(picture, *size, str(hires.upscaler)) for picture in _pictures(made)]
            )
        noise = self._noise.normal(tuple(latent.shape)).to(latent.device)
        return self._call(after_step, "np", {"latents": self._scheduler.noised(latent, noise)})

    def _call(self, after_step: AfterStep, output: str, more: dict[str, Any]) -> Any:
        data = self._aigif.data
        scheduler, pipe = self._scheduler, self._pipe
        guided = data.guidance_scale > 1.0
        scheduler.copies = 2 if guided and hasattr(pipe, "unet") else None
        if scheduler.wants_brownian:
            if not more:
                more = {"latents": self._noise.normal(self._shape())}
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
            pipe, self._aigif, self.calls, self._passes.embeddings, first_pass_calls=self._first_calls
        )

    def _switch(self) -> Switch | None:
        refiner, pipe = self._aigif.data.refiner, self._passes.refiner
        if refiner is None or pipe is None:
            return None
        size = (self._aigif.data.height, self._aigif.data.width)
        ids: list[Any] = [None, None]
        if getattr(pipe.config, "requires_aesthetics_score", False):
            scores = (refiner.aesthetic_score, refiner.negative_aesthetic_score)
            ids = [require("torch").tensor([[*size, 0, 0, score]]) for score in scores]
        return Switch(pipe.unet, self._conditioning(pipe), refiner.switch_at, None, *ids)

    def _shape(self) -> tuple[int, int, int, int]:
        data, scale = self._aigif.data, self._pipe.vae_scale_factor
        network = getattr(self._pipe, "unet", None) or self._pipe.transformer
        return (data.batch_size, network.config.in_channels, data.height // scale, data.width // scale)

    def _encoded(self, pictures: list[Any]) -> Any:
        """The latents of pictures: the mean of what the VAE's encoder gives, in float32."""
        pipe = self._pipe
        with require("torch").no_grad():
            samples = pipe.image_processor.preprocess(pictures).to(pipe._execution_device, pipe.vae.dtype)
            return pipe.vae.encode(samples).latent_dist.mode().float() * pipe.vae.config.scaling_factor


def _pictures(samples: Any) -> list[Any]:
    """Pictures of Pillow from samples from 0 to 1, cut off to 8 bits as the tools do it.

    Raises RecreationError where the samples are no numbers.
    """
    import PIL.Image

    if not require("numpy").isfinite(samples).all():
        raise no_numbers()
    return [PIL.Image.fromarray((255.0 * sample).astype("uint8")) for sample in samples]


