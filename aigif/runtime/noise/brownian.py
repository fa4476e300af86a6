"""Noise for samplers of stochastic differential equations: increments of one Brownian motion over the noise levels.

Unlike fresh noise of each step, it makes pictures of different step counts alike. Sources: k-diffusion's
`BrownianTreeNoiseSampler` and `BatchedBrownianTree` (k_diffusion/sampling.py), on torchsde's `BrownianTree`;
AUTOMATIC1111's `create_noise_sampler` and `replace_torchsde_browinan` (modules/sd_samplers_common.py); ComfyUI's
copy of it (comfy/k_diffusion/sampling.py).
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from aigif._gen.enums import NoiseSource
from aigif._gen.types import Aigif
from aigif.runtime.noise.conventions import first_source, picture_seeds, step_source
from aigif.runtime.noise.replace import replaced
from aigif.runtime.noise.sources import noise_threads
from aigif.runtime.noise.streams import stream_for
from aigif.runtime.torchlib import require

__all__ = ["BrownianNoise", "brownian_noise"]

_WHY = "the noise of this sampler"


class BrownianNoise:
    """`noise(sigma, sigma_next)` is the motion's increment between two levels, divided by its standard deviation.

    With a list of seeds each picture has a motion of its own, which doesn't depend on its batch (AUTOMATIC1111); with
    one seed the batch has one (ComfyUI, InvokeAI, diffusers). `transform` takes a level to the sampler's time.
    The result is float32 on the CPU, of `shape`; adjoining increments add up to that of the whole.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        sigma_min: Any,
        sigma_max: Any,
        seeds: int | Sequence[int],
        source: NoiseSource = NoiseSource.TORCH_CPU,
        threads: int = 0,
        transform: Callable[[Any], Any] | None = None,
    ) -> None:
        torch, torchsde = require("torch"), require("torchsde", _WHY)
        self._transform = transform
        self._draw = lambda size, dtype, device, seed: stream_for(source, int(seed), threads).normal(size)
        ends = sorted((self._time(sigma_min), self._time(sigma_max)))
        shared = isinstance(seeds, int)
        self._shape = shape
        start = torch.zeros(shape if shared else shape[1:])
        with self._drawing():
            self._trees = [
                torchsde.BrownianTree(ends[0], start, ends[1], entropy=seed)
                for seed in ([seeds] if isinstance(seeds, int) else seeds)
            ]
        self._sign = -1.0 if self._time(sigma_min) > self._time(sigma_max) else 1.0

    def __call__(self, sigma: Any, sigma_next: Any) -> Any:
        torch = require("torch")
        start, end = self._time(sigma), self._time(sigma_next)
        sign = self._sign if start < end else -self._sign
        with self._drawing():
            drawn = [tree(min(start, end), max(start, end)) for tree in self._trees]
        return torch.stack(drawn).reshape(self._shape) * sign / (end - start).abs().sqrt()

    def _time(self, sigma: Any) -> Any:
        """A level as a float32 scalar on the CPU, transformed."""
        level = require("torch").as_tensor(sigma, dtype=require("torch").float32, device="cpu")
        return level if self._transform is None else self._transform(level)

    @contextlib.contextmanager
    def _drawing(self) -> Iterator[None]:
        """torchsde draws each node of the tree by this function, from the node's seed.

        It rounds the ends of the motion, and warns where a question's end is a rounding error beyond them.
        """
        module = require("torchsde._brownian.brownian_interval", _WHY)
        with replaced([module], "_randn", self._draw), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Should have t[ab]")
            yield


def brownian_noise(
    aigif: Aigif,
    shape: tuple[int, ...],
    sigma_min: Any,
    sigma_max: Any,
    transform: Callable[[Any], Any] | None = None,
) -> BrownianNoise:
    """The Brownian noise of a picture as its tool draws it. `shape` is (pictures, channels, height, width).

    Its seed is the first noise's (nothing is added to it, also not ENSD), its source model.sampler_options.step_noise
    where that is a generator of its own (ComfyUI draws this noise on the CPU, but for its `_gpu` samplers), else
    platform.noise_source. A picture of AUTOMATIC1111's, or with a generator of its own, has a motion of its own.
    """
    seeds = picture_seeds(aigif, shape[0])
    # torchsde hands the seed to numpy's SeedSequence, which takes no negative ones.
    each: int | list[int] = aigif.data.seed if seeds is None else [seed % 2**64 for seed, _ in seeds]
    source = step_source(aigif) or first_source(aigif)
    threads = noise_threads(aigif.platform)
    return BrownianNoise(shape, sigma_min, sigma_max, each, source, threads, transform)
