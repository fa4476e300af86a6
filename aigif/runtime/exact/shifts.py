"""Convolutions of step 1 in float64 without columns: one matrix product for each place of the kernel.

The rows of the padded picture lie behind each other, so that the numbers under one place of the kernel, for all
places of the output, are one stretch of memory; the products add up in place. Between the rows of the output there
are places that hang over the edge, which are cut off at the end.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from math import prod
from typing import Any

from aigif.runtime.exact.table import Context
from aigif.runtime.exact.weights import Weight
from aigif.runtime.torchlib import require

__all__ = ["shifted_sums"]

torch: Any = require("torch")


def shifted_sums(
    context: Context,
    padded: Any,
    kept: Weight,
    kernel: Sequence[int],
    gaps: Sequence[int],
    made: Sequence[int],
    shift: Any,
    result: Any,
) -> None:
    """Put the convolution of `padded` (channels, space ...), on its grid, into `result` (outputs, `made` ...).

    `shift` is the bias in float64, one number for each output, or None.
    Every partial sum has to be below 2**53 units, as the caller has made sure.
    """
    channels, inside = padded.shape[0], padded.shape[1:]
    outputs = result.shape[0]
    taps = kept.wide(
        "taps", lambda wide: wide.reshape(outputs, channels, prod(kernel)).permute(2, 0, 1).contiguous()
    )
    strides = [prod(inside[at + 1 :]) for at in range(len(inside))]
    shifts = [
        sum(place * gap * stride for place, gap, stride in zip(places, gaps, strides, strict=True))
        for places in itertools.product(*(range(size) for size in kernel))
    ]
    added = None if shift is None else shift.reshape(-1, *[1] * len(made))
    rows = max(1, 2 * context.most_elements // max(1, strides[0] * max(channels, outputs)))
    cut = tuple(slice(0, n) for n in made[1:])
    for at in range(0, made[0], rows):
        count = min(rows, made[0] - at)
        last = min(inside[0], at + count + gaps[0] * (kernel[0] - 1))
        # One row of zeros more, so that the places that hang over have something to read.
        part = padded.new_zeros((channels, (last - at + 1) * strides[0]), dtype=torch.float64)
        part[:, : (last - at) * strides[0]] = padded[:, at:last].reshape(channels, -1)
        length = count * strides[0]
        total = torch.matmul(taps[0], part[:, shifts[0] : shifts[0] + length])
        for tap, offset in zip(taps[1:], shifts[1:], strict=True):
            total.addmm_(tap, part[:, offset : offset + length])
        whole = total.reshape(outputs, count, *inside[1:])[(slice(None), slice(None), *cut)]
        result[:, at : at + count] = whole if added is None else whole.add_(added)
