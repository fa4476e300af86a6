"""What the importers share: numbers as programs write them, settings taken by name, JSON within bounds."""

from __future__ import annotations

import json

import pytest

from aigif._gen.enums import GapKind, HashKind
from aigif.importers import fields, jsontext, settle
from aigif.importers.draft import Draft
from aigif.importers.fields import Fields
from aigif.importers.values import Unreadable


@pytest.mark.parametrize(
    ("value", "number"), [(3, 3), (3.0, 3), ("3", 3), (" 3 ", 3), (2**64, 2**64), ("-1", -1), (1e20, 10**20)]
)
def test_whole_numbers(value: object, number: int) -> None:
    assert fields.whole(value) == number


@pytest.mark.parametrize("value", [True, 3.5, "3.5", "x", None, [], {}, "1" * 31, float("nan"), float("inf")])
def test_no_whole_numbers(value: object) -> None:
    with pytest.raises(Unreadable):
        fields.whole(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, True, "nan", "1e", None, [1]])
def test_no_real_numbers(value: object) -> None:
    with pytest.raises(Unreadable):
        fields.real(value)


@pytest.mark.parametrize(
    "value", ["512x768", "512 x 768", "512×768", "512*768", "(512, 768)", [512, 768], "('512', '768')"]
)
def test_pairs(value: object) -> None:
    assert fields.pair(value) == (512, 768)


@pytest.mark.parametrize("value", ["", "512", "x", "(1,2,3)", [1], None, "a" * 10_000, 3])
def test_no_pairs(value: object) -> None:
    with pytest.raises(Unreadable):
        fields.pair(value)


def test_fields_are_taken_once_and_the_rest_is_named() -> None:
    draft = Draft({})
    settings = {
        "a": "5",
        "b": None,
        "c": False,
        "d": 7,
        "e": 0,
        "f": 0,
        "g": "None",
        "h": [],
        "long": "x" * 500,
    }
    held = Fields(settings, draft)
    assert held.put("data.steps", fields.whole, "missing", "a")
    assert not held.put("data.seed", fields.whole, "b")
    assert "d" in held
    held.name_rest(("d",), {"f": (0,)})
    assert [(gap.kind, gap.name) for gap in draft.gaps] == [(GapKind.SETTING, "e"), (GapKind.SETTING, "long")]
    assert all(len(note) < 100 for note in draft.notes)


def test_a_value_that_does_not_fit_is_a_gap() -> None:
    draft = Draft({})
    held = Fields({"steps": 99999999, "seed": -1}, draft)
    assert not held.put("data.steps", fields.whole, "steps")
    assert not held.put("data.seed", fields.seed, "seed", kind=GapKind.SEED)
    assert [gap.kind for gap in draft.gaps] == [GapKind.VALUE, GapKind.SEED]
    assert not draft.has("data.steps")


@pytest.mark.parametrize("text", ["", "{", "[]", "1", "[" * 100_000, '{"a":' * 100_000, "\0", "null", "{} x"])
def test_what_is_no_json_object(text: str) -> None:
    assert jsontext.object_of(text) is None


def test_json_with_what_services_put_around_it() -> None:
    assert jsontext.object_of('\ufeff {"a": "\n"}\n\0\0') == {"a": "\n"}
    assert jsontext.object_of(json.dumps({"a": "x" * jsontext.MAX_CHARACTERS})) is None


@pytest.mark.parametrize(
    ("text", "digits", "kind"),
    [
        ("0123abcd", "0123abcd", HashKind.LEGACY),
        ("0123456789", "0123456789", HashKind.SHA256),
        ("0123456789AB", "0123456789ab", HashKind.AUTOV3),
        ("0x" + "ab" * 32, "ab" * 32, HashKind.SHA256),
        ("blake3:" + "cd" * 32, "cd" * 32, HashKind.BLAKE3),
        ("sha256:" + "cd" * 32, "cd" * 32, HashKind.SHA256),
    ],
)
def test_hashes(text: str, digits: str, kind: HashKind) -> None:
    assert settle.read_hash(text) == (bytes.fromhex(digits), kind)


@pytest.mark.parametrize("text", ["", "0x", "blake3:", "xyz", "012", "ab" * 40])
def test_no_hashes(text: str) -> None:
    with pytest.raises(Unreadable):
        settle.read_hash(text)
