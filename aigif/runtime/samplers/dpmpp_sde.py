"""The stochastic DPM-Solver++: single-step (SDE), and multistep of orders 2 and 3 (2M SDE, 3M SDE).

Lu et al. 2022 ("DPM-Solver++"), appendix on SDEs, with the noise scaled by eta as in k-diffusion. Their noise is
that of a Brownian path over sigma: two steps that cover the same stretch see the same path.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from aigif.runtime.samplers.protocol import Run, Settings
from aigif.runtime.samplers.steps import ancestral_split

__all__ = ["dpmpp_2m_sde", "dpmpp_2m_sde_heun", "dpmpp_3m_sde", "dpmpp_sde"]


def _sigma(t: Any) -> Any:
    return t.neg().exp()


def _time(sigma: Any) -> Any:
    return sigma.log().neg()


def dpmpp_sde(x: Any, sigmas: Any, settings: Settings) -> Run:
    """DPM-Solver++ (stochastic) with r = 1/2: a noisy step to the middle, then a noisy step over the whole."""
    for sigma, following in pairwise(sigmas):
        denoised = yield x, sigma
        if following == 0:
            x = denoised
            continue
        t, t_next = _time(sigma), _time(following)
        middle = t + (t_next - t) * 0.5
        halfway = _landed(x, denoised, t, middle, settings)
        denoised = yield halfway, _sigma(middle)
        x = _landed(x, denoised, t, t_next, settings)
    return x


def _landed(x: Any, denoised: Any, t: Any, t_next: Any, settings: Settings) -> Any:
    down, up = ancestral_split(_sigma(t), _sigma(t_next), settings.eta)
    landing = _time(down)
    x = (_sigma(landing) / _sigma(t)) * x - (t - landing).expm1() * denoised
    if settings.eta:
        x = x + settings.noise(_sigma(t), _sigma(t_next)) * settings.noise_scale * up
    return x


def dpmpp_2m_sde(x: Any, sigmas: Any, settings: Settings) -> Run:
    """SDE-DPM-Solver++(2M), midpoint form."""
    return (yield from _second_order(x, sigmas, settings, heun=False))


def dpmpp_2m_sde_heun(x: Any, sigmas: Any, settings: Settings) -> Run:
    """SDE-DPM-Solver++(2M), Heun form: the exact integral of the estimate's slope."""
    return (yield from _second_order(x, sigmas, settings, heun=True))


def _second_order(x: Any, sigmas: Any, settings: Settings, *, heun: bool) -> Run:
    old = last_h = None
    for sigma, following in pairwise(sigmas):
        denoised = yield x, sigma
        if following == 0:
            x = denoised
            continue
        h = _time(following) - _time(sigma)
        x, widened = _exponential_step(x, sigma, following, h, denoised, settings)
        if old is not None:
            change = (1 / (last_h / h)) * (denoised - old)
            loss = (-widened).expm1().neg()
            x = x + ((loss / (-widened) + 1) if heun else 0.5 * loss) * change
        x = _noised(x, sigma, following, h, settings)
        old, last_h = denoised, h
    return x


def dpmpp_3m_sde(x: Any, sigmas: Any, settings: Settings) -> Run:
    """SDE-DPM-Solver++(3M) of k-diffusion: two past estimates give the first and second derivative."""
    old: Any = None
    older: Any = None
    last_h: Any = None
    earlier_h: Any = None
    for sigma, following in pairwise(sigmas):
        denoised = yield x, sigma
        if following == 0:
            x = denoised
            continue
        h = _time(following) - _time(sigma)
        x, widened = _exponential_step(x, sigma, following, h, denoised, settings)
        if last_h is not None:
            phi2 = widened.neg().expm1() / widened + 1
            first = (denoised - old) / (last_h / h)
            if earlier_h is None:
                x = x + phi2 * first
            else:
                r0, r1 = last_h / h, earlier_h / h
                change = (first - (old - older) / r1) / (r0 + r1)
                x = x + phi2 * (first + change * r0) - (phi2 / widened - 0.5) * change
        x = _noised(x, sigma, following, h, settings)
        old, older, last_h, earlier_h = denoised, old, h, last_h
    return x


def _exponential_step(
    x: Any, sigma: Any, following: Any, h: Any, denoised: Any, settings: Settings
) -> tuple[Any, Any]:
    widened = h * (settings.eta + 1)
    kept = following / sigma * (-h * settings.eta).exp()
    return kept * x + (-widened).expm1().neg() * denoised, widened


def _noised(x: Any, sigma: Any, following: Any, h: Any, settings: Settings) -> Any:
    if not settings.eta:
        return x
    spread = following * (-2 * h * settings.eta).expm1().neg().sqrt()
    return x + settings.noise(sigma, following) * spread * settings.noise_scale
