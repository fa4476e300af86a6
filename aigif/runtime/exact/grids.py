"""Grids: numbers rounded to whole multiples of a power of two, whose sums and products are exact in any order.

docs/exact-arithmetic.md, sections 3 and 4. Tensors are torch's.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod
from typing import Any

from aigif.runtime.torchlib import require

__all__ = [
    "LARGEST_COUNT",
    "PLACE_OF_ONE",
    "OnGrid",
    "exact_mean",
    "exact_sum",
    "grid_place",
    "largest",
    "piece_ends",
    "row_sums",
    "scalar",
    "sum_bits",
    "to_grid",
    "unit_of",
]

torch: Any = require("torch")

PLACE_OF_ONE = 1.5 * 2.0**52
"""The `place` of a grid with the unit 1: next to it float64 has whole numbers only."""
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
    if x.numel() < 1 << 16:
        return x.abs().amax(dims, keepdim=True)
    # torch.aminmax and infinity norms are twenty times slower along a dimension.
    return torch.maximum(x.amax(dims, keepdim=True), x.amin(dims, keepdim=True).neg_())


@dataclass(slots=True)
class OnGrid:
    """Numbers that are whole multiples of units, which are constant along a contracted dimension.

    `place` is `PLACE_OF_ONE` units, float64: next to it float64 has whole units only. Its shape is that of the
    numbers with 1 for the contracted dimension `along`, -1 (rows of a left operand) or -2 (columns of a right one).
    """

    numbers: Any
    place: Any
    along: int = -1
    pieces: int = 1
    """Into how many pieces it was last cut."""
    known_norms: Callable[[int], list[float]] | None = None
    """What takes the place of `largest_norms`."""
    _norms: dict[int, list[float]] = field(default_factory=dict)
    _halves: Any = None

    @property
    def unit(self) -> Any:
        """The powers of two, float64."""
        return unit_of(self.place)

    def piece(self, start: int, stop: int) -> Any:
        """The numbers from start to stop along the contracted dimension."""
        return self.numbers[..., start:stop] if self.along == -1 else self.numbers[..., start:stop, :]

    def halves(self, low: int) -> Any:
        """The numbers' multiples of 2**low units, and beside them in the last dimension the rest."""
        if self._halves is None:
            far = self.place * 2.0**low
            upper = (self.numbers + far).sub_(far)
            self._halves = torch.cat([upper, self.numbers - upper], -1)
        return self._halves

    def largest_norms(self, count: int) -> list[float]:
        """The largest norm, in units, of a row's (or column's) numbers in each of `count` pieces."""
        if self.known_norms is not None:
            return self.known_norms(count)
        found = self._norms.get(count)
        if found is None:
            inverse = scalar(PLACE_OF_ONE, self.place).div(self.place)
            length = int(self.numbers.shape[self.along])
            if length % count == 0:
                parts = [self.numbers.unflatten(self.along, (count, length // count))]
                norms = torch.linalg.vector_norm(parts[0], dim=self.along).mul_(inverse)
                found = norms.movedim(self.along, 0).reshape(count, -1).amax(1).tolist()
            else:
                parts = [self.piece(*ends) for ends in piece_ends(length, count)]
                norms = [torch.linalg.vector_norm(each, dim=self.along, keepdim=True).mul_(inverse) for each in parts]
                found = [float(each.amax()) for each in norms]
            self._norms[count] = found
        return found


def unit_of(place: Any) -> Any:
    """The unit that a `place` belongs to."""
    return place.div(scalar(3.0, place)).mul_(2.0**-51)


def piece_ends(length: int, count: int) -> list[tuple[int, int]]:
    """Start and stop of up to `count` pieces of a dimension, of equal length but for the last."""
    step = -(-length // count)
    return [(at, min(at + step, length)) for at in range(0, length, step)]


def to_grid(x: Any, bits: int, along: int) -> OnGrid:
    """`x` on grids of `bits` along a dimension, float64; halves go to the even multiple.

    The unit is 2**(e - bits) for the e with 2**(e - 1) <= m < 2**e, where m is the largest magnitude, at least
    2**-101. `x` is float32 or is rounded to it.
    """
    place = grid_place(x, bits, (along,))
    given = x if x.dtype == torch.float32 else x.to(torch.float32)
    return OnGrid(given.to(torch.float64).add_(place).sub_(place), place, along)


def grid_place(x: Any, bits: int, dims: Any) -> Any:
    """1.5 * 2**52 units of the grids over `dims`, which are kept with length 1; float64."""
    if x.numel() == 0:
        return x.new_ones([1] * x.ndim, dtype=torch.float64)
    top = largest(x, dims)
    if top.dtype != torch.float32:
        top = top.to(torch.float32)
    top.clamp_(min=2.0**-101)
    below = (top.view(torch.int32) & 0x7F800000).view(torch.float32)
    return below.to(torch.float64).mul_(1.5 * 2.0 ** (53 - bits))


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
    place = _sum_place(largest(x, dims) if top is None else top, count)
    return x.add(place).sub_(place).sum(dims, keepdim=keepdim)


def row_sums(x: Any, top: Any) -> Any:
    """`exact_sum` of a matrix along its rows, (rows, 1), with the largest magnitudes of the rows, which are lost."""
    place = _sum_place(top, int(x.shape[1]))
    return x.add(place).sub_(place).sum(1, keepdim=True)


def _sum_place(top: Any, count: int) -> Any:
    """1.5 * 2**52 units of the grid on which `count` addends up to `top` are summed."""
    below = (top.clamp(2.0**-901, 2.0**901).view(torch.int64) & 0x7FF0000000000000).view(torch.float64)
    return below.mul_(1.5 * 2.0 ** (54 - sum_bits(count)))


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
