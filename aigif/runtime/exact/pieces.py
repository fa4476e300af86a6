"""Elementwise functions a piece at a time, so that their float64 intermediates stay in the processor's cache."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aigif.runtime.torchlib import require

__all__ = ["in_float64", "piece_size"]

torch: Any = require("torch")

_PIECE = 32768
"""Elements for each thread: torch starts no second thread below it."""


def piece_size(x: Any) -> int:
    """Elements of a piece on the device of `x`."""
    if x.device.type == "cpu":
        return _PIECE * int(torch.get_num_threads())
    return 1 << 24


def in_float64(function: Callable[[Any], Any], x: Any, dtype: Any = None) -> Any:
    """`function` of `x` in float64, rounded once to `dtype` (that of `x`). It takes float64 tensors of one dimension.

    The result has the strides of `x` where its elements lie close together.
    """
    dtype = dtype or x.dtype
    if x.numel() <= piece_size(x):
        return function(x.to(torch.float64)).to(dtype)
    if not _close_together(x):
        x = x.contiguous()
    result = torch.empty_like(x, dtype=dtype)
    given, found = _flat(x), _flat(result)
    step = piece_size(x)
    for at in range(0, given.numel(), step):
        found[at : at + step] = function(given[at : at + step].to(torch.float64))
    return result


def _flat(x: Any) -> Any:
    return x.as_strided((x.numel(),), (1,), x.storage_offset())


def _close_together(x: Any) -> bool:
    """Whether the elements of a tensor fill one stretch of memory, each once."""
    expected = 1
    for stride, size in sorted(zip(x.stride(), x.shape, strict=True)):
        if size == 1:
            continue
        if stride != expected:
            return False
        expected *= size
    return True
