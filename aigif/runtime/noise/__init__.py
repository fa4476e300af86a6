"""The random numbers that a picture starts from, and those that its sampler adds, as the tool drew them.

`start_noise` gives the starting latents and the stream that goes on with the sampler's fresh noise; `injected_noise`
makes diffusers draw from it; `brownian_noise` is the noise of samplers that solve a stochastic differential equation.
"""

from __future__ import annotations

from aigif.runtime.noise.batch import check_batch, cpu_generator
from aigif.runtime.noise.brownian import BrownianNoise, brownian_noise
from aigif.runtime.noise.inject import injected_noise
from aigif.runtime.noise.sources import noise_threads, noise_warning, unsupported_noise
from aigif.runtime.noise.start import start_noise
from aigif.runtime.noise.streams import (
    NoiseStream,
    NumpyStream,
    NvStream,
    PhiloxStream,
    SeparateStreams,
    TorchCpuStream,
    stream_for,
)

__all__ = [
    "BrownianNoise",
    "NoiseStream",
    "NumpyStream",
    "NvStream",
    "PhiloxStream",
    "SeparateStreams",
    "TorchCpuStream",
    "brownian_noise",
    "check_batch",
    "cpu_generator",
    "injected_noise",
    "noise_threads",
    "noise_warning",
    "start_noise",
    "stream_for",
    "unsupported_noise",
]
