"""A number to tokens: the encoder's steps the other way round."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from aigif.errors import CorruptError, LimitError, NotCanonicalError
from aigif.text.prompt import literals as spelling
from aigif.text.prompt.cases import AFTER, CONTEXT, FIRST, HABITS
from aigif.text.prompt.model import (
    CHUNK,
    FOUND_IN_ALL,
    FOUND_IN_PAIR,
    FOUND_IN_TRIPLE,
    PAIR,
    PAIR_AFTER,
    TRIPLE,
    Model,
    remember,
)
from aigif.text.prompt.tables import List
from aigif.text.prompt.tokens import END, LITERAL, SPECIALS

_NONE_GONE: tuple[list[int], list[int]] = [], [0]


class Decoder:
    """One text being decoded."""

    __slots__ = ("cases", "literals", "model", "most", "tokens")

    def __init__(self, model: Model, most: int) -> None:
        self.model = model
        self.most = most
        self.tokens: list[int] = []
        self.cases: list[int] = []
        self.literals: list[str] = []

    def run(self, chunks: Iterator[int]) -> None:
        """Decode chunk after chunk to the end of the text.

        Raises NotCanonicalError where a chunk holds more than its tokens, LimitError for more than `most` tokens.
        Written as one loop, without calls for what most tokens need, since this is where the time goes.
        """
        tables = self.model.tables
        pairs, triples, kinds, flags, escapes = (
            tables.pairs,
            tables.triples,
            tables.kinds,
            tables.cases,
            tables.escapes,
        )
        left_of_pair = self.model.left_of_pair
        tokens, cases = self.tokens, self.cases
        recalled: dict[int, None] = {}
        last, entry, state, mood = END, -1, FIRST, 0
        left = CHUNK
        x = next(chunks)
        while True:
            if not left:
                self._spent(x)
                if len(tokens) > self.most:
                    raise LimitError(f"more than {self.most} bytes of text after decompression")
                left, x = CHUNK, next(chunks)
            left -= 1
            pair = pairs[last]
            place, found = -1, FOUND_IN_ALL
            triple = triples[entry] if entry >= 0 else None
            row = PAIR
            if triple is not None:
                places, slots, odds, _ = triple
                taken = escapes[TRIPLE][odds][mood >> 5]
                rest = x & 255
                if rest < taken:
                    x = (x >> 8) * taken + rest
                    at = 0
                    if len(places) > 1:
                        x, rest = divmod(x, slots[-1])
                        at = bisect_right(slots, rest) - 1
                        x = x * (slots[at + 1] - slots[at]) + rest - slots[at]
                    place, found = places[at], FOUND_IN_TRIPLE
                else:
                    x = (x >> 8) * (256 - taken) + rest - taken
                    row = PAIR_AFTER
            if place < 0 and pair is not None and (triple is None or len(triple[0]) < len(pair[0])):
                _, slots, odds, _ = pair
                taken = escapes[row][odds][mood >> 5]
                rest = x & 255
                if rest < taken:
                    x = (x >> 8) * taken + rest
                    if triple is None:
                        x, rest = divmod(x, slots[-1])
                    else:
                        _, starts, gone = left_of_pair(entry, triple, pair)
                        x, rest = divmod(x, slots[-1] - gone[-1])
                        rest += gone[bisect_right(starts, rest)]
                    place = bisect_right(slots, rest) - 1
                    x = x * (slots[place + 1] - slots[place]) + rest - slots[place]
                    found = FOUND_IN_PAIR
                else:
                    x = (x >> 8) * (256 - taken) + rest - taken
            if place >= 0 and pair is not None:
                token, entry = pair[0][place], pair[3] + place
            else:
                token, x = self._unlisted(x, last, pair, recalled)
                entry = -1
                if token >= SPECIALS:
                    remember(recalled, token)
            mood += (found - mood) >> 2
            kind, case = kinds[token], 0
            if kind < 2 * HABITS:
                lower, capital = flags[CONTEXT[state][kind]]
                rest = x & 1023
                if rest < lower:
                    x = (x >> 10) * lower + rest
                elif rest < lower + capital:
                    x, case = (x >> 10) * capital + rest - lower, 1
                else:
                    x, case = (x >> 10) * (1024 - lower - capital) + rest - lower - capital, 2
            elif token == LITERAL:
                x = self._literal(x)
            tokens.append(token)
            cases.append(case)
            if token == END:
                self._spent(x)
                return
            state = AFTER[state][3 * kind + case]
            last = token

    @staticmethod
    def _spent(number: int) -> None:
        if number:
            raise NotCanonicalError("the coded text holds more than its strings")

    def _unlisted(self, x: int, last: int, pair: List | None, recalled: dict[int, None]) -> tuple[int, int]:
        """A token that no list holds, and what is left of the number."""
        tables = self.model.tables
        near = list(recalled)
        places: Sequence[int] = ()
        starts, gone = _NONE_GONE
        if pair is not None:
            places, starts, gone, held = self.model.left_of_all(last, pair)
            near = [other for other in recalled if other not in held]
        if near:
            taken = tables.recalls[len(near)]
            x, rest = x >> 8, x & 255
            if rest < taken:
                x, index = divmod(x * taken + rest, len(near))
                return near[index], x
            x = x * (256 - taken) + rest - taken
        classes, slots = tables.following[tables.classes[last]], tables.unigram
        x, rest = divmod(x, classes[-1])
        index = bisect_right(classes, rest) - 1
        x = x * (classes[index + 1] - classes[index]) + rest - classes[index]
        first, end = tables.bounds[index], tables.bounds[index + 1]
        lost = bisect_left(places, first)
        begin = slots[first] - gone[lost]
        whole = slots[end] - gone[bisect_left(places, end)] - begin
        if not whole:
            raise CorruptError("a token is of a class of which none is left")
        x, rest = divmod(x, whole)
        rest += begin
        rest += gone[bisect_right(starts, rest, lost)]
        rank = bisect_right(slots, rest, first, end) - 1
        token = tables.order[rank]
        if token in near:
            raise NotCanonicalError("a token that was seen lately is coded as if it were not")
        return token, x * (slots[rank + 1] - slots[rank]) + rest - slots[rank]

    def _literal(self, x: int) -> int:
        """Decode one run of characters; gives what is left of the number."""
        run: list[str] = []
        before, last = spelling.END, -1
        while True:
            x, rest = x >> 6, x & 63
            starts = spelling.STARTS[before]
            index = bisect_right(starts, rest) - 1
            x = x * (starts[index + 1] - starts[index]) + rest - starts[index]
            if index == spelling.END:
                break
            if len(run) >= 2 * spelling.LONGEST - 1:
                raise CorruptError("a literal is too long")
            first, count = (last & ~127, 128) if index == spelling.NEAR else spelling.RANGES[index]
            x, rest = divmod(x, count) if count > 1 else (x, 0)
            character = first + rest
            if spelling.class_of(character, last) != index:
                raise NotCanonicalError("a character of a literal is in the wrong class")
            run.append(chr(character))
            before = index
            if index != spelling.SPACE:
                last = character
        self.literals.append("".join(run))
        return x
