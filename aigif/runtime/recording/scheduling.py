"""The elements of a pipeline's scheduler, as it stands, over the model's own scheduler configuration.

They are had by trial: the scheduler that recreation would build from them is built, and where its settings differ
from the pipeline's an element that can say so is set. What still differs then is a reason not to record.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from aigif._gen.enums import PredictionType, Scheduler, SigmaSchedule, TimestepSpacing
from aigif._gen.types import GenerativeModel, SamplerOptions
from aigif.runtime.honour import Unhonoured
from aigif.runtime.recording.reasons import Reasons
from aigif.runtime.schedulers import (
    PREDICTIONS,
    SPACINGS,
    build_scheduler,
    describe_scheduler,
    plan_scheduler,
)
from aigif.runtime.torchlib import require

__all__ = ["check_scheduler", "schedule", "takes_eta"]

_SPACINGS: Mapping[str, TimestepSpacing] = {name: code for code, name in SPACINGS.items()}
_PREDICTIONS: Mapping[str, PredictionType] = {name: code for code, name in PREDICTIONS.items()}
_NUMBERS = ("shift", "sigma_min", "sigma_max", "solver_order")
_TABLES = ("betas", "alphas_cumprod")
_ORDERS = (2, 3)


def schedule(current: Any, own: Mapping[str, Any], eta: float, reasons: Reasons) -> GenerativeModel | None:
    """The scheduler's elements, in a model of which nothing else is set; None where the table has none for it.

    `current` is the pipeline's scheduler, `own` the configuration of the model's own one, `eta` the call's argument.
    """
    here = _settings(current)
    named = _named(here)
    if named is None or not type(current).__module__.startswith("diffusers."):
        reasons.add("pipe.scheduler", f"{type(current).__name__}, with its settings, has no code")
        return None
    if here.get("noise_sampler_seed", 0) is None:
        reasons.add(
            "pipe.scheduler", f"{type(current).__name__} takes its noise from torch's global generator"
        )
    scheduler, sigmas, order = named
    model = GenerativeModel(scheduler=scheduler, sigma_schedule=sigmas)
    options = SamplerOptions(eta=float(eta) if takes_eta(current) else 0.0, solver_order=order)
    for _ in range(2):  # one setting may bring another with it
        model = model.replace(sampler_options=options if options != SamplerOptions() else None)
        there = _settings(_built(model, own))
        options = _corrected(options, here, there)
    return model.replace(sampler_options=options if options != SamplerOptions() else None)


def check_scheduler(current: Any, built: Any, reasons: Reasons) -> None:
    """Add a reason for each setting in which `built`, what a recreation would use, differs from `current`."""
    here, there = _settings(current), _settings(built)
    if type(built) is not type(current):
        reasons.add("pipe.scheduler", f"a recreation would use {type(built).__name__} in its place")
        return
    different = [name for name in here if here[name] != there.get(name)]
    for name in different:
        reasons.add(
            f"pipe.scheduler.config.{name}",
            f"it is {here[name]!r}, and {there.get(name)!r} where a recreation starts from the model's folder",
        )
    if different:  # the rest follows from them
        return
    if getattr(current, "shift", None) != getattr(built, "shift", None):
        reasons.add("pipe.scheduler.shift", "it was set beside the configuration (set_shift)")
    torch = require("torch")
    for name in _TABLES:
        mine: Any = getattr(current, name, None)
        other: Any = getattr(built, name, None)
        if torch.is_tensor(mine) and torch.is_tensor(other) and not torch.equal(mine.cpu(), other.cpu()):
            reasons.add(f"pipe.scheduler.{name}", "it was changed beside the configuration")


def takes_eta(scheduler: Any) -> bool:
    """Whether a pipeline's argument `eta` reaches the scheduler; diffusers drops it where not."""
    return "eta" in inspect.signature(scheduler.step).parameters


def _named(here: Mapping[str, Any]) -> tuple[Scheduler, SigmaSchedule, int] | None:
    found = describe_scheduler(here)
    if found is not None:
        return (*found, 0)
    # The table's options fix the order of a multistep solver; other orders have an element.
    for order in _ORDERS if "solver_order" in here else ():
        found = describe_scheduler({**here, "solver_order": order})
        if found is not None:
            return (*found, int(here["solver_order"]))
    return None


def _built(model: GenerativeModel, own: Mapping[str, Any]) -> Any:
    return build_scheduler(plan_scheduler(model, own, Unhonoured()), own)


def _settings(scheduler: Any) -> dict[str, Any]:
    # The configuration keeps what other classes left in it; only what the class takes has an effect.
    taken = inspect.signature(type(scheduler).__init__).parameters
    settings = {key: _plain(value) for key, value in scheduler.config.items() if key in taken}
    return {**settings, "_class_name": type(scheduler).__name__}


def _corrected(options: SamplerOptions, here: Mapping[str, Any], there: Mapping[str, Any]) -> SamplerOptions:
    changes: dict[str, Any] = {}
    for name in (key for key in here if here[key] != there.get(key)):
        value = here[name]
        if name == "timestep_spacing" and value in _SPACINGS:
            changes["timestep_spacing"] = _SPACINGS[value]
        elif name == "prediction_type" and value in _PREDICTIONS:
            changes["prediction_type"] = _PREDICTIONS[value]
        elif name == "rescale_betas_zero_snr" and value:
            changes["zero_terminal_snr"] = True
        elif name == "use_dynamic_shifting" and not value and here.get("shift"):
            changes["shift"] = float(here["shift"])
        elif name in _NUMBERS and isinstance(value, (int, float)) and value:
            changes[name] = value if name == "solver_order" else float(value)
    return options.replace(**changes) if changes else options


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        value = value.tolist()
    return list(value) if isinstance(value, tuple) else value
