"""Heun's method, and Heun++ of three slopes."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from aigif.runtime.samplers.protocol import Run, Settings
from aigif.runtime.samplers.steps import churned, slope

__all__ = ["heun", "heunpp2"]


def heun(x: Any, sigmas: Any, settings: Settings) -> Run:
    """Karras et al. 2022, Algorithm 2."""
    steps = len(sigmas) - 1
    for sigma, following in pairwise(sigmas):
        x, higher = churned(x, sigma, steps, settings)
        denoised = yield x, higher
        first = slope(x, higher, denoised)
        step = following - higher
        if following == 0:
            x = x + first * step
            continue
        ahead = x + first * step
        denoised = yield ahead, following
        x = x + (first + slope(ahead, following, denoised)) / 2 * step
    return x


def heunpp2(x: Any, sigmas: Any, settings: Settings) -> Run:
    """Heun++ (Carzit's sd-webui-samplers-scheduler, also in ComfyUI): slopes one and two steps ahead, weighted by
    their noise levels over a multiple of the first one; fewer in the last two steps."""
    steps, end = len(sigmas) - 1, sigmas[-1]
    for i in range(steps):
        x, higher = churned(x, sigmas[i], steps, settings)
        denoised = yield x, higher
        first = slope(x, higher, denoised)
        step = sigmas[i + 1] - higher
        if sigmas[i + 1] == end:
            x = x + first * step
            continue
        ahead = x + first * step
        denoised = yield ahead, sigmas[i + 1]
        second = slope(ahead, sigmas[i + 1], denoised)
        if sigmas[i + 2] == end:
            weight = sigmas[i + 1] / (2 * sigmas[0])
            x = x + (first * (1 - weight) + second * weight) * step
            continue
        further = ahead + second * (sigmas[i + 2] - sigmas[i + 1])
        denoised = yield further, sigmas[i + 2]
        third = slope(further, sigmas[i + 2], denoised)
        weight, last_weight = sigmas[i + 1] / (3 * sigmas[0]), sigmas[i + 2] / (3 * sigmas[0])
        x = x + ((1 - weight - last_weight) * first + weight * second + last_weight * third) * step
    return x
