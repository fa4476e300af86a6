"""The tokenizer covers any text, and knows every word of the world."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import CLIPTokenizer

from benchmarks.world.export import PACKAGED
from benchmarks.world.prompts import words_of_the_world
from benchmarks.world.tokenizer import CONTEXT, byte_symbols, learn_merges, write_tokenizer

PACKAGED_TOKENIZER = CLIPTokenizer.from_pretrained(str(PACKAGED / "tokenizer"))


@pytest.mark.parametrize("word", [word for word in words_of_the_world() if word.isalpha()])
def test_a_word_of_the_world_is_one_token(word: str) -> None:
    assert len(PACKAGED_TOKENIZER(word).input_ids) == 3


@given(st.text(st.characters(codec="utf-8"), max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_tokenizes_without_unknown_tokens(text: str) -> None:
    ids = PACKAGED_TOKENIZER(text, padding="max_length", truncation=True, max_length=CONTEXT).input_ids
    assert len(ids) == CONTEXT
    assert ids[0] == PACKAGED_TOKENIZER.bos_token_id
    assert max(ids) < len(PACKAGED_TOKENIZER)
    body = PACKAGED_TOKENIZER(text, add_special_tokens=False).input_ids
    if "<|" not in text:
        assert PACKAGED_TOKENIZER.unk_token_id not in body


def test_different_texts_stay_different() -> None:
    first, second = (PACKAGED_TOKENIZER(text).input_ids for text in ("日本", "日曜"))
    assert first != second


def test_the_packaged_tokenizer_is_the_one_that_the_script_writes(tmp_path: Path) -> None:
    write_tokenizer(tmp_path)
    for name in ("vocab.json", "merges.txt", "tokenizer_config.json"):
        assert (tmp_path / name).read_bytes() == (PACKAGED / "tokenizer" / name).read_bytes()


def test_byte_symbols_are_printable_and_distinct() -> None:
    assert len(set(byte_symbols())) == 256
    assert all(symbol.isprintable() and not symbol.isspace() for symbol in byte_symbols())


def test_merges_spell_words_in_order() -> None:
    assert learn_merges(["ab", "abc"]) == [("a", "b"), ("a", "b</w>"), ("ab", "c</w>")]
