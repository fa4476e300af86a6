"""Further cases of the breaking-change rules, beside the one in each rule's file."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen import breaking, lock
from codegen.compile import compile_schema
from tests.codegen.bad_files import RELEASED, RELEASED_LOCK, breaking_complaints, edited

Change = tuple[str, str]

NEXT = ('version: "1.1"', 'version: "1.2"')
BLUE = '      blue: {code: 2, since: "1.0"'
TEAL = '      teal: {code: 3, since: "1.1", family: cold, doc: "Teal."}\n'
FIELD = "toy.wheels, code: {bits: 8}"
PICKED = "toy.wheels, code: {pick: {bits: 1, values: [4], forms: [{bits: 8}]}}"

BROKEN: dict[str, tuple[list[Change], str]] = {
    "a new value of an old version": (
        [(BLUE, TEAL + BLUE)],
        "NEW_WITHOUT_VERSION: colour.teal is new, and 1.1 is released",
    ),
    "a private range cut": (
        [("private: [[100, 199]]", "private: [[100, 150]]")],
        "RANGE_SHRUNK: the private range of colour was released with the code 151",
    ),
    "ranges given up": (
        [("    ranges: {registered: [[0, 99]], private: [[100, 199]]}\n", "")],
        "RANGE_SHRUNK: the registered range of colour was released with the code 0",
    ),
    "a value renamed": (
        [("      green: {code: 1", "      lime: {code: 1")],
        "NAME_CHANGED: colour.green (code 1) is called lime now",
    ),
    "an attribute's value taken away": (
        [('green: {code: 1, since: "1.0", family: cold, ', 'green: {code: 1, since: "1.0", ')],
        "ATTRIBUTE_CHANGED: family of colour.green was released as 'cold' and is empty now",
    ),
    "a longer list": (
        [("max_length: 9, when", "max_length: 10, when")],
        "RANGE_GROWN: toy.parts was released with max_length 9 and has max_length 10 now",
    ),
    "a wider range": (
        [("[0, 200]", "[0, 255]")],
        "RANGE_GROWN: toy.wheels was released with the range 0 to 200 and has the range 0 to 255 now",
    ),
    "a value taken from a condition on an attribute": (
        [("in: [cold]", "in: [warm]")],
        "CONDITION_CHANGED: the condition of toy.parts was released as family of toy.colour in [cold]",
    ),
    "a condition taken away": (
        [("when: {element: toy.colour, in: [red, blue]}, ", "")],
        "CONDITION_CHANGED: the condition of toy.shade was released as toy.colour in [0, 2] and is none now",
    ),
    "a sealed field's code": (
        [(FIELD, PICKED)],
        "SEALED_PROFILE_CHANGED: closed is sealed, and its field 2 was toy.wheels {bits: 8} and is "
        "toy.wheels {pick: {bits: 1, values: [4], forms: [{bits: 8}]}} now",
    ),
    "a sealed profile's number": (
        [("number: 1", "number: 3")],
        "SEALED_PROFILE_CHANGED: closed is sealed, and its number was 1 and is 3 now",
    ),
    "a sealed profile gone": (
        [("  closed:\n", "  shut:\n")],
        "SEALED_PROFILE_CHANGED: closed is sealed, and it is gone",
    ),
    "a profile gone": (
        [("  open:\n    number: 0", "  wide:\n    number: 2")],
        "PROFILE_CHANGED: the profile open was released as number 0, bundle, and is gone now",
    ),
    "a reserved name given up": (
        [("names: [sound]", "names: []")],
        "RESERVED_REMOVED: the name sound was reserved in toy",
    ),
    "an element of a group that is gone": (
        [
            ("syntax: [toy]", "syntax: [game]"),
            ("  toy:\n    title", "  game:\n    title"),
            ("present: toy.pictured", "present: game.pictured"),
            ("toy.colour, in", "game.colour, in"),
            ("toy.colour, attribute", "game.colour, attribute"),
            ("toy.colour, code", "game.colour, code"),
            ("toy.wheels, code", "game.wheels, code"),
            ("  toy: {numbers", "  game: {numbers"),
        ],
        "NAME_CHANGED: toy.wheels (id 2) is called game.wheels now",
    ),
}


@pytest.mark.parametrize(("changes", "complaint"), BROKEN.values(), ids=BROKEN)
def test_broken(changes: list[Change], complaint: str, tmp_path: Path) -> None:
    found = breaking_complaints(edited(tmp_path, RELEASED, NEXT, *changes))
    assert any(f": {complaint}" in line for line in found), found


@pytest.mark.parametrize(
    ("before", "now", "complaint"),
    [
        (
            '[{"bits": 2,',
            '[{"bits": 3,',
            "size was released as {pick: {bits: 2, values: [], forms: [{bits: 3}, {bits: 5}, {bits: 9}, "
            "{bits: 16}]}} and is {pick: {bits: 2, values: [], forms: [{bits: 2}, ",
        ),
        ('"exp_depth": 8', '"exp_depth": 9', "exp_depth was released as 9 and is 8 now"),
    ],
)
def test_another_compiler(before: str, now: str, complaint: str) -> None:
    """The release was made by a compiler whose codes differ."""
    text = RELEASED_LOCK.read_text(encoding="utf-8")
    assert text.count(before) == 1
    released = lock.from_json(text.replace(before, now), RELEASED_LOCK.name)
    (found,) = breaking.run(released, compile_schema(RELEASED)[0], "wire")
    assert f": WIRE_CONSTANT_CHANGED: the compiler's {complaint}" in str(found)
