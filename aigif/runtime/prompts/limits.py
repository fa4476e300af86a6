"""How far a prompt from a file may go, so that a hostile one ends in an error and not in a long wait."""

from __future__ import annotations

from aigif.errors import LimitError

__all__ = ["MAX_NESTING", "MAX_STRETCHES", "check_nesting", "check_stretches"]

MAX_NESTING = 200
"""Brackets open at a time. Parsing takes time in proportion to length times this."""
MAX_STRETCHES = 1000
"""Texts that one prompt may become in the course of a run."""


def check_nesting(depth: int) -> None:
    """LimitError if more than MAX_NESTING brackets are open."""
    if depth > MAX_NESTING:
        raise LimitError(
            f"a prompt with more than {MAX_NESTING} brackets open at a time", element="data.prompt"
        )


def check_stretches(count: int) -> None:
    """LimitError if a prompt changes more than MAX_STRETCHES times."""
    if count > MAX_STRETCHES:
        raise LimitError(
            f"a prompt that changes {count} times, of {MAX_STRETCHES} allowed", element="data.prompt"
        )
