"""Whether a picture is sampled as AUTOMATIC1111 or ComfyUI sample, and with what; known before anything is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from aigif._gen.enums import SigmaSchedule
from aigif._gen.tables import scheduler as scheduler_table
from aigif._gen.types import Aigif, Data, Hires, SamplerOptions
from aigif.runtime.cost import Work
from aigif.runtime.honour import Unhonoured
from aigif.runtime.noise import conventions
from aigif.runtime.prompts.composition import split_and, strip_tags
from aigif.runtime.samplers import Convention, Part, Steps, Strength, Whole, tool_scheduler, unsupported
from aigif.runtime.upscale import second_size

if TYPE_CHECKING:
    from aigif.runtime.samplers.toolscheduler import ToolScheduler

__all__ = ["Sampling", "ToolPlan", "plan_tool", "second_data", "tool_of", "tool_sampler", "tool_work"]

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
        inner = Unhonoured()
        second = _honoured(wanted.scheduler, wanted.sigma_schedule, options, convention, own, inner)
        unhonoured.add_all(inner, {"model.": "data.hires.scheduler."})
    if options.start_step:
        unhonoured.add("model.sampler_options.start_step", "it needs an image input, which no file holds")
    if aigif.data.batch_prompts > 1:
        unhonoured.add("data.batch_prompts", "the tools encode one prompt at a time")
    second = second or first
    if hires is not None:
        second = replace(second, part=Strength(hires.denoising_strength))
    return ToolPlan(convention, first, second)


def tool_sampler(
    plan: ToolPlan, sampling: Sampling, own: Mapping[str, Any], steps: int, pipeline: str, noise: Any = None
) -> ToolScheduler:
    """The scheduler of one pass of `steps` steps. Raises as `tool_scheduler` does."""
    return tool_scheduler(
        sampling.code,
        sampling.schedule,
        sampling.options,
        own,
        steps,
        plan.convention,
        noise,
        sampling.part,
        sdxl="XL" in pipeline,
    )


def second_data(data: Data, hires: Hires) -> Data:
    """The data of the second pass, as that of a picture of its own."""
    width, height = second_size(data, hires)
    return data.replace(
        width=width,
        height=height,
        steps=hires.steps or data.steps,
        prompt=hires.prompt or data.prompt,
        negative_prompt=hires.negative_prompt or data.negative_prompt,
        guidance_scale=hires.guidance_scale or data.guidance_scale,
        seed=hires.seed if hires.own_seed else data.seed,
    )


def tool_work(plan: ToolPlan, aigif: Aigif, own: Mapping[str, Any], pipeline: str) -> Work:
    """What the passes run, from schedulers that are laid out for them; rows are the prompt's parts and its negative.

    Raises ElementError and RecreationError for steps that make no schedule.
    """
    data = aigif.data
    first = len(tool_sampler(plan, plan.first, own, data.steps, pipeline).timesteps)
    second = 0
    if data.hires is not None:
        steps = data.hires.steps or data.steps
        second = len(tool_sampler(plan, plan.second, own, steps, pipeline).timesteps)
    parts = len(split_and(strip_tags(data.prompt))) if plan.convention is Convention.A1111 else 1
    return Work(first, second, parts + (data.guidance_scale > 1.0))


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
    names = [
        element.rpartition(".")[2] for element in problems if element.startswith("model.sampler_options.")
    ]
    end = options.end_step
    kept = options.replace(**{name: getattr(_PLAIN, name) for name in [*names, *_DISPATCHED]}, unknown=None)
    return Sampling(code, schedule, kept, Steps(0, end) if end else Whole())
