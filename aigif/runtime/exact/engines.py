"""Engines of contractions: sums of products of whole numbers, as the float64 nearest to the exact sum.

An engine may add in any order and in any pieces, since what it gives is defined by the whole numbers alone. Which one
runs is chosen by measuring once for each device: float64 products, or slices of few bits in float32 or int8 where a
device's float64 is slow. The operands are whole numbers of magnitude at most 2**(bits - 1), with bits up to 24.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from aigif.runtime.torchlib import require

__all__ = ["ENGINES", "Engine", "fastest"]

torch: Any = require("torch")

Engine = Callable[[Any, Any, int], Any]
"""From (..., M, K) and (..., K, N), and their bits, to float64 (..., M, N)."""

_SAFE = 2.0**53 * (1.0 - 2.0**-20)
"""A bound of sums that was computed in float64 itself has to stay below this."""


def float64_engine(a: Any, b: Any, bits: int) -> Any:
    """Products in float64, over pieces of K that are short enough for every partial sum to stay below 2**53.

    By Cauchy and Schwarz a partial sum is at most the product of the norms of a row and a column.
    """
    a, b = a.to(torch.float64), b.to(torch.float64)
    length = a.shape[-1]
    if a.numel() == 0 or b.numel() == 0:
        return torch.matmul(a, b)
    pieces = 1
    while True:
        step = -(-length // pieces)
        if step * 4 ** (bits - 1) <= 2**53 or _bound(a, b, step) < _SAFE:
            break
        pieces *= 2
    if pieces == 1:
        return torch.matmul(a, b)
    total: Any = None
    for at in range(0, length, step):
        part = torch.matmul(a[..., at : at + step], b[..., at : at + step, :]).to(torch.int64)
        total = part if total is None else total.add_(part)
    return total.to(torch.float64)


def float32_engine(a: Any, b: Any, bits: int) -> Any:
    """Slices of nine bits in float32, over pieces of 256: every partial sum stays within 2**24."""
    return _sliced(a, b, bits, width=9, piece=256, multiply=_float32_product)


def int8_engine(a: Any, b: Any, bits: int) -> Any:
    """Slices of six bits in int8, summed in int32: within 2**31 for pieces of up to 2**17."""
    return _sliced(a, b, bits, width=6, piece=2**17, multiply=_int8_product)


ENGINES: Mapping[str, Engine] = MappingProxyType(
    {"float64": float64_engine, "float32": float32_engine, "int8": int8_engine}
)


def fastest(device: Any, candidates: Mapping[str, Engine] = ENGINES) -> str:
    """The name of the engine that multiplies matrices of 512 on a device in the least time."""
    left = torch.arange(512 * 512, dtype=torch.float32, device=device).remainder_(8191.0).reshape(512, 512)
    times = {}
    for name, engine in candidates.items():
        best = float("inf")
        for _ in range(2):
            started = time.perf_counter()
            engine(left, left, 24).sum().item()
            best = min(best, time.perf_counter() - started)
        times[name] = best
    return min(times, key=lambda name: times[name])


def _bound(a: Any, b: Any, step: int) -> float:
    """The largest product of norms over pieces of `step` of the contracted dimension."""
    largest = 0.0
    for at in range(0, a.shape[-1], step):
        rows, columns = a[..., at : at + step], b[..., at : at + step, :]
        squares = (rows * rows).sum(-1).amax().sqrt() * (columns * columns).sum(-2).amax().sqrt()
        largest = max(largest, float(squares))
    return largest


def _sliced(
    a: Any, b: Any, bits: int, *, width: int, piece: int, multiply: Callable[[Any, Any], Any]
) -> Any:
    count = -(-bits // width)
    if 2 ** (bits - 1 - width * (count - 1)) > 2 ** (width - 1):
        count += 1
    total: Any = None
    for at in range(0, a.shape[-1], piece):
        left = _digits(a[..., at : at + piece].to(torch.float64), width, count)
        right = _digits(b[..., at : at + piece, :].to(torch.float64), width, count)
        for i, high in enumerate(left):
            for j, low in enumerate(right):
                part = multiply(high, low) << (width * (i + j))
                total = part if total is None else total.add_(part)
    return total.to(torch.float64)


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
