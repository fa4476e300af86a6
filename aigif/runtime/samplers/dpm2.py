"""DPM-Solver-2 with its midpoint in log sigma, plain and with ancestral noise."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from aigif.runtime.samplers.protocol import Run, Settings
from aigif.runtime.samplers.steps import ancestral_split, churned, slope

__all__ = ["dpm2", "dpm2_ancestral"]


def dpm2(x: Any, sigmas: Any, settings: Settings) -> Run:
    """The midpoint method in sigma, the midpoint being the geometric mean (Lu et al. 2022, Algorithm 1, r = 1/2, on
    the unscaled latent of Karras et al.; k-diffusion, sample_dpm_2)."""
    steps = len(sigmas) - 1
    for sigma, following in pairwise(sigmas):
        x, higher = churned(x, sigma, steps, settings)
        denoised = yield x, higher
        x = yield from _midpoint(x, higher, following, denoised)
    return x


def dpm2_ancestral(x: Any, sigmas: Any, settings: Settings) -> Run:
    """The same down to a lower level, then noise up to the next (k-diffusion, sample_dpm_2_ancestral)."""
    for sigma, following in pairwise(sigmas):
        denoised = yield x, sigma
        down, up = ancestral_split(sigma, following, settings.eta)
        x = yield from _midpoint(x, sigma, down, denoised)
        if down != 0 and settings.eta:
            x = x + settings.noise(sigma, following) * settings.noise_scale * up
    return x


def _midpoint(x: Any, sigma: Any, target: Any, denoised: Any) -> Run:
    first = slope(x, sigma, denoised)
    if target == 0:
        return x + first * (target - sigma)
    middle = sigma.log().lerp(target.log(), 0.5).exp()
    halfway = x + first * (middle - sigma)
    denoised = yield halfway, middle
    return x + slope(halfway, middle, denoised) * (target - sigma)
