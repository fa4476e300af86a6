"""Meanings of complex numbers, as pairs of real ones: what rotary embeddings need of them."""

from __future__ import annotations

from typing import Any

from aigif.runtime.exact import functions as f
from aigif.runtime.exact.table import Context, meaning
from aigif.runtime.torchlib import require

__all__ = ["COMPLEX"]

torch: Any = require("torch")

COMPLEX: dict[str, Any] = {}
"""What operations mean for complex tensors, by name."""


@meaning("polar")
def _polar(context: Context, radius: Any, angle: Any) -> Any:
    wide, turn = radius.to(torch.float64), angle.to(torch.float64)
    real, imaginary = (wide * f.cosine(turn)), (wide * f.sine(turn))
    return torch.complex(real.to(radius.dtype), imaginary.to(radius.dtype))


@meaning("complex")
def _complex(context: Context, real: Any, imaginary: Any) -> Any:
    return torch.complex(real, imaginary)


def _mul(a: Any, b: Any) -> Any:
    """(ac - bd) + (ad + bc) i, each of the six operations rounded."""
    if not isinstance(b, torch.Tensor) or not b.is_complex():
        parts = torch.view_as_real(a)
        return torch.view_as_complex(parts * (b[..., None] if isinstance(b, torch.Tensor) else b))
    if not a.is_complex():
        return _mul(b, a)
    ar, ai, br, bi = a.real, a.imag, b.real, b.imag
    return torch.complex(ar * br - ai * bi, ar * bi + ai * br)


COMPLEX["mul"] = _mul
COMPLEX["multiply"] = _mul
