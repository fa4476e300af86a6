"""AUTOMATIC1111's syntax, against what its documentation and its own examples say."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigif.errors import AigifError, ElementError, LimitError
from aigif.runtime.prompts.attention import Fragment, parse_attention
from aigif.runtime.prompts.composition import WeightedPrompt, split_and, strip_tags
from aigif.runtime.prompts.schedule import Clock, schedule

HOSTILE = [
    "(",
    "[",
    ")",
    "]",
    ":",
    "|",
    "\\",
    " ",
    "<a:",
    "[a:",
    "(a:1.1",
    "[a|",
    "BREAK ",
    "AND ",
    "1.",
    ":)",
    "(:",
]
SYNTAX = st.lists(
    st.sampled_from(
        ["(", ")", "[", "]", ":", "|", "\\", " ", "a", "b c", "1.5", ".2", "3", "BREAK", "AND", "\n"]
    )
).map("".join)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("normal text", [("normal text", 1.0)]),
        ("an (important) word", [("an ", 1.0), ("important", 1.1), (" word", 1.0)]),
        ("a [faint] word", [("a ", 1.0), ("faint", 1 / 1.1), (" word", 1.0)]),
        ("(unbalanced", [("unbalanced", 1.1)]),
        (r"\(literal\]", [("(literal]", 1.0)]),
        (r"a\\b", [("a\\b", 1.0)]),
        (r"a\b", [("ab", 1.0)]),
        ("(unnecessary)(parens)", [("unnecessaryparens", 1.1)]),
        ("(word:1.5)", [("word", 1.5)]),
        ("(word: 0.25 )", [("word", 0.25)]),
        ("((word:1.5))", [("word", 1.5 * 1.1)]),
        ("word:1.5)", [("word:1.5)", 1.0)]),
        ("a:b", [("a:b", 1.0)]),
        ("", [("", 1.0)]),
        (
            "a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).",
            [
                ("a ", 1.0),
                ("house", 1.3 * 1.1 * 1.1),
                (" ", 1.1),
                ("on", 1.0),
                (" a ", 1.1),
                ("hill", 0.5 * 1.1),
                (", sun, ", 1.1),
                ("sky", 1.1**4),
                (".", 1.1),
            ],
        ),
    ],
)
def test_emphasis(text: str, expected: list[tuple[str, float]]) -> None:
    found = parse_attention(text)
    assert [fragment.text for fragment in found] == [part for part, _weight in expected]
    assert [fragment.weight for fragment in found] == pytest.approx([weight for _part, weight in expected])


def test_break_ends_a_chunk_and_takes_the_blanks_around_it() -> None:
    found = parse_attention("a  BREAK\n b")
    assert found == [Fragment("a", 1.0), Fragment("BREAK", -1.0), Fragment("b", 1.0)]
    assert [fragment.is_break for fragment in found] == [False, True, False]


def test_break_in_brackets_is_text() -> None:
    assert not any(fragment.is_break for fragment in parse_attention("(a BREAK b)"))


def test_breakfast_is_no_break() -> None:
    assert parse_attention("a BREAKFAST") == [Fragment("a BREAKFAST", 1.0)]


def test_a_weight_that_is_no_number_is_refused() -> None:
    with pytest.raises(ElementError, match=r"1\.2\.3"):
        parse_attention("(a:1.2.3)")


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("test", [(10, "test")]),
        ("a [b:3]", [(3, "a "), (10, "a b")]),
        ("a [b: 3]", [(3, "a "), (10, "a b")]),
        ("a [[[b]]:2]", [(2, "a "), (10, "a [[b]]")]),
        ("[(a:2):3]", [(3, ""), (10, "(a:2)")]),
        ("a [b : c : 1] d", [(1, "a b  d"), (10, "a  c  d")]),
        ("a[b:[c:d:2]:1]e", [(1, "abe"), (2, "ace"), (10, "ade")]),
        ("a [unbalanced", [(10, "a [unbalanced")]),
        ("a [b:.5] c", [(5, "a  c"), (10, "a b c")]),
        ("a [b::0.2] c", [(2, "a b c"), (10, "a  c")]),
        ("a [{b|d{:.5] c", None),
        ("((a][:b:c [d:3]", [(3, "((a][:b:c "), (10, "((a][:b:c d")]),
        ("[fe|]male", [(call, "female" if call % 2 else "male") for call in range(1, 11)]),
        ("[fe|||]male", [(call, "female" if call % 4 == 1 else "male") for call in range(1, 11)]),
        ("[a|(b:1.1)]", [(call, "a" if call % 2 else "(b:1.1)") for call in range(1, 11)]),
        ("[a|[b:c:5]] [d::99]", None),
        ("a|b [c:2]", [(10, "a|b [c:2]")]),
        ("(a|b) [c:2]", [(10, "(a|b) [c:2]")]),
        ("[a:b:0]", [(10, "b")]),
        ("[a:b:-4]", [(10, "b")]),
        ("style: anime, [a:b:3]", [(3, "style: anime, a"), (10, "style: anime, b")]),
        (r"\[a:b:3\]", [(10, r"\[a:b:3\]")]),
    ],
)
def test_edits(prompt: str, expected: list[tuple[int, str]] | None) -> None:
    found = [(stretch.last_call, stretch.text) for stretch in schedule(prompt, Clock(10))]
    if expected is not None:
        assert found == expected
    assert found[-1][0] == 10


def test_alternation_of_an_edit() -> None:
    found = [stretch.text for stretch in schedule("[a|[b:c:5]]", Clock(8))]
    assert found == ["a", "b", "a", "b", "a", "c", "a", "c"]


def test_the_second_pass_goes_on_counting() -> None:
    assert _texts("a [b:.5] c", Clock(10, 10)) == [(10, "a b c")]
    assert _texts("a [b:1.5] c", Clock(10, 10)) == [(5, "a  c"), (10, "a b c")]
    assert _texts("a [b:13] c", Clock(10, 10)) == [(3, "a  c"), (10, "a b c")]


def test_before_1_6_a_number_below_1_is_a_fraction() -> None:
    assert _texts("[a:b:1.0]", Clock(10)) == [(10, "a")]
    assert _texts("[a:b:1.0]", Clock(10, old=True)) == [(1, "a"), (10, "b")]
    assert _texts("[a:b:0]", Clock(10, old=True)) == [(10, "b")]
    assert _texts("[a:b:.5]", Clock(10, 10, old=True)) == [(5, "a"), (10, "b")]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a cat AND a dog", [("a cat", 1.0), (" a dog", 1.0)]),
        ("a cat :1.2 AND a dog:0.5", [("a cat", 1.2), (" a dog", 0.5)]),
        ("a cat :-1 AND a dog : .5 ", [("a cat", -1.0), (" a dog", 0.5)]),
        ("a dog:2.", [("a dog", 2.0)]),
        ("a (dog:2)", [("a (dog:2)", 1.0)]),
        ("a BAND", [("a BAND", 1.0)]),
        ("", [("", 1.0)]),
    ],
)
def test_and(prompt: str, expected: list[tuple[str, float]]) -> None:
    assert split_and(prompt) == [WeightedPrompt(text, weight) for text, weight in expected]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a <lora:name:0.8> b", "a  b"),
        ("<lora:n:1><hypernet:m>", ""),
        ("a < b > c", "a < b > c"),
        ("<lora:>", "<lora:>"),
        ("<a<lora:b>", "<a"),
        ("<lora:b", "<lora:b"),
    ],
)
def test_tags(prompt: str, expected: str) -> None:
    assert strip_tags(prompt) == expected


@given(st.text(alphabet="aB .,<>|{}\né猫"))
def test_text_without_syntax_survives(text: str) -> None:
    assert parse_attention(text) == [Fragment(text, 1.0)]


@given(st.text(alphabet="ab ()[]\\"))
def test_escaped_text_survives(text: str) -> None:
    escaped = "".join("\\" + character if character in "()[]\\" else character for character in text)
    assert parse_attention(escaped) == [Fragment(text, 1.0)]


@given(SYNTAX | st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for part in split_and(strip_tags(text)):
        stretches = schedule(part.text, Clock(7))
        assert [stretch.last_call for stretch in stretches] == sorted({s.last_call for s in stretches})
        assert stretches[-1].last_call == 7
        for stretch in stretches:
            try:
                fragments = parse_attention(stretch.text)
            except ElementError:
                continue
            assert all(a.weight != b.weight for a, b in itertools.pairwise(fragments))


@given(st.text(alphabet="ab ([)]"))
def test_without_edits_a_prompt_is_one_text(text: str) -> None:
    assert _texts(text, Clock(7)) == [(7, text)]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_prompts_end_soon(piece: str) -> None:
    started = time.process_time()
    text = piece * (60_000 // len(piece))
    for read in (parse_attention, split_and, strip_tags, lambda prompt: schedule(prompt, Clock(50))):
        try:
            read(text)
        except AigifError as error:
            assert error.element == "data.prompt"
    assert time.process_time() - started < 5


def test_limits() -> None:
    with pytest.raises(LimitError, match="brackets"):
        parse_attention("(" * 10_000)
    with pytest.raises(LimitError, match="brackets"):
        schedule("[" * 10_000 + "]" * 10_000, Clock(10))
    with pytest.raises(LimitError, match="changes"):
        schedule("[a|b]", Clock(60_000))


def _texts(prompt: str, clock: Clock) -> list[tuple[int, str]]:
    return [(stretch.last_call, stretch.text) for stretch in schedule(prompt, clock)]
