"""More of the published update formulas in float64: solvers with plans, timesteps, restarts, renoising, CFG++."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from tests.runtime.samplers.model import ALPHAS
from tests.runtime.samplers.references import (
    Array,
    Denoise,
    Draw,
    Reference,
    exponential,
    heun,
    interpolate,
    lagrange_weights,
    pairs,
    posterior,
)

Predict = Callable[[Array, float], Array]
"""The predicted noise for a variance-preserving latent at a timestep."""


def _dpm_solver(x: Array, sigma: float, lower: float, denoise: Denoise, order: int) -> tuple[Array, Array]:
    """DPM-Solver-1, -2, -3 of Lu et al. 2022 (equation 3.7, Algorithms 1 and 2) for x = alpha * unscaled, alpha left
    out; for order 3 also the result of order 2 with r = 1/3, with which the adaptive solver compares."""
    h = math.log(sigma / lower)

    def eps(y: Array, level: float) -> Array:
        return (y - denoise(y, level)) / level

    e = eps(x, sigma)
    if order == 1:
        return x - lower * math.expm1(h) * e, x
    r = 1 / 2 if order == 2 else 1 / 3
    s1 = sigma * math.exp(-r * h)
    e1 = eps(x - s1 * math.expm1(r * h) * e, s1)
    second = x - lower * math.expm1(h) * e - lower / (2 * r) * math.expm1(h) * (e1 - e)
    if order == 2:
        return second, second
    s2 = sigma * math.exp(-2 / 3 * h)
    bend = math.expm1(2 / 3 * h) / (2 / 3 * h) - 1
    u2 = x - s2 * math.expm1(2 / 3 * h) * e - 2 * s2 * bend * (e1 - e)
    e2 = eps(u2, s2)
    return x - lower * math.expm1(h) * e - 1.5 * lower * (math.expm1(h) / h - 1) * (e2 - e), second


def dpm_fast(eta: float) -> Reference:
    def sample(x: Array, sigmas: list[float], denoise: Denoise, noise: Draw) -> Array:
        count, floor = len(sigmas) - 1, sigmas[-2]
        plan = [3] * (count // 3 - 1) + [2, 1] if count % 3 == 0 else [3] * (count // 3) + [count % 3]
        levels = list(np.geomspace(sigmas[0], floor, len(plan) + 1))
        for order, (sigma, lower) in zip(plan, pairs(levels), strict=True):
            down, _ = posterior(sigma, lower, eta) if eta else (lower, 0.0)
            down = max(down, floor)
            x = _dpm_solver(x, sigma, down, denoise, order)[0]
            x = x + math.sqrt(max(lower**2 - down**2, 0.0)) * noise() if eta else x
        return x

    return sample


def dpm_adaptive(eta: float) -> Reference:
    def sample(x: Array, sigmas: list[float], denoise: Denoise, noise: Draw) -> Array:
        lam, end, h, before = -math.log(sigmas[0]), -math.log(sigmas[-2]), 0.05, x
        while lam < end - 1e-5:
            sigma, lower = math.exp(-lam), math.exp(-min(lam + h, end))
            down = max(posterior(sigma, lower, eta)[0], sigmas[-2]) if eta else lower
            high, low = _dpm_solver(x, sigma, down, denoise, 3)
            bound = np.maximum(0.0078, 0.05 * np.maximum(abs(low), abs(before)))
            error = math.sqrt(np.mean(((low - high) / bound) ** 2))
            factor = 1 + math.atan((1 / (error + 1e-8)) ** (1 / (1.5 if eta else 3)) - 1)
            if factor >= 0.81:
                before, x = low, high
                x = x + math.sqrt(max(lower**2 - down**2, 0.0)) * noise() if eta else x
                lam = -math.log(lower)
            h *= factor
        return x

    return sample


def restart(x: Array, sigmas: list[float], denoise: Denoise, noise: Draw) -> Array:
    """Xu et al. 2023, with A1111's plan."""

    def karras(count: int, low: float, high: float) -> list[float]:
        return [float(v) for v in np.linspace(high ** (1 / 7), low ** (1 / 7), count) ** 7]

    count = len(sigmas) - 1
    extra, times = (0, 0) if count < 20 else (9, 1) if count < 36 else (count // 4, 2)
    levels = [*karras(count - extra * times, sigmas[-2], sigmas[0]), 0.0] if times else sigmas
    low = int(np.argmin([abs(level - 0.1) for level in levels]))
    high = int(np.argmin([abs(level - 2.0) for level in levels]))
    for i, (sigma, lower) in enumerate(pairs(levels)):
        x = heun(x, [sigma, lower], denoise, noise)
        if times and i + 1 == low:
            for _ in range(times):
                x = x + math.sqrt(levels[high] ** 2 - levels[low] ** 2) * noise()
                x = heun(x, karras(extra + 1, levels[low], levels[high]), denoise, noise)
    return x


def heunpp2(x: Array, sigmas: list[float], denoise: Denoise, noise: Draw) -> Array:
    def slope(y: Array, level: float) -> Array:
        return (y - denoise(y, level)) / level

    for i, (sigma, lower) in enumerate(pairs(sigmas)):
        ahead = min(3, len(sigmas) - 1 - i)
        levels, y, slopes = sigmas[i : i + ahead], x, []
        for j, level in enumerate(levels):
            slopes.append(slope(y, level))
            y = y + slopes[-1] * (sigmas[i + j + 1] - level)
        weights = [level / (ahead * sigmas[0]) for level in levels[1:]]
        mixed = (1 - sum(weights)) * slopes[0] + sum(w * d for w, d in zip(weights, slopes[1:], strict=True))
        x = x + (lower - sigma) * mixed
    return x


def ddpm(x: Array, sigmas: list[float], denoise: Denoise, noise: Draw) -> Array:
    """Ho et al. 2020, equation 7: the posterior's mean in terms of the clean estimate, and beta tilde."""
    for sigma, lower in pairs(sigmas):
        a, b = 1 / (1 + sigma**2), 1 / (1 + lower**2)
        clean = denoise(x, sigma)
        mean = (
            math.sqrt(b) * (1 - a / b) / (1 - a) * clean
            + math.sqrt(a / b) * (1 - b) / (1 - a) * math.sqrt(a) * x
        )
        x = mean + math.sqrt((1 - b) / (1 - a) * (1 - a / b)) * noise() if lower else mean
        x = x / math.sqrt(b)
    return x


def lcm(x: Array, sigmas: list[float], predict: Predict, noise: Draw) -> Array:
    """Luo et al. 2023, Algorithm 3, with the consistency function of their boundary condition (timesteps by 10)."""
    table = np.arange(19, 1000, 20)
    levels = np.sqrt((1 - ALPHAS[table]) / ALPHAS[table])
    for sigma, lower in pairs(sigmas):
        t = table[np.abs(np.log(levels) - math.log(sigma)).argmin()]
        clean = x - sigma * predict(x / math.sqrt(sigma**2 + 1), float(t))
        skip, out = 0.25 / ((10 * t) ** 2 + 0.25), 10 * t / math.sqrt((10 * t) ** 2 + 0.25)
        x = skip * x + out * clean
        x = x + lower * noise() if lower else x
    return x


def tcd(x: Array, sigmas: list[float], denoise: Denoise, noise: Draw) -> Array:
    """Zheng et al. 2024, Algorithm 4, gamma 0.3, in the variance-preserving form."""
    table = np.log(np.sqrt((1 - ALPHAS) / ALPHAS))
    for sigma, lower in pairs(sigmas):
        clean = denoise(x, sigma)
        if not lower:
            return clean
        a, b = 1 / (1 + sigma**2), 1 / (1 + lower**2)
        s = ALPHAS[int(0.7 * np.interp(math.log(lower), table, np.arange(1000)) + 1e-4)]
        eps = (math.sqrt(a) * x - math.sqrt(a) * clean) / math.sqrt(1 - a)
        noised = math.sqrt(s) * clean + math.sqrt(1 - s) * eps
        x = (math.sqrt(b / s) * noised + math.sqrt(1 - b / s) * noise()) / math.sqrt(b)
    return x


def _transfer(x: Array, eps: Array, a: float, b: float) -> Array:
    """Liu et al. 2022, equation 11: DDIM's step without the clean estimate."""
    gain = math.sqrt(a) * (math.sqrt((1 - b) * a) + math.sqrt((1 - a) * b))
    return math.sqrt(b / a) * x - (b - a) / gain * eps


def ddim(eta: float) -> Callable[[Array, list[float], Predict, Draw], Array]:
    """Song et al. 2020, equation 12."""

    def sample(x: Array, timesteps: list[float], predict: Predict, noise: Draw) -> Array:
        for t, lower in pairs(timesteps):
            a, b = ALPHAS[int(t)], ALPHAS[int(lower)]
            eps = predict(x, t)
            spread = eta * math.sqrt((1 - b) / (1 - a) * (1 - a / b))
            clean = (x - math.sqrt(1 - a) * eps) / math.sqrt(a)
            x = math.sqrt(b) * clean + math.sqrt(1 - b - spread**2) * eps
            x = x + spread * noise() if eta else x
        return x

    return sample


def ddim_cfg_pp(x: Array, timesteps: list[float], guided: Predict, unguided: Predict) -> Array:
    """Chung et al. 2024, Algorithm 2."""
    for t, lower in pairs(timesteps):
        a, b = ALPHAS[int(t)], ALPHAS[int(lower)]
        clean = (x - math.sqrt(1 - a) * guided(x, t)) / math.sqrt(a)
        x = math.sqrt(b) * clean + math.sqrt(1 - b) * unguided(x, t)
    return x


def plms(x: Array, timesteps: list[float], predict: Predict, noise: Draw) -> Array:
    """Liu et al. 2022, section 3.4, started by one pseudo improved Euler step."""
    past: list[Array] = []
    for i, (t, lower) in enumerate(pairs(timesteps)):
        a, b = ALPHAS[int(t)], ALPHAS[int(lower)]
        past = [predict(x, t), *past][:4]
        weights = lagrange_weights([-float(k) for k in range(len(past))], 0.0, 1.0, lambda _: 1.0)
        mixed = sum((w * e for w, e in zip(weights, past, strict=True)), np.zeros_like(x))
        if i == 0:
            mixed = (past[0] + predict(_transfer(x, past[0], a, b), lower)) / 2
        x = _transfer(x, mixed, a, b)
    return x


def unipc(order: int, flavour: str) -> Callable[[Array, list[float], Denoise], Array]:
    """Zhao et al. 2023 on unscaled latents: the estimate's interpolation polynomial integrated, as their Theorem 3.1
    amounts to, but for the weights that they set to 1/2."""

    def advance(x: Array, sigma: float, lower: float, nodes: list[float], values: list[Array]) -> Array:
        return exponential(x, sigma, lower, nodes, values)

    def half(x: Array, sigma: float, lower: float, value: Array, change: Array) -> Array:
        h = math.log(sigma / lower)
        scale = h if flavour == "bh1" else 1 - math.exp(-h)
        return advance(x, sigma, lower, [0.0], [value]) + 0.5 * scale * change

    def sample(x: Array, sigmas: list[float], denoise: Denoise) -> Array:
        steps = len(sigmas) - 1
        nodes, values = [-math.log(sigmas[0])], [denoise(x, sigmas[0])]
        for i in range(1, steps + 1):
            sigma, lower = sigmas[i - 1], sigmas[i]
            p = min(order, i, steps + 1 - i) if i >= order else i
            if p == 2:
                ratio = (nodes[1] - nodes[0]) / math.log(sigma / lower)
                guess = half(x, sigma, lower, values[0], (values[1] - values[0]) / ratio)
            else:
                guess = advance(x, sigma, lower, nodes[:p], values[:p])
            if i == steps:
                return guess
            newest = denoise(guess, lower)
            if p == 1:
                x = half(x, sigma, lower, values[0], newest - values[0])
            else:
                x = advance(x, sigma, lower, [-math.log(lower), *nodes[:p]], [newest, *values[:p]])
            nodes, values = [-math.log(lower), *nodes][: max(order, 1)], [newest, *values][: max(order, 1)]
        return x

    return sample


def cfg_pp(eta: float) -> Callable[[Array, list[float], Denoise, Denoise, Draw], Array]:
    """CFG++ for Euler, on unscaled latents: guided estimate, unguided noise."""

    def sample(x: Array, sigmas: list[float], guided: Denoise, unguided: Denoise, noise: Draw) -> Array:
        for sigma, lower in pairs(sigmas):
            clean, plain = guided(x, sigma), unguided(x, sigma)
            down, up = posterior(sigma, lower, eta) if eta else (lower, 0.0)
            x = clean + down / sigma * (x - plain)
            x = x + up * noise() if eta and lower else x
        return x if sigmas[-1] else clean

    return sample


def gradient_estimation(x: Array, sigmas: list[float], denoise: Denoise, noise: Draw) -> Array:
    """Permenter and Yuan 2024, Algorithm 2, gamma 2: the noise estimate 2 e - e_before."""
    old: Array | None = None
    for sigma, lower in pairs(sigmas):
        clean = denoise(x, sigma)
        eps = (x - clean) / sigma
        x = x + (lower - sigma) * (eps if old is None or not lower else 2 * eps - old)
        old = eps
    return x


def exponential_heun(x: Array, sigmas: list[float], denoise: Denoise, noise: Draw) -> Array:
    for sigma, lower in pairs(sigmas):
        clean = denoise(x, sigma)
        if not lower:
            return clean
        there = denoise(interpolate(x, clean, sigma, lower), lower)
        x = exponential(x, sigma, lower, [-math.log(sigma), -math.log(lower)], [clean, there])
    return x


def res_multistep(x: Array, sigmas: list[float], denoise: Denoise, noise: Draw) -> Array:
    """The estimate's line through the last two levels, integrated (Zhang et al. 2023, order 2)."""
    old: tuple[float, Array] | None = None
    for sigma, lower in pairs(sigmas):
        clean = denoise(x, sigma)
        if not lower:
            return clean
        known = [(-math.log(sigma), clean), *([old] if old else [])]
        x = exponential(x, sigma, lower, [node for node, _ in known], [value for _, value in known])
        old = known[0]
    return x
