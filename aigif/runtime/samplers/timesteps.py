"""A1111's samplers in timesteps, on variance-preserving latents: DDIM, DDIM with CFG++, PLMS.

They are asked at training timesteps, and are sent the predicted noise (A1111, modules/sd_samplers_timesteps_impl.py).
`sigmas` holds the timesteps, falling; the last is only where the run ends.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from aigif.runtime.samplers.protocol import Run, Settings
from aigif.runtime.samplers.steps import root

__all__ = ["ddim", "ddim_cfg_pp", "plms"]


def _pairs(timesteps: Any, settings: Settings) -> list[tuple[Any, float, float]]:
    """Timestep, cumulative alpha there, and cumulative alpha at the next lower one."""
    alphas = settings.levels.alphas
    return [(t, alphas[int(t)].item(), alphas[int(lower)].item()) for t, lower in pairwise(timesteps)]


def ddim(x: Any, sigmas: Any, settings: Settings) -> Run:
    """Song et al. 2020, equation 12, with the noise of equation 16 times eta."""
    for t, alpha, lower in _pairs(sigmas, settings):
        eps = yield x, t
        x = _ddim_step(x, eps, eps, t, alpha, lower, settings)
    return x


def ddim_cfg_pp(x: Any, sigmas: Any, settings: Settings) -> Run:
    """CFG++ (Chung et al. 2024, Algorithm 2): guided estimate, unguided direction."""
    for t, alpha, lower in _pairs(sigmas, settings):
        eps, unguided = yield x, t
        x = _ddim_step(x, eps, unguided, t, alpha, lower, settings)
    return x


def _ddim_step(
    x: Any, eps: Any, direction: Any, t: Any, alpha: float, lower: float, settings: Settings
) -> Any:
    spread = settings.eta * root((1 - lower) / (1 - alpha) * (1 - alpha / lower))
    clean = (x - root(1 - alpha) * eps) / root(alpha)
    x = root(lower) * clean + root(1 - lower - math.pow(spread, 2)) * direction
    return x + spread * settings.noise(t, t) if spread else x


def plms(x: Any, sigmas: Any, settings: Settings) -> Run:
    """Liu et al. 2022 ("PNDM"), pseudo linear multistep, with a pseudo improved Euler start: Adams-Bashforth on the
    predicted noise, and DDIM's transfer."""
    old: list[Any] = []
    for i, (t, alpha, lower) in enumerate(_pairs(sigmas, settings)):
        eps = yield x, t
        if not old:
            following = yield _transfer(x, eps, alpha, lower), sigmas[i + 1]
            mixed = (eps + following) / 2
        elif len(old) == 1:
            mixed = (3 * eps - old[0]) / 2
        elif len(old) == 2:
            mixed = (23 * eps - 16 * old[0] + 5 * old[1]) / 12
        else:
            mixed = (55 * eps - 59 * old[0] + 37 * old[1] - 9 * old[2]) / 24
        x = _transfer(x, mixed, alpha, lower)
        old = [eps, *old][:3]
    return x


def _transfer(x: Any, eps: Any, alpha: float, lower: float) -> Any:
    clean = (x - root(1 - alpha) * eps) / root(alpha)
    return root(lower) * clean + root(1 - lower) * eps
