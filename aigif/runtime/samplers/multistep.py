"""Linear multistep methods in sigma: LMS, iPNDM and iPNDM with variable steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from aigif.runtime.samplers.convention import Convention
from aigif.runtime.samplers.protocol import Run, Settings
from aigif.runtime.samplers.steps import slope
from aigif.runtime.torchlib import require

__all__ = ["ipndm", "ipndm_v", "lms"]

ADAMS_BASHFORTH = (
    (1.0,),
    (3 / 2, -1 / 2),
    (23 / 12, -16 / 12, 5 / 12),
    (55 / 24, -59 / 24, 37 / 24, -9 / 24),
)
"""Weights of the slopes, newest first, for even steps."""

ORDER = 4

Weights: TypeAlias = Callable[[list[float], int, int], tuple[float, ...]]


def lms(x: Any, sigmas: Any, settings: Settings) -> Run:
    """Adams-Bashforth of order 4 over uneven steps: each slope's weight is the integral of its Lagrange polynomial,
    by quadrature as in k-diffusion (sample_lms). ComfyUI ends with the denoised latent."""
    ends_denoised = settings.convention is Convention.COMFYUI
    return (yield from _walk(x, sigmas, settings.order or ORDER, _quadrature, ends_denoised))


def ipndm(x: Any, sigmas: Any, settings: Settings) -> Run:
    """iPNDM (Zhang and Chen 2022, section 3.3): Adams-Bashforth weights of even steps on whatever steps there are."""
    return (yield from _walk(x, sigmas, settings.order or ORDER, _even, True))


def ipndm_v(x: Any, sigmas: Any, settings: Settings) -> Run:
    """iPNDM with weights for the steps' own lengths, as zju-pi's diff-sampler and ComfyUI compute them.

    Orders 1 and 2 are exact Adams-Bashforth. The published code slips three times: it multiplies before it subtracts
    in a term of orders 3 and 4 (u below: right on even steps only), adds where order 4 should subtract (v: 11/24 in
    place of 9/24 on even steps), and takes h1 / h2 for h2 / h3 in order 4's last weight (so that the weights add up
    on even steps only). All are kept, since pictures were made with that code.
    """
    return (yield from _walk(x, sigmas, settings.order or ORDER, _uneven, True))


def _walk(x: Any, sigmas: Any, most: int, weights: Weights, ends_denoised: bool) -> Run:
    """Weights are those of dx/dsigma integrated over the step; `most` is the highest order."""
    levels = [float(sigma) for sigma in sigmas]
    slopes: list[Any] = []
    for i in range(len(sigmas) - 1):
        denoised = yield x, sigmas[i]
        slopes = [slope(x, sigmas[i], denoised), *slopes][:most]
        if sigmas[i + 1] == 0 and ends_denoised:
            x = denoised
            continue
        x = x + sum(w * d for w, d in zip(weights(levels, i, len(slopes)), slopes, strict=True))
    return x


def _even(levels: list[float], i: int, order: int) -> tuple[float, ...]:
    step = levels[i + 1] - levels[i]
    return tuple(step * weight for weight in ADAMS_BASHFORTH[order - 1])


def _quadrature(levels: list[float], i: int, order: int) -> tuple[float, ...]:
    quad = require("scipy.integrate", "the LMS sampler").quad

    def basis(tau: float, j: int) -> float:
        product = 1.0
        for k in range(order):
            if k != j:
                product *= (tau - levels[i - k]) / (levels[i - j] - levels[i - k])
        return product

    return tuple(quad(basis, levels[i], levels[i + 1], args=(j,), epsrel=1e-4)[0] for j in range(order))


def _uneven(levels: list[float], i: int, order: int) -> tuple[float, ...]:
    h = levels[i + 1] - levels[i]
    if order == 1:
        return (h,)
    h1 = levels[i] - levels[i - 1]
    r = h / h1
    a, b = (2 + r) / 2, -r / 2
    if order == 2:
        return h * a, h * b
    h2 = levels[i - 1] - levels[i - 2]
    q = h1 / h2
    u = (1 - h / (3 * (h + h1)) * (h * (h + h1)) / (h1 * (h1 + h2))) / 2
    if order == 3:
        return h * (a + u), h * (b - (1 + q) * u), h * (u * q)
    h3 = levels[i - 2] - levels[i - 3]
    p = h1 * (h1 + h2) / (h2 * (h2 + h3))
    v = (1 - h / (3 * (h + h1))) / 2 + (1 - h / (2 * (h + h1))) * h / (6 * (h + h1 + h2))
    v *= (h * (h + h1) * (h + h1 + h2)) / (h1 * (h1 + h2) * (h1 + h2 + h3))
    return (
        h * (a + u + v),
        h * (b - (1 + q) * u - (1 + q + p) * v),
        h * (u * q + (q + p * (1 + h2 / h3)) * v),
        h * (-v * p * q),
    )
