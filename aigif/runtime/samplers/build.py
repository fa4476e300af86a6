"""From a file's elements to a scheduler that samples as its program does, and what of them it can't honour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aigif._gen.enums import PredictionType, Scheduler, SigmaSchedule, TimestepSpacing
from aigif._gen.types import SamplerOptions
from aigif.runtime.honour import NotHonouredError
from aigif.runtime.options import label_of
from aigif.runtime.samplers.catalog import CATALOG, Entry
from aigif.runtime.samplers.convention import Convention, Part, Whole
from aigif.runtime.samplers.levels import is_flow, model_levels
from aigif.runtime.samplers.protocol import Noise, NoiseStream
from aigif.runtime.samplers.schedule import Plan
from aigif.runtime.samplers.sigmas import SCHEDULES

if TYPE_CHECKING:
    from aigif.runtime.samplers.toolscheduler import ToolScheduler

__all__ = ["tool_scheduler", "unsupported"]

PREDICTIONS: Mapping[PredictionType, str] = {
    PredictionType.EPSILON: "epsilon",
    PredictionType.V_PREDICTION: "v_prediction",
    PredictionType.SAMPLE: "sample",
    PredictionType.FLOW: "flow_prediction",
}

OFTEN_IGNORED = (
    "eta",
    "eta_ancestral",
    "churn",
    "churn_tmin",
    "churn_tmax",
    "churn_noise",
    "solver_order",
)
"""Elements that only some samplers heed."""

OF_SCHEDULES: Mapping[str, frozenset[SigmaSchedule]] = {
    "rho": frozenset({SigmaSchedule.KARRAS, SigmaSchedule.POLYEXPONENTIAL}),
    "beta_alpha": frozenset({SigmaSchedule.BETA}),
    "beta_beta": frozenset({SigmaSchedule.BETA}),
}
"""Elements that only some schedules heed, and which."""

BOUNDED = frozenset(
    {
        SigmaSchedule.KARRAS,
        SigmaSchedule.EXPONENTIAL,
        SigmaSchedule.LU_LAMBDAS,
        SigmaSchedule.POLYEXPONENTIAL,
        SigmaSchedule.KL_OPTIMAL,
    }
)
"""Schedules of ComfyUI between two levels, which its nodes let one give. A1111 records the levels that are set, and
heeds them or not as its schedule does: the picture is made alike, so that nothing is to be named there."""

_PLAIN = SamplerOptions()


def tool_scheduler(
    code: Scheduler | int,
    schedule: SigmaSchedule | int,
    options: SamplerOptions,
    model_config: Mapping[str, Any],
    steps: int,
    convention: Convention,
    noise: NoiseStream | Noise | None = None,
    part: Part | None = None,
    *,
    sdxl: bool = False,
) -> ToolScheduler:
    """The scheduler, for `pipe.scheduler`, that samples as the program `convention` does. Imports diffusers.

    Args:
        code: The sampler.
        schedule: How its noise levels are laid out.
        options: Settings; what the sampler doesn't heed must be at its default (see `unsupported`).
        model_config: Configuration of the scheduler that the model comes with: betas, prediction type, shift.
        steps: Steps as the program counts them; a pipeline's `num_inference_steps` replaces them.
        convention: The program.
        noise: Source of the fresh noise: a NoiseStream, or for `wants_brownian` a function of two noise levels.
        part: What of the schedule runs; None for all, from pure noise.
        sdxl: Whether the model is of the SDXL kind, for Align Your Steps.

    Raises NotHonouredError for anything that `unsupported` names, ElementError for steps that make no schedule,
    ModelError for a model whose betas or prediction type the samplers can't use.
    """
    problems = unsupported(code, schedule, options, convention, model_config)
    if problems:
        raise NotHonouredError(problems)
    from aigif.runtime.samplers.toolscheduler import ToolScheduler

    entry = CATALOG[convention][Scheduler(code)]
    levels = model_levels(
        model_config,
        convention,
        shift=options.shift,
        zero_snr=options.zero_terminal_snr,
        half=options.half_alphas,
        lcm=entry.lcm and convention is Convention.A1111,
    )
    prediction = PREDICTIONS.get(
        PredictionType(options.prediction_type), str(model_config.get("prediction_type", "epsilon"))
    )
    plan = Plan(
        entry,
        schedule,
        options,
        levels,
        convention,
        part or Whole(),
        prediction,
        sdxl,
        {**_public(model_config), "prediction_type": prediction},
    )
    return ToolScheduler(plan, steps, noise)


def unsupported(
    code: Scheduler | int,
    schedule: SigmaSchedule | int,
    options: SamplerOptions,
    convention: Convention,
    model_config: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """Element path to reason, for everything that the scheduler would not honour; empty where it honours all.

    The elements start_step and end_step are the caller's: they come as a `Part`. So are noise_seed_delta and
    step_noise, which say what the noise source gives.
    """
    name = convention.value
    entry = CATALOG[convention].get(Scheduler(code)) if code in set(Scheduler) else None
    if entry is None:
        return {
            "model.scheduler": f"{name} has no sampler {label_of(Scheduler, code)} that this version can run"
        }
    problems: dict[str, str] = {}
    if not entry.timesteps and schedule not in SCHEDULES[convention]:
        problems["model.sigma_schedule"] = f"{name} has no schedule {label_of(SigmaSchedule, schedule)}"
    elif entry.timesteps and schedule != SigmaSchedule.MODEL:
        problems["model.sigma_schedule"] = "a sampler in timesteps has its own"
    if model_config is not None and is_flow(model_config):
        if not entry.flow:
            problems["model.scheduler"] = "this version can't run this sampler on a flow model"
        if schedule == SigmaSchedule.LU_LAMBDAS:
            problems["model.sigma_schedule"] = "a flow model's highest level has no signal-to-noise ratio"
    for element, reason in _unheeded(entry, schedule, options, convention, model_config):
        problems[f"model.sampler_options.{element}"] = reason
    if options.unknown is not None:
        problems["model.sampler_options"] = "a newer version wrote settings that this one can't read"
    return problems


def _unheeded(
    entry: Entry,
    schedule: int,
    options: SamplerOptions,
    convention: Convention,
    config: Mapping[str, Any] | None,
) -> list[tuple[str, str]]:
    found = [
        (element, "the sampler has no such setting")
        for element in OFTEN_IGNORED
        if _set(options, element) and element not in entry.options
    ]
    for element, schedules in OF_SCHEDULES.items():
        if _set(options, element) and (schedule not in schedules or entry.timesteps):
            found.append((element, "the schedule has no such setting"))
    for element in ("sigma_min", "sigma_max"):
        free = convention is Convention.A1111 or schedule in BOUNDED
        if _set(options, element) and (entry.timesteps or not free):
            found.append((element, "the schedule has no such setting"))
    if options.root_noise_scale and entry.timesteps:
        found.append(("root_noise_scale", "the sampler starts from unit noise"))
    if options.timestep_spacing != TimestepSpacing.SCHEDULER:
        found.append(("timestep_spacing", "these programs have schedules of noise levels in its place"))
    if options.prediction_type not in set(PredictionType):
        found.append(("prediction_type", "this version doesn't know it"))
    if options.shift and config is not None and not is_flow(config):
        found.append(("shift", "only flow models have one"))
    return found


def _set(options: SamplerOptions, element: str) -> bool:
    return bool(getattr(options, element) != getattr(_PLAIN, element))


def _public(config: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in config.items() if not key.startswith("_")}
