"""Meanings of matrix products: whole numbers on grids, their exact sums of products, and one rounding."""

from __future__ import annotations

import math
from typing import Any

from aigif.runtime.exact.grids import OnGrid, to_grid
from aigif.runtime.exact.table import Context, is_float, meaning
from aigif.runtime.torchlib import require

__all__ = ["contraction"]

torch: Any = require("torch")


def contraction(context: Context, a: Any, b: Any) -> Any:
    """(..., M, K) times (..., K, N) in float64: a grid for each row of `a` and each column of `b`.

    Of length 1 it is the product of float64.
    """
    if a.shape[-1] == 1:
        return a.to(torch.float64) * b.to(torch.float64)
    return context.engine(to_grid(a, context.bits, -1), to_grid(b, context.bits - 1, -2), context.bits)


@meaning("mm", "bmm", "matmul", "dot", "vdot", "mv")
def _matmul(context: Context, a: Any, b: Any, *, function: Any) -> Any:
    if not is_float(a) and not is_float(b):
        return function(a, b)
    dtype = torch.promote_types(a.dtype, b.dtype)
    left = a[None] if a.ndim == 1 else a
    right = b[:, None] if b.ndim == 1 else b
    result = contraction(context, left, right).to(dtype)
    if b.ndim == 1:
        result = result.squeeze(-1)
    return result.squeeze(-1 if b.ndim == 1 else -2) if a.ndim == 1 else result


@meaning("addmm", "baddbmm", "addmv", "addmm_", "baddbmm_")
def _addmm(
    context: Context, added: Any, a: Any, b: Any, *, beta: Any = 1, alpha: Any = 1, function: Any
) -> Any:
    right = b[:, None] if b.ndim == 1 else b
    result = contraction(context, a, right)
    if alpha != 1:
        result.mul_(float(alpha))
    if b.ndim == 1:
        result = result.squeeze(-1)
    if beta != 0:
        result.add_(added.to(torch.float64) if beta == 1 else added.to(torch.float64) * float(beta))
    return result.to(added.dtype)


@meaning("linear")
def _linear(context: Context, x: Any, weight: Any, bias: Any = None) -> Any:
    """Rows of x times rows of the weight, plus the bias in float64."""
    outputs, length = weight.shape
    kept = context.weights.get(weight, context.bits - 1)
    rows = x.reshape(-1, length)
    shift = None if bias is None else bias.to(torch.float64)
    few = rows.numel() < weight.numel()
    step = rows.shape[0] if few else max(1, 2 * context.most_elements // max(1, length, outputs))
    if (whole := kept.turned) is not None and step >= rows.shape[0]:
        wide = context.engine(to_grid(rows, context.bits, -1), whole, context.bits)
        wide = wide if shift is None else wide.add_(shift)
        return wide.to(x.dtype).reshape(*x.shape[:-1], outputs)
    result = torch.empty((rows.shape[0], outputs), dtype=x.dtype, device=x.device)
    left = to_grid(rows, context.bits, -1) if few else None
    for start, stop, (matrix,) in kept.blocks(few):
        turned = OnGrid(matrix.t(), kept.place[start:stop].t(), -2, known_norms=kept.largest_norms)
        added = None if shift is None else shift[start:stop]
        for at in range(0, rows.shape[0], max(1, step)):
            given = to_grid(rows[at : at + step], context.bits, -1) if left is None else left
            wide = context.engine(given, turned, context.bits)
            result[at : at + step, start:stop] = wide if added is None else wide.add_(added)
    return result.reshape(*x.shape[:-1], outputs)


@meaning("einsum")
def _einsum(context: Context, equation: str, operands: Any, *, path: Any = None) -> Any:
    """Of two operands: indices of both and of the result are a batch, those of both alone are contracted."""
    inputs, arrow, out = equation.replace(" ", "").partition("->")
    terms = inputs.split(",")
    if not arrow or len(terms) != 2 or len(operands) != 2:
        return NotImplemented
    a, b = operands
    first, second = (_spelled(term, x.ndim) for term, x in zip(terms, operands, strict=True))
    longest = max(first.count("."), second.count("."))
    out = out.replace("...", "." * longest)
    names = [_numbered(text, longest) for text in (first, second, out)]
    sizes = [dict(zip(name, x.shape, strict=True)) for name, x in zip(names, operands, strict=False)]
    shared = set(names[0]) & set(names[1])
    alone = (set(names[0]) ^ set(names[1])) - set(names[2])
    repeated = any(len(set(name)) != len(name) for name in names)
    if alone or repeated or any(sizes[0][k] != sizes[1][k] for k in shared):
        return NotImplemented
    batch = [k for k in names[0] if k in shared and k in names[2]]
    summed = [k for k in names[0] if k in shared and k not in names[2]]
    own, other = ([k for k in name if k not in shared] for name in names[:2])
    size = sizes[0] | sizes[1]
    lead, length = [size[k] for k in batch], math.prod(size[k] for k in summed)
    rows = a.permute([names[0].index(k) for k in batch + own + summed])
    columns = b.permute([names[1].index(k) for k in batch + summed + other])
    made = contraction(
        context,
        rows.reshape(*lead, math.prod(size[k] for k in own), length),
        columns.reshape(*lead, length, math.prod(size[k] for k in other)),
    )
    order = batch + own + other
    made = made.to(torch.promote_types(a.dtype, b.dtype)).reshape([size[k] for k in order])
    return made.permute([order.index(k) for k in names[2]])


def _spelled(term: str, dimensions: int) -> str:
    """A term with a dot for each dimension that its ellipsis stands for."""
    return term.replace("...", "." * (dimensions - len(term.replace("...", ""))))


def _numbered(term: str, longest: int) -> list[str]:
    """The indices of a term; the dots are numbered from the last, as they are broadcast."""
    at = longest - term.count(".")
    names = []
    for letter in term:
        names.append(f".{at}" if letter == "." else letter)
        at += letter == "."
    return names
