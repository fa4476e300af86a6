"""Streams of normal numbers: one interface over the generators that pictures are made with."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, Protocol

from aigif._gen.enums import NoiseSource
from aigif.errors import ElementError
from aigif.runtime.honour import NotHonouredError
from aigif.runtime.noise import elementary
from aigif.runtime.noise.batch import cpu_generator
from aigif.runtime.noise.philox import BLOCK, KernelLaunch, cuda_normals, philox4x32
from aigif.runtime.noise.sources import UNSUPPORTED
from aigif.runtime.torchlib import require

__all__ = [
    "NoiseStream",
    "NumpyStream",
    "NvStream",
    "PhiloxStream",
    "SeparateStreams",
    "TorchCpuStream",
    "stream_for",
]

_SEEDS = 2**64


class NoiseStream(Protocol):
    """Standard normal numbers, consumed in the order in which they are asked for."""

    def normal(self, shape: Sequence[int], dtype: Any = None) -> Any:
        """A float32 tensor on the CPU.

        `dtype` is the type that the tool draws in, where it isn't float32: torch's generators take other numbers for
        float64, and its CPU generator others for the last 16 in half precision. The tensor is float32 all the same,
        but float64 for torch.float64. Raises NotHonouredError where a stream has no such numbers.
        """


class TorchCpuStream:
    """torch.randn with one generator on the CPU: a Mersenne Twister, seeded with the low 32 bits of `seed`.

    Tensors of fewer than 16 elements are drawn one by one, others in groups of 16, the last 16 drawn anew where the
    number of elements is no multiple of 16 (aten/src/ATen/native/cpu/DistributionTemplates.h). So a tensor drawn in
    pieces has the numbers of one drawn at once only where the pieces are multiples of 16. Negative seeds count from
    2**64 downwards, as torch takes them.
    """

    def __init__(self, seed: int) -> None:
        self.generator = cpu_generator(seed % _SEEDS)

    def normal(self, shape: Sequence[int], dtype: Any = None) -> Any:
        torch = require("torch")
        drawn = torch.randn(tuple(shape), generator=self.generator, dtype=dtype or torch.float32)
        return drawn if dtype == torch.float64 else drawn.to(torch.float32)


class PhiloxStream:
    """torch.randn on a CUDA device, emulated; see `philox` for how near it comes.

    On CUDA half precision is float32, rounded. `threads` are those that the GPU runs at a time: multiprocessors times
    the threads of each. A tensor of more elements depends on it; 0 stands for more threads than elements. `offset` is
    the generator's.
    Raises ElementError where `threads` are fewer than one block.
    """

    def __init__(self, seed: int, threads: int = 0, offset: int = 0) -> None:
        if threads and threads < BLOCK:
            raise ElementError(
                [f"a GPU runs at least {BLOCK} threads at a time, not {threads}"],
                element="platform.noise_threads",
                hint="multiply the GPU's multiprocessors by the threads of each, or leave it 0",
            )
        self.seed = seed % _SEEDS
        self.threads = threads
        self.offset = offset

    def normal(self, shape: Sequence[int], dtype: Any = None) -> Any:
        _check_single(dtype)
        launch = KernelLaunch(prod(shape), self.threads)
        numbers = cuda_normals(self.seed, self.offset, prod(shape), launch)
        self.offset += launch.advance
        return require("torch").from_numpy(numbers).reshape(tuple(shape))


class NvStream:
    """AUTOMATIC1111's RNG=NV: a thread for every element, one of its four numbers used, and one counter a call.

    Where a GPU has a thread for every element, torch's numbers on CUDA are these but for their rounding; for larger
    tensors they are others. The transform runs in float64 from curand's constants in float32, and is rounded at the
    end. Source: AUTOMATIC1111/stable-diffusion-webui, modules/rng_philox.py.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed % _SEEDS
        self.calls = 0

    def normal(self, shape: Sequence[int], dtype: Any = None) -> Any:
        _check_single(dtype)
        numpy = require("numpy")
        single, double = numpy.float32, numpy.float64
        elements = numpy.arange(prod(shape), dtype=numpy.uint64)
        zero = numpy.uint64(0)
        words = philox4x32(
            (numpy.uint64(self.calls), zero, elements, zero), (self.seed & 0xFFFFFFFF, self.seed >> 32)
        )
        self.calls += 1
        scale, turns = single(2.3283064e-10), single(2.3283064e-10 * 6.2831855)
        uniform = words[0].astype(double) * scale + scale / single(2.0)
        angle = words[1].astype(double) * turns + turns / single(2.0)
        numbers = numpy.sqrt(-2.0 * elementary.log(uniform)) * elementary.sin(angle)
        return require("torch").from_numpy(numbers.astype(single)).reshape(tuple(shape))


class NumpyStream:
    """numpy.random.RandomState(seed).randn: a Mersenne Twister and the polar method, in float64.

    Raises ElementError for seeds of more than 32 bits, which numpy doesn't take.
    """

    def __init__(self, seed: int) -> None:
        if not 0 <= seed < 2**32:
            raise ElementError([f"numpy takes seeds of 32 bits, not {seed}"], element="data.seed")
        self.state = require("numpy").random.RandomState(seed)

    def normal(self, shape: Sequence[int], dtype: Any = None) -> Any:
        torch = require("torch")
        drawn = torch.from_numpy(self.state.standard_normal(tuple(shape)))
        return drawn if dtype == torch.float64 else drawn.to(torch.float32)


class SeparateStreams:
    """A stream of its own for each picture of a batch: a shape's first number is that of the streams."""

    def __init__(self, streams: Sequence[NoiseStream]) -> None:
        self.streams = tuple(streams)

    def normal(self, shape: Sequence[int], dtype: Any = None) -> Any:
        if shape[0] != len(self.streams):
            raise ValueError(f"{len(self.streams)} streams can't fill a batch of {shape[0]}")
        return require("torch").stack([stream.normal(shape[1:], dtype) for stream in self.streams])


def stream_for(source: NoiseSource | int, seed: int, threads: int = 0) -> NoiseStream:
    """The stream of a noise source; `threads` as in `PhiloxStream`, for CUDA only.

    Raises NotHonouredError, naming platform.noise_source, where this version can't draw from the source.
    """
    if source == NoiseSource.TORCH_CPU:
        return TorchCpuStream(seed)
    if source == NoiseSource.CUDA_PHILOX:
        return PhiloxStream(seed, threads)
    if source == NoiseSource.NV:
        return NvStream(seed)
    if source == NoiseSource.NUMPY:
        return NumpyStream(seed)
    raise NotHonouredError(
        {"platform.noise_source": UNSUPPORTED.get(source, f"this version doesn't know source {source}")}
    )


def _check_single(dtype: Any) -> None:
    if dtype is not None and dtype == require("torch").float64:
        raise NotHonouredError(
            {"platform.noise_source": "CUDA's noise in float64 takes other numbers, which this version lacks"}
        )
