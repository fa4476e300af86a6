"""Chunks of 75 tokens, by hand-made token ids."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigif.errors import ElementError
from aigif.runtime.prompts.attention import Fragment
from aigif.runtime.prompts.chunks import LearnedWord, Marks, chunk_tokens

MARKS = Marks(start=900, end=901, pad=901, comma=5)


def test_the_empty_prompt_is_one_chunk() -> None:
    [chunk] = _chunks([])
    assert chunk.tokens == [900, 901] + [901] * 75
    assert chunk.weights == [1.0] * 77


def test_padding_is_another_token_in_sd2() -> None:
    [chunk] = chunk_tokens([(Fragment("", 1.0), [7])], Marks(900, 901, 0, 5), {})
    assert chunk.tokens == [900, 7, 901] + [0] * 74


@pytest.mark.parametrize(("tokens", "chunks"), [(1, 1), (75, 1), (76, 2), (150, 2), (151, 3)])
def test_number_of_chunks(tokens: int, chunks: int) -> None:
    found = _chunks([7] * tokens)
    assert len(found) == chunks
    assert all(len(chunk.tokens) == len(chunk.weights) == 77 for chunk in found)


def test_text_after_a_near_comma_moves_to_the_next_chunk() -> None:
    first, second = _chunks([7] * 60 + [5] + [8] * 20)
    assert first.tokens[1:62] == [7] * 60 + [5]
    assert first.tokens[62] == 901
    assert second.tokens[1:22] == [8] * 20 + [901]


def test_text_after_a_far_comma_stays() -> None:
    first, _second = _chunks([7] * 50 + [5] + [8] * 30)
    assert first.tokens[1:76] == [7] * 50 + [5] + [8] * 24


def test_a_comma_that_comes_76th_starts_the_next_chunk() -> None:
    first, second = _chunks([7] * 60 + [5] + [8] * 14 + [5])
    assert first.tokens[75] == 8
    assert second.tokens[1:3] == [5, 901]


def test_break_pads() -> None:
    pieces = [(Fragment("a", 1.0), [7]), (Fragment("BREAK", -1.0), [9]), (Fragment("b", 1.2), [8])]
    first, second = chunk_tokens(pieces, MARKS, {})
    assert first.tokens[:3] == [900, 7, 901]
    assert second.tokens[:3] == [900, 8, 901]
    assert second.weights[:3] == [1.0, 1.2, 1.0]


def test_learned_vectors_take_their_places() -> None:
    words = {7: [LearnedWord("long", (7, 8, 9), 2), LearnedWord("short", (7,), 1)]}
    [chunk] = chunk_tokens([(Fragment("", 1.5), [3, 7, 8, 9, 7, 4])], MARKS, words)
    assert chunk.learned == [(2, "long"), (4, "short")]
    assert chunk.tokens[:7] == [900, 3, 0, 0, 0, 4, 901]
    assert chunk.weights[1:6] == [1.5] * 5


def test_learned_vectors_are_not_split() -> None:
    words = {7: [LearnedWord("word", (7,), 10)]}
    first, second = chunk_tokens([(Fragment("", 1.0), [3] * 70 + [7])], MARKS, words)
    assert first.learned == []
    assert second.learned == [(1, "word")]
    with pytest.raises(ElementError, match="76 vectors"):
        chunk_tokens([(Fragment("", 1.0), [7])], MARKS, {7: [LearnedWord("word", (7,), 76)]})


@given(st.lists(st.sampled_from([5, 7, 8]), max_size=400))
def test_every_token_is_kept_in_order(tokens: list[int]) -> None:
    kept = [token for chunk in _chunks(tokens) for token in chunk.tokens if token < 900]
    assert kept == tokens


def _chunks(tokens: list[int]) -> list:
    return chunk_tokens([(Fragment("", 1.0), tokens)], MARKS, {})
