"""ComfyUI's syntax, against what its documentation says."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigif.errors import AigifError
from aigif.runtime.prompts.comfy_syntax import Batching, batch_tokens, split_learned, weigh

RULES = Batching(start=900, end=901, pad=0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a cat", [("a cat", 1.0)]),
        ("a (good) cat", [("a ", 1.0), ("good", 1.1), (" cat", 1.0)]),
        ("a (good:1.5) cat", [("a ", 1.0), ("good", 1.5), (" cat", 1.0)]),
        ("((a))", [("a", 1.1 * 1.1)]),
        ("(a (b:2) c:3)", [("a ", 3.0), ("b", 2.0), (" c", 3.0)]),
        ("(a (b) c:3)", [("a ", 3.0), ("b", 3 * 1.1), (" c", 3.0)]),
        ("(a:x)", [("a:x", 1.1)]),
        ("(:2)", [(":2", 1.1)]),
        (r"a \(b\)", [("a (b)", 1.0)]),
        ("[a]", [("[a]", 1.0)]),
        ("(a", [("(a", 1.0)]),
        ("a) (b)", [("a) (b)", 1.0)]),
        ("", []),
    ],
)
def test_weights(text: str, expected: list[tuple[str, float]]) -> None:
    found = weigh(text)
    assert [part for part, _weight in found] == [part for part, _weight in expected]
    assert [weight for _part, weight in found] == pytest.approx([weight for _part, weight in expected])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a cat", [(None, "a cat")]),
        ("embedding:x", [("x", "")]),
        ("a embedding:x, b c", [(None, "a"), ("x,", "b c")]),
        ("a\nembedding:x embedding:y", [(None, "a"), ("x", ""), ("y", "")]),
        ("xembedding:y", [(None, "xembedding:y")]),
        ("a embedding:", [(None, "a")]),
    ],
)
def test_learned_words(text: str, expected: list[tuple[str | None, str]]) -> None:
    assert split_learned(text) == expected


def test_a_long_group_is_cut_and_a_short_one_moves() -> None:
    first, second = batch_tokens([[(7, 1.0)] * 80], RULES)
    assert [token for token, _weight in first] == [900] + [7] * 75 + [901]
    assert [token for token, _weight in second] == [900] + [7] * 5 + [901] + [0] * 70
    first, second = batch_tokens([[(7, 1.0)] * 70, [(8, 1.2)] * 7], RULES)
    assert [token for token, _weight in first] == [900] + [7] * 70 + [901] + [0] * 5
    assert second[1:8] == [(8, 1.2)] * 7


def test_a_text_model_without_a_limit_has_one_batch() -> None:
    [batch] = batch_tokens([[(7, 1.0)] * 300], Batching(None, 1, 0, length=None, minimum=77))
    assert len(batch) == 301
    [batch] = batch_tokens([], Batching(None, 1, 0, length=None, minimum=77))
    assert batch == [(1, 1.0)] + [(0, 1.0)] * 76


@given(st.lists(st.integers(1, 90), max_size=12))
def test_every_token_is_kept_and_batches_are_full(sizes: list[int]) -> None:
    batches = batch_tokens([[(7, 1.0)] * size for size in sizes], RULES)
    assert all(len(batch) == 77 for batch in batches)
    assert sum(token == 7 for batch in batches for token, _weight in batch) == sum(sizes)


@given(st.text(alphabet="aB .,<>|[]{}:\né猫", min_size=1))
def test_text_without_brackets_survives(text: str) -> None:
    assert weigh(text) == [(text, 1.0)]


@given(st.text(alphabet="ab:1.()\\ "))
def test_any_text_is_read(text: str) -> None:
    letters = [character for character in text if character in "ab"]
    assert [character for part, _weight in weigh(text) for character in part if character in "ab"] == letters


@pytest.mark.parametrize("piece", ["(", ")", "(a:1", "a)", "()", " embedding:", "\\(", ":"])
def test_hostile_prompts_end_soon(piece: str) -> None:
    started = time.process_time()
    text = piece * (60_000 // len(piece))
    try:
        for segment, _weight in weigh(text):
            split_learned(segment)
    except AigifError as error:
        assert error.element == "data.prompt"
    assert time.process_time() - started < 5
