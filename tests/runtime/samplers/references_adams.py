"""SA-Solver of Xue et al. 2023 in float64: the polynomials through the estimates, integrated by quadrature."""

from __future__ import annotations

import math

import numpy as np

from tests.runtime.samplers.model import LOG_SIGMAS
from tests.runtime.samplers.references import Array, Denoise, Draw, Reference, exponential

# Where 20 and 80 percent of the training times are left.
LOW, HIGH = (float(np.exp(np.interp(999 * share, np.arange(1000), LOG_SIGMAS))) for share in (0.2, 0.8))


def sa_solver(
    *,
    again: bool = False,
    tau: float = 1.0,
    noise_scale: float = 1.0,
    predictor: int = 3,
    corrector: int = 4,
    low: float = LOW,
    high: float = HIGH,
) -> Reference:
    """Algorithm 1 with a constant tau from level `high` to `low`, on unscaled latents that end at 0; `again`
    estimates the corrected latent too. An SDE with tau is the exponential integral with the weight's rate 1 + tau²
    (equation 14). Orders are not higher than the steps that are left."""

    def sample(x: Array, sigmas: list[float], denoise: Denoise, noise: Draw) -> Array:
        assert sigmas[-1] == 0
        past: list[tuple[float, Array]] = []
        before: tuple[Array, float, float, Array] | None = None
        guess = x

        def integral(x: Array, sigma: float, lower: float, count: int, strength: float) -> Array:
            nodes, values = zip(*past[:count], strict=True)
            return exponential(x, sigma, lower, list(nodes), list(values), 1 + strength**2)

        for left in range(len(sigmas) - 1, 0, -1):
            sigma, lower = sigmas[-left - 1], sigmas[-left]
            past = [(-math.log(sigma), denoise(guess, sigma)), *past]
            x = guess
            if before is not None and (lower or again):
                start, higher, strength, drawn = before
                count = min(corrector, len(past), left)
                x = integral(start, higher, sigma, count, strength) + drawn
                if again:
                    past[0] = past[0][0], denoise(x, sigma)
            if not lower:
                return past[0][1]
            strength = tau if low <= lower <= high else 0.0
            drawn = np.zeros_like(x)
            if strength:
                spread = lower * math.sqrt(1 - (lower / sigma) ** (2 * strength**2))
                drawn = noise_scale * spread * noise()
            guess = integral(x, sigma, lower, min(predictor, len(past), left - 1), strength) + drawn
            before = x, sigma, strength, drawn
        raise AssertionError

    return sample
