"""Further cases of the lint rules, beside the one in each rule's bad file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.codegen.bad_files import RELEASED, complaints, edited

Change = tuple[str, str]


def append(line: str) -> Change:
    """One more top-level element."""
    return "  part:\n", f"      {line}\n  part:\n"


def reserve(line: str) -> Change:
    return "reserved:\n", f"reserved:\n  {line}\n"


def second_field(field: str) -> Change:
    return "{element: toy.wheels, code: {bits: 8}}", field


def price_code(code: str) -> Change:
    return "unit: euro, code: {float: 64}", f"unit: euro, code: {code}"


TABLE = ("syntax: [toy]", "tables:\n  grain: {file: grain.yaml}\nsyntax: [toy]")
GRAIN = append(
    'grain: {id: 10, type: {table: grain}, default: fine, code: {enum: 2}, since: "1.1", doc: "A."}'
)
NAME = append('name: {id: 10, type: string, default: "", since: "1.1", doc: "A."}')
TENTH = append(
    'tenth: {id: 10, type: float, default: 0.1, range: [0.0, 9.0], code: {float: 64}, since: "1.1", doc: "A."}'
)
HUGE = append(
    'big: {id: 10, type: float, default: 1.0e+300, range: [0.0, 2.0e+300], code: {float: 64}, since: "1.1", doc: A.}'
)
SIZE = 'code: {bits: 3}, since: "1.0", doc: "Its size."}\n'
SCAN = '      scan: {id: 3, type: bytes, max_length: 9000, default: "", since: "1.1", doc: "A scan."}\n'
BUNDLE_LIMIT = '    bundle_bytes: {value: 1024, doc: "Longest bundle."}\n'

REFUSED: dict[str, tuple[list[Change], str]] = {
    "an empty title": ([("title: Part", 'title: ""')], "DOC_MISSING: the title of part is empty"),
    "an entry of a table without doc": ([TABLE, GRAIN], "DOC_MISSING: the doc of grain.fine is empty"),
    "a reserved name": (
        [("names: [sound]", "names: [stamp]")],
        "RESERVED_UNUSED: the name stamp is reserved in toy, and something is called so",
    ),
    "a reserved number in a nested group": (
        [reserve("part: {numbers: [2]}")],
        "RESERVED_UNUSED: the number 2 is reserved in part, and weight has it",
    ),
    "a reserved code": (
        [reserve("colour: {numbers: [2]}")],
        "RESERVED_UNUSED: the number 2 is reserved in colour, and blue has it",
    ),
    "a reserved section": (
        [reserve("sections: {numbers: [3]}")],
        "RESERVED_UNUSED: the number 3 is reserved in sections, and photo has it",
    ),
    "a reserved profile": (
        [reserve("profiles: {names: [open]}")],
        "RESERVED_UNUSED: the name open is reserved in profiles, and something is called so",
    ),
    "a reserved group": (
        [reserve("groups: {names: [part]}")],
        "RESERVED_UNUSED: the name part is reserved in groups, and something is called so",
    ),
    "a reserved enumeration": (
        [reserve("enums: {names: [shape]}")],
        "RESERVED_UNUSED: the name shape is reserved in enums, and something is called so",
    ),
    "strings without a limit": ([NAME], "STRING_GROUP_BOUND: there are strings, and no limit text_bytes"),
    "no limit on bundles": ([(BUNDLE_LIMIT, "")], "MAX_SIZE_KNOWN: there is no limit bundle_bytes"),
    "a bundle longer than a file": (
        [("bundle_bytes: {value: 1024", "bundle_bytes: {value: 5000")],
        "MAX_SIZE_KNOWN: bundle_bytes is more than file_bytes (4096)",
    ),
    "a group longer than its length can say": (
        [(SIZE, SIZE + SCAN)],
        "MAX_SIZE_KNOWN: part may take 72031 bits; a group's length says at most 65535",
    ),
    "a bundle that says it is sealed": (
        [("form: bundle", "form: bundle\n    sealed: true")],
        "RECORD_SEALED: open is a bundle; remove sealed",
    ),
    "a default that 32 bits round": (
        [TENTH, second_field("{element: toy.tenth, code: {float: 32}}")],
        "WIDTH_FITS_VALUES: the default 0.1 of toy.tenth does not fit its field of closed",
    ),
    "a default that 32 bits can't reach": (
        [HUGE, second_field("{element: toy.big, code: {float: 32}}")],
        "WIDTH_FITS_VALUES: the default 1e+300 of toy.big does not fit its field of closed",
    ),
    "a default between the steps": (
        [second_field("{element: toy.wheels, code: {bits: 8, step: 3}}")],
        "WIDTH_FITS_VALUES: the default 4 of toy.wheels does not fit its field of closed",
    ),
    "a default that no alternative takes": (
        [second_field("{element: toy.wheels, code: {pick: {bits: 1, forms: [{bits: 2}]}}}")],
        "WIDTH_FITS_VALUES: the default 4 of toy.wheels does not fit its field of closed",
    ),
    "tenths after the float that says them all": (
        [price_code("{pick: {bits: 2, forms: [{float: 64}, {bits: 7, per: 10}, {float: 64}]}}")],
        "FORM_SHADOWED: form 2 of toy.price is never used",
    ),
}

ACCEPTED: dict[str, list[Change]] = {
    "tenths for a default of a tenth": [
        TENTH,
        second_field("{element: toy.tenth, code: {bits: 8, per: 10}}"),
    ],
    "a constant for the default": [
        second_field("{element: toy.wheels, code: {pick: {bits: 1, values: [4]}}}")
    ],
    "hundredths after a short float": [
        price_code("{pick: {bits: 2, forms: [{float: 32}, {bits: 7, per: 100}, {float: 64}]}}")
    ],
    "coarse steps before fine ones": [
        (
            "[0, 200], code: {bits: 8}",
            "[0, 200], code: {pick: {bits: 1, forms: [{bits: 4, step: 8}, {bits: 8}]}}",
        )
    ],
}


def damaged(folder: Path, changes: list[Change]) -> Path:
    (folder / "grain.yaml").write_text('doc: Grain.\nvalues:\n  fine: {code: 0, since: "1.0", doc: ""}\n')
    return edited(folder, RELEASED, *changes)


@pytest.mark.parametrize(("changes", "complaint"), REFUSED.values(), ids=REFUSED)
def test_refused(changes: list[Change], complaint: str, tmp_path: Path) -> None:
    found = complaints(damaged(tmp_path, changes))
    assert any(f": {complaint}" in line for line in found), found


@pytest.mark.parametrize("changes", ACCEPTED.values(), ids=ACCEPTED)
def test_accepted(changes: list[Change], tmp_path: Path) -> None:
    assert complaints(damaged(tmp_path, changes)) == []
