"""Every operation of the definition on small inputs: what the vectors freeze, and what platforms are compared by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Run = Callable[[Any], Any]


def inputs(count: int, seed: int, scale: float = 2.0**-13) -> Any:
    """`count` float32 numbers from -4 to 4 without visible order, the same everywhere."""
    import torch

    whole = (torch.arange(count, dtype=torch.int64) * 48271 + seed * 7919) % 65521 - 32760
    return whole.to(torch.float32) * scale


def shaped(*shape: int, seed: int = 1, scale: float = 2.0**-13) -> Any:
    import math

    return inputs(math.prod(shape), seed, scale).reshape(shape)


def operations() -> dict[str, Run]:
    """By name: a function of torch that gives a tensor. Called under exact arithmetic."""
    import torch

    F: Any = torch.nn.functional
    x, above = shaped(48), shaped(48, seed=2).abs() + 2.0**-12
    picture, kernel = shaped(2, 4, 6, 5), shaped(6, 4, 3, 3, seed=3)
    rows, weight, bias = shaped(3, 5, 16), shaped(7, 16, seed=4), shaped(7, seed=5)
    heads = shaped(2, 2, 9, 8)
    named: dict[str, Callable[[], Any]] = {
        **{name: _call(getattr(torch, name), x) for name in _OF_ALL},
        **{name: _call(getattr(torch, name), above) for name in ("log", "log2", "log1p", "sqrt", "rsqrt")},
        "acos": lambda: torch.acos(x * 0.2),
        "silu": lambda: F.silu(x),
        "gelu": lambda: F.gelu(x),
        "gelu_tanh": lambda: F.gelu(x, approximate="tanh"),
        "softplus": lambda: F.softplus(x),
        "elu": lambda: F.elu(x),
        "mish": lambda: F.mish(x),
        "pow": lambda: torch.pow(above, 0.3),
        "pow_whole": lambda: torch.pow(x, 3),
        "pow_tensor": lambda: torch.pow(above, x),
        "div_constant": lambda: x / 0.18215,
        "add_alpha": lambda: torch.add(x, above, alpha=0.3),
        "addcmul": lambda: torch.addcmul(x, above, x, value=0.3),
        "lerp": lambda: torch.lerp(x, above, 0.3),
        "remainder": lambda: torch.remainder(x, 0.7),
        "sum": lambda: shaped(3, 500).sum(-1),
        "mean": lambda: picture.mean((2, 3)),
        "var": lambda: rows.var(-1),
        "std": lambda: rows.std(-1, unbiased=False),
        "norm": lambda: torch.linalg.vector_norm(rows, dim=-1),
        "cumsum": lambda: x.cumsum(0),
        "cumprod": lambda: (above * 0.3).cumprod(0),
        "softmax": lambda: rows.softmax(-1),
        "log_softmax": lambda: rows.log_softmax(-1),
        "argmax": lambda: (x > 0).to(torch.int64).argmax(0),
        "group_norm": lambda: F.group_norm(picture, 2, shaped(4, seed=6), shaped(4, seed=7)),
        "layer_norm": lambda: F.layer_norm(rows, (16,), shaped(16, seed=6), shaped(16, seed=7)),
        "rms_norm": lambda: F.rms_norm(rows, (16,), shaped(16, seed=6)),
        "linear": lambda: F.linear(rows, weight, bias),
        "matmul": lambda: rows @ weight.t(),
        "matmul_long": lambda: shaped(3, 700) @ shaped(700, 4, seed=8),
        "addmm": lambda: torch.addmm(bias, rows[0], weight.t(), beta=0.5, alpha=2.0),
        "baddbmm": lambda: torch.baddbmm(rows[:, :, :5], rows, rows.transpose(1, 2), beta=1, alpha=0.1),
        "einsum": lambda: torch.einsum("bik,bjk->bij", rows, rows),
        "outer": lambda: torch.outer(x[:5], above[:4]),
        "conv2d": lambda: F.conv2d(picture, kernel, shaped(6, seed=9), padding=1),
        "conv2d_step": lambda: F.conv2d(picture, kernel, stride=2, padding=1),
        "conv2d_groups": lambda: F.conv2d(picture, kernel[:, :2], padding=1, groups=2),
        "conv1d": lambda: F.conv1d(rows, shaped(4, 5, 3), padding="same"),
        "conv3d": lambda: F.conv3d(shaped(1, 2, 3, 4, 4), shaped(3, 2, 2, 2, 2), dilation=1),
        "conv_transpose2d": lambda: F.conv_transpose2d(picture, kernel.transpose(0, 1), stride=2, padding=1),
        "attention": lambda: F.scaled_dot_product_attention(heads, heads.flip(2), heads.roll(1, 2)),
        "attention_causal": lambda: F.scaled_dot_product_attention(heads, heads, heads, is_causal=True),
        "attention_mask": lambda: F.scaled_dot_product_attention(
            heads, heads, heads, attn_mask=shaped(9, 9).masked_fill(shaped(9, 9) > 3.0, float("-inf")), scale=0.5
        ),
        "nearest": lambda: F.interpolate(picture, size=(9, 7)),
        "bilinear": lambda: F.interpolate(picture, size=(9, 7), mode="bilinear"),
        "nearest_exact": lambda: F.interpolate(picture, size=(9, 7), mode="nearest-exact"),
        "area": lambda: F.interpolate(picture, size=(4, 7), mode="area"),
        "bicubic": lambda: F.interpolate(picture, size=(9, 7), mode="bicubic"),
        "bilinear_smooth": lambda: F.interpolate(picture, size=(4, 9), mode="bilinear", antialias=True),
        "bicubic_smooth": lambda: F.interpolate(picture, size=(4, 9), mode="bicubic", antialias=True),
        "bicubic_aligned": lambda: F.interpolate(
            picture, size=(4, 9), mode="bicubic", antialias=True, align_corners=True
        ),
        "avg_pool": lambda: F.avg_pool2d(picture, 2),
        "linspace": lambda: torch.linspace(0.00085**0.5, 0.012**0.5, 21),
        "arange": lambda: torch.arange(0.1, 2.0, 0.3),
        "randn": lambda: torch.randn(37, generator=torch.Generator().manual_seed(7)),
        "exponential": lambda: torch.empty(20).exponential_(1.5, generator=_generator()),
        "multinomial": lambda: torch.multinomial(rows[0].abs(), 1, generator=_generator()),
        "multinomial_distinct": lambda: torch.multinomial(rows[0].abs(), 16, generator=_generator()),
        "multinomial_again": lambda: torch.multinomial(rows[0].abs(), 20, True, generator=_generator()),
        "normal_quantile": lambda: torch.special.ndtri(above * 0.24),
        "normal_quantile_far": lambda: torch.special.ndtri(torch.exp(x.to(torch.float64) * 150.0)),
        "scattered_sums": lambda: rows[0].scatter_reduce(0, _places(9, 16), shaped(9, 16, seed=3), "sum"),
        "scattered_anew": lambda: rows[0].scatter_reduce(
            0, _places(9, 16), shaped(9, 16, seed=3), "sum", include_self=False
        ),
        "index_add": lambda: rows[0].index_add(1, _places(9), shaped(5, 9, seed=3), alpha=0.3),
        "solve": lambda: torch.linalg.solve(rows[0, :3, :3], rows[1, :3, :2]),
        "polar": lambda: torch.view_as_real(torch.polar(above, x)),
        "complex_product": lambda: torch.view_as_real(
            torch.view_as_complex(shaped(8, 2)) * torch.view_as_complex(shaped(8, 2, seed=3))
        ),
    }
    return {name: _ignoring(run) for name, run in named.items()}


_OF_ALL = ("exp", "sin", "cos", "tan", "tanh", "sigmoid", "erf", "expm1", "atan", "square", "reciprocal")


def _generator() -> Any:
    import torch

    return torch.Generator().manual_seed(11)


def _places(*shape: int) -> Any:
    """Whole numbers from 0 to 4; each is met more than once."""
    import math

    import torch

    return ((torch.arange(math.prod(shape)) * 48271) % 65521 % 5).reshape(shape)


def _call(function: Any, x: Any) -> Callable[[], Any]:
    return lambda: function(x)


def _ignoring(run: Callable[[], Any]) -> Run:
    return lambda _: run()


def as_hex(x: Any) -> str:
    """The numbers of a tensor, big-endian, in hexadecimal; zeros have no sign."""
    x = x + 0.0 if x.is_floating_point() else x
    found = x.detach().contiguous().numpy()
    return str(found.astype(found.dtype.newbyteorder(">")).tobytes().hex())
