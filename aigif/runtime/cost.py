"""What a picture costs to make, estimated before any weight is loaded, and the caps on it."""

from __future__ import annotations

from aigif._gen.container import PIXELS
from aigif._gen.types import Aigif, Data
from aigif.errors import LimitError
from aigif.runtime.upscale import second_size

__all__ = ["MOST_COST", "MOST_PIXELS", "check_cost", "check_size", "estimate"]

MOST_PIXELS = PIXELS
"""Most pixels (width times height) of a picture unless the caller says otherwise."""

MOST_COST = 2000.0
"""Highest estimate unless the caller says otherwise. SD 1.5 (0.86 billion parameters) at 512 x 512 with 50 steps and
guidance is estimated at 0.86 * 0.25 * 50 * 2 = 21.5; a 12-billion transformer at 1024 x 1024 with 50 steps at 600."""


def check_size(syntax: Aigif, max_pixels: int | None) -> None:
    """LimitError where any pass, or the batch, has more pixels than `max_pixels` (None: MOST_PIXELS)."""
    most = MOST_PIXELS if max_pixels is None else max_pixels
    data, final = syntax.data, syntax.verification
    sizes = [("data.width", data.width * data.height * data.batch_size)]
    sizes.append(("verification.picture_width", final.picture_width * final.picture_height))
    if data.hires is not None:
        width, height = second_size(data, data.hires)
        sizes.append(("data.hires", width * height * data.batch_size))
    for element, pixels in sizes:
        if pixels > most:
            raise LimitError(
                f"{pixels} pixels are more than the cap of {most}",
                element=element,
                hint="make it smaller, or raise the cap (max_pixels, recreate --max-pixels)",
            )


def estimate(data: Data, parameters: int) -> float:
    """The cost of a picture: steps x mebipixels x billions of parameters of the denoising network x runs x batch.

    Runs are 2 with classifier-free guidance (scale above 1), else 1. A second pass adds its own steps and pixels. It
    orders pictures by their work; it is no time.
    """
    runs = 2 if data.guidance_scale > 1.0 else 1
    work = data.steps * data.width * data.height
    if data.hires is not None:
        width, height = second_size(data, data.hires)
        steps = data.hires.steps or data.steps
        work += max(1, int(steps * data.hires.denoising_strength)) * width * height
    return work / 2**20 * (parameters / 1e9) * runs * data.batch_size


def check_cost(cost: float, max_cost: float | None) -> None:
    """LimitError where `cost` is above `max_cost` (None: MOST_COST)."""
    most = MOST_COST if max_cost is None else max_cost
    if cost > most:
        raise LimitError(
            f"the picture's estimated cost {cost:.0f} is above the cap of {most:.0f} "
            "(steps x mebipixels x billions of parameters x runs x batch)",
            element="data.steps",
            hint="raise the cap (max_cost, --max-cost) where you trust the file",
        )
