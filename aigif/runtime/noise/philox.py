"""CUDA's normal numbers on the CPU, from Philox4x32-10.

Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC'11. The integers are exact. From them to
normal numbers curand's device code goes in float32 by Box and Muller's transform (`_curand_box_muller` in
curand_normal.h): `logf`, `sqrtf`, and the fast `__sincosf`, which is a product with 1/(2 pi) rounded towards zero
(FMUL.RZ) and one look-up in the special function unit (MUFU.SIN, MUFU.COS), as disassembled kernels show.

Here every step up to that look-up is rounded as the GPU rounds it, but for `logf`, which is off by at most one unit
in the last place there and rounded correctly here. The table of the look-up is not published; a correctly rounded
sine stands for it. The CUDA programming guide bounds the error of `__sinf` between -pi and pi by 2**-21.41 and that
of `__cosf` by 2**-21.19, so a number should be within 2e-6 of the GPU's. Numbers that GPUs printed, with four
decimals, agree in every digit; the bits have not been compared with a GPU's.

numpy is imported when numbers are drawn.
"""

from __future__ import annotations

from typing import Any

from aigif.runtime.noise import elementary
from aigif.runtime.torchlib import require

__all__ = ["BLOCK", "KernelLaunch", "box_muller", "cuda_normals", "philox4x32"]

BLOCK = 256
"""Threads of a block in torch's kernels of random numbers (`block_size_bound`)."""

_LOW = 0xFFFFFFFF
_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_WEYL = (0x9E3779B9, 0xBB67AE85)
_LANES = 1 << 18
"""Counters that are computed at a time, so that memory stays small."""


def philox4x32(counter: tuple[Any, ...], key: tuple[int, int], rounds: int = 10) -> tuple[Any, Any, Any, Any]:
    """Four arrays of 32-bit words, held as uint64: Philox4x32 of four counter words (broadcast) under one key.

    Source: Salmon et al., section 3.3, and the constants of Random123's philox.h.
    """
    numpy = require("numpy")
    low, half = numpy.uint64(_LOW), numpy.uint64(32)
    first, second = (numpy.uint64(multiplier) for multiplier in _MULTIPLIERS)
    a, b, c, d = (numpy.asarray(word, dtype=numpy.uint64) for word in counter)
    left, right = key
    for _ in range(rounds):
        product, other = a * first, c * second
        a, b = (other >> half) ^ b ^ numpy.uint64(left), other & low
        c, d = (product >> half) ^ d ^ numpy.uint64(right), product & low
        left, right = (left + _WEYL[0]) & _LOW, (right + _WEYL[1]) & _LOW
    a, b, c, d = numpy.broadcast_arrays(a, b, c, d)
    return a, b, c, d


def box_muller(first: Any, second: Any, cosine: bool) -> tuple[Any, Any]:
    """curand's pair of float32 normal numbers of two arrays of words; the second is None without `cosine`."""
    numpy = require("numpy")
    single, double = numpy.float32, numpy.float64
    uniform = first.astype(single) * single(2.0**-32) + single(2.0**-33)
    scale = single(2.0**-32) * single(6.2831855)
    # nvcc makes one rounding of a product and a sum (-fmad=true): float64 holds both nearly always.
    angle = (second.astype(single).astype(double) * double(scale) + double(scale / 2)).astype(single)
    exact = angle.astype(double) * double(single(0.15915494))
    turn = exact.astype(single)
    turn = numpy.where(turn > exact, numpy.nextafter(turn, single(0.0)), turn)
    logarithm = elementary.log(uniform.astype(double)).astype(single)
    radius = numpy.sqrt(single(-2.0) * logarithm)
    radians = turn.astype(double) * double(6.283185307179586)
    sines = radius * elementary.sin(radians).astype(single)
    return sines, radius * elementary.cos(radians).astype(single) if cosine else None


class KernelLaunch:
    """How torch launches its kernel for `elements` numbers on a GPU that runs `capacity` threads at a time.

    `threads` are launched, each with its own subsequence of the generator. Each draws four normal numbers a loop;
    number i of loop r of thread t goes to element (4 r + i) threads + t. The generator's offset then advances by
    `advance`. A capacity of 0 stands for a GPU that has a thread for every element.

    Source: `calc_execution_policy` and `distribution_elementwise_grid_stride_kernel` in torch's
    aten/src/ATen/native/cuda/DistributionTemplates.h, for float32 the same from torch 1.13 to 2.13.
    """

    __slots__ = ("advance", "loops", "threads")

    def __init__(self, elements: int, capacity: int) -> None:
        blocks = -(-elements // BLOCK)
        self.threads = BLOCK * (min(blocks, capacity // BLOCK) if capacity else blocks)
        self.loops = -(-elements // (4 * self.threads)) if elements else 0
        self.advance = 4 * self.loops


def cuda_normals(seed: int, offset: int, elements: int, launch: KernelLaunch) -> Any:
    """`elements` float32 normal numbers in a flat numpy array, as torch draws them on CUDA.

    `seed` is from 0 to 2**64 - 1, `offset` the generator's (a multiple of 4).
    """
    numpy = require("numpy")
    threads, loops = launch.threads, launch.loops
    slots = 4 if loops > 1 else -(-elements // threads) if elements else 0
    out = numpy.empty((loops, slots, threads), numpy.float32)
    subsequence = numpy.arange(threads, dtype=numpy.uint64)[None, :]
    key = (seed & _LOW, seed >> 32 & _LOW)
    step = max(1, _LANES // threads) if threads else 1
    for start in range(0, loops, step):
        stop = min(start + step, loops)
        count = numpy.arange(start, stop, dtype=numpy.uint64)[:, None] + numpy.uint64(offset // 4)
        half, low = numpy.uint64(32), numpy.uint64(_LOW)
        words = philox4x32((count & low, count >> half, subsequence, numpy.uint64(0)), key)
        for pair in range(0, slots, 2):
            both = box_muller(words[pair], words[pair + 1], pair + 1 < slots)
            for slot in range(pair, min(pair + 2, slots)):
                out[start:stop, slot] = both[slot - pair]
    return out.reshape(-1)[:elements]
