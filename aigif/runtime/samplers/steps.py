"""Formulas that several samplers share."""

from __future__ import annotations

import math
from typing import Any

from aigif.runtime.samplers.convention import Convention
from aigif.runtime.samplers.protocol import Settings

__all__ = ["ancestral_split", "churned", "root", "slope"]


def root(x: float) -> float:
    """x ** 0.5. Exact arithmetic has `math.pow` of its own, while Python's `**` is always the C library's."""
    return math.pow(x, 0.5)


def slope(x: Any, sigma: Any, denoised: Any) -> Any:
    """dx/dsigma of the probability-flow ODE (Karras et al. 2022, Algorithm 1, line 4)."""
    return (x - denoised) / sigma


def ancestral_split(sigma: Any, sigma_next: Any, eta: float) -> tuple[Any, Any]:
    """The level to step down to, and the noise to add, to arrive at `sigma_next` (k-diffusion, get_ancestral_step).

    Their squares sum to sigma_next²; at eta 1 the noise is that of DDPM's posterior (Song et al. 2020, eq. 16).
    """
    if not eta:
        return sigma_next, 0.0
    up = min(sigma_next, eta * (sigma_next**2 * (sigma**2 - sigma_next**2) / sigma**2) ** 0.5)
    return (sigma_next**2 - up**2) ** 0.5, up


def churned(x: Any, sigma: Any, steps: int, settings: Settings) -> tuple[Any, Any]:
    """The latent and its level after the noise of Karras et al. 2022, Algorithm 2, lines 4 to 6.

    k-diffusion, and A1111 with it, draws noise at every step; ComfyUI only where it is added.
    """
    if not settings.churn > 0:
        return x, sigma
    inside = settings.churn_tmin <= sigma <= settings.churn_tmax
    gamma = min(settings.churn / steps, 2**0.5 - 1) if inside else 0.0
    higher = sigma * (gamma + 1)
    if gamma > 0 or settings.convention is Convention.A1111:
        noise = settings.noise(sigma, higher) * settings.noise_scale
        if gamma > 0:
            x = x + noise * (higher**2 - sigma**2) ** 0.5
    return x, higher
