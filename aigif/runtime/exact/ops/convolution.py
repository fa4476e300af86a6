"""Meanings of convolutions: a grid for each picture and each output channel, exact sums, and one rounding.

A piece of the output's places is made at a time, so that the columns of a large picture are never all there.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from aigif.runtime.exact.engines import float64_engine
from aigif.runtime.exact.errors import UnsupportedOperation
from aigif.runtime.exact.grids import OnGrid, grid_place
from aigif.runtime.exact.ops.shifts import shifted_sums
from aigif.runtime.exact.table import Context, meaning
from aigif.runtime.exact.totals import safe_length
from aigif.runtime.exact.weights import Weight
from aigif.runtime.torchlib import require

__all__: list[str] = []

torch: Any = require("torch")


@meaning("conv1d", "conv2d", "conv3d")
def _conv(
    context: Context,
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    space = weight.ndim - 2
    steps, gaps = _each(stride, space), _each(dilation, space)
    if padding == "valid":
        padding = 0
    if padding == "same":
        total = [gap * (size - 1) for gap, size in zip(gaps, weight.shape[2:], strict=True)]
        edges = [(each // 2, each - each // 2) for each in total]
    else:
        edges = [(each, each) for each in _each(padding, space)]
    if x.ndim == space + 1:
        return _convolved(context, x[None], weight, bias, steps, edges, gaps, groups)[0]
    return _convolved(context, x, weight, bias, steps, edges, gaps, groups)


@meaning("convolution", "_convolution")
def _convolution(
    context: Context,
    x: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    transposed: bool,
    output_padding: Any,
    groups: int,
    *_: Any,
) -> Any:
    if transposed:
        return _transposed(context, x, weight, bias, stride, padding, output_padding, groups, dilation)
    return _conv(context, x, weight, bias, stride, padding, dilation, groups)


@meaning("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
def _transposed(
    context: Context,
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """The convolution of the input, spread with zeros, with the turned weight."""
    space = weight.ndim - 2
    steps, gaps = _each(stride, space), _each(dilation, space)
    spread = x.new_zeros(*x.shape[:2], *((n - 1) * s + 1 for n, s in zip(x.shape[2:], steps, strict=True)))
    spread[(..., *(slice(None, None, s) for s in steps))] = x
    turned = weight.flip(tuple(range(2, weight.ndim)))
    turned = turned.reshape(groups, -1, *weight.shape[1:]).transpose(1, 2)
    turned = turned.reshape(-1, weight.shape[0] // groups, *weight.shape[2:])
    edges = []
    for size, edge, gap, more in zip(
        weight.shape[2:], _each(padding, space), gaps, _each(output_padding, space), strict=True
    ):
        around = gap * (size - 1) - edge
        if around < 0:
            raise UnsupportedOperation("aten::conv_transpose", "padding beyond the kernel")
        edges.append((around, around + more))
    return _convolved(context, spread, turned, bias, (1,) * space, edges, gaps, groups)


def _convolved(
    context: Context,
    x: Any,
    weight: Any,
    bias: Any,
    steps: Sequence[int],
    edges: Sequence[tuple[int, int]],
    gaps: Sequence[int],
    groups: int,
) -> Any:
    result_type, x = x.dtype, x.to(torch.float32)
    kernel = weight.shape[2:]
    kept = context.weights.get(weight, context.bits - 1)
    made = [
        (n + low + high - gap * (size - 1) - 1) // step + 1
        for n, (low, high), gap, size, step in zip(x.shape[2:], edges, gaps, kernel, steps, strict=True)
    ]
    result = torch.empty((x.shape[0], weight.shape[0], *made), dtype=result_type, device=x.device)
    shift = None if bias is None else bias.to(torch.float64)
    if groups == 1 and prod(kernel) == 1 and set(steps) == {1} and edges == [(0, 0)] * len(kernel):
        return _pointwise(context, x, kept, shift, result)
    small = prod(kernel) <= safe_length(context.bits) and len(kernel) > 1
    if groups == 1 and set(steps) == {1} and small and context.engine is float64_engine:
        shifted_sums(context, x, kept, gaps, edges, shift, result)
    else:
        _by_columns(context, x, kept, steps, edges, gaps, groups, shift, result)
    return result


def _pointwise(context: Context, x: Any, kept: Weight, shift: Any, result: Any) -> Any:
    """A kernel of one place: the weight times each picture's channels, some places at a time."""
    places = prod(x.shape[2:])
    given, flat = x.reshape(*x.shape[:2], places), result.reshape(*result.shape[:2], places)
    place = grid_place(x.reshape(x.shape[0], -1), context.bits, (1,))[:, :, None]
    step = max(384, 2 * context.most_elements // max(1, kept.channels, result.shape[1]))
    few = step >= places
    for start, stop, (matrix,) in kept.blocks(few):
        left = OnGrid(matrix, kept.place[start:stop], known_norms=kept.largest_norms)
        for at in range(0, places, step):
            numbers = given[:, :, at : at + step].to(torch.float64).add_(place).sub_(place)
            wide = context.engine(left, OnGrid(numbers, place, -2), context.bits)
            if shift is not None:
                wide.add_(shift[start:stop, None])
            flat[:, start:stop, at : at + step] = wide
    return result


def _by_columns(
    context: Context,
    x: Any,
    kept: Weight,
    steps: Sequence[int],
    edges: Sequence[tuple[int, int]],
    gaps: Sequence[int],
    groups: int,
    shift: Any,
    result: Any,
) -> None:
    """Some rows of a picture at a time: the numbers under the kernel at each place are the columns of a matrix."""
    outputs, made = result.shape[1], result.shape[2:]
    each, length = outputs // groups, kept.channels * prod(kept.kernel)
    matrices = kept.numbers.to(torch.float64).reshape(-1, groups, each, kept.channels, kept.width)
    left = OnGrid(
        matrices.permute(1, 2, 3, 0, 4).reshape(groups, each, length), kept.place.reshape(groups, each, 1)
    )
    rows = max(1, 4 * context.most_elements // max(1, prod(made[1:]) * max(length * groups, outputs)))
    place = grid_place(x.reshape(x.shape[0], -1), context.bits, (1,))
    around = [n for edge in reversed(edges) for n in edge]
    for picture in range(x.shape[0]):
        padded = torch.nn.functional.pad(x[picture].to(torch.float64), around)
        padded = padded.add(place[picture]).sub_(place[picture])
        for at in range(0, made[0], rows):
            count = min(rows, made[0] - at)
            columns = _columns(padded, kept.kernel, steps, gaps, (count, *made[1:]), at * steps[0])
            right = OnGrid(columns.reshape(groups, length, -1), place[picture].reshape(1, 1, 1), -2)
            wide = context.engine(left, right, context.bits).reshape(outputs, -1)
            if shift is not None:
                wide.add_(shift[:, None])
            result[picture, :, at : at + count] = wide.reshape(outputs, count, *made[1:])


def _columns(
    padded: Any,
    kernel: Sequence[int],
    steps: Sequence[int],
    gaps: Sequence[int],
    made: Sequence[int],
    start: int,
) -> Any:
    """A view of the numbers under the kernel at each place: channels, kernel, places."""
    padded = padded.contiguous()
    strides = padded.stride()
    return padded.as_strided(
        (padded.shape[0], *kernel, *made),
        (
            strides[0],
            *(stride * gap for stride, gap in zip(strides[1:], gaps, strict=True)),
            *(stride * step for stride, step in zip(strides[1:], steps, strict=True)),
        ),
        padded.storage_offset() + start * strides[1],
    )


def _each(value: Any, count: int) -> tuple[int, ...]:
    given = (value,) if isinstance(value, int) else tuple(value)
    return given * count if len(given) == 1 else given
