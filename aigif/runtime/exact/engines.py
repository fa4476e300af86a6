"""Engines of contractions: the exact sums of products of numbers on grids, rounded once to float64.

An engine may add in any order and in any pieces, since what it gives is defined by the numbers alone. Which one runs
is chosen by measuring once for each device: float64 products, or slices of few bits in float32 or int8 where a
device's float64 is slow. The operands are `to_grid`'s: whole numbers of magnitude at most 2**(bits - 1), with bits up
to 24, times units that are constant along the contracted dimension.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Protocol

from aigif.runtime.torchlib import require

__all__ = ["ENGINES", "SAFE", "Engine", "Operand", "fastest"]

torch: Any = require("torch")

Operand = tuple[Any, Any]
"""Numbers on a grid, float32 or float64, and their units, of the same number of dimensions."""


class Engine(Protocol):
    """From (..., M, K) and (..., K, N) to float64 (..., M, N)."""

    def __call__(self, a: Operand, b: Operand, bits: int, step: int | None = None) -> Any:
        """`step`, where it is known: sums over pieces of this length stay below 2**53 units, also in part."""


SAFE = 2.0**53 * (1.0 - 2.0**-20)
"""A bound of sums that was computed in float64 itself has to stay below this."""


def float64_engine(a: Operand, b: Operand, bits: int, step: int | None = None) -> Any:
    """Products in float64, over pieces of K that are short enough for every partial sum to stay below 2**53 units.

    By Cauchy and Schwarz a partial sum is at most the product of the norms of a row and a column.
    """
    left, right = a[0].to(torch.float64), b[0].to(torch.float64)
    length = int(left.shape[-1])
    if length * 4 ** (bits - 1) <= 2**53 or left.numel() == 0 or right.numel() == 0:
        return torch.matmul(left, right)
    if step is not None and step >= length:
        return torch.matmul(left, right)
    unit = a[1].to(torch.float64) * b[1].to(torch.float64)
    whole = torch.ones_like(unit).div_(unit)
    step = max(1 << max(0, 55 - 2 * bits), step or _step(left, right, whole, bits))
    if step >= length:
        return torch.matmul(left, right)
    total: Any = None
    for at in range(0, length, step):
        part = torch.matmul(left[..., at : at + step], right[..., at : at + step, :])
        counted = part.mul_(whole).to(torch.int64)
        total = counted if total is None else total.add_(counted)
    return total.to(torch.float64).mul_(unit)


def _step(left: Any, right: Any, whole: Any, bits: int) -> int:
    """How long the pieces of the contracted dimension may be."""
    length, pieces = int(left.shape[-1]), 1
    while True:
        step = int(-(-length // pieces))
        if step * 4 ** (bits - 1) <= 2**53:
            return step
        largest = 0.0
        for at in range(0, length, step):
            rows, columns = left[..., at : at + step], right[..., at : at + step, :]
            norms = torch.linalg.vector_norm(rows, dim=-1, keepdim=True) * whole.amax(-1, keepdim=True)
            norms = norms.amax(-2, keepdim=True) * torch.linalg.vector_norm(columns, dim=-2, keepdim=True)
            largest = max(largest, float(norms.amax()))
        if largest < SAFE:
            return step
        if not math.isfinite(largest):
            return 1
        pieces *= max(2, 1 << int(largest / SAFE).bit_length()) if pieces == 1 else 2


def float32_engine(a: Operand, b: Operand, bits: int, step: int | None = None) -> Any:
    """Slices of nine bits in float32, over pieces of 256: every partial sum stays within 2**24."""
    return _sliced(a, b, bits, width=9, piece=256, multiply=_float32_product)


def int8_engine(a: Operand, b: Operand, bits: int, step: int | None = None) -> Any:
    """Slices of six bits in int8, summed in int32: within 2**31 for pieces of up to 2**17."""
    return _sliced(a, b, bits, width=6, piece=2**17, multiply=_int8_product)


ENGINES: Mapping[str, Engine] = MappingProxyType(
    {"float64": float64_engine, "float32": float32_engine, "int8": int8_engine}
)


def fastest(device: Any, candidates: Mapping[str, Engine] = ENGINES) -> str:
    """The name of the engine that multiplies matrices of 512 on a device in the least time."""
    whole = torch.arange(512 * 512, dtype=torch.float32, device=device).remainder_(8191.0).reshape(512, 512)
    operand = (whole, whole.new_ones(1, 1))
    times = {}
    for name, engine in candidates.items():
        best = float("inf")
        for _ in range(2):
            started = time.perf_counter()
            engine(operand, operand, 24).sum().item()
            best = min(best, time.perf_counter() - started)
        times[name] = best
    return min(times, key=lambda name: times[name])


def _sliced(
    a: Operand, b: Operand, bits: int, *, width: int, piece: int, multiply: Callable[[Any, Any], Any]
) -> Any:
    count = -(-bits // width)
    if 2 ** (bits - 1 - width * (count - 1)) > 2 ** (width - 1):
        count += 1
    units = [operand[1].to(torch.float64) for operand in (a, b)]
    whole, other = (operand[0].to(torch.float64) / unit for operand, unit in zip((a, b), units, strict=True))
    total: Any = None
    for at in range(0, whole.shape[-1], piece):
        left = _digits(whole[..., at : at + piece], width, count)
        right = _digits(other[..., at : at + piece, :], width, count)
        for i, high in enumerate(left):
            for j, low in enumerate(right):
                part = multiply(high, low) << (width * (i + j))
                total = part if total is None else total.add_(part)
    return total.to(torch.float64).mul_(units[0] * units[1])


def _digits(whole: Any, width: int, count: int) -> list[Any]:
    """Balanced digits of base 2**width, least first, each of magnitude at most 2**(width - 1)."""
    digits = []
    for _ in range(count - 1):
        rest = (whole * 2.0**-width).round_()
        digits.append(whole - rest * 2.0**width)
        whole = rest
    return [*digits, whole]


def _float32_product(a: Any, b: Any) -> Any:
    return torch.matmul(a.to(torch.float32), b.to(torch.float32)).to(torch.int64)


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
    return torch.stack(products).to(torch.int64).reshape(*lead, rows, columns)
