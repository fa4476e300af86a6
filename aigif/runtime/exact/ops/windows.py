"""Meanings of resampling by weighted windows: bicubic, and what is smoothed against aliasing.

R. G. Keys, "Cubic convolution interpolation for digital image processing", IEEE Transactions on Acoustics, Speech,
and Signal Processing 29 (1981): its kernel with a = -3/4 for plain enlarging, and a = -1/2 where the window widens
as the picture shrinks, as Pillow has it. The weights are Python's float64; docs/exact-arithmetic.md, section 7.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

from aigif.runtime.exact.ops.resampling import sizes
from aigif.runtime.exact.table import Context, meaning, named
from aigif.runtime.torchlib import require

__all__: list[str] = []

torch: Any = require("torch")

Window = tuple[list[int], list[float]]
"""The places that a new one is made of, and their weights."""


def _cubic(t: float, a: float) -> float:
    t = abs(t)
    if t < 1.0:
        return ((a + 2.0) * t - (a + 3.0)) * t * t + 1.0
    return (((t - 5.0) * t + 8.0) * t - 4.0) * a if t < 2.0 else 0.0


def _triangle(t: float) -> float:
    return max(0.0, 1.0 - abs(t))


_SMOOTH: dict[str, tuple[Callable[[float], float], int]] = {
    "_upsample_bicubic2d_aa": (lambda t: _cubic(t, -0.5), 2),
    "_upsample_bilinear2d_aa": (_triangle, 1),
}
"""The kernel and the places that it reaches to each side."""


@functools.lru_cache(maxsize=64)
def _windows(name: str, length: int, wanted: int, aligned: bool) -> list[Window]:
    """Of each of the new places."""
    if name == "upsample_bicubic2d":
        return [_four(i, length, wanted, aligned) for i in range(wanted)]
    kernel, reach = _SMOOTH[name]
    return [_widened(kernel, reach, i, length, wanted, aligned) for i in range(wanted)]


def _four(i: int, length: int, wanted: int, aligned: bool) -> Window:
    if aligned:
        place = i * (length - 1) / max(1, wanted - 1)
    else:
        place = (2 * i + 1) * length / (2 * wanted) - 0.5
    low = math.floor(place)
    share = place - low
    places = [min(max(low + at, 0), length - 1) for at in (-1, 0, 1, 2)]
    return places, [_cubic(t, -0.75) for t in (share + 1.0, share, 1.0 - share, 2.0 - share)]


def _widened(
    kernel: Callable[[float], float], reach: int, i: int, length: int, wanted: int, aligned: bool
) -> Window:
    above, below = (length - 1, wanted - 1) if aligned else (length, wanted)
    centre = (2 * i + 1) * above / (2 * below) if below else 0.0
    step = max(1.0, above / below) if below else 1.0
    first = max(0, int(centre - reach * step + 0.5))
    last = min(length, int(centre + reach * step + 0.5))
    weights = [kernel((j + 0.5 - centre) / step) for j in range(first, last)]
    total = 0.0
    for weight in weights:
        total += weight
    return list(range(first, last)), [weight / total for weight in weights]


@meaning("upsample_bicubic2d", *_SMOOTH)
def _resampled(context: Context, x: Any, size: Any, aligned: bool, *factors: Any, function: Any) -> Any:
    """The heights first, then the widths, in float64: a window from its first place on, product and sum in turn."""
    given = next((f for f in factors if isinstance(f, list | tuple)), None)
    wide, name = x.to(torch.float64), named(function)
    for at, wanted in enumerate(sizes(x, 2, size, given)):
        wide = _along(wide, 2 + at, _windows(name, x.shape[2 + at], wanted, bool(aligned)))
    return wide.to(x.dtype)


def _along(x: Any, dim: int, windows: list[Window]) -> Any:
    shape = [-1 if at == dim else 1 for at in range(x.ndim)]
    total = None
    for tap in range(max(len(places) for places, _ in windows)):
        places = [each[min(tap, len(each) - 1)] for each, _ in windows]
        weights = [each[tap] if tap < len(each) else 0.0 for _, each in windows]
        found = x.index_select(dim, torch.tensor(places, device=x.device))
        found.mul_(torch.tensor(weights, dtype=torch.float64, device=x.device).reshape(shape))
        total = found if total is None else total.add_(found)
    return total
