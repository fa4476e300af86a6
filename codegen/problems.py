"""Places in the schema, and complaints about them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a YAML file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One complaint: where, which rule, what is wrong and what to do."""

    position: Position
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.position}: {self.rule}: {self.message}"


class SchemaError(Exception):
    """The schema can't be compiled; `problems` says why, in the order of their places."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
