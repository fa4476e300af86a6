"""DEIS with coefficients of its time variable ("tab"), as ComfyUI and zju-pi's diff-sampler compute them."""

from __future__ import annotations

import math
from typing import Any

from aigif.runtime.samplers.protocol import Run, Settings
from aigif.runtime.samplers.steps import root, slope
from aigif.runtime.torchlib import require

__all__ = ["deis"]

ORDER = 3
POINTS = 10_000
"""Points of the sum that stands for the integral."""

EPSILON, LOWEST, HIGHEST = 1e-3, 0.002, 80.0
"""The VP schedule whose time interpolates the slopes: it reaches sigma 0.002 at t 0.001, and 80 at t 1."""


def deis(x: Any, sigmas: Any, settings: Settings) -> Run:
    """tAB-DEIS (Zhang and Chen 2022, equation 15): past slopes are extrapolated as a polynomial in the time of a VP
    schedule, and integrated over the step with dsigma/dt as the weight. Euler at the start and in the last step."""
    most = settings.order or ORDER
    times = _vp_times([float(sigma) for sigma in sigmas])
    slopes: list[Any] = []
    for i in range(len(sigmas) - 1):
        denoised = yield x, sigmas[i]
        slopes = [slope(x, sigmas[i], denoised), *slopes][:most]
        if len(slopes) == 1 or sigmas[i + 1] <= 0:
            x = x + (sigmas[i + 1] - sigmas[i]) * slopes[0]
            continue
        for weight, past in zip(_weights(times, i, len(slopes)), slopes, strict=True):
            x = x + weight * past
    return x


def _vp_parameters() -> tuple[float, float]:
    """beta_d and beta_min of that schedule: sigma² + 1 = exp(beta_d t² / 2 + beta_min t)."""
    low, high = (math.log(math.pow(level, 2) + 1) for level in (LOWEST, HIGHEST))
    beta_d = 2 * (low / EPSILON - high) / (EPSILON - 1)
    return beta_d, high - 0.5 * beta_d


def _vp_times(sigmas: list[float]) -> list[float]:
    beta_d, beta_min = _vp_parameters()
    start = math.pow(beta_min, 2)
    return [(root(start + 2 * beta_d * math.log(s * s + 1)) - beta_min) / beta_d for s in sigmas]


def _weights(times: list[float], i: int, order: int) -> list[float]:
    numpy = require("numpy")
    beta_d, beta_min = _vp_parameters()
    tau = numpy.linspace(times[i], times[i + 1], POINTS)
    exponent = 0.5 * beta_d * tau**2 + beta_min * tau
    # d sigma / d t of sigma = sqrt(exp(exponent) - 1), without the factor alpha that unscaled latents have not
    alpha = numpy.exp(-exponent)
    rate = 0.5 * (beta_d * tau + beta_min) / numpy.sqrt(alpha * (1 - alpha))
    known = [times[i - k] for k in range(order)]
    weights = []
    for j in range(order):
        basis = numpy.ones_like(tau)
        for k in range(order):
            if k != j:
                basis *= (tau - known[k]) / (known[j] - known[k])
        weights.append(float((rate * basis).sum() * (times[i + 1] - times[i]) / POINTS))
    return weights
