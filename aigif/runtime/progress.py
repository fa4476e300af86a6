"""What a long operation tells whoever draws its progress."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

__all__ = ["Meter", "NoProgress", "Progress"]


@runtime_checkable
class Progress(Protocol):
    """Receives progress. `start` comes first, then `step` with a growing count, then `done`, also after an error."""

    def start(self, total: int, what: str) -> None:
        """An operation of `total` steps begins; `what` says in a few words which."""

    def step(self, completed: int) -> None:
        """`completed` of the steps are done, counted from the start (1 to total)."""

    def done(self) -> None:
        """The operation ended."""


class NoProgress:
    """Draws nothing."""

    def start(self, total: int, what: str) -> None:
        """Ignored."""

    def step(self, completed: int) -> None:
        """Ignored."""

    def done(self) -> None:
        """Ignored."""


class Meter:
    """One progress over the passes of a picture, of so many steps each, as a context manager."""

    def __init__(self, progress: Progress, passes: Sequence[int]) -> None:
        self._progress = progress
        self._passes = list(passes)
        self._total = sum(passes)
        self._before = 0
        self._told = 0

    def __enter__(self) -> Meter:
        self._progress.start(self._total, "diffusion steps")
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.done()

    @property
    def pass_steps(self) -> int:
        """Steps of the pass that runs."""
        return self._passes[0]

    def step(self, completed: int) -> None:
        """`completed` steps of this pass are done, counted from 1."""
        count = min(self._total, self._before + completed)
        if count > self._told:
            self._told = count
            self._progress.step(count)

    def next_pass(self) -> None:
        """A pass has ended, and another begins."""
        self._before += self._passes.pop(0)
