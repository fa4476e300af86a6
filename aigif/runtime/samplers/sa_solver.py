"""SA-Solver: a stochastic Adams predictor, and a corrector that uses the estimate at the point just reached.

Xue et al. 2023 (arXiv 2309.05019), data prediction, equations 14 to 18, in lambda = log(signal / noise). ComfyUI's
sa_solver (comfy/k_diffusion/sampling.py, `sample_sa_solver`) has a predictor of order 3, a corrector of order 4 that
sees the noise of the predictor again, and noise where between 20 and 80 percent of the training times are left; near
the end the orders fall. The weights are worked out in float64 here, in float32 there.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from aigif.runtime.samplers.levels import FlowLevels, Levels
from aigif.runtime.samplers.protocol import Run, Settings
from aigif.runtime.torchlib import require

__all__ = ["sa_solver", "sa_solver_pece"]

PREDICTOR, CORRECTOR = 3, 4
"""The most estimates that each uses."""

NOISY = 0.2, 0.8
"""The shares of the way from noise to picture between which there is noise."""

FIRST = 1e-4
"""How far on the way a flow starts, since lambda is not finite at its very beginning."""


def sa_solver(x: Any, sigmas: Any, settings: Settings) -> Run:
    """One estimate a step, of the predicted latent (the paper's PEC mode)."""
    return (yield from _adams(x, sigmas, settings, again=False))


def sa_solver_pece(x: Any, sigmas: Any, settings: Settings) -> Run:
    """A second estimate of the corrected latent, which takes the first one's place (PECE)."""
    return (yield from _adams(x, sigmas, settings, again=True))


def _adams(x: Any, sigmas: Any, settings: Settings, *, again: bool) -> Run:
    sigmas, lambdas, signals = _places(sigmas, settings)
    tau_at = _tau(settings)
    steps = len(sigmas) - 1
    to_zero = bool(sigmas[-1] == 0)
    estimates: list[Any] = []
    predicted, tau, noise = x, 0.0, 0.0

    def moved(x: Any, place: int, goal: int, newest: int, order: int) -> Any:
        """x from one place to another, without noise, by the last `order` estimates, the newest at place `newest`."""
        rate = 1 + tau**2
        nodes = lambdas[newest - order + 1 : newest + 1]
        weights = _weights(nodes, lambdas[place], lambdas[goal], rate)
        faded = math.exp(-(tau**2) * (lambdas[goal] - lambdas[place]))
        x = sigmas[goal] / sigmas[place] * faded * x
        for weight, estimate in zip(weights, estimates[-order:], strict=True):
            x = x + signals[goal] * weight * estimate
        return x

    for i in range(steps):
        estimates = [*estimates, (yield predicted, sigmas[i])][-CORRECTOR:]
        ends = bool(sigmas[i + 1] == 0)
        known, left = len(estimates), steps - i
        order = 0 if i == 0 or (ends and not again) else min(CORRECTOR, known)
        order = min(order, left) if to_zero else order
        if order:
            x = moved(x, i - 1, i, i, order) + noise
            if again:
                estimates[-1] = yield x, sigmas[i]
        else:
            x = predicted
        if ends:
            return estimates[-1]
        tau, noise = tau_at(sigmas[i + 1]), 0.0
        order = min(PREDICTOR, known)
        predicted = moved(x, i, i + 1, i, min(order, left - 1) if to_zero else order)
        if tau and settings.noise_scale > 0:
            spread = math.sqrt(-math.expm1(-2 * tau**2 * (lambdas[i + 1] - lambdas[i])))
            drawn = settings.noise(sigmas[i], sigmas[i + 1])
            noise = drawn * sigmas[i + 1] * spread * settings.noise_scale
            predicted = predicted + noise
    return predicted


def _places(sigmas: Any, settings: Settings) -> tuple[Any, list[float], list[float]]:
    """The levels, their lambdas, and the scale of the signal at each: 1 on unscaled latents, 1 - sigma on a flow."""
    levels = settings.levels
    if not isinstance(levels, FlowLevels):
        return sigmas, [float(place) for place in -sigmas.log()], [1.0] * len(sigmas)
    if sigmas[0] >= 1:
        sigmas = require("torch").cat([sigmas.new_tensor([_level_at(levels, FIRST)]), sigmas[1:]])
    return sigmas, [float(place) for place in -sigmas.logit()], [1 - float(sigma) for sigma in sigmas]


def _tau(settings: Settings) -> Callable[[Any], float]:
    """The noise's weight at a level."""
    if settings.eta <= 0:
        return lambda sigma: 0.0
    high, low = (_level_at(settings.levels, share) for share in NOISY)
    return lambda sigma: settings.eta if low <= float(sigma) <= high else 0.0


def _level_at(levels: Levels, share: float) -> float:
    """The level at a share of the way from noise to picture; a flow's steps may fall on it, and float64 decides."""
    if isinstance(levels, FlowLevels):
        return float(levels.t_to_sigma((1 - share) * 1000.0))
    return float(levels.t_to_sigma(require("torch").tensor((1 - share) * 999.0)))


def _weights(nodes: list[float], start: float, end: float, rate: float) -> list[float]:
    """Each Lagrange polynomial of the nodes, times rate * exp(rate * (lambda - end)), integrated from start to end.

    The integrals of the powers of lambda - end, by parts, are what the weights must give for them.
    """
    numpy = require("numpy")
    step = end - start
    integrals = [-math.expm1(-rate * step)]
    for power in range(1, len(nodes)):
        integrals.append(-((-step) ** power) * math.exp(-rate * step) - power / rate * integrals[-1])
    powers = [[(node - end) ** power for node in nodes] for power in range(len(nodes))]
    return [float(weight) for weight in numpy.linalg.solve(numpy.array(powers), numpy.array(integrals))]
