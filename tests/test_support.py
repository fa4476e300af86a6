"""What every generated codec shares, apart from what the codec's own tests reach."""

from __future__ import annotations

import copy
import pickle

import pytest

from aigif._gen.support import (
    UNREADABLE,
    AigifError,
    CorruptError,
    ElementError,
    OpaqueTexts,
    Unknown,
    check_float,
    read_string,
    shown,
)
from aigif._gen.tables import gpu, model, scheduler


def test_tables_look_both_ways() -> None:
    table = model.TABLE
    assert len(table) == len(list(table)) > 40
    assert 0 in table and 2039 not in table
    assert table.name_of(0) == "stable-diffusion-v1-5" and table.name_of(2039) is None
    assert table.code_of("stable-diffusion-v1-5") == 0 and table.code_of("nothing") is None
    assert table.attribute(0, "family") == "sd1"
    assert table.attribute(0, "colour") is None and table.attribute(2039, "family") is None
    assert table[0].attributes["pipeline"] == "StableDiffusionPipeline"
    assert gpu.TABLE.code_of("NVIDIA GeForce GTX 1080 Ti") == 1
    assert gpu.TABLE[1].label == "NVIDIA GeForce GTX 1080 Ti"
    with pytest.raises(KeyError):
        table[2039]


def test_the_tables_are_as_long_as_people_need() -> None:
    assert len(gpu.TABLE) > 60
    assert len(scheduler.TABLE) > 40
    listed = [code for code in model.TABLE if model.TABLE.attribute(code, "hub")]
    assert len(listed) >= 40
    for code in listed:
        for attribute in ("family", "licence"):
            assert model.TABLE.attribute(code, attribute), (model.TABLE.name_of(code), attribute)


def test_opaque_texts_count_what_is_announced() -> None:
    texts = OpaqueTexts()
    assert texts.rest(texts.count, "strings") == ()
    assert texts.take("x") is UNREADABLE
    assert texts.rest(3, "strings") == (UNREADABLE, UNREADABLE)
    with pytest.raises(CorruptError, match="2 strings are announced, 3 taken"):
        texts.rest(2, "strings")


def test_whole_numbers_stand_for_floats_only_where_they_are_exact() -> None:
    check_float("x", 2**53, 0.0, 1e300)
    with pytest.raises(ElementError, match="no exact 64-bit float"):
        check_float("x", 2**53 + 1, 0.0, 1e300)


def test_unreadable_text_is_equal_to_nothing_but_itself() -> None:
    assert UNREADABLE == UNREADABLE and UNREADABLE != "\N{REPLACEMENT CHARACTER}"
    assert UNREADABLE != "\N{REPLACEMENT CHARACTER}" and hash(UNREADABLE) == id(UNREADABLE)
    assert copy.deepcopy(UNREADABLE) is UNREADABLE is pickle.loads(pickle.dumps(UNREADABLE))


def test_values_in_complaints_are_short() -> None:
    for value in (10**5000, "x" * 1000, b"x" * 1000, [1] * 1000, 1.5):
        assert len(shown(value)) <= 60
    assert repr(Unknown("wide", None)) == "Unknown(width='wide', value=None, strings=())"  # type: ignore[arg-type]


def test_strings_of_records_need_not_stand_at_a_byte() -> None:
    data = bytes([0b10000000, 0b00000000, 0b10110000, 0b10000000])
    assert read_string(data, 1, 1, 16, "x") == (b"a", 25)
    assert read_string(b"\0\1a", 0, 0, 16, "x") == (b"a", 24)
    with pytest.raises(CorruptError, match="cut"):
        read_string(b"\0\2a", 0, 0, 16, "x")


def test_errors_say_where_and_what_to_do() -> None:
    error = AigifError("it broke", element="data.seed", bit=9, byte=6, file="a.aigif", hint="mend it")
    assert str(error) == "a.aigif, byte 6, bit 9 of the elements, data.seed: it broke; mend it"
    assert str(AigifError("it broke")) == "it broke"
