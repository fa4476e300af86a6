"""Meanings of writing to places that are met once or often."""

from __future__ import annotations

from typing import Any

from aigif.runtime.exact.errors import UnsupportedOperation
from aigif.runtime.exact.grids import exact_sum
from aigif.runtime.exact.table import Context, is_float, meaning
from aigif.runtime.torchlib import require

__all__ = ["scattered_sum"]

torch: Any = require("torch")

_MOST = 1 << 10
"""So many numbers may meet at a place: as many copies of the tensor are held."""


@meaning("index_put", "index_put_", "_index_put_impl_", "_unsafe_index_put")
def _index_put(
    context: Context, x: Any, indices: Any, values: Any, accumulate: bool = False, unsafe: bool = False
) -> Any:
    if accumulate and is_float(x):
        raise UnsupportedOperation("aten::index_put", "sums in any order")
    return torch.ops.aten.index_put(x, indices, values, accumulate)  # torch.index_put takes no None among indices


@meaning("scatter_add", "scatter_add_")
def _scatter_add(context: Context, x: Any, dim: int, index: Any, source: Any) -> Any:
    return scattered_sum(x, dim, index, source) if is_float(x) else torch.scatter_add(x, dim, index, source)


@meaning("scatter_reduce", "scatter_reduce_")
def _scatter_reduce(
    context: Context, x: Any, dim: int, index: Any, source: Any, reduce: str, *, include_self: bool = True
) -> Any:
    if not is_float(x) or reduce in ("amax", "amin"):
        return torch.scatter_reduce(x, dim, index, source, reduce, include_self=include_self)
    if reduce != "sum":
        raise UnsupportedOperation("aten::scatter_reduce", f"reduce {reduce}")
    return scattered_sum(x if include_self else x.scatter(dim, index, 0.0), dim, index, source)


@meaning("index_add", "index_add_")
def _index_add(context: Context, x: Any, dim: int, index: Any, source: Any, *, alpha: Any = 1) -> Any:
    if not is_float(x):
        return torch.index_add(x, dim, index, source, alpha=alpha)
    if alpha != 1:
        source = source * alpha
    if x.ndim == 0:
        return scattered_sum(x.reshape(1), 0, index.reshape(-1), source.reshape(-1)).reshape(())
    shape = [-1 if at == dim % x.ndim else 1 for at in range(x.ndim)]
    return scattered_sum(x, dim, index.reshape(shape).expand_as(source), source)


def scattered_sum(x: Any, dim: int, index: Any, source: Any) -> Any:
    """For each place the exact sum of what it holds and of all the numbers that meet there.

    As many numbers as meet at one place are added everywhere: zeros, where fewer do.
    """
    if index.numel() == 0:
        return x.clone()
    if x.ndim == 0:
        return scattered_sum(x[None], 0, index[None], source[None])[0]
    dim %= x.ndim
    rank = _rank(index, dim)
    most = int(rank.max()) + 1
    if most > _MOST:
        raise UnsupportedOperation("aten::scatter_add", f"more than {_MOST} numbers at one place")
    source = source[tuple(slice(length) for length in index.shape)].to(torch.float64)
    length = x.shape[dim]
    shape = list(x.shape)
    shape[dim] = length * most
    met = torch.zeros(shape, dtype=torch.float64, device=x.device).scatter(dim, rank * length + index, source)
    held = torch.cat([x.to(torch.float64).unsqueeze(dim), met.unflatten(dim, (most, length))], dim)
    return exact_sum(held, (dim,)).to(x.dtype)


def _rank(index: Any, dim: int) -> Any:
    """How many places before it, along `dim`, are the same as each."""
    shape, first = index.shape, index
    for other in range(index.ndim):
        if other != dim:
            first = first.narrow(other, 0, 1)
    if torch.equal(first.expand(shape), index):
        index = first
    ordered, order = torch.sort(index, dim=dim, stable=True)
    places = torch.arange(index.shape[dim], device=index.device)
    places = places.reshape([-1 if at == dim else 1 for at in range(index.ndim)]).expand_as(index)
    rest = index.shape[dim] - 1
    again = ordered.narrow(dim, 1, rest) == ordered.narrow(dim, 0, rest)
    again = torch.cat([torch.zeros_like(places.narrow(dim, 0, 1), dtype=torch.bool), again], dim)
    rank = places - places.masked_fill(again, 0).cummax(dim).values
    return torch.empty_like(rank).scatter(dim, order, rank).expand(shape)
