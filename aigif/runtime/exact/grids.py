"""Grids: numbers rounded to whole multiples of a power of two, whose sums and products are exact in any order.

docs/exact-arithmetic.md, sections 3 and 4. Tensors are torch's.
"""

from __future__ import annotations

import functools
from math import prod
from typing import Any

from aigif.runtime.torchlib import require

__all__ = [
    "LARGEST_COUNT",
    "exact_mean",
    "exact_sum",
    "largest",
    "reciprocal_of",
    "scalar",
    "sum_bits",
    "to_grid",
    "units",
]

torch: Any = require("torch")

LARGEST_COUNT = 2**29
"""A sum has at most this many addends: 24 bits are then left for each."""


@functools.lru_cache(maxsize=256)
def _one_element(value: float, dtype: Any, device: Any) -> Any:
    return torch.full((1,), value, dtype=dtype, device=device)


def scalar(value: float, like: Any) -> Any:
    """`value` as a tensor of one element, of the type and on the device of `like`; it is not to be changed.

    No kernel then sees a constant: torch's CUDA kernels multiply by the reciprocal of a constant divisor.
    """
    return _one_element(value, like.dtype, like.device)


def largest(x: Any, dims: Any = None) -> Any:
    """The largest magnitude over `dims` (all: None), which are kept with length 1."""
    if dims is None:
        dims = tuple(range(x.ndim))
    return torch.maximum(x.amax(dims, keepdim=True), x.amin(dims, keepdim=True).neg_())


def to_grid(x: Any, bits: int, dims: Any) -> tuple[Any, Any]:
    """`x` rounded to whole multiples of a unit, float32, and the units, float32: a power of two for each index
    outside `dims`, of which the largest magnitude over them is less than 2**(bits - 1). Halves go to the even one.

    `x` is float32 or is rounded to it. Every number of the result is a whole number times its unit, exactly.
    """
    x = x.to(torch.float32)
    if x.numel() == 0:
        return x, x.new_ones([1] * x.ndim)
    unit = units(x, bits, dims)
    return x.mul(reciprocal_of(unit)).round_().mul_(unit), unit


def units(x: Any, bits: int, dims: Any) -> Any:
    """The units of `to_grid`: 2**(e - bits + 1) for the e with 2**(e - 1) <= m < 2**e, m the largest magnitude.

    A largest magnitude below 2**-101 is taken as that.
    """
    if len(dims) == 1:
        low, high = torch.aminmax(x, dim=dims[0], keepdim=True)
        top = torch.maximum(high, low.neg_()).clamp_(min=2.0**-101)
    else:
        top = largest(x, dims).clamp_(min=2.0**-101)
    return (top.view(torch.int32) & 0x7F800000).view(torch.float32).mul_(2.0 ** (2 - bits))


def reciprocal_of(unit: Any) -> Any:
    """The power of two that takes a unit to 1."""
    return torch.ones_like(unit).div_(unit)


def sum_bits(count: int) -> int:
    """Bits of the addends of a sum, with their sign: every partial sum is then below 2**53."""
    if count > LARGEST_COUNT:
        raise OverflowError(f"a sum of {count} addends")
    return 53 - max(0, (count - 1).bit_length())


def exact_sum(x: Any, dims: Any = None, keepdim: bool = False, top: Any = None) -> Any:
    """The sum over `dims` of a float64 tensor, in any order: addends are rounded to a grid first.

    `top` is the largest magnitude over `dims`, where it is known (kept with length 1).
    """
    if x.ndim == 0:
        return x.clone()
    dims = _dims(x, dims)
    count = prod(x.shape[d] for d in dims)
    if count == 0 or x.numel() == 0:
        return x.sum(dims, keepdim=keepdim)
    if count == 1:
        return x.clone() if keepdim else x.squeeze(dims)
    top = (largest(x, dims) if top is None else top).clamp(2.0**-901, 2.0**901)
    below = (top.view(torch.int64) & 0x7FF0000000000000).view(torch.float64)
    # Next to 1.5 * 2**52 units, float64 rounds to whole units.
    place = below.mul_(1.5 * 2.0 ** (54 - sum_bits(count)))
    return x.add(place).sub_(place).sum(dims, keepdim=keepdim)


def exact_mean(x: Any, dims: Any = None, keepdim: bool = False, top: Any = None) -> Any:
    """`exact_sum` divided by the number of addends."""
    count = prod(x.shape[d] for d in _dims(x, dims)) if x.ndim else 1
    total = exact_sum(x, dims, keepdim, top)
    divided = total.reshape(-1).div_(scalar(float(count), total))
    return divided.reshape(total.shape)


def _dims(x: Any, dims: Any) -> tuple[int, ...]:
    if dims is None or (not isinstance(dims, int) and len(dims) == 0):
        return tuple(range(x.ndim))
    given = (dims,) if isinstance(dims, int) else tuple(dims)
    return tuple(d % x.ndim for d in given)
