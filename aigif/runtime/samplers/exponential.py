"""ComfyUI's exponential integrators: RES multistep, SEEDS of two and three stages, and exponential Heun."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from aigif.runtime.samplers.protocol import Run, Settings
from aigif.runtime.samplers.steps import ancestral_split, slope

__all__ = ["exp_heun_2_x0", "res_multistep", "res_multistep_cfg_pp", "seeds_2", "seeds_3"]


def _time(sigma: Any) -> Any:
    return sigma.log().neg()


def res_multistep(x: Any, sigmas: Any, settings: Settings) -> Run:
    """Refined exponential solver, order 2, multistep (Zhang et al. 2023, arXiv 2308.02157), with ancestral noise."""
    return (yield from _res(x, sigmas, settings, plus=False))


def res_multistep_cfg_pp(x: Any, sigmas: Any, settings: Settings) -> Run:
    """The same with CFG++."""
    return (yield from _res(x, sigmas, settings, plus=True))


def _res(x: Any, sigmas: Any, settings: Settings, *, plus: bool) -> Run:
    old = old_down = previous = None
    for sigma, following in pairwise(sigmas):
        answer = yield x, sigma
        denoised, direction = answer if plus else (answer, answer)
        down, up = ancestral_split(sigma, following, settings.eta)
        if down == 0 or old is None:
            d = slope(x, sigma, direction)
            x = denoised + d * down if plus else x + d * (down - sigma)
        else:
            h = _time(down) - _time(sigma)
            share = (_time(previous) - _time(old_down)) / h
            phi1 = (-h).expm1() / (-h)
            phi2 = (phi1 - 1.0) / (-h)
            now = (phi1 - phi2 / share).nan_to_num(nan=0.0)
            then = (phi2 / share).nan_to_num(nan=0.0)
            if plus:
                x = x + (denoised - direction)
            x = h.neg().exp() * x + h * (now * direction + then * old)
        if following > 0 and settings.eta:
            x = x + settings.noise(sigma, following) * settings.noise_scale * up
        old, old_down, previous = direction, down, sigma
    return x


def seeds_2(x: Any, sigmas: Any, settings: Settings) -> Run:
    """SEEDS-2 (Gonzalez et al. 2023), data prediction, a stage at half the way."""
    return (yield from _two_stages(x, sigmas, settings, 0.5))


def exp_heun_2_x0(x: Any, sigmas: Any, settings: Settings) -> Run:
    """Exponential Heun: the second stage at the whole way, and the exact second-order weights."""
    return (yield from _two_stages(x, sigmas, settings, 1.0))


def _two_stages(x: Any, sigmas: Any, settings: Settings, share: float) -> Run:
    eta = settings.eta
    for sigma, following in pairwise(sigmas):
        denoised = yield x, sigma
        if following == 0:
            x = denoised
            continue
        h = _time(following) - _time(sigma)
        wide = h * (eta + 1)
        middle = _time(sigma).lerp(_time(following), share).neg().exp()
        ahead = middle / sigma * (-share * h * eta).exp() * x - (-share * wide).expm1() * denoised
        noise = 0.0
        if eta:
            noise = (-2 * share * h * eta).expm1().neg().sqrt() * settings.noise(sigma, middle)
            ahead = ahead + noise * middle * settings.noise_scale
        there = yield ahead, middle
        x = following / sigma * (-h * eta).exp() * x
        if share == 1.0:
            late = ((-wide).expm1() + wide) / -wide
            x = x - (((-wide).expm1() - late) * denoised + late * there)
        else:
            x = x - (-wide).expm1() * denoised.lerp(there, 1 / (2 * share))
        if eta:
            x = (
                x
                + _carried(noise, share - 1, middle, following, h, settings)
                * following
                * settings.noise_scale
            )
    return x


def seeds_3(x: Any, sigmas: Any, settings: Settings) -> Run:
    """SEEDS-3 (Gonzalez et al. 2023), data prediction, stages at a third and two thirds of the way."""
    eta, early, late = settings.eta, 1 / 3, 2 / 3
    scale = settings.noise_scale
    for sigma, following in pairwise(sigmas):
        denoised = yield x, sigma
        if following == 0:
            x = denoised
            continue
        h = _time(following) - _time(sigma)
        wide = h * (eta + 1)
        first, second = (_time(sigma).lerp(_time(following), share).neg().exp() for share in (early, late))
        ahead = first / sigma * (-early * h * eta).exp() * x - (-early * wide).expm1() * denoised
        noise = 0.0
        if eta:
            noise = (-2 * early * h * eta).expm1().neg().sqrt() * settings.noise(sigma, first)
            ahead = ahead + noise * first * scale
        there = yield ahead, first
        weight = late / early * _h_phi2(-late * wide)
        further = second / sigma * (-late * h * eta).exp() * x
        further = further - (((-late * wide).expm1() - weight) * denoised + weight * there)
        if eta:
            noise = _carried(noise, early - late, first, second, h, settings)
            further = further + noise * second * scale
        there = yield further, second
        weight = _h_phi2(-wide) / late
        x = following / sigma * (-h * eta).exp() * x
        x = x - (((-wide).expm1() - weight) * denoised + weight * there)
        if eta:
            noise = _carried(noise, late - 1, second, following, h, settings)
            x = x + noise * following * scale
    return x


def _h_phi2(h: Any) -> Any:
    return (h.expm1() - h) / h


def _carried(noise: Any, back: float, low: Any, high: Any, h: Any, settings: Settings) -> Any:
    """The noise of the stretch so far, faded over the next one, whose own is added; `back` is minus its share."""
    fade = back * h * settings.eta
    if back == 0:
        settings.noise(low, high)  # of no length, yet drawn
        return noise
    return noise * fade.exp() + (fade * 2).expm1().neg().sqrt() * settings.noise(low, high)
