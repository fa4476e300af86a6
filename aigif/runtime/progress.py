"""What a long operation tells whoever draws its progress."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

__all__ = ["NoProgress", "Progress"]


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
