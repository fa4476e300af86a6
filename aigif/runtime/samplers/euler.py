"""Euler's method, plain and with ancestral noise."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from aigif.runtime.samplers.convention import Convention
from aigif.runtime.samplers.levels import FlowLevels
from aigif.runtime.samplers.protocol import Run, Settings
from aigif.runtime.samplers.steps import ancestral_split, churned, slope

__all__ = ["euler", "euler_ancestral", "euler_cfg_pp"]


def euler(x: Any, sigmas: Any, settings: Settings) -> Run:
    """Karras et al. 2022, Algorithm 2 without its second-order correction."""
    steps = len(sigmas) - 1
    for sigma, following in pairwise(sigmas):
        x, higher = churned(x, sigma, steps, settings)
        denoised = yield x, higher
        x = x + slope(x, higher, denoised) * (following - higher)
    return x


def euler_ancestral(x: Any, sigmas: Any, settings: Settings) -> Run:
    """An Euler step down to a lower level, then noise up to the next (k-diffusion, sample_euler_ancestral)."""
    if isinstance(settings.levels, FlowLevels):
        return (yield from _euler_ancestral_flow(x, sigmas, settings))
    for sigma, following in pairwise(sigmas):
        denoised = yield x, sigma
        down, up = ancestral_split(sigma, following, settings.eta)
        if down == 0 and settings.convention is Convention.COMFYUI:
            x = denoised
            continue
        x = x + slope(x, sigma, denoised) * (down - sigma)
        if following > 0 and settings.eta:
            x = x + settings.noise(sigma, following) * settings.noise_scale * up
    return x


def _euler_ancestral_flow(x: Any, sigmas: Any, settings: Settings) -> Run:
    """The same on a rectified flow, whose signal fades by 1 - sigma (ComfyUI, sample_euler_ancestral_RF)."""
    for sigma, following in pairwise(sigmas):
        denoised = yield x, sigma
        if following == 0:
            x = denoised
            continue
        down = following * (1 + (following / sigma - 1) * settings.eta)
        kept, kept_down = 1 - following, 1 - down
        up = (following**2 - down**2 * kept**2 / kept_down**2) ** 0.5
        x = down / sigma * x + (1 - down / sigma) * denoised
        if settings.eta > 0:
            x = kept / kept_down * x + settings.noise(sigma, following) * settings.noise_scale * up
    return x


def euler_cfg_pp(x: Any, sigmas: Any, settings: Settings) -> Run:
    """CFG++ (Chung et al. 2024, Algorithm 2): the guided estimate, renoised along the unguided one's direction."""
    for sigma, following in pairwise(sigmas):
        denoised, unguided = yield x, sigma
        if following == 0:
            x = denoised
            continue
        down, up = ancestral_split(sigma, following, settings.eta)
        x = denoised + down * slope(x, sigma, unguided)
        if settings.eta > 0:
            x = x + settings.noise(sigma, following) * settings.noise_scale * up
    return x
