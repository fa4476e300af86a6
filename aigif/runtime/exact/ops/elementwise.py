"""Meanings of operations on each element by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aigif.runtime.exact import functions as f
from aigif.runtime.exact.errors import UnsupportedOperation
from aigif.runtime.exact.grids import scalar
from aigif.runtime.exact.pieces import in_float64
from aigif.runtime.exact.table import Context, is_float, meaning, named
from aigif.runtime.torchlib import require

__all__: list[str] = []

torch: Any = require("torch")

_GRADED: dict[str, Callable[[Any, int], Any]] = {
    "exp": f.exp,
    "sigmoid": f.sigmoid,
    "silu": f.silu,
}
"""Functions with a degree for float32 and one for float64."""
_ONE_WAY: dict[str, Callable[[Any], Any]] = {
    "acos": f.arccosine,
    "arccos": f.arccosine,
    "atan": f.arctangent,
    "arctan": f.arctangent,
    "cos": f.cosine,
    "erf": f.erf,
    "special_erf": f.erf,
    "exp2": lambda x: f.exp2(x.clone()),
    "expm1": f.expm1,
    "log": f.log,
    "log1p": f.log1p,
    "reciprocal": f.reciprocal,
    "rsqrt": f.rsqrt,
    "sin": f.sine,
    "sqrt": f.sqrt,
    "tan": f.tangent,
    "tanh": f.tanh,
}


def degree_of(dtype: Any) -> int:
    return f.FULL_DEGREE if dtype == torch.float64 else f.DEGREE


def _unary(name: str, function: Callable[..., Any], graded: bool) -> None:
    def run(context: Context, x: Any) -> Any:
        x = x if x.is_floating_point() else x.to(torch.get_default_dtype())
        if not graded:
            return in_float64(function, x)
        degree = degree_of(x.dtype)
        return in_float64(lambda piece: function(piece, degree), x)

    meaning(name, f"{name}_")(run)


for _name in _GRADED:
    _unary(_name, _GRADED[_name], True)
for _name in _ONE_WAY:
    _unary(_name, _ONE_WAY[_name], False)


@meaning("log2", "log10")
def _log_of_base(context: Context, x: Any, *, function: Any) -> Any:
    base = 0.6931471805599453 if named(function) == "log2" else 2.302585092994046
    x = x if x.is_floating_point() else x.to(torch.get_default_dtype())
    return in_float64(lambda piece: f.log(piece).div_(scalar(base, piece)), x)


@meaning("softplus")
def _softplus(context: Context, x: Any, beta: float = 1, threshold: float = 20) -> Any:
    if beta != 1:
        raise UnsupportedOperation("aten::softplus", "beta is not 1")
    degree = degree_of(x.dtype)
    return in_float64(lambda p: torch.where(p > threshold, p, f.softplus(p, degree)), x)


@meaning("log_sigmoid")
def _log_sigmoid(context: Context, x: Any) -> Any:
    degree = degree_of(x.dtype)
    return in_float64(lambda piece: f.softplus(piece.neg(), degree).neg_(), x)


@meaning("gelu", "gelu_")
def _gelu(context: Context, x: Any, *, approximate: str = "none") -> Any:
    degree = degree_of(x.dtype)
    if approximate == "none":
        return in_float64(lambda piece: f.gelu(piece, degree), x)

    def by_sigmoid(piece: Any) -> Any:
        inner = (piece * piece).mul_(piece).mul_(0.044715).add_(piece).mul_(2.0 * 0.7978845608028654)
        return f.sigmoid(inner, degree).mul_(piece)

    return in_float64(by_sigmoid, x)


@meaning("mish")
def _mish(context: Context, x: Any) -> Any:
    degree = degree_of(x.dtype)
    return in_float64(lambda piece: f.tanh(f.softplus(piece, degree)).mul_(piece), x)


@meaning("elu", "elu_")
def _elu(context: Context, x: Any, alpha: float = 1, scale: float = 1, input_scale: float = 1) -> Any:
    if (scale, input_scale) != (1, 1):
        raise UnsupportedOperation("aten::elu", "scale is not 1")
    return in_float64(lambda p: torch.where(p > 0, p, f.expm1(p.clamp(max=0.0)).mul_(float(alpha))), x)


@meaning("leaky_relu", "leaky_relu_")
def _leaky_relu(context: Context, x: Any, negative_slope: float = 0.01) -> Any:
    return torch.where(x > 0, x, x * negative_slope)


@meaning("relu6", "hardsigmoid", "hardswish", "hardswish_")
def _hard(context: Context, x: Any, *, function: Any) -> Any:
    name = named(function)
    if name == "relu6":
        return x.clamp(0.0, 6.0)

    def run(piece: Any) -> Any:
        step = (piece + 3.0).clamp_(0.0, 6.0)
        return (step if name == "hardsigmoid" else step.mul_(piece)).div_(scalar(6.0, piece))

    return in_float64(run, x)


@meaning("glu")
def _glu(context: Context, x: Any, dim: int = -1) -> Any:
    value, gate = x.chunk(2, dim)
    return value * in_float64(lambda piece: f.sigmoid(piece, degree_of(x.dtype)), gate)


@meaning("square", "square_")
def _square(context: Context, x: Any) -> Any:
    return x * x


@meaning("add", "add_", "sub", "sub_", "subtract", "subtract_", "rsub")
def _add(context: Context, a: Any, b: Any, alpha: Any = 1, *, function: Any) -> Any:
    if alpha != 1:  # by itself, so that it isn't fused with the sum
        b = b * alpha
    name = named(function)
    if name == "rsub":
        a, b = b, a
    return a + b if name == "add" else a - b


@meaning("div", "div_", "divide", "divide_", "true_divide", "true_divide_")
def _div(context: Context, a: Any, b: Any, *, rounding_mode: str | None = None) -> Any:
    if rounding_mode is not None and not (is_float(a) or is_float(b) or isinstance(b, float)):
        return torch.div(a, b, rounding_mode=rounding_mode)
    if isinstance(a, torch.Tensor) and a.ndim == 0 and not (isinstance(b, torch.Tensor) and b.ndim):
        quotient = torch.div(a.reshape(1), _divisor(a.reshape(1), b)).reshape(())
    else:
        quotient = torch.div(a, _divisor(a, b))
    if rounding_mode is not None:
        quotient = quotient.floor() if rounding_mode == "floor" else quotient.trunc()
    return quotient


@meaning("floor_divide", "floor_divide_")
def _floor_divide(context: Context, a: Any, b: Any) -> Any:
    return _div(context, a, b, rounding_mode="floor")


def _divisor(a: Any, b: Any) -> Any:
    """A divisor that is no constant: torch's CUDA kernels multiply by the reciprocal of those."""
    if isinstance(b, torch.Tensor) and b.ndim:
        return b
    dtype = torch.result_type(a, b)
    if not dtype.is_floating_point:
        dtype = torch.get_default_dtype()
    value = b if isinstance(b, torch.Tensor) else torch.as_tensor(float(b), dtype=torch.float64)
    value = value.to(device=a.device, dtype=dtype)
    return value.reshape((1,) * a.ndim)


@meaning("remainder", "remainder_")
def _remainder(context: Context, a: Any, b: Any) -> Any:
    if not (is_float(a) or is_float(b) or isinstance(b, float)):
        return torch.remainder(a, b)
    dtype = torch.result_type(a, b)
    if not isinstance(a, torch.Tensor):
        a = torch.full_like(b, float(a))
    constant = not isinstance(b, torch.Tensor)
    divisor = torch.full_like(a, float(b), dtype=torch.float64) if constant else b.to(torch.float64)
    rest = torch.fmod(a.to(torch.float64), divisor)
    return torch.where((rest != 0) & ((rest < 0) != (divisor < 0)), rest + divisor, rest).to(dtype)


@meaning("addcmul", "addcmul_", "addcdiv", "addcdiv_")
def _addc(context: Context, x: Any, a: Any, b: Any, *, value: Any = 1, function: Any) -> Any:
    part = a * b if named(function) == "addcmul" else torch.div(a, b)
    return x + (part if value == 1 else part * value)


@meaning("lerp", "lerp_")
def _lerp(context: Context, a: Any, b: Any, weight: Any) -> Any:
    if not isinstance(weight, torch.Tensor):
        return a + (b - a) * weight if abs(weight) < 0.5 else b - (b - a) * (1 - weight)
    return torch.where(weight.abs() < 0.5, a + (b - a) * weight, b - (b - a) * (1 - weight))


@meaning("pow", "pow_", "float_power")
def _pow(context: Context, x: Any, y: Any) -> Any:
    if not (is_float(x) or is_float(y) or isinstance(x, float) or isinstance(y, float)):
        return torch.pow(x, y)
    dtype = torch.result_type(x, y)
    if not dtype.is_floating_point:
        dtype = torch.get_default_dtype()
    if not isinstance(x, torch.Tensor):
        base = torch.full_like(y, float(x), dtype=torch.float64)
        return f.power(base, y.to(torch.float64)).to(dtype)
    if isinstance(y, torch.Tensor):
        base, y = torch.broadcast_tensors(x.to(torch.float64), y.to(device=x.device, dtype=torch.float64))
        return f.power(base, y).to(dtype)
    return in_float64(lambda piece: _constant_power(piece, float(y)), x, dtype)


def _constant_power(x: Any, y: float) -> Any:
    if y.is_integer() and 0 <= y <= 64:
        result = torch.ones_like(x) if y == 0 else x
        for _ in range(int(y) - 1):
            result = result * x
        return result
    if y == 0.5:
        return f.sqrt(x)
    if y == -0.5:
        return f.rsqrt(x)
    if y == -1.0:
        return f.reciprocal(x)
    return f.power(x, torch.full_like(x, y))
