"""Samplers that renoise an estimate: DDPM, LCM and TCD."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from aigif.runtime.samplers.protocol import Run, Settings
from aigif.runtime.samplers.steps import slope

__all__ = ["ddpm", "lcm", "tcd"]

TCD_GAMMA = 0.3
"""The authors' default share of the way back that TCD goes beyond the next level."""


def ddpm(x: Any, sigmas: Any, settings: Settings) -> Run:
    """Ho et al. 2020, Algorithm 2, with the posterior's variance (their beta tilde), between any two levels."""
    for sigma, following in pairwise(sigmas):
        denoised = yield x, sigma
        alpha, lower = 1 / (sigma * sigma + 1), 1 / (following * following + 1)
        ratio = alpha / lower
        scaled = x / (1.0 + sigma**2.0).sqrt()
        x = (1.0 / ratio).sqrt() * (scaled - (1 - ratio) * slope(x, sigma, denoised) / (1 - alpha).sqrt())
        if following > 0:
            variance = (1 - ratio) * (1.0 - lower) / (1.0 - alpha)
            x = (x + variance.sqrt() * settings.noise(sigma, following)) * (1.0 + following**2.0).sqrt()
    return x


def lcm(x: Any, sigmas: Any, settings: Settings) -> Run:
    """Luo et al. 2023, Algorithm 3 (multistep consistency sampling): the estimate, noised to the next level."""
    for sigma, following in pairwise(sigmas):
        x = yield x, sigma
        if following > 0:
            x = x + following * settings.noise(sigma, following)
    return x


def tcd(x: Any, sigmas: Any, settings: Settings) -> Run:
    """Zheng et al. 2024, Algorithm 4 (strategic stochastic sampling), gamma 0.3: the deterministic step goes to the
    level of the timestep (1 - gamma) times the next one, rounded down, and noise leads back up."""
    levels = settings.levels
    for sigma, following in pairwise(sigmas):
        denoised = yield x, sigma
        if following == 0:
            x = denoised
            continue
        below = levels.t_to_sigma(((1 - TCD_GAMMA) * levels.sigma_to_t(following)).floor())
        x = denoised + below * slope(x, sigma, denoised)
        x = x + (following**2 - below**2).clamp(min=0).sqrt() * settings.noise(sigma, following)
    return x
