"""Weights on their grids, made once for each model: whole numbers of at most 23 bits, which float32 holds."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

from aigif.runtime.exact.grids import PLACE_OF_ONE, OnGrid, grid_place, piece_ends, scalar
from aigif.runtime.torchlib import require

__all__ = ["Weight", "Weights"]

torch: Any = require("torch")

_MOST_WIDE = 1 << 25
"""Elements of all weights together that are kept in float64: 256 MiB."""
_BLOCK = 1 << 17
"""Elements of a block of a weight in float64 that is made in passing: 1 MiB."""


class Weight:
    """A parameter (outputs, channels, kernel ...) as one matrix for each place of the kernel but its last dimension.

    Matrices are (outputs, channels times the kernel's last size), on a grid for each output.
    """

    def __init__(self, weight: Any, bits: int, keep: bool) -> None:
        given = weight.detach().to(torch.float32).reshape(weight.shape[0], -1)
        self.kernel = tuple(weight.shape[2:])
        self.channels = int(weight.shape[1]) if weight.ndim > 1 else 1
        self.width = self.kernel[-1] if self.kernel else 1
        self.place = grid_place(given, bits, (1,))
        self._norms: dict[int, list[float]] = {}
        rounded = torch.empty_like(given, dtype=torch.float64 if keep else torch.float32)
        step = max(1, _BLOCK // max(1, given.shape[1]))
        for at in range(0, given.shape[0], step):
            place = self.place[at : at + step]
            rounded[at : at + step] = given[at : at + step].to(torch.float64).add_(place).sub_(place)
        shape = (given.shape[0], self.channels, prod(self.kernel[:-1]), self.width)
        self.numbers = rounded.reshape(shape).permute(2, 0, 1, 3).contiguous().flatten(2)
        """(places, outputs, channels times last size): float64 or float32."""

    @property
    def turned(self) -> OnGrid | None:
        """The whole of a matrix that is kept in float64, as a right operand; None for others."""
        if self.kernel or self.numbers.dtype != torch.float64:
            return None
        return OnGrid(self.numbers[0].t(), self.place.t(), -2, known_norms=self.largest_norms)

    def matrix(self, place: int, start: int = 0, stop: int | None = None) -> Any:
        """The matrix of a place of the kernel, its outputs from start to stop, float64."""
        return self.numbers[place, start:stop].to(torch.float64)

    def blocks(self, few: bool) -> Iterator[tuple[int, int, list[Any]]]:
        """Start, stop and matrices of the outputs: all together if they are in float64, or are needed again."""
        outputs, length = self.numbers.shape[1:]
        step = outputs
        if few and self.numbers.dtype != torch.float64:
            step = max(16, _BLOCK // max(1, length))
        for at in range(0, outputs, step):
            stop = min(at + step, outputs)
            yield at, stop, [self.matrix(n, at, stop) for n in range(self.numbers.shape[0])]

    def largest_norms(self, count: int) -> list[float]:
        """The largest norm, in units, of an output's numbers in each of `count` pieces of the channels."""
        found = self._norms.get(count)
        if found is None:
            inverse = scalar(PLACE_OF_ONE, self.place).div(self.place)
            found = self._norms[count] = []
            for start, stop in piece_ends(self.channels, count):
                part = self.numbers[:, :, start * self.width : stop * self.width]
                each = torch.linalg.vector_norm(part, dim=2, dtype=torch.float64)
                norms = torch.linalg.vector_norm(each, dim=0)
                found.append(float(norms.mul_(inverse[:, 0]).amax()))
        return found


@dataclass(slots=True)
class _Held:
    parameter: weakref.ref[Any]
    content: int
    made: Weight
    kept: int


_HELD: dict[tuple[int, int], _Held] = {}
"""By the parameter's identity and bits, for as long as the parameter lives."""


class Weights:
    """Parameters of models on their grids, one for each output. A model's are made once in a process.

    Each run looks at a parameter's content when it meets it first, by a sum of its bits, and during the run at how
    often it was changed in place; one that was changed is rounded anew. Tensors that aren't parameters are not kept.
    """

    def __init__(self) -> None:
        self._met: dict[tuple[int, int], tuple[int, _Held]] = {}

    def get(self, weight: Any, bits: int) -> Weight:
        """A parameter (outputs, ...) on the grid of `bits`."""
        version = _version(weight)
        lasting = isinstance(weight, torch.nn.Parameter) and version >= 0 and weight.dtype == torch.float32
        if not lasting:
            return Weight(weight, bits, keep=True)
        key = (id(weight), bits)
        met = self._met.get(key)
        if met is not None and met[0] == version and met[1].parameter() is weight:
            return met[1].made
        content = int(weight.detach().view(torch.int32).sum(dtype=torch.int64))
        held = _HELD.get(key)
        if held is None or held.parameter() is not weight or held.content != content or _moved(held, weight):
            _HELD.pop(key, None)
            keep = sum(each.kept for each in _HELD.values()) + weight.numel() <= _MOST_WIDE
            reference = weakref.ref(weight, lambda _: _HELD.pop(key, None))
            held = _Held(reference, content, Weight(weight, bits, keep), weight.numel() if keep else 0)
            _HELD[key] = held
        self._met[key] = (version, held)
        return held.made


def _moved(held: _Held, weight: Any) -> bool:
    return bool(held.made.place.device != weight.device)


def _version(weight: Any) -> int:
    """How often a tensor was changed in place; -1 where torch doesn't count."""
    return -1 if weight.is_inference() else int(weight._version)
