"""Weights on their grids, made once for each run: whole numbers of at most 24 bits, which float32 holds."""

from __future__ import annotations

from typing import Any

from aigif.runtime.exact.grids import to_grid
from aigif.runtime.torchlib import require

__all__ = ["Weights"]

torch: Any = require("torch")


class Weights:
    """Parameters of a model as (output, input) matrices of whole numbers, with a unit for each output.

    A parameter that was changed in place since is rounded anew. Tensors that aren't parameters are not kept.
    """

    def __init__(self) -> None:
        self._held: dict[tuple[int, int], tuple[Any, int, Any, Any]] = {}

    def get(self, weight: Any, bits: int) -> tuple[Any, Any]:
        """The whole numbers (output, input) as float32, and the units (output,) as float64."""
        key = (id(weight), bits)
        version = _version(weight)
        held = self._held.get(key)
        if held is not None and held[0] is weight and held[1] == version:
            return held[2], held[3]
        whole, unit = to_grid(weight.detach().reshape(weight.shape[0], -1), bits, (1,))
        unit = unit.reshape(-1)
        if isinstance(weight, torch.nn.Parameter) and version >= 0:
            self._held[key] = (weight, version, whole, unit)
        return whole, unit


def _version(weight: Any) -> int:
    """How often a tensor was changed in place; -1 where torch doesn't count."""
    return -1 if weight.is_inference() else int(weight._version)
