"""A damaged schema gives a compiled schema or a SchemaError with places, never another error."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from codegen import breaking, lint, lock
from codegen.compile import compile_schema
from codegen.problems import SchemaError
from tests.codegen.bad_files import RELEASED, RELEASED_LOCK

LINES = RELEASED.read_text(encoding="utf-8").splitlines(keepends=True)
WORD = re.compile(r"-?[\w.]+")
REPLACEMENTS = (
    "-1",
    "0",
    "99999999999",
    "1.5",
    "red",
    "toy",
    "part",
    "toy.colour",
    "true",
    "null",
    "[]",
    "{}",
    '""',
)


def compile_damaged(text: str, path: Path) -> bool:
    """Whether a schema still compiles; raises what no schema may raise."""
    path.write_text(text, encoding="utf-8")
    try:
        schema, layouts = compile_schema(path)
    except SchemaError as error:
        assert error.problems
        return False
    lint.run(schema, layouts)
    breaking.run(lock.read(RELEASED_LOCK), schema)
    return True


def test_without_a_line(tmp_path: Path) -> None:
    for index in range(len(LINES)):
        compile_damaged("".join(LINES[:index] + LINES[index + 1 :]), tmp_path / "toy.yaml")


def test_cut_short(tmp_path: Path) -> None:
    for index in range(len(LINES)):
        compile_damaged("".join(LINES[:index]), tmp_path / "toy.yaml")


@pytest.mark.parametrize("turn", range(2))
def test_with_another_word(turn: int, tmp_path: Path) -> None:
    """Every word is replaced by one of the replacements, which come round in turn."""
    text = "".join(LINES[1:])
    refused = 0
    for index, match in enumerate(WORD.finditer(text)):
        replacement = REPLACEMENTS[(index + 5 * turn) % len(REPLACEMENTS)]
        damaged = text[: match.start()] + replacement + text[match.end() :]
        refused += not compile_damaged(damaged, tmp_path / "toy.yaml")
    assert refused > 100
