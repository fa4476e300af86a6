"""DPM-Solver++: 2S with ancestral noise, 2M, and 2M with CFG++.

Lu et al. 2022 ("DPM-Solver++"), Algorithms 1 and 2, on unscaled latents with t = -log(sigma) (k-diffusion).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from aigif.runtime.samplers.protocol import Run, Settings
from aigif.runtime.samplers.steps import ancestral_split, slope

__all__ = ["dpmpp_2m", "dpmpp_2m_cfg_pp", "dpmpp_2s_ancestral", "dpmpp_2s_ancestral_cfg_pp"]


def _sigma(t: Any) -> Any:
    return t.neg().exp()


def _time(sigma: Any) -> Any:
    return sigma.log().neg()


def dpmpp_2s_ancestral(x: Any, sigmas: Any, settings: Settings) -> Run:
    """DPM-Solver++(2S) with r = 1/2 down to a lower level, then noise up to the next."""
    for sigma, following in pairwise(sigmas):
        denoised = yield x, sigma
        down, up = ancestral_split(sigma, following, settings.eta)
        if down == 0:
            x = x + slope(x, sigma, denoised) * (down - sigma)
        else:
            t, t_next = _time(sigma), _time(down)
            h = t_next - t
            middle = t + 0.5 * h
            halfway = (_sigma(middle) / _sigma(t)) * x - (-h * 0.5).expm1() * denoised
            denoised = yield halfway, _sigma(middle)
            x = (_sigma(t_next) / _sigma(t)) * x - (-h).expm1() * denoised
        if following > 0 and settings.eta:
            x = x + settings.noise(sigma, following) * settings.noise_scale * up
    return x


def dpmpp_2m(x: Any, sigmas: Any, settings: Settings) -> Run:
    """DPM-Solver++(2M): the previous estimate gives the second order; the last step to 0 is of the first."""
    old = last_h = None
    for sigma, following in pairwise(sigmas):
        denoised = yield x, sigma
        t, t_next = _time(sigma), _time(following)
        h = t_next - t
        if old is None or following == 0:
            mixed = denoised
        else:
            r = last_h / h
            mixed = (1 + 1 / (2 * r)) * denoised - (1 / (2 * r)) * old
        x = (_sigma(t_next) / _sigma(t)) * x - (-h).expm1() * mixed
        old, last_h = denoised, h
    return x


def dpmpp_2s_ancestral_cfg_pp(x: Any, sigmas: Any, settings: Settings) -> Run:
    """ComfyUI's sample_dpmpp_2s_ancestral_cfg_pp: the unguided run, shifted by the guidance after every step."""
    for sigma, following in pairwise(sigmas):
        denoised, unguided = yield x, sigma
        guidance = denoised - unguided
        down, up = ancestral_split(sigma, following, settings.eta)
        if down == 0:
            x = x + slope(x, sigma, unguided) * (down - sigma)
        else:
            t, t_next = _time(sigma), _time(down)
            h = t_next - t
            middle = t + 0.5 * h
            halfway = (_sigma(middle) / _sigma(t)) * x - (-h * 0.5).expm1() * unguided
            _, unguided = yield halfway, _sigma(middle)
            x = (_sigma(t_next) / _sigma(t)) * x - (-h).expm1() * unguided
        if following > 0 and settings.eta:
            x = x + settings.noise(sigma, following) * settings.noise_scale * up
        x = x + guidance
    return x


def dpmpp_2m_cfg_pp(x: Any, sigmas: Any, settings: Settings) -> Run:
    """ComfyUI's sample_dpmpp_2m_cfg_pp: guided estimate plus what the unguided one leaves of the noise."""
    old = last_h = None
    for sigma, following in pairwise(sigmas):
        denoised, unguided = yield x, sigma
        h = _time(following) - _time(sigma)
        mixed = -(-h).exp() * unguided
        if old is not None and following != 0:
            mixed = mixed - (-h).expm1() * (1 / (2 * (last_h / h))) * (denoised - old)
        x = denoised + mixed + (-h).exp() * x
        old, last_h = unguided, h
    return x
