"""Further cases of the loader's rules and the passes, beside the one in each rule's bad file."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen.compile import compile_schema
from codegen.problems import SchemaError
from tests.codegen.bad_files import RELEASED, edited

FURTHER = {
    "a range of a uint below 0": (("[0, 200]", "[-1, 200]"), "RANGE: -1 is less than 0; make the type int"),
    "a range of a uint in halves": (("[0, 200]", "[0, 99.5]"), "RANGE: the range of a uint is two whole numbers"),
    "an infinite range": (("[0.0, 99.0]", "[0.0, .inf]"), "RANGE: a range is two finite numbers"),
    "a range of one": (("[0, 200]", "[200]"), "RANGE: a range is two numbers"),
    "a span of codes": (("[[0, 99]]", "[[99, 0]]"), "RANGE: a range is [first, last]"),
    "no value in a condition": (("[red, blue]", "[]"), "CONDITION_FORM: a condition names at least one value"),
    "null in a condition": (("[red, blue]", "[red, null]"), "CONDITION_FORM: a value is missing here"),
    "an odd float": (("{float: 64}", "{float: 16}"), "WIDTH: a float has 32 or 64 bits"),
    "two codes at once": (("{float: 64}", "{float: 64, pick: 1}"), "CODE_UNKNOWN: a code has one key"),
    "a code by a wrong name": (("{float: 64}", "double"), "CODE_UNKNOWN: no code is called 'double'"),
    "bytes that are not hex": (('max_length: 8, default: ""', 'max_length: 8, default: "xy"'), "HEX_EXPECTED: 'xy'"),
    "a key that a limit has not": (("{value: 4096,", "{value: 4096, unit: byte,"), "KEY_UNKNOWN: nobody reads"),
    "a second default of always": (
        ('always: true, code: {bits: 8}', 'always: true, code: {bits: 8, offset: 9}'),
        "ZERO_IS_ABSENT: part.weight has no presence bit, and zero bits mean 9",
    ),
    "a bool that is true": (("default: false", "default: true"), "ZERO_IS_ABSENT: toy.pictured has no presence bit"),
    "a float without its last form": (("{float: 64}", "{float: 32}"),
        "CODE_COVERS_RANGE: the last form of toy.price"),
    "an enum in plain bits": (("red, code: {enum: 2}", "red, code: {bits: 2}"),
        "CODE_COVERS_RANGE: toy.colour must take every code to 2039"),
    "a list in a record": (("{element: toy.wheels, code", "{element: toy.parts, code"),
        "CODE_KIND: toy.parts is a list, which no record can carry"),
    "a float in a uint": (("{bits: 8}, since: \"1.0\", doc: \"Its wheels.\"", '{pick: {bits: 1, forms: [{float: 32}, '
        '{bits: 8}]}}, since: "1.0", doc: "Its wheels."'), "CODE_KIND: toy.wheels is a uint, and a form"),
    "a step in a record's enum": (("{element: toy.colour, code: {bits: 2}}", "{element: toy.colour, code: {bits: 2, "
        "step: 2}}"), "FORM_SCALE: toy.colour is an enum: its bits are its code"),
    "an enumeration by a wrong kind": (("type: {enum: shape}", "type: {table: shape}"),
        "REFERENCE_UNKNOWN: shape is not a table; write {enum: shape}"),
    "a group that is none": (("type: {list: part}", "type: {list: piece}"), "REFERENCE_UNKNOWN: toy.parts is a list"),
    "syntax twice": (("syntax: [toy]", "syntax: [toy, toy]"), "SYNTAX_UNKNOWN: toy stands in syntax twice"),
    "a coder that is a bool": (("present: toy.pictured", "coder: toy.pictured"),
        "SECTION_ELEMENT_UNKNOWN: coder of the section photo: toy.pictured is no top-level enum"),
    "an attribute of no type": (("{corners: uint}", "{corners: float}"), "ATTRIBUTE_TYPE: the attribute corners"),
    "a value twice in a condition": (("[red, blue]", "[red, red]"), "CONDITION_VALUE: 'red' stands here twice"),
    "a profile number twice": (("number: 1", "number: 0"),
        "PROFILE_NUMBER: the profile closed has the number 0 of open"),
    "no version": (('version: "1.1"', 'version: "1"'), "VERSION_FORM: the version '1' is not of the form"),
    "a version before 1": (("major: 1", "major: 16"), "VERSION_FORM: the major version 16 is not 1 to 15"),
    "a type name that is the whole's": (("type_name: Part", "type_name: Syntax"),
        "TYPE_NAME_TWICE: the type name Syntax"),
    "a bool in two bits": (("{element: toy.wheels, code: {bits: 8}}", "{element: toy.pictured, code: {bits: 2}}"),
        "FORM_SCALE: toy.pictured is a bool, which takes 1 bit, not 2"),
    "a whole constant of a float": (("unit: euro, code: {float: 64}",
        "unit: euro, code: {pick: {bits: 1, values: [1], forms: [{float: 64}]}}"),
        "PICK_CONSTANT: the constant 1 of toy.price must be written with a decimal point"),
    "a pick whose last form has steps": (("[0, 200], code: {bits: 8}",
        "[0, 200], code: {pick: {bits: 1, forms: [{bits: 8, step: 2}]}}"),
        "CODE_COVERS_RANGE: the last form of toy.wheels must be bits with step 1"),
    "a section id twice": (("enums:\n", "    film: {id: 3, critical: false, safe_to_copy: true, doc: A.}\nenums:\n"),
        "SECTION_ID: the section film has the id 3 of photo"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "complaint"), FURTHER.values(), ids=FURTHER)
def test_further_complaints(change: tuple[str, str], complaint: str, tmp_path: Path) -> None:
    with pytest.raises(SchemaError) as caught:
        compile_schema(edited(tmp_path, RELEASED, change))
    assert any(f": {complaint}" in str(problem) for problem in caught.value.problems), str(caught.value)
