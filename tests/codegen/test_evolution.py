"""What may change after a release, and at which level a change breaks something."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen import breaking, lint, lock
from codegen.breaking.rule import LEVELS
from codegen.compile import compile_schema
from tests.codegen import bad_files
from tests.codegen.bad_files import BREAKING, RELEASED, edited

NEXT = ('version: "1.1"', 'version: "1.2"')
PICTURED = 'pictured: {id: 9, type: bool, default: false, since: "1.0", doc: "Whether there is a photo."}\n'
GREEN = '      green: {code: 1, since: "1.0", family: cold, doc: "Green."}\n'

ALLOWED = {
    "append an element": (
        (
            PICTURED,
            PICTURED
            + '      loud: {id: 10, type: bool, default: false, since: "1.2", doc: "Is it loud?."}\n',
        ),
    ),
    "add a value": ((GREEN, GREEN + '      teal: {code: 3, since: "1.2", family: cold, doc: "Teal."}\n'),),
    "remove a value and reserve it": (
        (GREEN, ""),
        ("reserved:\n", "reserved:\n  colour: {numbers: [1], names: [green]}\n"),
    ),
    "let a group apply to more entries": (("in: [cold]", "in: [cold, warm]"),),
    "reword a doc": (('doc: "Its wheels."', 'doc: "How many wheels it has."'),),
    "reserve more": (("numbers: [5]", "numbers: [5, 77]"),),
    "add a record": (
        (
            "reserved:\n",
            "  second:\n    number: 2\n    form: record\n    sealed: true\n    doc: Another.\n"
            "    fields: [{element: toy.wheels, code: {bits: 8}}]\nreserved:\n",
        ),
    ),
    "fill in an attribute": (('round: {code: 0, since: "1.0"', 'round: {code: 0, corners: 4, since: "1.0"'),),
    "add an attribute": (
        ("attributes: {family: string}", "attributes: {family: string, pigment: string}"),
        ('green: {code: 1, since: "1.0"', 'green: {code: 1, pigment: viridian, since: "1.0"'),
    ),
    "give codes out of a new range": (("[[0, 99]]", "[[0, 99], [200, 250]]"),),
}


@pytest.mark.parametrize("changes", ALLOWED.values(), ids=ALLOWED)
def test_allowed(changes: tuple[tuple[str, str], ...], tmp_path: Path) -> None:
    path = edited(tmp_path, RELEASED, NEXT, *changes)
    schema, layouts = compile_schema(path)
    assert lint.run(schema, layouts) == []
    assert breaking.run(lock.read(bad_files.RELEASED_LOCK), schema) == []


def test_another_major_version_may_change_what_it_codes(tmp_path: Path) -> None:
    changes = [('version: "1.1"', 'version: "2.0"'), ("major: 1", "major: 2"), ("default: 4", "default: 3")]
    path = edited(tmp_path, RELEASED, *changes)
    assert breaking.run(lock.read(bad_files.RELEASED_LOCK), compile_schema(path)[0]) == []


@pytest.mark.parametrize("path", BREAKING, ids=lambda path: path.stem)
def test_levels(path: Path) -> None:
    rule = next(rule for rule in breaking.RULES if rule.name == path.stem)
    told = [
        level
        for level in LEVELS
        if any(f": {path.stem}: " in line for line in bad_files.breaking_complaints(path, level))
    ]
    assert told == list(LEVELS[LEVELS.index(rule.level) :])


def test_renaming_breaks_no_bytes(tmp_path: Path) -> None:
    changes = [
        ("      colour: {id", "      paint: {id"),
        ("{element: toy.colour, code", "{element: toy.paint, code"),
    ]
    conditions = [
        ("{element: toy.colour, in", "{element: toy.paint, in"),
        ("toy.colour, attr", "toy.paint, attr"),
    ]
    path = edited(tmp_path, RELEASED, NEXT, *changes, *conditions)
    assert bad_files.breaking_complaints(path, "wire") == []
    assert [line.split(": ")[1] for line in bad_files.breaking_complaints(path)] == ["NAME_CHANGED"]
