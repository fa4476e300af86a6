"""The elementary functions that noise is made with: numpy's, unless exact arithmetic puts its own in their place."""

from __future__ import annotations

from typing import Any

from aigif.runtime.torchlib import require

__all__ = ["cos", "log", "sin"]


def log(x: Any) -> Any:
    """The natural logarithm of a float64 array."""
    return require("numpy").log(x)


def sin(x: Any) -> Any:
    """The sine of a float64 array."""
    return require("numpy").sin(x)


def cos(x: Any) -> Any:
    """The cosine of a float64 array."""
    return require("numpy").cos(x)
