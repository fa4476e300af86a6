"""Engines of contractions: the exact sums of products of numbers on grids, rounded once to float64.

An engine may add in any order and in any pieces, since what it gives is defined by the numbers alone. Which one runs
is chosen by measuring once for each device: float64 products, or slices of few bits in float32 or int8 where a
device's float64 is slow. The operands are `to_grid`'s: whole numbers of magnitude at most 2**bits, with bits up to
24, times units that are constant along the contracted dimension.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Protocol

from aigif.runtime.exact.grids import PLACE_OF_ONE, OnGrid, piece_ends
from aigif.runtime.exact.totals import SAFE, Total, safe_length, summed
from aigif.runtime.torchlib import require

__all__ = ["ENGINES", "Engine", "fastest", "float64_engine"]

torch: Any = require("torch")


class Engine(Protocol):
    """From (..., M, K) and (..., K, N) to float64 (..., M, N)."""

    def __call__(self, a: OnGrid, b: OnGrid, bits: int) -> Any: ...


_SHORT = 192
"""Below this length of a piece, halves of the bits are multiplied at full length instead."""
_LONGEST_OF_HALVES = 1 << 17


def float64_engine(a: OnGrid, b: OnGrid, bits: int) -> Any:
    """Products in float64, so that every partial sum stays below 2**53 units.

    By Cauchy and Schwarz a partial sum is at most the product of the norms of a row and a column. Where that is too
    much, pieces of K are multiplied, or one operand's upper and lower halves.
    """
    length = int(a.numbers.shape[-1])
    if length <= safe_length(bits) or a.numbers.numel() == 0 or b.numbers.numel() == 0:
        return torch.matmul(a.numbers, b.numbers)
    count = pieces_needed(length, safe_length(bits), a.largest_norms, b.largest_norms, b.pieces)
    b.pieces = count
    if length // count < _SHORT and count > 1 and length <= _LONGEST_OF_HALVES:
        return _by_halves(a, b, bits)
    ends = piece_ends(length, count)

    def product(at: int, into: Any) -> Any:
        left, right = a.piece(*ends[at]), b.piece(*ends[at])
        if into is None:
            return torch.matmul(left, right)
        return into.addmm_(left, right) if into.ndim == left.ndim == right.ndim == 2 else into.add_(left @ right)

    return summed(len(ends), lambda: a.unit * b.unit, product)


def pieces_needed(
    length: int,
    safe: int,
    left: Callable[[int], list[float]],
    right: Callable[[int], list[float]],
    first: int = 1,
) -> int:
    """Into how many pieces a contraction is cut, `first` or more; `left` and `right` tell norms by that number."""
    count = first
    while -(-length // count) > safe:
        largest = max(x * y for x, y in zip(left(count), right(count), strict=True))
        if largest < SAFE:
            return count
        more = largest / SAFE * count
        least = max(count + 1, int(more) + 1) if more < length else length
        even = (each for each in range(least, 2 * least) if length % each == 0)
        count = next(even, least)
    return count


def _by_halves(a: OnGrid, b: OnGrid, bits: int) -> Any:
    """Times the right operand's multiples of 2**(bits / 2 + 1) units, and times the rest.

    Both products are exact for K up to 2**17, and so they are added with one rounding.
    """
    made = torch.matmul(a.numbers, b.halves(bits // 2 + 1))
    columns = int(b.numbers.shape[-1])
    return made[..., :columns].add(made[..., columns:])


def float32_engine(a: OnGrid, b: OnGrid, bits: int) -> Any:
    """Slices of nine bits in float32, over pieces of 256: every partial sum stays within 2**24."""
    return _sliced(a, b, bits, width=9, piece=256, multiply=_float32_product)


def int8_engine(a: OnGrid, b: OnGrid, bits: int) -> Any:
    """Slices of six bits in int8, summed in int32: within 2**31 for pieces of up to 2**17."""
    return _sliced(a, b, bits, width=6, piece=2**17, multiply=_int8_product)


ENGINES: Mapping[str, Engine] = MappingProxyType(
    {"float64": float64_engine, "float32": float32_engine, "int8": int8_engine}
)


def fastest(device: Any, candidates: Mapping[str, Engine] = ENGINES) -> str:
    """The name of the engine that multiplies matrices of 512 on a device in the least time."""
    whole = torch.arange(512 * 512, dtype=torch.float64, device=device).remainder_(8191.0).reshape(512, 512)
    place = torch.full((1, 1), PLACE_OF_ONE, dtype=torch.float64, device=device)
    left, right = OnGrid(whole, place), OnGrid(whole, place, -2)
    times = {}
    for name, engine in candidates.items():
        best = float("inf")
        for _ in range(2):
            started = time.perf_counter()
            engine(left, right, 24).sum().item()
            best = min(best, time.perf_counter() - started)
        times[name] = best
    return min(times, key=lambda name: times[name])


def _sliced(
    a: OnGrid, b: OnGrid, bits: int, *, width: int, piece: int, multiply: Callable[[Any, Any], Any]
) -> Any:
    count = -(-bits // width)
    if 2 ** (bits - width * (count - 1)) > 2 ** (width - 1):
        count += 1
    left, right = (operand.numbers / operand.unit for operand in (a, b))
    unit = a.unit * b.unit
    carries, total = Total(unit), torch.zeros_like(unit)
    for at in range(0, left.shape[-1], piece):
        lefts = _digits(left[..., at : at + piece], width, count)
        rights = _digits(right[..., at : at + piece, :], width, count)
        for i, high in enumerate(lefts):
            for j, low in enumerate(rights):
                made = multiply(high, low).to(torch.float64).mul_(2.0 ** (width * (i + j)))
                carries.carry(made.mul_(unit))
                total = total + made
    return carries.rounded(total)


def _digits(whole: Any, width: int, count: int) -> list[Any]:
    """Balanced digits of base 2**width, least first, each of magnitude at most 2**(width - 1)."""
    digits = []
    for _ in range(count - 1):
        rest = (whole * 2.0**-width).round_()
        digits.append(whole - rest * 2.0**width)
        whole = rest
    return [*digits, whole]


def _float32_product(a: Any, b: Any) -> Any:
    return torch.matmul(a.to(torch.float32), b.to(torch.float32))


def _int8_product(a: Any, b: Any) -> Any:
    # torch's kernel takes matrices only, on CUDA of more than 16 rows and multiples of eight.
    lead = torch.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    rows, length, columns = a.shape[-2], a.shape[-1], b.shape[-1]
    a = a.expand(*lead, rows, length).reshape(-1, rows, length).to(torch.int8)
    b = b.expand(*lead, length, columns).reshape(-1, length, columns).to(torch.int8)
    pad = torch.nn.functional.pad
    a = pad(a, (0, -length % 8, 0, max(0, 17 - rows)))
    b = pad(b, (0, -columns % 8, 0, -length % 8))
    products = [torch._int_mm(x.contiguous(), y.contiguous())[:rows, :columns] for x, y in zip(a, b, strict=True)]
    return torch.stack(products).reshape(*lead, rows, columns)
