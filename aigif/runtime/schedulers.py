"""From the scheduler's syntax elements to a diffusers scheduler, and back.

The new scheduler takes over the configuration of the pipeline's own one (betas, prediction type, spacing), as
diffusers' `from_config` does; the table's options and the file's elements then replace parts of it. What diffusers
can't do is added to `Unhonoured`: nothing is dropped in silence.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aigif._gen.enums import PredictionType, Scheduler, SigmaSchedule, TimestepSpacing
from aigif._gen.tables import scheduler as scheduler_table
from aigif._gen.types import GenerativeModel, SamplerOptions
from aigif.runtime.honour import Unhonoured
from aigif.runtime.options import label_of
from aigif.runtime.torchlib import require

__all__ = ["SchedulerPlan", "build_scheduler", "calls_a_step", "describe_scheduler", "plan_scheduler"]

SIGMA_SWITCHES: Mapping[SigmaSchedule, str] = {
    SigmaSchedule.KARRAS: "use_karras_sigmas",
    SigmaSchedule.EXPONENTIAL: "use_exponential_sigmas",
    SigmaSchedule.BETA: "use_beta_sigmas",
    SigmaSchedule.LU_LAMBDAS: "use_lu_lambdas",
}
PREDICTIONS: Mapping[PredictionType, str] = {
    PredictionType.EPSILON: "epsilon",
    PredictionType.V_PREDICTION: "v_prediction",
    PredictionType.SAMPLE: "sample",
}
SPACINGS: Mapping[TimestepSpacing, str] = {
    TimestepSpacing.LEADING: "leading",
    TimestepSpacing.LINSPACE: "linspace",
    TimestepSpacing.TRAILING: "trailing",
}
OTHER_LATENTS = frozenset(
    {
        "SCMScheduler",
        "DDPMWuerstchenScheduler",
        "UnCLIPScheduler",
        "EDMEulerScheduler",
        "EDMDPMSolverMultistepScheduler",
        "CMStochasticIterativeScheduler",
        "IPNDMScheduler",
        "AmusedScheduler",
        "CogVideoXDDIMScheduler",
        "CogVideoXDPMScheduler",
    }
)
"""Schedulers whose time or noise is not that of a discrete beta schedule: they run only on models made for them."""

_PLAIN = SamplerOptions()


@dataclass(frozen=True, slots=True)
class SchedulerPlan:
    """What a scheduler is built from: a diffusers class, the options that replace the model's own, and eta."""

    class_name: str
    options: Mapping[str, Any]
    eta: float


def plan_scheduler(model: GenerativeModel, own: Mapping[str, Any], unhonoured: Unhonoured) -> SchedulerPlan:
    """The plan for `model`, where `own` is the configuration (with `_class_name`) of the pipeline's own scheduler.

    What can't be honoured is added to `unhonoured`; the plan then holds the nearest that can run (the model's own
    scheduler in place of one that diffusers lacks). Imports diffusers.
    """
    own_class = str(own.get("_class_name"))
    name, options = _class_of(model.scheduler, own_class, unhonoured)
    settings = model.sampler_options or _PLAIN
    accepted = _accepted(name)
    _put_sigma_schedule(model.sigma_schedule, settings, name, accepted, options, unhonoured)
    _put_model_settings(settings, own, name, accepted, options, unhonoured)
    _put_numbers(settings, name, accepted, options, unhonoured)
    _refuse_the_rest(settings, unhonoured)
    eta = settings.eta
    if eta and "eta" not in _step_arguments(name):
        unhonoured.add("model.sampler_options.eta", f"{name} has no eta")
        eta = 0.0
    return SchedulerPlan(name, options, eta)


def calls_a_step(plan: SchedulerPlan) -> int:
    """How often a step of the plan's scheduler calls the network: diffusers' `order`."""
    return int(getattr(getattr(require("diffusers"), plan.class_name), "order", 1))


def build_scheduler(plan: SchedulerPlan, own: Mapping[str, Any]) -> Any:
    """The diffusers scheduler of a plan, over the configuration of the pipeline's own one."""
    kind = getattr(require("diffusers"), plan.class_name)
    return kind.from_config(own, **plan.options)


def describe_scheduler(own: Mapping[str, Any]) -> tuple[Scheduler, SigmaSchedule] | None:
    """The elements that name the scheduler with the configuration `own`; None where the table has none such."""
    best: tuple[int, int] | None = None
    for code in scheduler_table.TABLE:
        if scheduler_table.TABLE.attribute(code, "diffusers") != own.get("_class_name"):
            continue
        options = _options(code)
        fits = all(own.get(key) == value for key, value in options.items())
        if fits and (best is None or len(options) > best[0]):
            best = len(options), code
    if best is None:
        return None
    switched = [schedule for schedule, switch in SIGMA_SWITCHES.items() if own.get(switch)]
    return Scheduler(best[1]), switched[0] if switched else SigmaSchedule.MODEL


def _options(code: int) -> dict[str, Any]:
    text = scheduler_table.TABLE.attribute(code, "options")
    options = json.loads(str(text)) if text else {}
    assert isinstance(options, dict)
    return options


def _class_of(code: int, own_class: str, unhonoured: Unhonoured) -> tuple[str, dict[str, Any]]:
    table = scheduler_table.TABLE
    label = table.name_of(code) or f"code {int(code)}"
    name = table.attribute(code, "diffusers")
    if not isinstance(name, str) or not name:
        unhonoured.add("model.scheduler", f"this version can't run the scheduler {label}")
        return own_class, {}
    if _is_flow(name) != _is_flow(own_class) or (name in OTHER_LATENTS and name != own_class):
        unhonoured.add(
            "model.scheduler", f"{label} doesn't fit this model, whose own scheduler is {own_class}"
        )
        return own_class, {}
    return name, _options(code)


def _is_flow(name: str) -> bool:
    return name.startswith("FlowMatch")


def _accepted(name: str) -> frozenset[str]:
    kind = getattr(require("diffusers"), name)
    if getattr(kind, "_backends", None):  # diffusers puts a dummy where a package is missing
        require("torchsde", f"the scheduler {name}")
        require("scipy", f"the scheduler {name}")
    return frozenset(inspect.signature(kind.__init__).parameters)


def _step_arguments(name: str) -> frozenset[str]:
    return frozenset(inspect.signature(getattr(require("diffusers"), name).step).parameters)


def _put_sigma_schedule(
    schedule: int,
    settings: SamplerOptions,
    name: str,
    accepted: frozenset[str],
    options: dict[str, Any],
    unhonoured: Unhonoured,
) -> None:
    element = "model.sigma_schedule"
    for switch in SIGMA_SWITCHES.values():
        if switch in accepted:
            options[switch] = False
    if schedule == SigmaSchedule.MODEL or (schedule == SigmaSchedule.FLOW and _is_flow(name)):
        return
    wanted = {int(key): switch for key, switch in SIGMA_SWITCHES.items()}.get(int(schedule))
    if schedule == SigmaSchedule.LU_LAMBDAS and wanted not in accepted and not _is_flow(name):
        wanted = SIGMA_SWITCHES[SigmaSchedule.EXPONENTIAL]  # log SNR is -2 log sigma: the same levels
    if wanted is None or wanted not in accepted:
        unhonoured.add(element, f"{name} of diffusers has no {label_of(SigmaSchedule, schedule)} schedule")
        return
    if schedule == SigmaSchedule.KARRAS and settings.rho != _PLAIN.rho:
        unhonoured.add("model.sampler_options.rho", "diffusers has rho 7 built in")
    if schedule == SigmaSchedule.BETA:
        require("scipy", "the beta schedule")
        for field in ("beta_alpha", "beta_beta"):
            if getattr(settings, field) != getattr(_PLAIN, field):
                unhonoured.add(f"model.sampler_options.{field}", "diffusers has 0.6 built in")
    options[wanted] = True


def _put_model_settings(
    settings: SamplerOptions,
    own: Mapping[str, Any],
    name: str,
    accepted: frozenset[str],
    options: dict[str, Any],
    unhonoured: Unhonoured,
) -> None:
    path = "model.sampler_options"
    if settings.timestep_spacing != TimestepSpacing.SCHEDULER:
        spacing = {int(k): v for k, v in SPACINGS.items()}.get(int(settings.timestep_spacing))
        if spacing is None or "timestep_spacing" not in accepted:
            unhonoured.add(f"{path}.timestep_spacing", f"{name} can't be given this spacing")
        else:
            options["timestep_spacing"] = spacing
    wanted = {int(k): v for k, v in PREDICTIONS.items()}.get(int(settings.prediction_type))
    if wanted is not None and "prediction_type" in accepted:
        options["prediction_type"] = wanted
    elif settings.prediction_type == PredictionType.MODEL:
        if own.get("prediction_type", "epsilon") != "epsilon" and "prediction_type" not in accepted:
            unhonoured.add(
                "model.scheduler", f"{name} can't run a model that predicts {own['prediction_type']}"
            )
    elif not (settings.prediction_type == PredictionType.FLOW and _is_flow(name)):
        unhonoured.add(f"{path}.prediction_type", f"{name} can't be given this prediction type")
    if settings.zero_terminal_snr:
        if "rescale_betas_zero_snr" in accepted:
            options["rescale_betas_zero_snr"] = True
        else:
            unhonoured.add(f"{path}.zero_terminal_snr", f"{name} can't rescale its betas")


def _put_numbers(
    settings: SamplerOptions,
    name: str,
    accepted: frozenset[str],
    options: dict[str, Any],
    unhonoured: Unhonoured,
) -> None:
    path = "model.sampler_options"
    if settings.solver_order:
        if "solver_order" in accepted:
            options["solver_order"] = settings.solver_order
        else:
            unhonoured.add(f"{path}.solver_order", f"{name} has no order")
    if settings.shift:
        if "shift" not in accepted:
            unhonoured.add(f"{path}.shift", f"{name} has no shift")
        else:
            options["shift"] = settings.shift
            if "use_dynamic_shifting" in accepted:
                options["use_dynamic_shifting"] = False
    # diffusers looks at these bounds only where it lays out the noise levels anew.
    laid_out = any(options.get(switch) for switch in SIGMA_SWITCHES.values())
    for field in ("sigma_min", "sigma_max"):
        if getattr(settings, field):
            if field in accepted and laid_out:
                options[field] = getattr(settings, field)
            else:
                unhonoured.add(f"{path}.{field}", f"{name} has no such bound on this sigma schedule")


def _refuse_the_rest(settings: SamplerOptions, unhonoured: Unhonoured) -> None:
    path = "model.sampler_options"
    for field, reason in (
        ("eta_ancestral", "diffusers' ancestral schedulers have it at 1"),
        ("churn", "diffusers' pipelines don't hand it to the scheduler"),
        ("churn_noise", "diffusers' pipelines don't hand it to the scheduler"),
        ("discard_penultimate", "diffusers has no such setting"),
        ("root_noise_scale", "diffusers has no such setting"),
        ("half_alphas", "diffusers has no such setting"),
        ("start_step", "this version runs all steps"),
        ("end_step", "this version runs all steps"),
    ):
        if getattr(settings, field) != getattr(_PLAIN, field):
            unhonoured.add(f"{path}.{field}", reason)
    if settings.unknown is not None:
        unhonoured.add(path, "a newer version wrote settings that this one can't read")
