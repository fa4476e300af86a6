"""Which syntax elements a run can't honour: collected, then refused all together, or reported as warnings."""

from __future__ import annotations

from collections.abc import Mapping

from aigif.errors import RecreationError

__all__ = ["NotHonouredError", "Unhonoured"]


class NotHonouredError(RecreationError):
    """Elements of the file that this version, or this model, can't honour. `problems` maps element to reason."""

    def __init__(self, problems: dict[str, str]) -> None:
        listed = "; ".join(f"{element}: {reason}" for element, reason in problems.items())
        super().__init__(
            f"the picture can't be made as recorded: {listed}",
            element=next(iter(problems)) if len(problems) == 1 else None,
            hint="ask for an approximation (approximate=True, --approximate) to run without them",
        )
        self.problems = problems


class Unhonoured:
    """Collects elements that can't be honoured while a run is prepared."""

    def __init__(self) -> None:
        self.problems: dict[str, str] = {}

    def add(self, element: str, reason: str) -> None:
        """`element` (a path such as model.scheduler) can't be honoured; only its first reason is kept."""
        self.problems.setdefault(element, reason)

    def add_all(self, other: Unhonoured, renamed: Mapping[str, str]) -> None:
        """All of `other`'s, with what their paths begin with `renamed`."""
        for element, reason in other.problems.items():
            for begin, instead in renamed.items():
                if element.startswith(begin):
                    element = instead + element.removeprefix(begin)
            self.add(element, reason)

    def settle(self, approximate: bool) -> list[str]:
        """One warning for each element where `approximate`, else NotHonouredError with all of them."""
        if not self.problems:
            return []
        if not approximate:
            raise NotHonouredError(dict(self.problems))
        return [f"{element} is not honoured: {reason}" for element, reason in self.problems.items()]
