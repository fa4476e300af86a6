"""The published update formulas in float64, written apart from the samplers: as exponential integrals, Lagrange
polynomials integrated by quadrature, or in the variance-preserving form of the papers.

Each takes (x, sigmas, denoise, noise): x unscaled, falling noise levels, the clean estimate, and fresh unit noise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from scipy.integrate import quad

Array: TypeAlias = np.ndarray
Denoise: TypeAlias = Callable[[Array, float], Array]
Draw: TypeAlias = Callable[[], Array]
Reference: TypeAlias = Callable[[Array, list[float], Denoise, Draw], Array]


def lagrange_weights(
    nodes: list[float], low: float, high: float, weight: Callable[[float], float]
) -> list[float]:
    """Integral over low..high of `weight` times each Lagrange polynomial of the nodes."""
    found = []
    for j, node in enumerate(nodes):
        others = nodes[:j] + nodes[j + 1 :]

        def basis(place: float, node: float = node, others: list[float] = others) -> float:
            return weight(place) * math.prod((place - other) / (node - other) for other in others)

        found.append(quad(basis, low, high, epsabs=0, epsrel=1e-12, limit=200)[0])
    return found


def interpolate(x: Array, clean: Array, sigma: float, lower: float) -> Array:
    """The straight line of the ODE's Euler step: the clean estimate and what is left of the noise."""
    return clean + lower / sigma * (x - clean)


def posterior(sigma: float, lower: float, eta: float = 1.0) -> tuple[float, float]:
    """Level before the noise, and the noise: Song et al. 2020, equation 16, on unscaled latents."""
    a, b = 1 / (1 + sigma**2), 1 / (1 + lower**2)
    up = eta * math.sqrt((1 - b) / (1 - a) * (1 - a / b)) / math.sqrt(b)
    up = min(up, lower)
    return math.sqrt(max(lower**2 - up**2, 0.0)), up


def pairs(sigmas: list[float]) -> Iterable[tuple[float, float]]:
    return pairwise(sigmas)


def euler(x: Array, sigmas: list[float], denoise: Denoise, noise: Draw) -> Array:
    for sigma, lower in pairs(sigmas):
        x = interpolate(x, denoise(x, sigma), sigma, lower)
    return x


def euler_ancestral(x: Array, sigmas: list[float], denoise: Denoise, noise: Draw) -> Array:
    for sigma, lower in pairs(sigmas):
        down, up = posterior(sigma, lower)
        x = interpolate(x, denoise(x, sigma), sigma, down)
        x = x + up * noise() if lower else x
    return x


def heun(x: Array, sigmas: list[float], denoise: Denoise, noise: Draw) -> Array:
    for sigma, lower in pairs(sigmas):
        first = (x - denoise(x, sigma)) / sigma
        ahead = x + (lower - sigma) * first
        if lower:
            second = (ahead - denoise(ahead, lower)) / lower
            ahead = x + (lower - sigma) * (first + second) / 2
        x = ahead
    return x


def churned_heun(churn: float, low: float, high: float, scale: float) -> Reference:
    """Karras et al. 2022, Algorithm 2, noise drawn at every step."""

    def sample(x: Array, sigmas: list[float], denoise: Denoise, noise: Draw) -> Array:
        for sigma, lower in pairs(sigmas):
            gamma = min(churn / (len(sigmas) - 1), math.sqrt(2) - 1) if low <= sigma <= high else 0.0
            raised = sigma + gamma * sigma
            x = x + math.sqrt(raised**2 - sigma**2) * scale * noise()
            x = heun(x, [raised, lower], denoise, noise)
        return x

    return sample


def _dpm2_step(x: Array, sigma: float, lower: float, denoise: Denoise) -> Array:
    """DPM-Solver-2, Lu et al. 2022, Algorithm 1, with the noise prediction in the variance-preserving form."""
    if not lower:
        return denoise(x, sigma)
    middle = math.sqrt(sigma * lower)
    alpha, alpha_middle, std_middle = vp(sigma)[0], *vp(middle)
    eps = (x - denoise(x, sigma)) / sigma
    u = alpha_middle / alpha * (alpha * x) - std_middle * math.expm1(math.log(sigma / lower) / 2) * eps
    eps = (u / alpha_middle - denoise(u / alpha_middle, middle)) / middle
    # k-diffusion then takes the whole step in sigma, where Lu et al. take it in log sigma
    return x + (lower - sigma) * eps


def vp(sigma: float) -> tuple[float, float]:
    """alpha and standard deviation of the variance-preserving latent at a noise level."""
    return 1 / math.sqrt(1 + sigma**2), sigma / math.sqrt(1 + sigma**2)


def dpm2(x: Array, sigmas: list[float], denoise: Denoise, noise: Draw) -> Array:
    for sigma, lower in pairs(sigmas):
        x = _dpm2_step(x, sigma, lower, denoise)
    return x


def dpm2_ancestral(x: Array, sigmas: list[float], denoise: Denoise, noise: Draw) -> Array:
    for sigma, lower in pairs(sigmas):
        down, up = posterior(sigma, lower)
        x = _dpm2_step(x, sigma, down, denoise)
        x = x + up * noise() if lower else x
    return x


def lms(x: Array, sigmas: list[float], denoise: Denoise, noise: Draw) -> Array:
    slopes: list[Array] = []
    for i, (sigma, lower) in enumerate(pairs(sigmas)):
        slopes.insert(0, (x - denoise(x, sigma)) / sigma)
        nodes = [sigmas[i - k] for k in range(min(i + 1, 4))]
        weights = lagrange_weights(nodes, sigma, lower, lambda _: 1.0)
        x = x + sum(w * d for w, d in zip(weights, slopes, strict=False))
    return x


def ipndm(x: Array, sigmas: list[float], denoise: Denoise, noise: Draw) -> Array:
    slopes: list[Array] = []
    for sigma, lower in pairs(sigmas):
        clean = denoise(x, sigma)
        slopes.insert(0, (x - clean) / sigma)
        weights = lagrange_weights([-float(k) for k in range(min(len(slopes), 4))], 0.0, 1.0, lambda _: 1.0)
        x = (
            x + (lower - sigma) * sum(w * d for w, d in zip(weights, slopes, strict=False))
            if lower
            else clean
        )
    return x


def deis(x: Array, sigmas: list[float], denoise: Denoise, noise: Draw) -> Array:
    """Zhang and Chen 2022, equation 15, the integral by quadrature; time of the VP schedule through
    (0.002, 0.001) and (80, 1)."""
    high, low = math.log(80.0**2 + 1), math.log(0.002**2 + 1)
    slope_, base = np.linalg.solve(np.array([[0.5, 1.0], [0.5e-6, 1e-3]]), np.array([high, low]))

    def time(sigma: float) -> float:
        return float(np.max(np.roots([slope_ / 2, base, -math.log(sigma**2 + 1)]).real))

    def rate(t: float) -> float:
        grown = math.exp(slope_ / 2 * t * t + base * t)
        return 0.5 * grown * (slope_ * t + base) / math.sqrt(grown - 1)

    slopes: list[Array] = []
    for i, (sigma, lower) in enumerate(pairs(sigmas)):
        clean = denoise(x, sigma)
        slopes = [(x - clean) / sigma, *slopes][:3]
        if not lower:
            return clean
        nodes = [time(sigmas[i - k]) for k in range(len(slopes))]
        weights = lagrange_weights(nodes, time(sigma), time(lower), rate)
        x = x + sum(w * d for w, d in zip(weights, slopes, strict=True))
    return x


def exponential(
    x: Array, sigma: float, lower: float, nodes: list[float], values: list[Array], power: float = 1.0
) -> Array:
    """Lu et al. 2022 ("DPM-Solver++"), equation 8: the clean estimate, a polynomial in log sigma, integrated with the
    exponential weight; `power` is 1 for the ODE and 2 for the SDE."""
    end = -math.log(lower)
    weights = lagrange_weights(nodes, -math.log(sigma), end, lambda p: power * math.exp(power * (p - end)))
    return (lower / sigma) ** power * x + sum(w * v for w, v in zip(weights, values, strict=True))


def dpmpp_2m(x: Array, sigmas: list[float], denoise: Denoise, noise: Draw) -> Array:
    """DPM-Solver++, Algorithm 2: the extrapolated estimate D of the variance-preserving form."""
    old: tuple[Array, float] | None = None
    for sigma, lower in pairs(sigmas):
        clean = denoise(x, sigma)
        if not lower:
            return clean
        a, s = vp(sigma)
        b, r = vp(lower)
        h = math.log(sigma / lower)
        guess = clean if old is None else clean + h / (2 * old[1]) * (clean - old[0])
        x = (r / s * (a * x) - b * math.expm1(-h) * guess) / b
        old = clean, h
    return x


def dpmpp_2s_ancestral(x: Array, sigmas: list[float], denoise: Denoise, noise: Draw) -> Array:
    """DPM-Solver++, Algorithm 1 with r = 1/2, down to the level of the posterior."""
    for sigma, lower in pairs(sigmas):
        down, up = posterior(sigma, lower)
        clean = denoise(x, sigma)
        if down:
            middle = math.sqrt(sigma * down)
            clean = denoise(exponential(x, sigma, middle, [0.0], [clean]), middle)
            x = exponential(x, sigma, down, [0.0], [clean]) + up * noise()
        else:
            x = clean
    return x


def _diffused(x: Array, sigma: float, lower: float, clean: Array, noise: Draw) -> Array:
    """The reverse SDE with a constant estimate, solved: Lu et al. 2022, equation 18 on unscaled latents."""
    kept = (lower / sigma) ** 2
    return kept * x + (1 - kept) * clean + lower * math.sqrt(1 - kept) * noise()


def dpmpp_sde(x: Array, sigmas: list[float], denoise: Denoise, noise: Draw) -> Array:
    for sigma, lower in pairs(sigmas):
        clean = denoise(x, sigma)
        if not lower:
            return clean
        middle = math.sqrt(sigma * lower)
        x = _diffused(x, sigma, lower, denoise(_diffused(x, sigma, middle, clean, noise), middle), noise)
    return x


def sde_multistep(form: str) -> Reference:
    """SDE-DPM-Solver++: "midpoint" (their 2M), "heun" (the polynomial integrated), or "3m", whose second difference
    stands where half the second derivative should, as in the authors' and k-diffusion's code."""

    def sample(x: Array, sigmas: list[float], denoise: Denoise, noise: Draw) -> Array:
        past: list[tuple[float, Array]] = []
        for sigma, lower in pairs(sigmas):
            clean = denoise(x, sigma)
            if not lower:
                return clean
            past = [(-math.log(sigma), clean), *past][:3]
            kept = (lower / sigma) ** 2
            nodes, values = [node for node, _ in past], [value for _, value in past]
            if form == "midpoint" and len(past) > 1:
                h = math.log(sigma / lower)
                values = [clean + h / 2 * (clean - values[1]) / (nodes[0] - nodes[1])]
                nodes = nodes[:1]
            elif form != "3m":
                nodes, values = nodes[:2], values[:2]
            moved = exponential(x, sigma, lower, nodes, values, 2.0)
            if len(nodes) == 3:
                h = math.log(sigma / lower)
                square = quad(lambda p, h=h: 2 * math.exp(2 * (p - h)) * p**2, 0.0, h)[0]
                moved = moved - 0.5 * square * divided_difference(nodes, values)
            x = moved + lower * math.sqrt(1 - kept) * noise()
        return x

    return sample


def divided_difference(nodes: list[float], values: list[Array]) -> Array:
    """The second one, of three points."""
    first = (values[0] - values[1]) / (nodes[0] - nodes[1])
    second = (values[1] - values[2]) / (nodes[1] - nodes[2])
    return (first - second) / (nodes[0] - nodes[2])
