"""The streams of torch's CPU generator and numpy, the sources that can't be drawn from, and threads of GPUs."""

from __future__ import annotations

import subprocess
import sys

import numpy
import pytest
import torch

from aigif._gen.enums import NoiseSource
from aigif._gen.tables import gpu as gpu_table
from aigif._gen.types import Aigif, Platform
from aigif.errors import ElementError
from aigif.runtime.honour import NotHonouredError
from aigif.runtime.noise import (
    NumpyStream,
    PhiloxStream,
    SeparateStreams,
    TorchCpuStream,
    noise_threads,
    noise_warning,
    stream_for,
    unsupported_noise,
)

RTX_3060 = gpu_table.TABLE.code_of("nvidia-geforce-rtx-3060")


def test_torch_cpu_is_torch_randn() -> None:
    stream, generator = TorchCpuStream(2**40 + 5), torch.Generator().manual_seed(2**40 + 5)
    for shape in ((1, 4, 8, 8), (3,), (2, 17)):
        assert torch.equal(stream.normal(shape), torch.randn(shape, generator=generator))


def test_torch_cpu_draws_half_precision_as_torch_does() -> None:
    for dtype in (torch.float16, torch.bfloat16):
        drawn = torch.randn((2, 37), generator=torch.Generator().manual_seed(4), dtype=dtype)
        found = TorchCpuStream(4).normal((2, 37), dtype)
        assert found.dtype == torch.float32
        assert torch.equal(found.to(dtype), drawn)


def test_torch_cpu_draws_other_numbers_in_float64() -> None:
    drawn = torch.randn((2, 32), generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    assert torch.equal(TorchCpuStream(4).normal((2, 32), torch.float64), drawn)


def test_negative_seeds_count_downwards() -> None:
    drawn = torch.randn(20, generator=torch.Generator().manual_seed(-5))
    assert torch.equal(TorchCpuStream(-5).normal((20,)), drawn)
    assert torch.equal(PhiloxStream(-5).normal((20,)), PhiloxStream(2**64 - 5).normal((20,)))


def test_numpy_is_random_state() -> None:
    expected = numpy.random.RandomState(3).randn(2, 5)
    assert numpy.array_equal(NumpyStream(3).normal((2, 5)).numpy(), expected.astype(numpy.float32))
    with pytest.raises(ElementError, match="32 bits"):
        NumpyStream(2**32)


def test_separate_streams_fill_a_batch() -> None:
    streams = SeparateStreams([TorchCpuStream(1), TorchCpuStream(2)])
    drawn = streams.normal((2, 4, 4))
    assert torch.equal(drawn[1], TorchCpuStream(2).normal((4, 4)))
    with pytest.raises(ValueError, match="batch of 3"):
        streams.normal((3, 4, 4))


@pytest.mark.parametrize("source", [*NoiseSource, 200])
def test_a_source_is_drawn_from_or_named(source: int) -> None:
    reason = unsupported_noise(Platform(noise_source=source))
    if reason is None:
        assert stream_for(source, 1).normal((2, 3)).dtype == torch.float32
        return
    with pytest.raises(NotHonouredError) as caught:
        stream_for(source, 1)
    assert caught.value.problems == {"platform.noise_source": reason}


def test_sources_that_are_supported() -> None:
    supported = {source for source in NoiseSource if unsupported_noise(Platform(noise_source=source)) is None}
    assert supported == {
        NoiseSource.TORCH_CPU,
        NoiseSource.CUDA_PHILOX,
        NoiseSource.NV,
        NoiseSource.NUMPY,
    }


def test_cuda_in_float64_is_refused() -> None:
    with pytest.raises(NotHonouredError, match="float64"):
        stream_for(NoiseSource.CUDA_PHILOX, 1).normal((2,), torch.float64)


def test_threads_are_recorded_or_the_gpus() -> None:
    assert noise_threads(Platform(noise_threads=1536, gpu=RTX_3060 or 0)) == 1536
    assert noise_threads(Platform(gpu=RTX_3060 or 0)) == 28 * 1536
    assert noise_threads(Platform()) == 0


def test_a_warning_where_the_gpu_matters_and_is_not_known() -> None:
    unknown = Aigif(platform=Platform(noise_source=NoiseSource.CUDA_PHILOX))
    assert "65536 numbers" in str(noise_warning(unknown, 65536))
    assert noise_warning(unknown, 4096) is None
    assert noise_warning(Aigif(), 65536) is None
    known = Aigif(platform=Platform(noise_source=NoiseSource.CUDA_PHILOX, gpu=RTX_3060 or 0))
    assert noise_warning(known, 65536) is None


def test_importing_the_package_loads_neither_torch_nor_numpy() -> None:
    code = (
        "import sys, aigif.runtime.noise; sys.exit(bool({'torch', 'numpy', 'diffusers'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
