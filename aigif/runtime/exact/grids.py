"""Grids: numbers rounded to whole multiples of a power of two, whose sums and products are exact in any order.

docs/exact-arithmetic.md, sections 3 and 4. Tensors are torch's.
"""

from __future__ import annotations

from math import prod
from typing import Any

from aigif.runtime.torchlib import require

__all__ = [
    "LARGEST_COUNT",
    "exact_mean",
    "exact_sum",
    "exponent",
    "largest",
    "power_of_two",
    "scalar",
    "sum_bits",
    "to_grid",
]

torch: Any = require("torch")

LOWEST, HIGHEST = -100, 128
"""Bounds of a contraction's exponent, so that every unit and its reciprocal is a normal float32."""
SUM_LOWEST, SUM_HIGHEST = -900, 1000
LARGEST_COUNT = 2**29
"""A sum has at most this many addends: 24 bits are then left for each."""


def exponent(x: Any) -> Any:
    """The e with 2**(e - 1) <= x < 2**e of a non-negative tensor, read from its bits; int64.

    Zero and subnormal numbers have the lowest exponent of their format.
    """
    if x.dtype == torch.float32:
        return ((x.view(torch.int32) >> 23) & 0xFF).to(torch.int64) - 126
    return ((x.view(torch.int64) >> 52) & 0x7FF) - 1022


def power_of_two(k: Any) -> Any:
    """2**k as float64 for an int64 tensor of -1022 to 1023, made from its bits."""
    return ((k + 1023) << 52).view(torch.float64)


def scalar(value: float, like: Any, dtype: Any = None) -> Any:
    """`value` as a tensor of one element on the device of `like`; no kernel then sees a constant.

    torch's CUDA kernels multiply by the reciprocal of a constant divisor.
    """
    return torch.full((1,), value, dtype=dtype or like.dtype, device=like.device)


def largest(x: Any, dims: Any = None) -> Any:
    """The largest magnitude over `dims` (all: None), which are kept with length 1."""
    if dims is None:
        dims = tuple(range(x.ndim))
    return torch.maximum(x.amax(dims, keepdim=True), x.amin(dims, keepdim=True).neg_())


def to_grid(x: Any, bits: int, dims: Any) -> tuple[Any, Any]:
    """Whole numbers q, as float32, of magnitude at most 2**(bits - 1), and their unit u, as float64: x is about q u.

    There is one grid for each index outside `dims`, from the largest magnitude over them. Halves go to the even
    neighbour. `x` is float32 or is rounded to it.
    """
    x = x.to(torch.float32)
    if x.numel() == 0:
        shape = [1 if at in {d % x.ndim for d in dims} else n for at, n in enumerate(x.shape)]
        return x, torch.ones(shape, dtype=torch.float64, device=x.device)
    e = exponent(largest(x, dims)).clamp_(LOWEST, HIGHEST)
    inverse = power_of_two(bits - 1 - e).to(torch.float32)
    return x.mul(inverse).round_(), power_of_two(e - (bits - 1))


def sum_bits(count: int) -> int:
    """Bits of the addends of a sum, with their sign: every partial sum is then below 2**53."""
    if count > LARGEST_COUNT:
        raise OverflowError(f"a sum of {count} addends")
    return 53 - max(0, (count - 1).bit_length())


def exact_sum(x: Any, dims: Any = None, keepdim: bool = False) -> Any:
    """The sum over `dims` of a float64 tensor, in any order: addends are rounded to a grid first."""
    if x.ndim == 0:
        return x.clone()
    dims = _dims(x, dims)
    count = prod(x.shape[d] for d in dims)
    if count == 0 or x.numel() == 0:
        return x.sum(dims, keepdim=keepdim)
    if count == 1:
        return x.clone() if keepdim else x.squeeze(dims)
    bits = sum_bits(count)
    e = exponent(largest(x, dims)).clamp_(SUM_LOWEST, SUM_HIGHEST)
    whole = x.mul(power_of_two(bits - 1 - e)).round_().sum(dims, keepdim=True)
    total = whole.mul_(power_of_two(e - (bits - 1)))
    return total if keepdim else total.squeeze(dims)


def exact_mean(x: Any, dims: Any = None, keepdim: bool = False) -> Any:
    """`exact_sum` divided by the number of addends."""
    count = prod(x.shape[d] for d in _dims(x, dims)) if x.ndim else 1
    total = exact_sum(x, dims, keepdim)
    divided = total.reshape(-1).div_(scalar(float(count), total))
    return divided.reshape(total.shape)


def _dims(x: Any, dims: Any) -> tuple[int, ...]:
    if dims is None or (not isinstance(dims, int) and len(dims) == 0):
        return tuple(range(x.ndim))
    given = (dims,) if isinstance(dims, int) else tuple(dims)
    return tuple(d % x.ndim for d in given)
