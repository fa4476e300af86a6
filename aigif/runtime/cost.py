"""What a picture costs to make, estimated before any weight is loaded, and the caps on it."""

from __future__ import annotations

from dataclasses import dataclass

from aigif._gen.container import PIXELS
from aigif._gen.types import Aigif, Data
from aigif.errors import ElementError, LimitError
from aigif.runtime.upscale import second_size

__all__ = ["MOST_COST", "MOST_PIXELS", "Work", "check_cost", "check_size", "estimate", "usual_work"]

MOST_PIXELS = PIXELS
"""Most pixels (width times height) of a picture unless the caller says otherwise."""

MOST_COST = 2000.0
"""Highest estimate unless the caller says otherwise. SD 1.5 (0.86 billion parameters) at 512 x 512 with 50 steps and
guidance is estimated at 0.86 * 0.25 * 50 * 2 = 21.5; a 12-billion transformer at 1024 x 1024 with 50 steps at 600."""


def check_size(syntax: Aigif, max_pixels: int | None) -> None:
    """LimitError where any pass, the batch, or the noise has more pixels than `max_pixels` (None: MOST_PIXELS).

    ElementError where a second pass has no pixels.
    """
    most = MOST_PIXELS if max_pixels is None else max_pixels
    data, final = syntax.data, syntax.verification
    sizes = [("data.width", data.width * data.height * data.batch_size)]
    sizes.append(("verification.picture_width", final.picture_width * final.picture_height))
    if data.hires is not None:
        width, height = second_size(data, data.hires)
        if min(width, height) < 8:
            raise ElementError([f"a second pass of {width} x {height} pixels is none"], element="data.hires")
        sizes.append(("data.hires", width * height * data.batch_size))
    if data.variation is not None:
        drawn = data.variation.resize_width * data.variation.resize_height
        sizes.append(("data.variation.resize_width", drawn * data.batch_size))
    for element, pixels in sizes:
        if pixels > most:
            raise LimitError(
                f"{pixels} pixels are more than the cap of {most}",
                element=element,
                hint="make it smaller, or raise the cap (max_pixels, recreate --max-pixels)",
            )


@dataclass(frozen=True, slots=True)
class Work:
    """What is run: calls of the network in the first pass and in the second, and rows of one call for one picture."""

    first: int
    second: int
    rows: int


def usual_work(data: Data, calls_a_step: int = 1) -> Work:
    """The work of diffusers' pipelines: a call a step (two for samplers of second order), 2 rows with classifier-free
    guidance (a scale above 1), a second pass of that part of its steps which its strength says."""
    second = 0
    if data.hires is not None:
        second = max(1, int((data.hires.steps or data.steps) * data.hires.denoising_strength))
    return Work(data.steps * calls_a_step, second * calls_a_step, 2 if data.guidance_scale > 1.0 else 1)


def estimate(data: Data, parameters: int, work: Work | None = None, refiner_parameters: int = 0) -> float:
    """The cost of a picture: calls x mebipixels x billions of parameters of the network x rows x batch.

    A refiner adds its steps with its own parameters, and a second pass its own calls and pixels. It orders pictures
    by their work; it is no time.
    """
    work = work or usual_work(data)
    pixels = data.width * data.height
    total = work.first * pixels * parameters
    if data.refiner is not None:
        total += (data.refiner.steps or data.steps) * pixels * refiner_parameters
    if data.hires is not None:
        width, height = second_size(data, data.hires)
        total += work.second * width * height * parameters
    return total / 2**20 / 1e9 * work.rows * data.batch_size


def check_cost(cost: float, max_cost: float | None) -> None:
    """LimitError where `cost` is above `max_cost` (None: MOST_COST)."""
    most = MOST_COST if max_cost is None else max_cost
    if cost > most:
        raise LimitError(
            f"the picture's estimated cost {cost:.0f} is above the cap of {most:.0f} "
            "(calls x mebipixels x billions of parameters x rows x batch)",
            element="data.steps",
            hint="raise the cap (max_cost, --max-cost) where you trust the file",
        )
