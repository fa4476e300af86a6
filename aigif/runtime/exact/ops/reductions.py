"""Meanings of sums and their kin, and of what looks for a place among equals."""

from __future__ import annotations

from math import prod
from typing import Any

from aigif.runtime.exact import functions as f
from aigif.runtime.exact.errors import UnsupportedOperation
from aigif.runtime.exact.grids import exact_mean, exact_sum, scalar
from aigif.runtime.exact.ops.elementwise import degree_of
from aigif.runtime.exact.table import Context, is_float, meaning, named
from aigif.runtime.torchlib import require

__all__ = ["running", "softmax", "stable_sort"]

torch: Any = require("torch")

_LONGEST_SCAN = 1 << 16


@meaning("sum")
def _sum(context: Context, x: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    if not is_float(x) and not (dtype is not None and dtype.is_floating_point):
        return x.sum(dtype=dtype) if dim is None else x.sum(dim, keepdim, dtype=dtype)
    return exact_sum(x.to(torch.float64), dim, keepdim).to(dtype or x.dtype)


@meaning("mean")
def _mean(context: Context, x: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    return exact_mean(x.to(torch.float64), dim, keepdim).to(dtype or x.dtype)


@meaning("var", "std")
def _var(
    context: Context,
    x: Any,
    dim: Any = None,
    unbiased: bool = True,
    keepdim: bool = False,
    *,
    correction: Any = None,
    function: Any,
) -> Any:
    if isinstance(dim, bool):  # the overload of (self, unbiased)
        dim, unbiased = None, dim
    dims = tuple(range(x.ndim)) if dim is None or dim == [] else ((dim,) if isinstance(dim, int) else tuple(dim))
    taken = float(unbiased) if correction is None else float(correction)
    wide = x.to(torch.float64)
    apart = wide - exact_mean(wide, dims, True)
    total = exact_sum(apart.mul_(apart), dims, keepdim)
    count = prod(x.shape[d] for d in dims) - taken
    result = total.reshape(-1).div_(scalar(count, total)).reshape(total.shape)
    return (f.sqrt(result) if named(function) == "std" else result).to(x.dtype)


@meaning("norm", "linalg_vector_norm", "linalg_norm")
def _norm(
    context: Context, x: Any, ord: Any = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Any:
    wide = x.to(torch.float64)
    if ord == float("inf"):
        return wide.abs().amax(() if dim is None else dim, keepdim).to(dtype or x.dtype)
    if ord not in (2, None, "fro"):
        raise UnsupportedOperation("aten::linalg_vector_norm", f"order {ord}")
    return f.sqrt(exact_sum(wide * wide, dim, keepdim)).to(dtype or x.dtype)


@meaning("cumsum", "cumprod")
def _scan(context: Context, x: Any, dim: int, *, dtype: Any = None, function: Any) -> Any:
    """One after the other in float64, each rounded to the carrier at the end."""
    if not is_float(x) and not (dtype is not None and dtype.is_floating_point):
        return function(x, dim, dtype=dtype)
    if x.ndim and x.shape[dim] > _LONGEST_SCAN:
        raise UnsupportedOperation(str(function), f"more than {_LONGEST_SCAN} numbers")
    wide = x.to(torch.float64).reshape(x.shape or (1,))
    return running(wide, dim, product=named(function) == "cumprod").reshape(x.shape).to(dtype or x.dtype)


def running(x: Any, dim: int, *, product: bool = False) -> Any:
    """The sums, or the products, of float64 numbers and all before them, one after the other."""
    rows = x.movedim(dim, 0).clone()
    for at in range(1, rows.shape[0]):
        if product:
            rows[at].mul_(rows[at - 1])
        else:
            rows[at].add_(rows[at - 1])
    return rows.movedim(0, dim)


@meaning("prod")
def _prod(context: Context, x: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    if is_float(x):
        raise UnsupportedOperation("aten::prod", "of floating-point numbers")
    return x.prod(dtype=dtype) if dim is None else x.prod(dim, keepdim, dtype=dtype)


@meaning("softmax", "_softmax", "special_softmax", "log_softmax")
def _softmax(context: Context, x: Any, dim: int, *rest: Any, dtype: Any = None, function: Any) -> Any:
    given = rest[0] if rest and isinstance(rest[0], torch.dtype) else dtype
    found = softmax(x.to(torch.float64), dim, degree_of(given or x.dtype))
    return (f.log(found) if named(function) == "log_softmax" else found).to(given or x.dtype)


def softmax(x: Any, dim: int, degree: int) -> Any:
    """e**(x - max) over its exact sum, for float64; rows of -inf alone give zeros over zero, NaN."""
    raised = f.exp(x - x.amax(dim, keepdim=True), degree)
    raised.masked_fill_(x == float("-inf"), 0.0)
    return raised.div_(exact_sum(raised, dim, True))


@meaning("argmax", "argmin")
def _arg(context: Context, x: Any, dim: int | None = None, keepdim: bool = False, *, function: Any) -> Any:
    """The first of equals."""
    flat = x.reshape(-1) if dim is None else x
    along = 0 if dim is None else dim % max(1, x.ndim)
    if flat.ndim == 0:
        return torch.zeros((), dtype=torch.int64, device=x.device)
    best = flat.amax(along, True) if named(function) == "argmax" else flat.amin(along, True)
    shape = [-1 if at == along else 1 for at in range(flat.ndim)]
    places = torch.arange(flat.shape[along], device=x.device).reshape(shape)
    first = torch.where(flat == best, places, flat.shape[along] - 1)
    return first.amin(along, keepdim and dim is not None)


@meaning("sort", "argsort", "msort")
def _sort(
    context: Context, x: Any, dim: int = -1, descending: bool = False, *, stable: Any = None, function: Any
) -> Any:
    found = stable_sort(x, dim, descending)
    return found[1] if named(function) == "argsort" else found


def stable_sort(x: Any, dim: int, descending: bool) -> Any:
    """The sorted numbers and their places; equals stay in their order."""
    return torch.sort(x, dim=dim, descending=descending, stable=True)


@meaning("topk")
def _topk(
    context: Context, x: Any, k: int, dim: int = -1, largest: bool = True, sorted: bool = True
) -> Any:
    """The first k of the stable order."""
    values, places = stable_sort(x, dim, largest)
    return values.narrow(dim, 0, k), places.narrow(dim, 0, k)


@meaning("quantile")
def _quantile(
    context: Context,
    x: Any,
    q: Any,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    interpolation: str = "linear",
) -> Any:
    """Between two neighbours of the sorted numbers in float64, at q (n - 1)."""
    if isinstance(q, torch.Tensor) or interpolation != "linear" or keepdim:
        raise UnsupportedOperation("aten::quantile", "of several shares, or not between neighbours")
    rows = x.reshape(-1) if dim is None else x.movedim(dim, -1)
    ordered = torch.sort(rows, dim=-1).values.to(torch.float64)
    place = float(q) * (ordered.shape[-1] - 1)
    low = ordered[..., int(place)]
    high = ordered[..., min(int(place) + 1, ordered.shape[-1] - 1)]
    return (low + (high - low).mul_(place - int(place))).to(x.dtype)


@meaning("nanquantile", "median")
def _refused(context: Context, *_: Any, function: Any, **__: Any) -> Any:
    raise UnsupportedOperation(str(function))
