"""Weights on their grids, made once for each run: whole numbers of at most 24 bits, which float32 holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aigif.runtime.exact.grids import to_grid
from aigif.runtime.torchlib import require

__all__ = ["Weight", "Weights"]

torch: Any = require("torch")


_MOST_WIDE = 1 << 25
"""Elements of all weights together that are kept in float64 too: 256 MiB."""


@dataclass(frozen=True, slots=True)
class Weight:
    """A parameter as a matrix (output, input) on its grid, float32."""

    rounded: Any
    unit: Any
    """Of each output: (output, 1), float32."""
    norm: float
    """The largest norm of an output's numbers, in units."""
    held: dict[str, Any]
    keep: bool

    def wide(self, form: str, make: Callable[[Any], Any]) -> Any:
        """What `make` gives of the float64 matrix, kept under the name `form` where there is room."""
        found = self.held.get(form)
        if found is None:
            found = make(self.rounded.to(torch.float64))
            if self.keep:
                self.held[form] = found
        return found


class Weights:
    """Parameters of a model on their grids, one for each output.

    A parameter that was changed in place since is rounded anew. Tensors that aren't parameters are not kept.
    """

    def __init__(self) -> None:
        self._held: dict[tuple[int, int], tuple[Any, int, Weight]] = {}
        self._room = _MOST_WIDE

    def get(self, weight: Any, bits: int) -> Weight:
        """A parameter (output, ...) on the grid of `bits`."""
        key = (id(weight), bits)
        version = _version(weight)
        held = self._held.get(key)
        if held is not None and held[0] is weight and held[1] == version:
            return held[2]
        rounded, unit = to_grid(weight.detach().reshape(weight.shape[0], -1), bits, (1,))
        norms = torch.linalg.vector_norm(rounded, dim=1, keepdim=True, dtype=torch.float64)
        lasting = isinstance(weight, torch.nn.Parameter) and version >= 0
        keep = lasting and self._room >= rounded.numel()
        made = Weight(rounded, unit, float((norms / unit).amax()) if rounded.numel() else 0.0, {}, keep)
        if lasting:
            self._held[key] = (weight, version, made)
            self._room -= rounded.numel() if keep else 0
        return made


def _version(weight: Any) -> int:
    """How often a tensor was changed in place; -1 where torch doesn't count."""
    return -1 if weight.is_inference() else int(weight._version)
