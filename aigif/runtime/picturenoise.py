"""All random numbers of a picture in one stream: first the starting latent, then the samplers' fresh noise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aigif._gen.enums import NoiseSource, StepNoise
from aigif._gen.types import Aigif, SamplerOptions
from aigif.runtime.noise import NoiseStream, brownian_noise, start_noise

__all__ = ["PictureNoise", "is_plain"]


def is_plain(aigif: Aigif) -> bool:
    """Whether torch's own generators draw all noise, so that a pipeline of diffusers needs nothing but them."""
    options = aigif.model.sampler_options or SamplerOptions()
    return (
        aigif.platform.noise_source == NoiseSource.TORCH_CPU
        and aigif.data.variation is None
        and not options.noise_seed_delta
        and options.step_noise == StepNoise.FIRST
    )


class PictureNoise:
    """A NoiseStream whose first numbers are the starting latent, of whatever shape is asked for."""

    def __init__(self, aigif: Aigif) -> None:
        self._aigif = aigif
        self._steps: NoiseStream | None = None
        self._shape: tuple[int, ...] = ()
        self._brownian: Any = None

    def normal(self, shape: Sequence[int], dtype: Any = None) -> Any:
        """The next float32 CPU tensor of `shape`."""
        if self._steps is None:
            self._shape = tuple(shape)
            latents, self._steps = start_noise(self._aigif, self._shape, dtype)
            return latents
        return self._steps.normal(shape, dtype)

    def between(self, lowest: float, highest: float) -> Any:
        """The Brownian noise over these noise levels, as a function of two of them; after the starting latent."""
        if self._brownian is None:
            self._brownian = brownian_noise(self._aigif, self._shape, lowest, highest)
        return self._brownian


