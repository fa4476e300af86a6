"""UniPC: a multistep predictor, and a corrector that uses the estimate at the point just reached.

Zhao et al. 2023, Algorithms 1 and 2, data prediction, B(h) = h (bh1) or e^h - 1 (bh2), as in the authors' code that
A1111 and ComfyUI carry. The latent is variance-preserving: alpha² + std² = 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aigif.errors import ElementError
from aigif.runtime.samplers.protocol import Run, Settings
from aigif.runtime.torchlib import require

__all__ = ["comfy_unipc_bh1", "comfy_unipc_bh2", "webui_unipc_bh1", "webui_unipc_bh2"]

ORDER = 3
LOWEST = 0.001
"""The noise level with which ComfyUI replaces a last one of 0."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the schedule: what the model is asked with, the signal's scale, and the noise's."""

    at: Any
    alpha: float
    std: float

    @property
    def lam(self) -> float:
        return math.log(self.alpha / self.std)


def webui_unipc_bh1(x: Any, sigmas: Any, settings: Settings) -> Run:
    """A1111's UniPC, bh1."""
    return (yield from _webui(x, sigmas, settings, 1))


def webui_unipc_bh2(x: Any, sigmas: Any, settings: Settings) -> Run:
    """A1111's UniPC, bh2."""
    return (yield from _webui(x, sigmas, settings, 2))


def comfy_unipc_bh1(x: Any, sigmas: Any, settings: Settings) -> Run:
    """ComfyUI's uni_pc."""
    return (yield from _comfy(x, sigmas, settings, 1))


def comfy_unipc_bh2(x: Any, sigmas: Any, settings: Settings) -> Run:
    """ComfyUI's uni_pc_bh2."""
    return (yield from _comfy(x, sigmas, settings, 2))


def _webui(x: Any, times: Any, settings: Settings, variant: int) -> Run:
    """`times` are (t + 1) / 1000 of the training timesteps t, read between entries linearly in log alpha."""
    numpy = require("numpy")
    logs = numpy.log(settings.levels.alphas.double().numpy()) / 2
    known = numpy.arange(1, len(logs) + 1) / len(logs)

    def point(time: Any) -> Point:
        log_alpha = float(numpy.interp(float(time), known, logs))
        at = (time - 1 / len(logs)) * 1000.0
        return Point(at, math.exp(log_alpha), math.sqrt(-math.expm1(2 * log_alpha)))

    def ask(x: Any, there: Point) -> Run:
        eps = yield x, there.at
        return (x - there.std * eps) / there.alpha

    order = settings.order or ORDER
    if len(times) - 1 < order:
        raise ElementError(
            [f"UniPC of order {order} needs as many steps, not {len(times) - 1}"],
            element="model.sampler_options.solver_order",
        )
    return (yield from _run(x, [point(time) for time in times], order, variant, ask))


def _comfy(x: Any, sigmas: Any, settings: Settings, variant: int) -> Run:
    def point(sigma: Any) -> Point:
        level = float(sigma)
        scale = math.sqrt(math.pow(level, 2) + 1)
        return Point(sigma, 1 / scale, level / scale)

    def ask(x: Any, there: Point) -> Run:
        return (yield x / there.alpha, there.at)

    ends = [*sigmas[:-1], sigmas[-1] if sigmas[-1] > 0 else sigmas[-1] + LOWEST]
    points = [point(sigma) for sigma in ends]
    x = yield from _run(x * points[0].alpha, points, min(ORDER, len(sigmas) - 2), variant, ask)
    return x / points[-1].alpha


def _run(x: Any, points: list[Point], order: int, variant: int, ask: Callable[[Any, Point], Run]) -> Run:
    """From the first point to the last, with as many model calls as steps: none at the last point."""
    steps = len(points) - 1
    estimates = [(yield from ask(x, points[0]))]
    for i in range(1, steps + 1):
        used = min(order, i, steps + 1 - i) if i >= order else i
        here, there = points[i - 1], points[i]
        h = here.lam - there.lam
        growth = math.expm1(h)
        scale = h if variant == 1 else growth
        base = there.std / here.std * x - there.alpha * growth * estimates[-1]
        ratios = [(points[i - 1 - k].lam - here.lam) / -h for k in range(1, used)]
        changes = [(estimates[-1 - k] - estimates[-1]) / ratio for k, ratio in enumerate(ratios, 1)]
        predicted = base
        for weight, change in zip(_weights(ratios, h, scale, used, corrected=False), changes, strict=True):
            predicted = predicted - there.alpha * scale * weight * change
        if i == steps:
            return predicted
        newest = yield from ask(predicted, there)
        weights = _weights([*ratios, 1.0], h, scale, used, corrected=True)
        x = base
        for weight, change in zip(weights, [*changes, newest - estimates[-1]], strict=True):
            x = x - there.alpha * scale * weight * change
        estimates = [*estimates, newest][-max(order, 1) :]
    return x


def _weights(ratios: list[float], h: float, scale: float, order: int, *, corrected: bool) -> list[float]:
    """Weights of the differences: they match the Taylor series (the paper's Theorem 3.1). The authors' code has 1/2
    in place of the exact weight where there is one difference only."""
    if len(ratios) <= 1 and (order == 1 if corrected else order == 2):
        return [0.5] * len(ratios)
    if not ratios:
        return []
    numpy = require("numpy")
    right, phi, factorial = [], math.expm1(h) / h - 1, 1
    for k in range(1, len(ratios) + 1):
        right.append(phi * factorial / scale)
        factorial *= k + 1
        phi = phi / h - 1 / factorial
    matrix = [[math.pow(ratio, power) for ratio in ratios] for power in range(len(ratios))]
    return [float(weight) for weight in numpy.linalg.solve(numpy.array(matrix), numpy.array(right))]
