"""Texts and pictures that mean no good: nothing but refusals, within a time and a size."""

from __future__ import annotations

import copy
import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aigif.importers.texts import PictureText, TextEntry
from tests.fuzz import importer_seeds
from tests.fuzz.importer_target import KEYS, check, check_picture, check_texts, picture_of
from tests.importers import pictures

# For a text of about a megabyte; a slow machine included. Backtracking or quadratic work takes minutes.
SECONDS = 5.0
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)


def test_the_seeds_are_read() -> None:
    """So that the fuzzers start behind every importer's door."""
    for body in importer_seeds.SEEDS:
        check(body)
        if body[:1] not in (b"P", b"K"):
            assert check_texts(picture_of(body)), body
        if body[:1] == b"P":
            assert check_picture(body[1:]) is not None, body[:60]


def holder_of(value: Any, path: list[int]) -> tuple[Any, Any] | None:
    """A list or an object inside a value, and one of its places, picked by numbers."""
    found = None
    for number in path:
        if not isinstance(value, dict | list) or not value:
            break
        places = list(value) if isinstance(value, dict) else list(range(len(value)))
        found = value, places[number % len(places)]
        value = value[found[1]]
    return found


STRUCTURED = [seed for seed in importer_seeds.SEEDS if seed[:1] not in (b"P", b"K")]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(STRUCTURED),
    st.lists(st.tuples(st.lists(st.integers(0, 9), min_size=1, max_size=5), VALUES), min_size=1, max_size=3),
)
def test_any_value_in_the_place_of_another(body: bytes, changes: list[tuple[list[int], Any]]) -> None:
    """A program's own JSON with something else in some places."""
    parts = body.decode().split("\x1e")
    for at, part in enumerate(parts):
        try:
            value = json.loads(part[1:])
        except ValueError:
            continue
        for path, other in changes:
            place = holder_of(value, path)
            if place is not None:
                place[0][place[1]] = copy.deepcopy(other)
        parts[at] = part[0] + json.dumps(value)
    check_texts(picture_of("\x1e".join(parts).encode("utf-8", "replace")))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(KEYS), st.text(max_size=200), st.sampled_from(STRUCTURED), st.integers(0, 2000))
def test_texts_that_are_cut_and_continued(key: str, text: str, body: bytes, length: int) -> None:
    cut = body.decode()[:length] + text
    check_texts(picture_of(cut.encode("utf-8", "replace")))
    check_texts(PictureText("png", 512, 512, (TextEntry("PNG tEXt", key, text, 0, False),)))


MANY = 1_000_000
BOMBS = {
    "commas": ", " * (MANY // 2),
    "colons": ": " * (MANY // 2),
    "quotes": '"' * MANY,
    "backslashes": '"' + "\\" * MANY,
    "brackets": "(" * MANY,
    "arrays": "[" * MANY,
    "objects": '{"a":' * (MANY // 5),
    "lines": "\n" * MANY,
    "spaces": " " * MANY,
    "tags": "<lora:" * (MANY // 6),
    "digits": "9" * MANY,
    "pairs": "Steps: 20, " + "".join(f"k{n}: v, " for n in range(MANY // 12)),
    "steps": "\nSteps: 20, Sampler: Euler" * (MANY // 26),
    "infotext and commas": importer_seeds.INFOTEXT + ", " * (MANY // 2),
    "infotext and quotes": importer_seeds.INFOTEXT + ', x: "' * (MANY // 6),
    "options": '"a" ' + "-s 1 " * (MANY // 5),
    "array of arrays": "[" + "[]," * (MANY // 3) + "[]]",
    "a long graph": json.dumps(
        {str(n): {"class_type": "X", "inputs": {"a": [str(n + 1), 0]}} for n in range(20_000)}
    ),
    "xmp": "<x:xmpmeta><rdf:Description " + 'a="b" ' * (MANY // 6),
    "entities": "<x:xmpmeta>" + "&#xA;" * (MANY // 5),
    "fooocus": json.dumps(
        {**importer_seeds.FOOOCUS, "resolution": "(" * MANY, "full_prompt": ["a"] * 50_000}
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_long_texts_take_a_bounded_time(name: str) -> None:
    for key in (
        "parameters",
        "prompt",
        "UserComment",
        "Comment",
        "XMP",
        "Dream",
        "invokeai_metadata",
        "sd-metadata",
    ):
        carrier = "EXIF" if key == "UserComment" else key if key == "XMP" else "PNG tEXt"
        entry = TextEntry(carrier, key, BOMBS[name], 0, False)
        start = time.perf_counter()
        check_texts(PictureText("png", 512, 512, (entry,)))
        assert time.perf_counter() - start < SECONDS, key


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([seed[1:] for seed in importer_seeds.SEEDS if seed[:1] == b"P"]),
    st.lists(st.tuples(st.integers(0, 4000), st.binary(max_size=4)), max_size=6),
)
def test_damaged_pictures_give_nothing_but_refusals(data: bytes, changes: list[tuple[int, bytes]]) -> None:
    damaged = bytearray(data)
    for place, piece in changes:
        at = place % len(damaged)
        damaged[at : at + len(piece)] = piece
    check_picture(bytes(damaged))


def test_many_texts_in_one_picture() -> None:
    many = [pictures.plain("parameters", importer_seeds.INFOTEXT.encode()) for _ in range(5000)]
    start = time.perf_counter()
    assert check_picture(pictures.png(*many)) is not None
    assert time.perf_counter() - start < SECONDS
