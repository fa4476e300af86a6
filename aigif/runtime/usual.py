"""What a new picture takes where the person doesn't say: size, steps, guidance, scheduler."""

from __future__ import annotations

from dataclasses import dataclass

from aigif._gen.enums import Scheduler, SigmaSchedule
from aigif._gen.types import GenerativeModel
from aigif.errors import UsageError
from aigif.runtime.components import native_side, own_scheduler
from aigif.runtime.families import ALLOWED
from aigif.runtime.registry import ResolvedModel
from aigif.runtime.schedulers import describe_scheduler

__all__ = ["Usual", "scheduled", "usual_settings"]

DEFAULT_STEPS = 20
EMBEDDED_STEPS, EMBEDDED_GUIDANCE = 25, 3.0
FEW_STEP = (4, 1.0)
"""What the embedded model draws best with: docs/embedded-model.md."""


@dataclass(frozen=True, slots=True)
class Usual:
    """Height and width in pixels, diffusion steps, guidance scale."""

    height: int
    width: int
    steps: int
    guidance: float


def usual_settings(model: ResolvedModel, *, few_step: bool = False) -> Usual:
    """The settings of a model that a new picture has unless told otherwise."""
    side, rules = native_side(model.folder), ALLOWED[model.folder.pipeline]
    steps, guidance = rules.usual_steps or DEFAULT_STEPS, rules.usual_guidance
    if model.source == "embedded":
        steps, guidance = FEW_STEP if few_step else (EMBEDDED_STEPS, EMBEDDED_GUIDANCE)
    return Usual(side, side, steps, guidance)


def scheduled(
    model: GenerativeModel, resolved: ResolvedModel, scheduler: Scheduler | None, sigmas: SigmaSchedule | None
) -> GenerativeModel:
    """`model` with the scheduler and sigma schedule that were asked for, or else the model's own.

    Raises UsageError where none was asked for and the table has no code for the model's own.
    """
    if scheduler is None:
        own = own_scheduler(resolved.folder)
        described = describe_scheduler(own)
        if described is None:
            raise UsageError(
                f"the model's own scheduler, {own.get('_class_name')}, has no code",
                element="model.scheduler",
                hint="name a scheduler",
            )
        scheduler = described[0]
        sigmas = described[1] if sigmas is None else sigmas
    return model.replace(
        scheduler=scheduler, sigma_schedule=SigmaSchedule.MODEL if sigmas is None else sigmas
    )
