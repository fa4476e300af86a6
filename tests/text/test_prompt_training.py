"""Training the tables: deterministic, and what it makes works."""

from __future__ import annotations

import pytest

from aigif.text.prompt import PromptCoder
from aigif.text.prompt.tables import Tables
from benchmarks.prompt_coder import bpe, supplement
from benchmarks.prompt_coder.corpus import Text
from benchmarks.prompt_coder.train import Settings, tables

SMALL = Settings(vocabulary=400, classes=8, entries=3000)


@pytest.fixture(scope="module")
def texts() -> list[Text]:
    subjects = ("a red house", "A Lighthouse", "two cats", "an old man", "the sea at dusk", "a CITY, neon")
    styles = ("oil painting", "watercolor", "photo, 8k", "by night", "highly detailed")
    sources = ("pickapic_train", "coco30k")
    made = [
        Text((f"{subject}, {style}",), sources[(at + index) % 2])
        for at, subject in enumerate(subjects)
        for index, style in enumerate(styles)
        for _ in range(5)
    ]
    return made + supplement.make(made, 40)


def test_the_same_texts_give_the_same_tables(texts: list[Text]) -> None:
    assert tables(texts, SMALL) == tables(list(texts), SMALL)


def test_small_tables_code_what_they_know_and_what_they_do_not(texts: list[Text]) -> None:
    coder = PromptCoder(Tables(tables(texts, SMALL)))
    for strings in [text.strings for text in texts] + [("Quite other words!", "漢字", "")]:
        assert coder.decode(coder.encode(strings), 32768) == strings
    assert len(coder.encode(("two cats, watercolor",))) <= 4


def test_byte_pair_encoding_joins_the_most_frequent_pair_first() -> None:
    made = bpe.train({"abab": 3, "cd": 2, "abcd": 1}, ["a", "b", "c", "d"], 7)
    assert made == ["a", "b", "c", "d", "ab", "abab", "cd"]


def test_the_supplement_is_the_same_every_time(texts: list[Text]) -> None:
    assert supplement.make(texts, 10) == supplement.make(texts, 10)
    assert any("<lora:" in text.strings[0] for text in supplement.make(texts, 40))
