"""The tokenizer: byte-level byte-pair encoding in CLIP's file format, learnt from the words of the world.

All 256 bytes are in the vocabulary, so that any text tokenizes; every word of the world is one token.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Final

from transformers import CLIPTokenizer

from benchmarks.world.prompts import words_of_the_world

CONTEXT: Final = 40
"""Tokens of a prompt, start and end included; longer prompts are cut."""

START: Final = "<|startoftext|>"
END: Final = "<|endoftext|>"
_WORD_END: Final = "</w>"


@lru_cache(maxsize=1)
def byte_symbols() -> tuple[str, ...]:
    """The printable character that stands for each byte, as GPT-2's byte-level encoding has it.

    Bytes that print as themselves in Latin-1 stay; the others count upwards from U+0100.
    """
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    spare = iter(range(0x100, 0x200))
    return tuple(chr(byte if byte in printable else next(spare)) for byte in range(256))


def learn_merges(words: list[str]) -> list[tuple[str, str]]:
    """Merges, best pair first and ties in alphabetical order, until every word is one symbol."""
    symbols = byte_symbols()
    spellings = []
    for word in words:
        spelling = [symbols[byte] for byte in word.encode()]
        spelling[-1] += _WORD_END
        spellings.append(spelling)
    merges: list[tuple[str, str]] = []
    while pairs := Counter(pair for s in spellings for pair in itertools.pairwise(s)):
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        spellings = [_merge(spelling, best) for spelling in spellings]
    return merges


def _merge(spelling: list[str], pair: tuple[str, str]) -> list[str]:
    merged: list[str] = []
    index = 0
    while index < len(spelling):
        if tuple(spelling[index : index + 2]) == pair:
            merged.append(spelling[index] + spelling[index + 1])
            index += 2
        else:
            merged.append(spelling[index])
            index += 1
    return merged


def write_tokenizer(folder: Path) -> None:
    """Write ``vocab.json``, ``merges.txt`` and ``tokenizer_config.json``."""
    merges = learn_merges(words_of_the_world())
    symbols = byte_symbols()
    tokens = [*symbols, *(symbol + _WORD_END for symbol in symbols), *(a + b for a, b in merges), START, END]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    folder.mkdir(parents=True, exist_ok=True)
    config = {
        "tokenizer_class": "CLIPTokenizer",
        "model_max_length": CONTEXT,
        "bos_token": START,
        "eos_token": END,
        "unk_token": END,
        "pad_token": END,
        "do_lower_case": True,
        "clean_up_tokenization_spaces": False,
    }
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False) + "\n", encoding="utf-8")
    lines = ["#version: 0.2", *(f"{a} {b}" for a, b in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def load_tokenizer(folder: Path) -> CLIPTokenizer:
    """The tokenizer written by ``write_tokenizer``."""
    tokenizer: CLIPTokenizer = CLIPTokenizer.from_pretrained(str(folder))
    return tokenizer
