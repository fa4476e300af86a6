"""The tables of the prompt coder, read from their file without making objects of what is not used.

The file: `AIGT`, a byte of version, 32 bytes of SHA-256 of the planes, and one zlib stream of them. The planes begin
with their number and their lengths, 4 bytes each, little-endian. PLANES says what each holds.
"""

from __future__ import annotations

import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from math import isqrt

MAGIC = b"AIGT"
HASH_BYTES = 32
SURPRISES = 8
CLASSES = 16  # of how probable an escape is, by a list's own account
_CACHED = 16384  # lists kept unpacked

# Plane by plane: what it holds, one byte an entry unless said otherwise.
LEVEL = (
    "contexts, low",  # of each context that has a list, its number less the one before (-1 before the first)
    "contexts, high",
    "counts, low",  # the number of its entries
    "counts, high",
    "classes",  # the class of its escape
    "steps, low",  # of each entry, its id less the one before (-1 before the first) less 1
    "steps, high",
    "halves",  # of each entry, its rarity in half bits
)
PLANES = (
    "letters",  # UTF-8
    "tokens",  # UTF-8, each followed by NUL
    "kinds",  # of each token: what `cases` says
    "classes",  # of each token, the class of what may stand in its place
    "following",  # for each class, how common each class is after it, in half bits
    "rarities",  # of each token, how common it is, in quarter bits
    *(f"pairs: {name}" for name in LEVEL),
    *(f"triples: {name}" for name in LEVEL),
    "halves",  # 4 bytes each: the weight of a rarity, counted from the rarest of a list
    "quarters",  # 4 bytes each
    "escapes",  # 3 x CLASSES x SURPRISES: of 256, how often an entry is taken
    "cases",  # of each context, 2 bytes each: of 1024, how often lower and capital
    "recalls",  # by the number of recalled tokens: of 256, how often one of them comes
)

# An unpacked list: its ids, the first slot of each and the number of all, the class of its escape, its first entry.
List = tuple[list[int], list[int], int, int]


class Level(dict[int, List | None]):
    """The lists of the contexts of one order, each unpacked when it is first asked for; None where there is none."""

    __slots__ = ("_classes", "_contexts", "_halves", "_high", "_low", "_offsets", "_weights")

    def __init__(self, planes: list[memoryview], weights: array[int]) -> None:
        self._classes, self._low, self._high, self._halves = planes[4:]
        self._contexts = array("I", accumulate(_wide(planes[0], planes[1])))  # one more than each
        self._offsets = array("I", accumulate(_wide(planes[2], planes[3]), initial=0))
        self._weights = weights

    def __missing__(self, context: int) -> List | None:
        if len(self) >= _CACHED:
            self.clear()
        made = self[context] = self._unpacked(context)
        return made

    def _unpacked(self, context: int) -> List | None:
        index = bisect_left(self._contexts, context + 1)
        if index == len(self._contexts) or self._contexts[index] != context + 1:
            return None
        start, end = self._offsets[index], self._offsets[index + 1]
        steps = zip(self._low[start:end], self._high[start:end], strict=True)
        ids = list(accumulate([low + (high << 8) + 1 for low, high in steps], initial=-1))[1:]
        halves = self._halves[start:end]
        rarest, weights = max(halves), self._weights
        slots = list(accumulate([weights[rarest - half] for half in halves], initial=0))
        return ids, slots, self._classes[index], start


class Tables:
    """Everything that the coder knows of prompts."""

    __slots__ = (
        "bounds", "cases", "classes", "escapes", "following", "kinds", "letters", "order", "pairs", "rank", "recalls",
        "tokens", "triples", "unigram", "version",
    )  # fmt: skip

    def __init__(self, data: bytes) -> None:
        assert data[: len(MAGIC)] == MAGIC
        self.version = data[len(MAGIC)]
        planes = planes_of(data)
        self.letters = str(next(planes), "utf-8")
        self.tokens = str(next(planes), "utf-8").split("\0")[:-1]
        self.kinds = bytes(next(planes))
        self.classes = bytes(next(planes))
        following = bytes(next(planes))
        rarities = bytes(next(planes))
        pairs = [next(planes) for _ in LEVEL]
        triples = [next(planes) for _ in LEVEL]
        halves, quarters = _numbers("I", next(planes)), _numbers("I", next(planes))
        self.pairs, self.triples = Level(pairs, halves), Level(triples, halves)
        size = isqrt(len(following))
        self.following = [
            list(accumulate([halves[step] for step in following[at : at + size]], initial=0))
            for at in range(0, size * size, size)
        ]
        classes = self.classes
        self.order = sorted(range(len(classes)), key=classes.__getitem__)
        self.rank = array("H", bytes(2 * len(classes)))
        for rank, token in enumerate(self.order):
            self.rank[token] = rank
        self.unigram = list(accumulate([quarters[rarities[token]] for token in self.order], initial=0))
        inside = [classes[token] for token in self.order]
        self.bounds = [bisect_left(inside, index) for index in range(size + 1)]
        escapes = bytes(next(planes))
        rows = [escapes[at : at + SURPRISES] for at in range(0, len(escapes), SURPRISES)]
        self.escapes = [rows[at : at + CLASSES] for at in range(0, len(rows), CLASSES)]
        cases = _numbers("H", next(planes))
        self.cases = list(zip(cases[::2], cases[1::2], strict=True))
        self.recalls = bytes(next(planes))


def planes_of(data: bytes) -> Iterator[memoryview]:
    """The planes of a file of tables, in the order of PLANES."""
    view = memoryview(zlib.decompress(memoryview(data)[len(MAGIC) + 1 + HASH_BYTES :]))
    count = int.from_bytes(view[:4], "little")
    at = 4 + 4 * count
    for index in range(count):
        end = at + int.from_bytes(view[4 + 4 * index : 8 + 4 * index], "little")
        yield view[at:end]
        at = end


def _wide(low: memoryview, high: memoryview) -> array[int]:
    both = bytearray(2 * len(low))
    both[::2], both[1::2] = low, high
    return _numbers("H", memoryview(both))


def _numbers(kind: str, plane: memoryview) -> array[int]:
    numbers = array(kind, plane.tobytes())
    if int.from_bytes(array("H", [1]).tobytes(), "little") != 1:
        numbers.byteswap()
    return numbers
