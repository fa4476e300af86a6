"""Whether a picture is sampled as AUTOMATIC1111 or ComfyUI sample, and with what; known before anything is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aigif._gen.enums import SigmaSchedule
from aigif._gen.tables import scheduler as scheduler_table
from aigif._gen.types import Aigif, SamplerOptions
from aigif.runtime.honour import Unhonoured
from aigif.runtime.noise import conventions
from aigif.runtime.samplers import Convention, Part, Steps, Whole, unsupported

__all__ = ["Sampling", "ToolPlan", "plan_tool", "tool_of"]

_UNET = frozenset({"StableDiffusionPipeline", "StableDiffusionXLPipeline"})
_FLOW = frozenset({"StableDiffusion3Pipeline", "FluxPipeline"})
_TOOLS = {
    conventions.Convention.A1111: Convention.A1111,
    conventions.Convention.COMFYUI: Convention.COMFYUI,
}
_PLAIN = SamplerOptions()
_DISPATCHED = frozenset({"noise_seed_delta", "step_noise", "start_step", "end_step"})


@dataclass(frozen=True, slots=True)
class Sampling:
    """A sampler, its schedule and its settings; `part` is what of the schedule runs."""

    code: int
    schedule: int
    options: SamplerOptions
    part: Part


@dataclass(frozen=True, slots=True)
class ToolPlan:
    """How the passes of a picture are sampled, and by whose rules."""

    convention: Convention
    first: Sampling
    second: Sampling


def tool_of(aigif: Aigif, pipeline: str) -> Convention | None:
    """Whose samplers a picture is made with on the pipeline class `pipeline`; None for diffusers' own.

    AUTOMATIC1111's and ComfyUI's pictures follow them on the latent UNets, ComfyUI's also on flow models that its
    samplers run. A sampler that diffusers lacks is AUTOMATIC1111's whoever names it.
    """
    named = _TOOLS.get(conventions.convention_of(aigif))
    if pipeline in _FLOW:
        return named if named is Convention.COMFYUI else None
    if pipeline not in _UNET:
        return None
    if named is None and scheduler_table.TABLE.attribute(aigif.model.scheduler, "diffusers") == "":
        return Convention.A1111
    return named


def plan_tool(aigif: Aigif, pipeline: str, own: Mapping[str, Any], unhonoured: Unhonoured) -> ToolPlan | None:
    """The plan, or None where diffusers' own schedulers make the picture.

    `own` is the configuration of the model's scheduler. What the tool's samplers don't have is added to `unhonoured`;
    an approximation then runs without, and with one of diffusers' schedulers where the sampler itself is missing.
    """
    convention = tool_of(aigif, pipeline)
    hires = aigif.data.hires
    if convention is None:
        if hires is not None and hires.own_seed:
            unhonoured.add("data.hires.own_seed", "diffusers' own pipelines go on with the first pass's generator")
        return None
    model = aigif.model
    options = model.sampler_options or _PLAIN
    first = _honoured(model.scheduler, model.sigma_schedule, options, convention, own, unhonoured)
    if first is None:
        return None
    second: Sampling | None = first
    if hires is not None and hires.scheduler is not None:
        wanted = hires.scheduler
        second = _honoured(wanted.scheduler, wanted.sigma_schedule, options, convention, own, unhonoured)
    if options.start_step:
        unhonoured.add("model.sampler_options.start_step", "it needs an image input, which no file holds")
    return ToolPlan(convention, first, second or first)


def _honoured(
    code: int,
    schedule: int,
    options: SamplerOptions,
    convention: Convention,
    own: Mapping[str, Any],
    unhonoured: Unhonoured,
) -> Sampling | None:
    problems = unsupported(code, schedule, options, convention, own)
    for element, reason in problems.items():
        unhonoured.add(element, reason)
    if "model.scheduler" in problems:
        return None
    if "model.sigma_schedule" in problems:
        schedule = SigmaSchedule.MODEL
    names = [element.rpartition(".")[2] for element in problems if element.startswith("model.sampler_options.")]
    end = options.end_step
    kept = options.replace(**{name: getattr(_PLAIN, name) for name in [*names, *_DISPATCHED]}, unknown=None)
    return Sampling(code, schedule, kept, Steps(0, end) if end else Whole())
