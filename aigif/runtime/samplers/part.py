"""Which levels of a longer schedule are run."""

from __future__ import annotations

from dataclasses import dataclass

from aigif.errors import ElementError
from aigif.runtime.samplers.convention import Convention, Part, Steps, Strength, Whole

__all__ = ["Cut", "cut"]

ALMOST_ALL = 0.999
"""A1111's largest denoising strength; in ComfyUI more than 0.9999 is the whole."""


MOST_STEPS = 65535
"""Most steps of a schedule."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of a schedule.

    Attributes:
        total: Steps that the schedule is laid out for.
        run: Steps that run, counted from `start`, or from the end where that is None; None runs to the end.
        start: The first step that runs.
        from_noise: Whether the latent at the start is noise alone.
    """

    total: int
    run: int | None
    start: int | None
    from_noise: bool


def cut(steps: int, part: Part, convention: Convention) -> Cut:
    """The part of a schedule for `steps` steps as the program counts them.

    A1111: modules/sd_samplers_common.py, setup_img2img_steps; ComfyUI: comfy/samplers.py, KSampler.set_steps.
    Raises ElementError for a strength outside 0 to 1, and for steps outside the schedule.
    """
    if isinstance(part, Whole):
        return Cut(steps, None, 0, True)
    if isinstance(part, Steps):
        end = part.end or steps
        if not 0 <= part.start < end:
            raise ElementError(
                [f"steps {part.start} to {end} are none"], element="model.sampler_options.start_step"
            )
        return Cut(steps, min(end, steps) - part.start, part.start, part.start == 0)
    return _by_strength(steps, part, convention)


def _by_strength(steps: int, part: Strength, convention: Convention) -> Cut:
    if not 0 < part.denoising <= 1:
        raise ElementError(
            [f"a denoising strength lies over 0 and up to 1, not at {part.denoising}"],
            element="data.hires.denoising_strength",
        )
    if steps / part.denoising > MOST_STEPS:
        raise ElementError(
            [f"{steps} steps at a strength of {part.denoising} are part of more than {MOST_STEPS}"],
            element="data.hires.denoising_strength",
        )
    if convention is Convention.COMFYUI:
        if part.denoising > 0.9999:
            return Cut(steps, None, 0, True)
        return Cut(int(steps / part.denoising), steps, None, False)
    strength = min(part.denoising, ALMOST_ALL)
    if part.steps_are_run:
        total, encoded = int(steps / strength), steps - 1
    else:
        total, encoded = steps, int(strength * steps)
    return Cut(total, encoded + 1, None, False)
