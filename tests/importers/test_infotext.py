"""The grammar: what is split can be joined, however odd, and no text takes long."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigif.importers.a1111_keys import BY_KEY
from aigif.importers.adapters import tags_of
from aigif.importers.infotext import Infotext, join, joined, pairs_of, quoted, split, unquoted

LINE = "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 8x8"
PAIRS = pairs_of(LINE)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (f"a\nNegative prompt: b\n{LINE}", Infotext("a", "b", "", PAIRS)),
        (f"a  \nb \n\nNegative prompt: b \n c\n\n{LINE}", Infotext("a  \nb \n", "b \n c\n", "", PAIRS)),
        (f"a\n{LINE}", Infotext("a", "", "", PAIRS)),
        (f"Negative prompt: b\n{LINE}", Infotext("", "b", "", PAIRS)),
        (LINE, Infotext("", "", "", PAIRS)),
        (f"a\nNegative prompt: \n{LINE}", Infotext("a", "", "-", PAIRS)),
        (f"a\nNegative prompt:\n{LINE}", Infotext("a", "", "_", PAIRS)),
        ("a\nNegative prompt: b", Infotext("a", "b", "", ())),
        (f"Steps: to the door\nclimb\n{LINE}", Infotext("Steps: to the door\nclimb", "", "", PAIRS)),
        ("a\r\n\nNegative prompt: b\r\n\nSteps: 1", Infotext("a\r\n", "b\r\n", "", (("Steps", "1"),))),
        ("a\nSize: 8x8, Seed: 1, Model: m", Infotext("a", "", "", pairs_of("Size: 8x8, Seed: 1, Model: m"))),
    ],
)
def test_split(text: str, parts: Infotext) -> None:
    assert split(text, BY_KEY) == parts
    assert join(parts) == text


@pytest.mark.parametrize(
    "text", ["", "a cat", '{"prompt": "a", "steps": 3}', "a\nSize: 8x8, of: all, things: x"]
)
def test_what_is_no_infotext(text: str) -> None:
    assert split(text, BY_KEY) is None


@pytest.mark.parametrize(
    ("line", "pairs"),
    [
        ('A: "x, y: \\" z", B: 1', (("A", '"x, y: \\" z"'), ("B", "1"))),
        ("A: x, y, B: 1", (("A", "x, y"), ("B", "1"))),
        ('A: "x, B: 1', (("A", '"x'), ("B", "1"))),
        ('A: "x"y, B: 1', (("A", '"x"y'), ("B", "1"))),
        ('A: [{"k": "], x", "n": 1}], B: 1', (("A", '[{"k": "], x", "n": 1}]'), ("B", "1"))),
        ("A: [x, B: 1", (("A", "[x"), ("B", "1"))),
        ("A: , B: 1, ", (("A", ""), ("B", "1, "))),
        ("no key, A: 1", ()),
        ("", ()),
    ],
)
def test_pairs(line: str, pairs: tuple[tuple[str, str], ...]) -> None:
    assert pairs_of(line) == pairs


@given(st.text(alphabet='ab:, "\\[]{}\n', max_size=60))
def test_pairs_joined_are_the_line(line: str) -> None:
    pairs = pairs_of("Steps: " + line)
    assert joined(pairs) == "Steps: " + line


@given(st.text())
def test_quoting_comes_back(value: str) -> None:
    written = quoted(value)
    if value[:1] != '"':
        assert unquoted(written) == value
    assert not any(mark in written for mark in ",:\n") or written[0] == '"'


@pytest.mark.parametrize(
    "unit",
    [
        ", ",
        "a: ",
        "a: [, ",
        'a: ", ',
        'a: "\\, ',
        "\nSteps: ",
        "[",
        "{",
        '"',
        "\\",
        "<lora:",
        "\nNegative prompt:",
    ],
)
@pytest.mark.parametrize("head", ["", "Steps: 1, Seed: 2, a: ["])
def test_no_text_takes_long(head: str, unit: str) -> None:
    """A scan that goes over its text again for every unit would take minutes here."""
    text = head + unit * 50_000
    start = perf_counter()
    split(text, BY_KEY)
    list(tags_of(text))
    assert perf_counter() - start < 5
