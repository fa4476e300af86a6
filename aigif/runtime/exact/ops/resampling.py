"""Meanings of enlarging, shrinking and pooling."""

from __future__ import annotations

from typing import Any

from aigif.runtime.exact.errors import UnsupportedOperation
from aigif.runtime.exact.grids import exact_mean, exact_sum
from aigif.runtime.exact.table import Context, meaning
from aigif.runtime.torchlib import require

__all__ = ["sizes"]

torch: Any = require("torch")


def sizes(x: Any, space: int, size: Any, factors: Any) -> list[int]:
    """Of the result, in the last `space` dimensions: given themselves, or by factors."""
    if size is not None:
        return [int(n) for n in size]
    wanted = [n * f for n, f in zip(x.shape[-space:], factors, strict=True)]
    if any(n != int(n) for n in wanted):
        raise UnsupportedOperation("aten::upsample", "a factor that gives no whole size")
    return [int(n) for n in wanted]


@meaning("upsample_nearest1d", "upsample_nearest2d", "upsample_nearest3d")
def _nearest(context: Context, x: Any, size: Any = None, *factors: Any, **named: Any) -> Any:
    """Place i of n is taken from floor(i m / n), in whole numbers."""
    return _taken(x, size, (*factors, *named.values()), 0)


@meaning("_upsample_nearest_exact1d", "_upsample_nearest_exact2d", "_upsample_nearest_exact3d")
def _nearest_exact(context: Context, x: Any, size: Any = None, *factors: Any, **named: Any) -> Any:
    """Place i of n is taken from floor((i + 1/2) m / n), in whole numbers."""
    return _taken(x, size, (*factors, *named.values()), 1)


def _taken(x: Any, size: Any, factors: tuple[Any, ...], halves: int) -> Any:
    space = x.ndim - 2
    given = next((f for f in factors if isinstance(f, list | tuple)), None)
    for at, wanted in enumerate(sizes(x, space, size, given)):
        dim = 2 + at
        places = (torch.arange(wanted, device=x.device) * 2 + halves) * x.shape[dim]
        x = x.index_select(dim, torch.div(places, 2 * wanted, rounding_mode="floor"))
    return x


@meaning("upsample_bilinear2d", "upsample_linear1d")
def _linear(context: Context, x: Any, size: Any, align_corners: bool, *factors: Any) -> Any:
    """Between two neighbours in float64, the height first; the place of i is (i + 1/2) m / n - 1/2, at least 0."""
    given = next((f for f in factors if isinstance(f, list | tuple)), None)
    wide, space = x.to(torch.float64), x.ndim - 2
    for at, wanted in enumerate(sizes(x, space, size, given)):
        dim, length = 2 + at, x.shape[2 + at]
        if align_corners:
            top = (torch.arange(wanted, device=x.device) * (length - 1)).to(torch.float64)
            place = top.div_(torch.full_like(top, float(max(1, wanted - 1))))
        else:
            top = ((torch.arange(wanted, device=x.device) * 2 + 1) * length).to(torch.float64)
            place = top.div_(torch.full_like(top, 2.0 * wanted)).sub_(0.5).clamp_(min=0.0)
        low = place.floor().clamp_(max=length - 1)
        share = (place - low).reshape([-1 if d == dim else 1 for d in range(x.ndim)])
        first = low.to(torch.int64)
        lower = wide.index_select(dim, first)
        upper = wide.index_select(dim, (first + 1).clamp_(max=length - 1))
        wide = lower + (upper - lower).mul_(share)
    return wide.to(x.dtype)


@meaning("_upsample_lanczos2d_aa", "grid_sampler_2d")
def _refused(context: Context, *_: Any, function: Any, **__: Any) -> Any:
    raise UnsupportedOperation(str(function))


@meaning("avg_pool1d", "avg_pool2d", "avg_pool3d")
def _avg_pool(
    context: Context,
    x: Any,
    kernel: Any,
    stride: Any = (),
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: Any = None,
) -> Any:
    kernel = [kernel] if isinstance(kernel, int) else list(kernel)
    stride = [stride] if isinstance(stride, int) else list(stride) or kernel
    edges = [padding] if isinstance(padding, int) else list(padding)
    if any(edges) or ceil_mode or divisor_override is not None:
        raise UnsupportedOperation("aten::avg_pool", "with padding, ceil_mode or a divisor")
    space = x.ndim - 2
    kernel, stride = (each * space if len(each) == 1 else each for each in (kernel, stride))
    windows = x.to(torch.float64)
    for at in range(space):
        windows = windows.unfold(2 + at, kernel[at], stride[at])
    dims = tuple(range(2 + space, 2 + 2 * space))
    return exact_mean(windows, dims).to(x.dtype)


@meaning("adaptive_avg_pool1d", "adaptive_avg_pool2d")
def _adaptive(context: Context, x: Any, size: Any) -> Any:
    """The mean of the places from floor(i m / n) to below ceil((i + 1) m / n). Those of smaller windows than the
    largest have zeros besides, which count for nothing but in the number of addends of the sum."""
    wanted = [size] if isinstance(size, int) else list(size)
    space = len(wanted)
    windows, counts = x.to(torch.float64), torch.ones((1,) * space, dtype=torch.float64, device=x.device)
    for at in range(space):
        length, count = x.shape[at - space], wanted[at] or x.shape[at - space]
        bounds = [(i * length // count, -(-(i + 1) * length // count)) for i in range(count)]
        most = max(end - first for first, end in bounds)
        places = [min(first + tap, length - 1) for tap in range(most) for first, _ in bounds]
        inside = [first + tap < end for tap in range(most) for first, end in bounds]
        dim = x.ndim - space + at
        windows = windows.index_select(dim + at, torch.tensor(places, device=x.device))
        shape = [-1 if d == dim + at else 1 for d in range(windows.ndim)]
        windows = windows.masked_fill(~torch.tensor(inside, device=x.device).reshape(shape), 0.0)
        windows = windows.unflatten(dim + at, (most, count))
        sides = torch.tensor([float(end - first) for first, end in bounds], dtype=torch.float64, device=x.device)
        counts = counts * sides.reshape([-1 if d == at else 1 for d in range(space)])
    taps = tuple(x.ndim - space + 2 * at for at in range(space))
    return exact_sum(windows, taps).div_(counts).to(x.dtype)
