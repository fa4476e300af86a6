"""Meanings of normalisations: mean and variance by exact sums, in float64, and one rounding at the end."""

from __future__ import annotations

from math import prod
from typing import Any

from aigif.runtime.exact import functions as f
from aigif.runtime.exact.errors import UnsupportedOperation
from aigif.runtime.exact.grids import exact_mean, exact_sum, scalar
from aigif.runtime.exact.table import Context, meaning
from aigif.runtime.torchlib import require

__all__: list[str] = []

torch: Any = require("torch")


def _normalised(x: Any, count: int, eps: float) -> Any:
    """(x - mean) / sqrt(variance + eps) of each row of a float64 matrix, which is overwritten."""
    x.sub_(exact_mean(x, (1,), True))
    variance = exact_sum(x * x, (1,), True).div_(scalar(float(count), x))
    return x.mul_(f.rsqrt(variance.add_(eps)))


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
    scale = None if weight is None else weight.to(torch.float64).reshape(groups, each, 1)
    shift = None if bias is None else bias.to(torch.float64).reshape(groups, each, 1)
    step = max(1, context.most_elements // max(1, count))
    for at in range(0, pictures * groups, step):
        wide = _normalised(given[at : at + step].to(torch.float64), count, eps)
        which = [g % groups for g in range(at, at + wide.shape[0])]
        wide = wide.reshape(len(which), each, -1)
        if scale is not None:
            wide.mul_(scale[which])
        if shift is not None:
            wide.add_(shift[which])
        result[at : at + step] = wide.reshape(len(which), -1)
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
        wide = given[at : at + step].to(torch.float64)
        if centred:
            _normalised(wide, count, eps)
        else:
            wide.mul_(f.rsqrt(exact_mean(wide * wide, (1,), True).add_(eps)))
        if scale is not None:
            wide.mul_(scale)
        if shift is not None:
            wide.add_(shift)
        result[at : at + step] = wide
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
