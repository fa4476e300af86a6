"""What the coder expects next: lists, what is left of them, what was seen lately.

The list of the last two tokens is asked first, then that of the last one, then what stood in the text lately, then
all tokens. Each is asked whether it holds the token, and then which it is. What a list held is left out of those
asked after it.
"""

from __future__ import annotations

from itertools import accumulate

from aigif.text.prompt.tables import List, Tables

CHUNK = 1024  # tokens in one number
RECALLED = 48  # different tokens of the text that are remembered
# Which list is asked, and after which.
TRIPLE, PAIR, PAIR_AFTER = range(3)
FOUND_IN_TRIPLE, FOUND_IN_PAIR, FOUND_IN_ALL = 0, 96, 255  # how surprising that was
_CACHED = 16384

Left = tuple[list[int], list[int], list[int]]


class Model:
    """The tables, and what is left of a list without another, which is kept once worked out."""

    __slots__ = ("_all", "_pairs", "tables")

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self._pairs: dict[int, Left] = {}
        self._all: dict[int, tuple[list[int], list[int], list[int], frozenset[int]]] = {}

    def left_of_pair(self, entry: int, triple: List, pair: List) -> Left:
        """What a list of pairs is without the places that the list of triples of `entry` held."""
        found = self._pairs.get(entry)
        if found is None:
            if len(self._pairs) >= _CACHED:
                self._pairs.clear()
            found = self._pairs[entry] = without(triple[0], pair[1])
        return found

    def left_of_all(self, last: int, pair: List) -> tuple[list[int], list[int], list[int], frozenset[int]]:
        """What all tokens are without those that the list of pairs of `last` held, and a set of these."""
        found = self._all.get(last)
        if found is None:
            if len(self._all) >= _CACHED:
                self._all.clear()
            rank = self.tables.rank
            places = sorted([rank[id] for id in pair[0]])
            found = self._all[last] = *without(places, self.tables.unigram), frozenset(pair[0])
        return found


def without(places: list[int], slots: list[int]) -> Left:
    """`slots` without some places: for each of these the slots left before it, and the slots gone before it (one
    number more: all that are gone)."""
    gone = list(accumulate([slots[place + 1] - slots[place] for place in places], initial=0))
    return places, [slots[place] - lost for place, lost in zip(places, gone)], gone  # noqa: B905


def remember(recalled: dict[int, None], token: int) -> None:
    """Put a token last among those seen lately."""
    recalled.pop(token, None)
    recalled[token] = None
    if len(recalled) > RECALLED:
        del recalled[next(iter(recalled))]
