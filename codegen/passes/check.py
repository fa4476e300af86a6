"""What a pass is: one named rule about the meaning of a schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from codegen.model import Schema
from codegen.problems import Position, Problem

Complaint = tuple[Position, str]
Find = Callable[[Schema], Iterator[Complaint]]


@dataclass(frozen=True, slots=True)
class Pass:
    """A rule that must hold before a layout is built; call it to get the problems."""

    name: str
    doc: str
    find: Find

    def __call__(self, schema: Schema) -> list[Problem]:
        return [Problem(position, self.name, message) for position, message in self.find(schema)]


def check(find: Find) -> Pass:
    """Make a function that finds complaints a pass; its name in capitals names the rule."""
    return Pass(find.__name__.upper(), find.__doc__ or "", find)


def quoted(names: object) -> str:
    """Names for a message: `a, b, c`, and a dash where there are none."""
    assert isinstance(names, (list, tuple, set, frozenset, dict))
    return ", ".join(sorted(str(name) for name in names)) or "(none)"
