"""What a sampler is: a generator that asks for the model's estimate and ends with the picture's latent.

A sampler yields `(x, at)`: the latent at which it wants the model, and the noise level (or, for the samplers that
work in timesteps, the timestep) of that latent. It is sent the model's estimate there: the denoised latent, the
predicted noise for the samplers in timesteps, or the pair (guided, unguided) of denoised latents for CFG++. So a
sampler reads like the published algorithm, and a scheduler of diffusers, a test or a benchmark can drive it.

x is float32 of any shape, and stays so. Noise levels are scalar float32 tensors, as in k-diffusion.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from aigif.runtime.samplers.convention import Convention

__all__ = ["Noise", "NoiseStream", "Run", "Sampler", "Settings"]

Noise: TypeAlias = Callable[[Any, Any], Any]
"""Called with the noise levels before and after a step: a float32 tensor of unit normal noise, shaped as x."""

Run: TypeAlias = Generator[tuple[Any, Any], Any, Any]
"""A running sampler: yields (x, at), is sent the estimate, returns the last x."""


class NoiseStream(Protocol):
    """Unit normal numbers, consumed in order."""

    def normal(self, shape: tuple[int, ...]) -> Any:
        """The next float32 CPU tensor of `shape`."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a sampler may be told.

    Attributes:
        noise: Fresh noise between two noise levels.
        eta: Weight of the fresh noise, 0 to 1 (more than 1 where the program lets it).
        churn: S_churn of Karras et al. 2022, Algorithm 2.
        churn_tmin: Its S_tmin.
        churn_tmax: Its S_tmax; infinity for no bound.
        noise_scale: Its S_noise; the other stochastic samplers multiply their noise by it too.
        order: Order of a multistep solver; 0 leaves it to the sampler.
        levels: The model's table of noise levels.
        convention: The program that is followed where programs differ.
    """

    noise: Noise
    levels: Any
    convention: Convention = Convention.A1111
    eta: float = 1.0
    churn: float = 0.0
    churn_tmin: float = 0.0
    churn_tmax: float = float("inf")
    noise_scale: float = 1.0
    order: int = 0


class Sampler(Protocol):
    """Starts a run at x, over the noise levels `sigmas` (falling, float32, one more than steps)."""

    def __call__(self, x: Any, sigmas: Any, settings: Settings) -> Run: ...
