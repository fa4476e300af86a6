"""The passes of a picture under diffusers' own conventions: the first, a refiner's end of it, and the second.

The first pass is the text-to-picture pipeline. A refiner takes over its latent where the first pass stops
(`denoising_end`, `denoising_start`: diffusers' ensemble of experts, Podell et al. 2023, section 2.5). The second pass
is the picture-to-picture pipeline of the same model, on the enlarged latent or picture, with a generator of the same
seed anew.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from aigif._gen.enums import UpscaleForm
from aigif._gen.types import Aigif, Data, Hires
from aigif.runtime.pipelines import AfterStep, run_pipeline
from aigif.runtime.torchlib import require
from aigif.runtime.upscale import cut_picture, enlarge_latent, enlarge_picture, enlargement

Drawing = Callable[..., AbstractContextManager[Any]]

__all__ = ["Passes", "pass_steps", "run_passes"]


@dataclass(frozen=True, slots=True)
class Passes:
    """What the passes of one picture need, all prepared."""

    arguments: Mapping[str, Any]
    """Of the first pass's call."""
    drawing: Drawing
    """Called with the pipelines of a pass, for as long as they run: gives their generator, or a list of them."""
    guidance: str
    """The argument that takes the guidance scale."""
    negative: bool
    """Whether guidance acts only beside a negative prompt."""
    second_class: str
    """diffusers' picture-to-picture class of the model; "" where it has none."""
    second_scheduler: Callable[[], Any]
    refiner: Any
    """The refiner's pipeline, or None."""


def pass_steps(data: Data, *, tool: bool) -> list[int]:
    """Diffusion steps of each pass: a tool's second pass runs all of its steps, diffusers' the part of them that the
    strength says."""
    if data.hires is None:
        return [data.steps]
    second = (data.hires.steps or data.steps) if tool else _second_steps(data, data.hires)
    return [data.steps, second]


def run_passes(
    pipe: Any, aigif: Aigif, passes: Passes, after_step: AfterStep, next_pass: Callable[[], None]
) -> list[Any]:
    """The pictures (of Pillow) of one batch."""
    data = aigif.data
    arguments = dict(passes.arguments)
    latent_next = data.hires is not None and data.hires.form == UpscaleForm.LATENT
    if data.refiner is not None:
        arguments |= {"denoising_end": data.refiner.switch_at, "output_type": "latent"}
    elif latent_next:
        arguments["output_type"] = "latent"
    with passes.drawing(pipe, passes.refiner) as generator:
        made = run_pipeline(pipe, arguments, generator, data.steps, after_step)
        if data.refiner is not None:
            refining = _refining(passes, data, made, latent_next)
            made = run_pipeline(passes.refiner, refining, generator, data.steps, after_step)
    if data.hires is None:
        return list(made)
    next_pass()
    second = _second_pipeline(pipe, passes)
    again = _again(second, passes, data, data.hires, made)
    with passes.drawing(second) as generator:
        return list(run_pipeline(second, again, generator, _second_steps(data, data.hires), after_step))


def _refining(passes: Passes, data: Data, latent: Any, latent_next: bool) -> dict[str, Any]:
    assert data.refiner is not None
    arguments = _accepted(passes.refiner, passes.arguments)
    return arguments | {
        "image": latent,
        "num_inference_steps": data.refiner.steps or data.steps,
        "denoising_start": data.refiner.switch_at,
        "aesthetic_score": data.refiner.aesthetic_score,
        "negative_aesthetic_score": data.refiner.negative_aesthetic_score,
        "output_type": "latent" if latent_next else "pil",
    }


def _again(second: Any, passes: Passes, data: Data, hires: Hires, made: Any) -> dict[str, Any]:
    sides = enlargement(data, hires)
    arguments: dict[str, Any] = dict(passes.arguments) | {"width": sides.width, "height": sides.height}
    if hires.form == UpscaleForm.LATENT:
        arguments["image"] = enlarge_latent(made, sides, str(hires.upscaler), second.vae_scale_factor)
    else:
        larger = (enlarge_picture(picture, sides, str(hires.upscaler)) for picture in made)
        arguments["image"] = [cut_picture(picture, sides) for picture in larger]
    if hires.guidance_scale:
        arguments[passes.guidance] = hires.guidance_scale
        if passes.negative and hires.guidance_scale > 1.0:
            arguments.setdefault("negative_prompt", "")
    for name in ("prompt", "negative_prompt"):
        if getattr(hires, name):
            arguments[name] = getattr(hires, name)
    arguments |= {
        "strength": hires.denoising_strength,
        "num_inference_steps": hires.steps or data.steps,
        "output_type": "pil",
    }
    return _accepted(second, arguments)


def _second_pipeline(pipe: Any, passes: Passes) -> Any:
    kind = getattr(require("diffusers"), passes.second_class)
    wanted = inspect.signature(kind.__init__).parameters
    parts = {name: part for name, part in pipe.components.items() if name in wanted}
    parts |= {name: False for name in ("requires_safety_checker", "add_watermarker") if name in wanted}
    second = kind(**parts | {"scheduler": passes.second_scheduler()})
    second.set_progress_bar_config(disable=True)
    return second


def _second_steps(data: Data, hires: Hires) -> int:
    # As diffusers' picture-to-picture pipelines count them.
    steps = hires.steps or data.steps
    return max(1, min(int(steps * hires.denoising_strength), steps))


def _accepted(pipe: Any, arguments: Mapping[str, Any]) -> dict[str, Any]:
    wanted = inspect.signature(pipe.__call__).parameters
    return {name: value for name, value in arguments.items() if name in wanted}
