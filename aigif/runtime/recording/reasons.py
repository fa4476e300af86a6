"""Why a call can't be recorded: collected, then refused all together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aigif.errors import AigifError
from aigif.runtime.honour import NotHonouredError

__all__ = ["NotRecordableError", "Reasons", "Refusal"]


class NotRecordableError(AigifError):
    """A call that no file could recreate. `reasons` maps what stands in the way (an argument, a component) to why."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        listed = "; ".join(f"{what}: {why}" for what, why in reasons.items())
        super().__init__(
            f"the call can't be recorded: {listed}",
            hint="change it, or let it run unrecorded (strict=False)",
        )
        self.reasons = dict(reasons)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call, or one picture of it, that went by unrecorded."""

    reasons: Mapping[str, str]
    position: int | None = None
    """The picture's place in its batch, from 0; None where the whole call was refused."""


class Reasons:
    """Collects what stands in a recording's way, and what only deserves a warning."""

    def __init__(self) -> None:
        self.problems: dict[str, str] = {}
        self.warnings: list[str] = []

    def add(self, what: str, why: str) -> None:
        """`what` (an argument, a component, an element) can't be recorded; only its first reason is kept."""
        self.problems.setdefault(what, why)

    def add_error(self, error: AigifError, what: str) -> None:
        """The reasons of another part's refusal: all elements that it names, or else `what`."""
        if isinstance(error, NotHonouredError):
            for element, reason in error.problems.items():
                self.add(element, reason)
            return
        self.add(error.element or what, f"{error.message}; {error.hint}" if error.hint else error.message)

    def warn(self, text: str) -> None:
        """The picture can be recreated, but something may change its last bits, or was decided here."""
        if text not in self.warnings:
            self.warnings.append(text)
