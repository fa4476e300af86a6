"""Texts walked over with lists: how often a list holds the next token."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aigif.text.prompt.model import (
    FOUND_IN_ALL,
    FOUND_IN_PAIR,
    FOUND_IN_TRIPLE,
    PAIR,
    PAIR_AFTER,
    RECALLED,
    TRIPLE,
    remember,
)
from aigif.text.prompt.tables import CLASSES, SURPRISES
from aigif.text.prompt.tokens import END, SPECIALS
from benchmarks.prompt_coder import ngrams, pack
from benchmarks.prompt_coder.corpus import Text

_ALL = 1e5  # what the counts of a trace are brought to


@dataclass(frozen=True, slots=True)
class Cut:
    """A text as tokens, END last."""

    text: Text
    tokens: list[int]
    cases: list[int]


class Trace:
    """How often lists hold their tokens, by list, class of escape and surprise; and how often tokens are recalled."""

    def __init__(self) -> None:
        self.lists = np.zeros((3, CLASSES, SURPRISES, 2))
        self.recalls = np.zeros((RECALLED + 1, 2))

    def add(self, lists: ngrams.Lists, cuts: Sequence[Cut]) -> None:
        """Walk over texts by these lists."""
        orders = lists.triples, lists.pairs
        odds = [pack.class_of_escape(order.escape).tolist() for order in orders]
        number: dict[tuple[int, int], int] = {}
        held: dict[int, set[int]] = defaultdict(set)
        known = zip(lists.pairs.context.tolist(), lists.pairs.below.tolist(), strict=True)
        for at, (first, second) in enumerate(known):
            number[first, second] = at
            held[first].add(second)
        triples = _contexts(lists.triples)
        for one in cuts:
            last, entry, mood = END, -1, 0
            weight = one.text.weight
            recalled: dict[int, None] = {}
            for token in one.tokens:
                pair = number.get((last, token), -1)
                asked: set[int] = set()
                found = FOUND_IN_ALL if last in held else -1
                triple = triples.get(entry) if entry >= 0 else None
                row = PAIR
                if triple is not None:
                    hit = pair in triple
                    self.lists[TRIPLE, odds[0][entry], mood >> 5, int(hit)] += weight
                    asked |= triple
                    row = PAIR_AFTER
                    found = FOUND_IN_TRIPLE if hit else found
                if found == FOUND_IN_ALL and len(asked) < len(held[last]):
                    self.lists[row, odds[1][last], mood >> 5, int(pair >= 0)] += weight
                    found = FOUND_IN_PAIR if pair >= 0 else found
                if found in (-1, FOUND_IN_ALL):
                    found = FOUND_IN_ALL
                    near = [other for other in recalled if other not in held.get(last, ())]
                    if near:
                        self.recalls[len(near), int(token in near)] += weight
                    if token >= SPECIALS:
                        remember(recalled, token)
                mood += (found - mood) >> 2
                last, entry = token, pair

    def join(self, other: Trace, part: float) -> None:
        """Add another trace's counts, brought to a fixed sum, times `part`."""
        self.lists += part * _ALL * other.lists / other.lists.sum()
        self.recalls += part * _ALL / 5 * other.recalls / max(1.0, other.recalls.sum())

    def escapes(self) -> bytes:
        """Of 256, how often a list holds the token."""
        made = bytearray()
        for row in range(3):
            for odds in range(CLASSES):
                by_class = self.lists[row, odds].sum(0)
                prior = 1 - 1 / (1 + 2.0 ** -(odds / 1.25 - 6))  # what the class itself says
                base = (by_class[1] + 20 * prior) / (by_class.sum() + 20)
                for mood in range(SURPRISES):
                    no, yes = self.lists[row, odds, mood]
                    made.append(min(255, max(1, round(256 * (yes + 20 * base) / (yes + no + 20)))))
        return bytes(made)

    def recall(self) -> bytes:
        made = bytearray([1])
        for near in range(1, RECALLED + 1):
            no, yes = self.recalls[max(1, near - 2) : near + 3].sum(0)
            made.append(min(255, max(1, round(256 * (yes + 0.5) / (yes + no + 5)))))
        return bytes(made)


def _contexts(order: ngrams.List) -> dict[int, set[int]]:
    held: dict[int, set[int]] = defaultdict(set)
    for context, below in zip(order.context.tolist(), order.below.tolist(), strict=True):
        held[context].add(below)
    return dict(held)
