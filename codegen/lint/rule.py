"""What a lint rule is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Protocol

from codegen.layout import Layouts
from codegen.model import Schema
from codegen.problems import Position, Problem


class Rule(Protocol):
    """One rule of style or evolution; `name` stands in its problems, `doc` says what it asks for."""

    name: ClassVar[str]
    doc: ClassVar[str]

    def check(self, schema: Schema, layouts: Layouts) -> Iterator[Problem]:
        """The problems of a schema that has passed all passes."""
        ...


def problem(rule: Rule, position: Position, message: str) -> Problem:
    return Problem(position, rule.name, message)
