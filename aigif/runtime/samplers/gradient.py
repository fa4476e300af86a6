"""Gradient estimation sampling."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from aigif.runtime.samplers.protocol import Run, Settings
from aigif.runtime.samplers.steps import slope

__all__ = ["gradient_estimation", "gradient_estimation_cfg_pp"]

GAMMA = 2.0


def gradient_estimation(x: Any, sigmas: Any, settings: Settings) -> Run:
    """Permenter and Yuan 2024, Algorithm 2, gamma 2: Euler with the slope pushed on by its last change."""
    return (yield from _walk(x, sigmas, plus=False))


def gradient_estimation_cfg_pp(x: Any, sigmas: Any, settings: Settings) -> Run:
    """The same with CFG++ (ComfyUI)."""
    return (yield from _walk(x, sigmas, plus=True))


def _walk(x: Any, sigmas: Any, *, plus: bool) -> Run:
    old = None
    for sigma, following in pairwise(sigmas):
        answer = yield x, sigma
        denoised, direction = answer if plus else (answer, answer)
        if following == 0:
            x = denoised
            continue
        d = slope(x, sigma, direction)
        step = following - sigma
        x = denoised + d * following if plus else x + d * step
        if old is not None:
            x = x + (GAMMA - 1) * (d - old) * step
        old = d
    return x
