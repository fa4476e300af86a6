"""DPM-Solver on unscaled latents: "fast" with orders 3, 2, 1 by plan, and "adaptive" with steps by error.

Lu et al. 2022, Algorithms 1, 2 and appendix C, in time t = -log(sigma), as in k-diffusion (sampling.py, DPMSolver).
"""

from __future__ import annotations

import math
from typing import Any

from aigif.runtime.samplers.protocol import Run, Settings
from aigif.runtime.samplers.steps import ancestral_split, root
from aigif.runtime.torchlib import require

__all__ = ["dpm_adaptive", "dpm_fast"]

RELATIVE, ABSOLUTE, FIRST_STEP, SAFETY, TINY = 0.05, 0.0078, 0.05, 0.81, 1e-8
"""Tolerances, first step, smallest factor that accepts a step, and what keeps 1/error finite: k-diffusion's."""


def _sigma(t: Any) -> Any:
    return t.neg().exp()


def _ends(sigmas: Any) -> tuple[Any, Any]:
    """The times of the run's ends; a last level of 0, which has no time, is left out."""
    last = sigmas[-2] if sigmas[-1] == 0 else sigmas[-1]
    return sigmas[0].log().neg(), last.log().neg()


def _landing(t: Any, t_next: Any, t_end: Any, eta: float) -> tuple[Any, Any]:
    if not eta:
        return t_next, 0.0
    down, _ = ancestral_split(_sigma(t), _sigma(t_next), eta)
    landing = t_end.minimum(down.log().neg())
    return landing, (_sigma(t_next) ** 2 - _sigma(landing) ** 2) ** 0.5


def dpm_fast(x: Any, sigmas: Any, settings: Settings) -> Run:
    """DPM-Solver-fast: as many model calls as steps, in groups of three (Lu et al. 2022, section 3.4)."""
    start, end = _ends(sigmas)
    calls = len(sigmas) - 1
    groups = calls // 3 + 1
    orders = [3] * (groups - 2) + [2, 1] if calls % 3 == 0 else [3] * (groups - 1) + [calls % 3]
    times = require("torch").linspace(float(start), float(end), groups + 1)
    times = times.to(sigmas.device)
    for i, order in enumerate(orders):
        t, t_next = times[i], times[i + 1]
        landing, up = _landing(t, t_next, end, settings.eta)
        x = yield from (_first, _second, _third)[order - 1](x, t, landing)
        if settings.eta:
            x = x + up * settings.noise_scale * settings.noise(_sigma(t), _sigma(t_next))
    return x


def _noise_at(x: Any, t: Any) -> Run:
    denoised = yield x, _sigma(t)
    return (x - denoised) / _sigma(t)


def _first(x: Any, t: Any, t_next: Any) -> Run:
    eps = yield from _noise_at(x, t)
    return _order1(x, t, t_next, eps)


def _second(x: Any, t: Any, t_next: Any) -> Run:
    eps = yield from _noise_at(x, t)
    eps_r = yield from _ahead(x, t, t_next, eps, 1 / 2)
    return _order2(x, t, t_next, eps, eps_r, 1 / 2)


def _third(x: Any, t: Any, t_next: Any) -> Run:
    eps = yield from _noise_at(x, t)
    eps_r = yield from _ahead(x, t, t_next, eps, 1 / 3)
    return (yield from _order3(x, t, t_next, eps, eps_r))


def _order1(x: Any, t: Any, t_next: Any, eps: Any) -> Any:
    return x - _sigma(t_next) * (t_next - t).expm1() * eps


def _ahead(x: Any, t: Any, t_next: Any, eps: Any, share: float) -> Run:
    """The model's noise at a share of the way, reached by an order-1 step."""
    middle = t + share * (t_next - t)
    return (yield from _noise_at(x - _sigma(middle) * (share * (t_next - t)).expm1() * eps, middle))


def _order2(x: Any, t: Any, t_next: Any, eps: Any, eps_r: Any, share: float) -> Any:
    growth = _sigma(t_next) * (t_next - t).expm1()
    return x - growth * eps - growth / (2 * share) * (eps_r - eps)


def _order3(x: Any, t: Any, t_next: Any, eps: Any, eps_r: Any) -> Run:
    h, r1, r2 = t_next - t, 1 / 3, 2 / 3
    late = t + r2 * h
    bend = (r2 * h).expm1() / (r2 * h) - 1
    there = x - _sigma(late) * (r2 * h).expm1() * eps - _sigma(late) * (r2 / r1) * bend * (eps_r - eps)
    eps_late = yield from _noise_at(there, late)
    return _order1(x, t, t_next, eps) - _sigma(t_next) / r2 * (h.expm1() / h - 1) * (eps_late - eps)


def dpm_adaptive(x: Any, sigmas: Any, settings: Settings) -> Run:
    """DPM-Solver-23 with an integral step-size controller (Lu et al. 2022, appendix C.2; k-diffusion).

    Only the first and the last level above 0 count. Three model calls a try; a rejected try is made again.
    """
    t, end = _ends(sigmas)
    step, previous = FIRST_STEP, x
    power = 1 / (1.5 if settings.eta else 3)
    while t < end - 1e-5:
        t_next = end.minimum(t + step)
        landing, up = _landing(t, t_next, end, settings.eta)
        eps = yield from _noise_at(x, t)
        eps_r = yield from _ahead(x, t, landing, eps, 1 / 3)
        low = _order2(x, t, landing, eps, eps_r, 1 / 3)
        high = yield from _order3(x, t, landing, eps, eps_r)
        allowed = (RELATIVE * low.abs().maximum(previous.abs())).clamp(min=ABSOLUTE)
        error = float(((low - high) / allowed).norm() / root(x.numel()))
        factor = 1 + math.atan(math.pow(1 / (error + TINY), power) - 1)
        if factor >= SAFETY:
            previous, x = low, high
            if settings.eta:
                x = x + up * settings.noise_scale * settings.noise(_sigma(t), _sigma(t_next))
            t = t_next
        step *= factor
    return x
