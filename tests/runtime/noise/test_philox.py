"""Philox against Random123's vectors, and CUDA's normal numbers against what real GPUs printed."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy
import pytest
import torch

from aigif.errors import ElementError
from aigif.runtime.noise import NvStream, PhiloxStream
from aigif.runtime.noise.philox import KernelLaunch, philox4x32
from tests.runtime.noise import published

M = 0xFFFFFFFF
# Random123, tests/kat_vectors: philox4x32 10.
KNOWN = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((M, M, M, M), (M, M), (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]
PRINTED = 5.1e-5
"""Half of the last printed digit, and a little."""


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN)
def test_the_words_are_those_of_random123(
    counter: tuple[int, ...], key: tuple[int, int], expected: tuple[int, ...]
) -> None:
    assert tuple(int(word) for word in philox4x32(counter, key)) == expected


def test_counters_are_broadcast() -> None:
    many = philox4x32((numpy.arange(3)[:, None], 5, numpy.arange(4)[None, :], 7), (1, 2))
    for row in range(3):
        for column in range(4):
            assert [int(w[row, column]) for w in many] == list(_words((row, 5, column, 7), (1, 2)))


def test_small_tensors_are_those_that_gpus_printed() -> None:
    assert_printed(PhiloxStream(0).normal((8, 8)), published.SEED_0)
    assert_printed(PhiloxStream(10).normal((3,)), published.SEED_10)


def test_large_tensors_are_those_of_the_gpu_with_that_many_threads() -> None:
    drawn = PhiloxStream(42, published.RTX_3060_THREADS).normal((1, 64, 2048))[0]
    assert_printed(_corners(drawn), published.RTX_3060)
    drawn = PhiloxStream(14, published.A4000_THREADS).normal((1000, 100)) * 5**0.5 + 5
    assert_printed(_corners(drawn), published.A4000)
    drawn = PhiloxStream(43, published.A6000_THREADS).normal((1, 3, 128, 128))
    assert_printed(drawn[0, :, 0, 0], published.A6000)


@pytest.mark.parametrize("gpu", ["H100", "A100"])
def test_a_tensor_of_many_loops_ends_as_the_gpus_does(gpu: str) -> None:
    threads = getattr(published, f"{gpu}_THREADS")
    drawn = PhiloxStream(1, threads).normal((1, published.LARGE))[0]
    assert_printed(torch.cat([drawn[:3], drawn[-3:]]), getattr(published, gpu))


def test_the_documented_numbers_of_rng_nv() -> None:
    expected = torch.tensor(published.NV_SEED_0, dtype=torch.float64)
    for stream in (NvStream(0), PhiloxStream(0)):
        # The documentation's digits are those of exact arithmetic; the code has curand's constants in float32.
        assert (stream.normal((3, 4)).double() - expected).abs().max() < 3e-7


@pytest.mark.parametrize(
    ("elements", "capacity"), [(1000, 256), (2100, 512), (257, 0), (256, 256), (4097, 1024)]
)
def test_every_element_is_its_threads_number(elements: int, capacity: int) -> None:
    seed, offset = 0x123456789ABCDEF, 12
    drawn = PhiloxStream(seed, capacity, offset).normal((elements,)).double()
    expected = [_element(seed, offset, element, elements, capacity) for element in range(elements)]
    error = (drawn - torch.tensor(expected, dtype=torch.float64)).abs().max()
    assert error < 5e-6  # float32's angle and its product are some 1e-6 off, times the largest radius


@pytest.mark.parametrize(
    ("elements", "capacity", "threads", "advance"),
    [(1, 0, 256, 4), (256, 256, 256, 4), (1024, 256, 256, 4), (1025, 256, 256, 8), (5000, 1024, 1024, 8)],
)
def test_launch_and_advance_of_the_generator(
    elements: int, capacity: int, threads: int, advance: int
) -> None:
    launch = KernelLaunch(elements, capacity)
    assert (launch.threads, launch.advance) == (threads, advance)


def test_a_stream_goes_on_where_its_generator_is() -> None:
    stream = PhiloxStream(9, 512)
    stream.normal((3, 1000))
    assert stream.offset == 8
    assert torch.equal(stream.normal((7,)), PhiloxStream(9, 512, 8).normal((7,)))


def test_only_tensors_larger_than_the_gpu_depend_on_it() -> None:
    small = [PhiloxStream(7, threads).normal((4, 32, 32)) for threads in (4096, 8192, 0)]
    assert torch.equal(small[0], small[1]) and torch.equal(small[0], small[2])
    large = [PhiloxStream(7, threads).normal((4, 64, 32)).flatten() for threads in (4096, 8192)]
    assert torch.equal(large[0][:4096], large[1][:4096])
    assert (large[0][4096:] != large[1][4096:]).float().mean() > 0.99


def test_rng_nv_is_cuda_for_one_small_tensor_and_another_for_large_ones() -> None:
    near = (NvStream(3).normal((4, 64, 64)) - PhiloxStream(3).normal((4, 64, 64))).abs().max()
    assert 0 < near < 5e-6
    nv, cuda = NvStream(3).normal((4, 64, 64)).flatten(), PhiloxStream(3, 8192).normal((16384,))
    assert (nv - cuda)[:8192].abs().max() < 5e-6
    assert (nv - cuda)[8192:].abs().mean() > 0.5


def test_the_second_draw_of_rng_nv_takes_the_next_counter() -> None:
    stream, cuda = NvStream(3), PhiloxStream(3)
    for _ in range(3):
        assert (stream.normal((5, 5)) - cuda.normal((5, 5))).abs().max() < 5e-6


def test_numbers_are_normal() -> None:
    drawn = PhiloxStream(1, 2048).normal((4, 128, 128)).double()
    assert abs(drawn.mean()) < 0.02
    assert abs(drawn.var() - 1) < 0.02
    assert abs((drawn**3).mean()) < 0.05
    assert abs((drawn**4).mean() - 3) < 0.15


def test_an_empty_tensor_takes_nothing() -> None:
    stream = PhiloxStream(1)
    assert stream.normal((0, 4)).shape == (0, 4)
    assert stream.offset == 0


def test_fewer_threads_than_a_block_are_refused() -> None:
    with pytest.raises(ElementError, match="at least 256") as caught:
        PhiloxStream(1, 255)
    assert caught.value.element == "platform.noise_threads"


def test_a_latent_of_sdxl_takes_well_under_a_tenth_of_a_second() -> None:
    stream = PhiloxStream(1)
    best = min(_seconds(stream) for _ in range(5))
    assert best < 0.1


def assert_printed(drawn: Any, expected: Any) -> None:
    assert (drawn.double() - torch.tensor(expected, dtype=torch.float64)).abs().max() < PRINTED


def _corners(matrix: Any) -> Any:
    rows = torch.cat([matrix[:3], matrix[-3:]])
    return torch.cat([rows[:, :3], rows[:, -3:]], dim=1)


def _seconds(stream: PhiloxStream) -> float:
    start = time.perf_counter()
    stream.normal((1, 4, 128, 128))
    return time.perf_counter() - start


def _element(seed: int, offset: int, element: int, elements: int, capacity: int) -> float:
    """One normal number by the definition, in float64: Salmon et al., and torch's launch rule."""
    threads = 256 * math.ceil(elements / 256)
    if capacity:
        threads = min(threads, capacity)
    loop, rest = divmod(element, 4 * threads)
    slot, thread = divmod(rest, threads)
    count = offset // 4 + loop
    words = _words((count & M, count >> 32, thread, 0), (seed & M, seed >> 32))
    first, second = words[slot // 2 * 2], words[slot // 2 * 2 + 1]
    radius = math.sqrt(-2 * math.log((first + 0.5) / 2**32))
    angle = 2 * math.pi * (second + 0.5) / 2**32
    return radius * (math.cos(angle) if slot % 2 else math.sin(angle))


def _words(counter: tuple[int, ...], key: tuple[int, int]) -> tuple[int, ...]:
    a, b, c, d = counter
    k, m = key
    for _ in range(10):
        p, q = 0xD2511F53 * a, 0xCD9E8D57 * c
        a, b, c, d = (q >> 32) ^ b ^ k, q & M, (p >> 32) ^ d ^ m, p & M
        k, m = (k + 0x9E3779B9) & M, (m + 0xBB67AE85) & M
    return a, b, c, d
