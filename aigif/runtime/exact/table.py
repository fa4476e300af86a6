"""The table of operations: which meaning each overload of torch's aten operations has.

An operation has a meaning here (`meaning`), or it is native: its result is the same whatever the kernel, because it
moves data, compares, or makes one operation of IEEE 754. Everything else is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aigif.runtime.exact.engines import Engine
from aigif.runtime.exact.weights import Weights
from aigif.runtime.torchlib import require

__all__ = ["MEANINGS", "Context", "is_float", "meaning", "named", "overloads"]

torch: Any = require("torch")


@dataclass(slots=True)
class Context:
    """What the meanings need to know of the run."""

    bits: int
    """Of the magnitudes of a contraction's left operand; those of the right one, or the weight, have one less."""
    engine: Engine
    weights: Weights = field(default_factory=Weights)
    most_elements: int = 1 << 16
    """Elements of a piece of intermediate numbers, so that they stay in the cache; results don't depend on it."""


Meaning = Callable[..., Any]
MEANINGS: dict[Any, Meaning] = {}
"""By the overload. A meaning takes the context, and then the operation's arguments."""


def meaning(*names: str) -> Callable[[Meaning], Meaning]:
    """Register a meaning for operations (`exp`: every overload) or overloads (`sum.dim_IntList`).

    Names that this version of torch doesn't have are passed over.
    """

    def register(function: Meaning) -> Meaning:
        for name in names:
            MEANINGS.update(dict.fromkeys(overloads(name), function))
        return function

    return register


def overloads(name: str) -> list[Any]:
    """The overloads of an aten operation, or the one that is named after a dot; none with `out`."""
    packet = getattr(torch.ops.aten, name.partition(".")[0], None)
    if packet is None:
        return []
    wanted = name.partition(".")[2]
    names = [wanted] if wanted else packet.overloads()
    return [getattr(packet, each) for each in names if hasattr(packet, each) and not each.endswith("out")]


def is_float(value: Any) -> bool:
    """Whether a value is a tensor of floating-point numbers."""
    return isinstance(value, torch.Tensor) and value.is_floating_point()


def named(function: Any) -> str:
    """The name of an overload's operation, without its trailing underscore."""
    return str(function._schema.name).partition("::")[2].rstrip("_")
