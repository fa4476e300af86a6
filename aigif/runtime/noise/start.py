"""The starting latents and the stream of the samplers' fresh noise, as each tool draws them.

Sources: AUTOMATIC1111's modules/rng.py (`ImageRNG`, `slerp`), ComfyUI's comfy/sample.py (`prepare_noise`), diffusers'
utils/torch_utils.py (`randn_tensor`), InvokeAI's invokeai/app/invocations/noise.py (`get_noise`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aigif._gen.types import Aigif, SamplerOptions, Variation
from aigif.runtime.noise.conventions import (
    Convention,
    convention_of,
    first_source,
    picture_seeds,
    step_seed,
    step_source,
)
from aigif.runtime.noise.sources import noise_threads
from aigif.runtime.noise.streams import NoiseStream, SeparateStreams, stream_for
from aigif.runtime.torchlib import require

__all__ = ["slerp", "start_noise"]

Shape = tuple[int, ...]
Make = Callable[[int], NoiseStream]

_PIXELS_PER_LATENT = 8
"""AUTOMATIC1111 divides the size that a seed is resized from by 8, whatever the VAE."""


def start_noise(aigif: Aigif, shape: Shape, dtype: Any = None) -> tuple[Any, NoiseStream]:
    """The starting latents of standard deviation 1, and the stream that the samplers' fresh noise comes from.

    `shape` is (pictures, channels, height, width) of the latents, or any other that starts with the pictures: all of
    the batch where one generator serves it. Variations need four dimensions. `dtype` is the pipeline's, in which
    diffusers and InvokeAI draw; AUTOMATIC1111 and ComfyUI draw in float32. The latents are float32 on the CPU
    (float64 where torch.float64 is drawn); scale, cast and move them as the pipeline wants.

    A second pass of AUTOMATIC1111 makes its generators anew: call this again with the second pass's shape.
    """
    source, threads = first_source(aigif), noise_threads(aigif.platform)
    if convention_of(aigif) in (Convention.A1111, Convention.COMFYUI):
        dtype = None

    def make(seed: int) -> NoiseStream:
        return stream_for(source, seed, threads)

    seeds = picture_seeds(aigif, shape[0])
    variation = aigif.data.variation or Variation()
    first: NoiseStream
    if seeds is None:
        first = make(aigif.data.seed)
        latents = _first(first, make, variation, (aigif.data.seed, variation.seed), shape, dtype)
    else:
        streams = [make(seed) for seed, _ in seeds]
        first = SeparateStreams(streams)
        drawn = [
            _first(stream, make, variation, pair, shape[1:], dtype)
            for stream, pair in zip(streams, seeds, strict=True)
        ]
        latents = require("torch").stack(drawn)
    return latents, _step_stream(aigif, first, seeds, make)


def _step_stream(
    aigif: Aigif, first: NoiseStream, seeds: list[tuple[int, int]] | None, make: Make
) -> NoiseStream:
    """The first stream itself, or a new one where the sampler has its own generator or an added seed (ENSD)."""
    delta = (aigif.model.sampler_options or SamplerOptions()).noise_seed_delta
    own = step_source(aigif)
    if own is None and not delta:
        return first

    def remake(seed: int) -> NoiseStream:
        if own is None:
            return make(seed + delta)
        seed = step_seed(convention_of(aigif), own, seed)
        return stream_for(own, seed + delta, noise_threads(aigif.platform))

    if seeds is None:
        return remake(aigif.data.seed)
    return SeparateStreams([remake(seed) for seed, _ in seeds])


def _first(
    stream: NoiseStream, make: Make, variation: Variation, seeds: tuple[int, int], shape: Shape, dtype: Any
) -> Any:
    """The first noise of one picture (channels, height, width), or of a batch with one generator.

    A variation's noise, and that of another size, are drawn by generators of their own; where the size is another,
    the picture's own generator still draws the noise around it.
    """
    drawn_shape = _resized_from(variation, shape)
    drawing = stream if drawn_shape == shape else make(seeds[0])
    noise = drawing.normal(drawn_shape, dtype)
    if variation.strength:
        second = make(seeds[1]).normal(drawn_shape, dtype)
        noise = slerp(variation.strength, noise, second, dimension=len(shape) - 2)
    return noise if drawn_shape == shape else _placed(noise, stream.normal(shape, dtype))


def _resized_from(variation: Variation, shape: Shape) -> Shape:
    if not (variation.resize_width and variation.resize_height):
        return shape
    height = variation.resize_height // _PIXELS_PER_LATENT
    width = variation.resize_width // _PIXELS_PER_LATENT
    return (*shape[:-2], height, width)


def _placed(noise: Any, around: Any) -> Any:
    """`around` with `noise` in its middle: what sticks out is cut off on both sides."""
    height, width = around.shape[-2:]
    top, left = (height - noise.shape[-2]) // 2, (width - noise.shape[-1]) // 2
    # A negative place is rounded down, and twice as much is cut off, as AUTOMATIC1111 does.
    rows = noise.shape[-2] + min(0, 2 * top)
    columns = noise.shape[-1] + min(0, 2 * left)
    cut = noise[..., max(-top, 0) : max(-top, 0) + rows, max(-left, 0) : max(-left, 0) + columns]
    placed = around.clone()
    placed[..., max(top, 0) : max(top, 0) + rows, max(left, 0) : max(left, 0) + columns] = cut
    return placed


def slerp(share: float, first: Any, second: Any, dimension: int = 1) -> Any:
    """AUTOMATIC1111's spherical interpolation from `first` (share 0) to `second` (share 1), along one dimension.

    The vectors are those along `dimension`: the columns of each channel, as `ImageRNG` calls it with tensors of
    (channels, height, width). Where they are nearly parallel (mean cosine above 0.9995) it interpolates linearly, and
    there it takes the shares the other way round; so does this. Source: modules/rng.py.
    """
    torch = require("torch")
    cosine = (_unit(first, dimension) * _unit(second, dimension)).sum(dimension, keepdim=True)
    if cosine.mean() > 0.9995:
        return first * share + second * (1 - share)
    angle = torch.acos(cosine)
    sine = torch.sin(angle)
    return torch.sin((1.0 - share) * angle) / sine * first + torch.sin(share * angle) / sine * second


def _unit(vectors: Any, dimension: int) -> Any:
    return vectors / require("torch").norm(vectors, dim=dimension, keepdim=True)
