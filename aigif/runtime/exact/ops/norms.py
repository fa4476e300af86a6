"""Meanings of normalisations: mean and variance by exact sums, in float64, and one rounding at the end."""

from __future__ import annotations

from math import prod
from typing import Any

from aigif.runtime.exact import functions as f
from aigif.runtime.exact.errors import UnsupportedOperation
from aigif.runtime.exact.grids import exact_mean, largest, row_sums, scalar
from aigif.runtime.exact.table import Context, meaning
from aigif.runtime.torchlib import require

__all__: list[str] = []

torch: Any = require("torch")


def _centred(given: Any, count: int, eps: float) -> tuple[Any, Any]:
    """x - mean of each row of a matrix, in float64, and 1 / sqrt(variance + eps)."""
    wide = given.to(torch.float64)
    number = scalar(float(count), wide)
    wide.sub_(row_sums(wide, largest(given, (1,)).to(torch.float64)).div_(number))
    squares = wide * wide
    variance = row_sums(squares, squares.amax(1, keepdim=True)).div_(number)
    return wide, f.rsqrt(variance.add_(eps))


def _affine(wide: Any, inverse: Any, scale: Any, shift: Any) -> Any:
    """x (inverse scale) + shift; `wide` is overwritten."""
    wide.mul_(inverse if scale is None else inverse * scale)
    return wide if shift is None else wide.add_(shift)


@meaning("group_norm")
def _group_norm(
    context: Context,
    x: Any,
    groups: int,
    weight: Any = None,
    bias: Any = None,
    eps: float = 1e-5,
    cudnn_enabled: bool = True,
) -> Any:
    pictures, channels = x.shape[:2]
    each = channels // groups
    given = x.contiguous().reshape(pictures * groups, -1)
    count = given.shape[1]
    result = torch.empty_like(given)
    scale, shift = (
        None if x is None else x.to(torch.float64).reshape(1, groups, each, 1) for x in (weight, bias)
    )
    together = max(1, context.most_elements // max(1, count * groups))
    step = groups if together > 1 else min(groups, max(1, context.most_elements // max(1, count)))
    for at in range(0, pictures, together):
        for first in range(0, groups, step):
            rows = slice(at * groups + first, (min(at + together, pictures) - 1) * groups + min(first + step, groups))
            wide, inverse = _centred(given[rows], count, eps)
            these = [None if x is None else x[:, first : first + step] for x in (scale, shift)]
            wide = wide.reshape(-1, min(step, groups - first), each, count // each)
            inverse = inverse.reshape(*wide.shape[:2], 1, 1)
            result[rows] = _affine(wide, inverse, *these).reshape(-1, count)
    return result.reshape(x.shape)


@meaning("native_group_norm")
def _native_group_norm(
    context: Context, x: Any, weight: Any, bias: Any, n: int, c: int, hw: int, groups: int, eps: float
) -> Any:
    return _group_norm(context, x, groups, weight, bias, eps), None, None


@meaning("layer_norm")
def _layer_norm(
    context: Context,
    x: Any,
    shape: Any,
    weight: Any = None,
    bias: Any = None,
    eps: float = 1e-5,
    cudnn_enable: bool = True,
) -> Any:
    return _rows(context, x, shape, weight, bias, eps, centred=True)


@meaning("native_layer_norm")
def _native_layer_norm(context: Context, x: Any, shape: Any, weight: Any, bias: Any, eps: float) -> Any:
    return _rows(context, x, shape, weight, bias, eps, centred=True), None, None


@meaning("rms_norm", "_fused_rms_norm")
def _rms_norm(context: Context, x: Any, shape: Any, weight: Any = None, eps: float | None = None) -> Any:
    """x / sqrt(mean of x**2 + eps)."""
    eps = torch.finfo(x.dtype).eps if eps is None else eps
    return _rows(context, x, shape, weight, None, eps, centred=False)


def _rows(context: Context, x: Any, shape: Any, weight: Any, bias: Any, eps: float, *, centred: bool) -> Any:
    count = prod(shape)
    given = x.contiguous().reshape(-1, count)
    result = torch.empty_like(given)
    scale = None if weight is None else weight.to(torch.float64).reshape(-1)
    shift = None if bias is None else bias.to(torch.float64).reshape(-1)
    step = max(1, context.most_elements // max(1, count))
    for at in range(0, given.shape[0], step):
        if centred:
            wide, inverse = _centred(given[at : at + step], count, eps)
        else:
            wide = given[at : at + step].to(torch.float64)
            inverse = f.rsqrt(exact_mean(wide * wide, (1,), True).add_(eps))
        result[at : at + step] = _affine(wide.mul_(inverse), scalar(1.0, wide), scale, shift)
    return result.reshape(x.shape)


@meaning("batch_norm", "native_batch_norm", "_native_batch_norm_legit_no_training", "instance_norm")
def _batch_norm(
    context: Context,
    x: Any,
    weight: Any,
    bias: Any,
    mean: Any = None,
    variance: Any = None,
    *rest: Any,
    function: Any,
) -> Any:
    """(x - mean) / sqrt(variance + eps), with the model's own mean and variance."""
    training = "no_training" not in str(function) and rest and rest[0] is True
    if mean is None or variance is None or training:
        raise UnsupportedOperation(str(function), "statistics of the batch")
    numbers = [value for value in rest if isinstance(value, float)]
    shape = (1, -1) + (1,) * (x.ndim - 2)
    scale = f.rsqrt(variance.to(torch.float64) + numbers[1])
    wide = (x.to(torch.float64) - mean.to(torch.float64).reshape(shape)).mul_(scale.reshape(shape))
    if weight is not None:
        wide.mul_(weight.to(torch.float64).reshape(shape))
    if bias is not None:
        wide.add_(bias.to(torch.float64).reshape(shape))
    result = wide.to(x.dtype)
    return result if "native" not in str(function) else (result, None, None)
