"""Meanings of operations that make numbers: ranges, and normal noise from exact uniform numbers."""

from __future__ import annotations

import math
from math import prod
from typing import Any

from aigif.runtime.exact import functions as f
from aigif.runtime.exact.errors import UnsupportedOperation
from aigif.runtime.exact.grids import scalar
from aigif.runtime.exact.table import Context, meaning
from aigif.runtime.torchlib import require

__all__: list[str] = []

torch: Any = require("torch")

_GROUP = 16
_TURN = 6.283185307179586


@meaning("linspace")
def _linspace(
    context: Context, start: Any, end: Any, steps: int, *, dtype: Any = None, device: Any = None, **_: Any
) -> Any:
    """start + i (end - start) / (steps - 1) in float64, and `end` itself at the end."""
    first, last = float(start), float(end)
    step = (last - first) / max(1, steps - 1)
    numbers = torch.arange(steps, dtype=torch.float64, device=device).mul_(step).add_(first)
    if steps > 1:
        numbers[-1:] = scalar(last, numbers)
    return numbers.to(dtype or torch.get_default_dtype())


@meaning("arange")
def _arange(context: Context, *bounds: Any, dtype: Any = None, device: Any = None, **_: Any) -> Any:
    """start + i step in float64; of whole numbers in whole numbers."""
    start, end, step = (0, bounds[0], 1) if len(bounds) == 1 else (*bounds, 1)[:3]
    if all(isinstance(value, int) for value in (start, end, step)):
        return torch.arange(start, end, step, device=device).to(dtype or torch.int64)
    count = max(0, math.ceil((float(end) - float(start)) / float(step)))
    numbers = torch.arange(count, dtype=torch.float64, device=device).mul_(float(step)).add_(float(start))
    return numbers.to(dtype or torch.get_default_dtype())


@meaning("randn")
def _randn(
    context: Context,
    size: Any,
    *,
    generator: Any = None,
    names: Any = None,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    pin_memory: Any = None,
) -> Any:
    dtype = dtype or torch.get_default_dtype()
    if (generator is not None and generator.device.type != "cpu") or (generator is None and _elsewhere(device)):
        raise UnsupportedOperation("aten::randn", "noise of another device's generator")
    return normal(prod(size), generator, dtype).reshape(tuple(size)).to(device or "cpu")


@meaning("randn_like")
def _randn_like(context: Context, x: Any, *, dtype: Any = None, device: Any = None, **_: Any) -> Any:
    return _randn(context, x.shape, dtype=dtype or x.dtype, device=device or x.device)


@meaning("normal_")
def _normal(context: Context, x: Any, mean: float = 0, std: float = 1, *, generator: Any = None) -> Any:
    drawn = _randn(context, x.shape, generator=generator, dtype=x.dtype, device=x.device)
    return drawn if (mean, std) == (0, 1) else drawn * std + mean


@meaning("rand", "rand_like", "uniform_", "randint", "randint_like", "random_", "randperm")
def _uniform(context: Context, *given: Any, function: Any, **named: Any) -> Any:
    """torch's generator on the CPU gives whole numbers, and their low bits times a power of two are exact."""
    device = named.get("device") or next((x.device for x in given if isinstance(x, torch.Tensor)), None)
    if _elsewhere(device):
        raise UnsupportedOperation(str(function), "numbers of another device's generator")
    return function(*given, **named)


def _elsewhere(device: Any) -> bool:
    return device is not None and torch.device(device).type != "cpu"


def normal(count: int, generator: Any, dtype: Any) -> Any:
    """`count` normal numbers as torch draws them on the CPU: Box and Muller's transform of groups of sixteen.

    Of a group the first eight uniform numbers give radii, sqrt(-2 log(1 - u)), the others angles, 2 pi u; cosines
    come before sines. The last sixteen are drawn anew where `count` is no multiple of sixteen. Source of the layout:
    torch's aten/src/ATen/native/cpu/DistributionTemplates.h (`normal_fill`).
    """
    if dtype not in (torch.float32, torch.float64):
        raise UnsupportedOperation("aten::randn", f"in {dtype}")
    if count < _GROUP:
        raise UnsupportedOperation("aten::randn", f"fewer than {_GROUP} numbers")
    drawn = torch.empty(count, dtype=dtype).uniform_(0, 1, generator=generator)
    whole = count // _GROUP * _GROUP
    result = torch.empty(count, dtype=dtype)
    result[:whole] = _pairs(drawn[:whole])
    if whole < count:
        result[count - _GROUP :] = _pairs(torch.empty(_GROUP, dtype=dtype).uniform_(0, 1, generator=generator))
    return result


def _pairs(uniform: Any) -> Any:
    groups = uniform.to(torch.float64).reshape(-1, _GROUP)
    radius = f.sqrt(f.log(1.0 - groups[:, :8]).mul_(-2.0))
    angle = groups[:, 8:] * _TURN
    return torch.cat([radius * f.cosine(angle), radius * f.sine(angle)], 1).reshape(-1)


@meaning("dropout", "dropout_", "native_dropout", "feature_dropout", "alpha_dropout")
def _dropout(context: Context, x: Any, p: float = 0.0, train: bool | None = False) -> Any:
    if train and p:
        raise UnsupportedOperation("aten::dropout", "while training")
    return x
