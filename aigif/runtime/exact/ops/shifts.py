"""Convolutions of step 1 in float64: one matrix product for each row of the kernel.

The padded pictures of a batch lie side by side, row by row, with as many copies, each a place further, as the kernel
is wide. What a row of the kernel meets is then one stretch of memory for all places of the output, and the products
add up in place. Only with three dimensions are there places between that hang over an edge, which are cut off.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from math import prod
from typing import Any

from aigif.runtime.exact.engines import pieces_needed
from aigif.runtime.exact.grids import PLACE_OF_ONE, grid_place, piece_ends, unit_of
from aigif.runtime.exact.table import Context
from aigif.runtime.exact.totals import safe_length, summed
from aigif.runtime.exact.weights import Weight
from aigif.runtime.torchlib import require

__all__ = ["shifted_sums"]

torch: Any = require("torch")

_FEWEST_COLUMNS = 384
"""Of a block: matrix products of fewer are slow."""


def shifted_sums(
    context: Context,
    x: Any,
    kept: Weight,
    gaps: Sequence[int],
    edges: Sequence[tuple[int, int]],
    shift: Any,
    result: Any,
) -> None:
    """Put the convolution of `x` (pictures, channels, rows, ...) into `result` (pictures, outputs, rows, ...).

    `gaps` and `edges` are the dilation and the padding of each dimension; `shift` is the bias in float64, or None.
    """
    place = grid_place(x.reshape(x.shape[0], -1), context.bits, (1,))
    outputs = result.shape[1]
    between = [n + low + high for n, (low, high) in zip(x.shape[3:-1], edges[1:-1], strict=True)]
    row = prod(between) * result.shape[-1]  # with the padding of what lies between the first and the last dimension
    columns = max(_FEWEST_COLUMNS, 2 * context.most_elements // max(1, kept.channels * kept.width, outputs))
    blocks = list(_blocks(x.shape[0], result.shape[2], columns // max(1, row)))
    weights = None if len(blocks) == 1 else list(kept.blocks(few=False))
    for pictures, rows in blocks:
        block = _Block(x[pictures], place[pictures], kept, gaps, edges, rows, result.shape[2:])
        count = block.pieces(context.bits)
        for start, stop, matrices in weights or kept.blocks(few=True):
            total = block.products(matrices, kept.place[start:stop], count)
            if shift is not None:
                total.add_(shift[start:stop].reshape(-1, *[1] * (total.ndim - 1)))
            result[pictures, start:stop, rows] = total.permute(2, 0, 1, *range(3, total.ndim))


def _blocks(pictures: int, rows: int, most: int) -> Iterator[tuple[slice, slice]]:
    """Pictures and rows of the output that are made at a time, about `most` rows in all."""
    together = most // rows
    if together > 1:
        for at in range(0, pictures, together):
            yield slice(at, min(at + together, pictures)), slice(0, rows)
        return
    step = max(1, most)
    for picture in range(pictures):
        for at in range(0, rows, step):
            yield slice(picture, picture + 1), slice(at, min(at + step, rows))


class _Block:
    """Some pictures' rows on their grids, float64, for the rows of the output that they give."""

    def __init__(
        self,
        x: Any,
        place: Any,
        kept: Weight,
        gaps: Sequence[int],
        edges: Sequence[tuple[int, int]],
        rows: slice,
        made: Sequence[int],
    ) -> None:
        self.kept = kept
        self.gaps = gaps
        self.made = (rows.stop - rows.start, x.shape[0], *made[1:])
        self.place = place.reshape(-1, *[1] * (len(made) - 1))
        self.padded = self._padded(x, edges, rows, gaps[0] * (kept.kernel[0] - 1))
        sizes = (*self.padded.shape[1:-1], made[-1])
        self.strides = [prod(sizes[at + 1 :]) for at in range(len(sizes))]
        steps = [self.strides[0], *self.strides[2:]]
        self.shifts = [
            sum(n * gap * step for n, gap, step in zip(places, gaps, steps, strict=False))
            for places in itertools.product(*(range(size) for size in kept.kernel[:-1]))
        ]
        self.length = prod(sizes) - self.shifts[-1]

    def _padded(self, x: Any, edges: Sequence[tuple[int, int]], rows: slice, hanging: int) -> Any:
        """Channels, rows, pictures, and the rest of space, with its padding."""
        first, last = rows.start - edges[0][0], rows.stop + hanging - edges[0][0]
        taken = x[:, :, max(0, first) : min(last, x.shape[2])].permute(1, 2, 0, *range(3, x.ndim))
        sizes = [n + low + high for n, (low, high) in zip(x.shape[3:], edges[1:], strict=True)]
        if [*taken.shape[1:2], *taken.shape[3:]] == [last - first, *sizes]:
            padded = taken.to(torch.float64, memory_format=torch.contiguous_format)
        else:
            padded = x.new_zeros((x.shape[1], last - first, x.shape[0], *sizes), dtype=torch.float64)
            starts = [0, max(0, -first), 0, *(low for low, _ in edges[1:])]
            padded[tuple(slice(at, at + n) for at, n in zip(starts, taken.shape, strict=True))] = taken
        return padded.add_(self.place).sub_(self.place)

    def pieces(self, bits: int) -> int:
        """Into how many pieces the channels are cut, so that every partial sum stays below 2**53 units."""
        safe = safe_length(bits) // prod(self.kept.kernel)
        return pieces_needed(self.kept.channels, safe, self.largest_norms, self.kept.largest_norms)

    def largest_norms(self, count: int) -> list[float]:
        """The largest norm, in units, of the numbers under the kernel, for each of `count` pieces of the channels."""
        found = []
        for start, stop in piece_ends(self.kept.channels, count):
            part = self.padded[start:stop].div(self.place)
            squares = part.mul_(part).sum(0)
            under = sum(squares.narrow(-1, at, self.made[-1]) for at in self._widths()).reshape(-1)
            under = sum(under.narrow(0, at, self.length) for at in self.shifts)
            found.append(math.sqrt(float(under.amax())) * PLACE_OF_ONE)
        return found

    def _widths(self) -> list[int]:
        """Where each place of the kernel's last dimension begins."""
        return [at * self.gaps[-1] for at in range(self.kept.width)]

    def products(self, matrices: Sequence[Any], place: Any, count: int) -> Any:
        """The exact sums for some outputs, float64: outputs, rows, pictures, and the rest of space."""
        copies = [self.padded.narrow(-1, at, self.made[-1]) for at in self._widths()]
        columns = (copies[0] if len(copies) == 1 else torch.stack(copies, 1)).reshape(
            self.kept.channels * self.kept.width, -1
        )
        ends = piece_ends(self.kept.channels, count)

        def product(at: int, into: Any) -> Any:
            these = slice(*(channel * self.kept.width for channel in ends[at]))
            for matrix, shift in zip(matrices, self.shifts, strict=True):
                right = columns[these].narrow(1, shift, self.length)
                into = matrix[:, these] @ right if into is None else into.addmm_(matrix[:, these], right)
            return into

        total = summed(len(ends), lambda: unit_of(place) * self._units(), product)
        return total.as_strided((total.shape[0], *self.made), (self.length, *self.strides))

    def _units(self) -> Any:
        """The unit of each column."""
        units = unit_of(self.place.reshape(-1)).repeat_interleave(self.strides[1])
        return units.repeat(self.padded.shape[1])[: self.length]
