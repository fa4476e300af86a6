"""Restart sampling: back up to a higher noise level and down again."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from aigif.runtime.samplers.protocol import Run, Settings
from aigif.runtime.samplers.steps import slope
from aigif.runtime.torchlib import require

__all__ = ["restart"]

LOW, HIGH = 0.1, 2.0
"""The levels between which A1111 restarts."""


def restart(x: Any, sigmas: Any, settings: Settings) -> Run:
    """Xu et al. 2023, Algorithm 1, with Heun steps and A1111's plan (modules/sd_samplers_extra.py): from 20 steps on,
    some of the steps are spent on going again from 2 down to 0.1; the schedule is then Karras' whatever it was."""
    last = None
    for sigma, following in _plan(sigmas):
        if last is not None and last < sigma:
            x = x + settings.noise(last, sigma) * settings.noise_scale * (sigma**2 - last**2) ** 0.5
        denoised = yield x, sigma
        first = slope(x, sigma, denoised)
        ahead = x + first * (following - sigma)
        if following == 0:
            x = ahead
        else:
            denoised = yield ahead, following
            x = x + (first + slope(ahead, following, denoised)) / 2 * (following - sigma)
        last = following
    return x


def _plan(sigmas: Any) -> list[tuple[Any, Any]]:
    steps = len(sigmas) - 1
    if steps < 20:
        return list(pairwise(sigmas))
    again, times = (9, 1) if steps < 36 else (steps // 4, 2)
    zero = sigmas.new_zeros([1])
    main = require("torch").cat([_karras(steps - again * times, sigmas[-2], sigmas[0], sigmas), zero])
    low, high = int((main - LOW).abs().argmin()), int((main - HIGH).abs().argmin())
    pairs = list(pairwise(main))
    if not low > 0 or high >= low:
        return pairs
    loop = _karras(again + 1, main[low], main[high], sigmas)
    return pairs[:low] + list(pairwise(loop)) * times + pairs[low:]


def _karras(count: int, low: Any, high: Any, like: Any) -> Any:
    ramp = require("torch").linspace(0, 1, count).to(like.device)
    bottom, top = math.pow(low.item(), 1 / 7.0), math.pow(high.item(), 1 / 7.0)
    return (top + ramp * (bottom - top)) ** 7.0
