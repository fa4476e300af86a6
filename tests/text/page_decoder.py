"""A second decoder of the prompt coder, written from docs/format.md alone: slow, plain, and without its checks."""

from __future__ import annotations

import zlib
from pathlib import Path

LEVEL = 8
CLASSES = (
    (0, 1),
    (0, 128),
    (32, 1),
    (0x3000, 0x7000),
    (0, 0x800),
    (0, 0x10000),
    (0x1F000, 0x1000),
    (0, 0x110000),
)
ROWS = """
1 1 1 14 24 10 12 1
8 44 6 1 2 1 1 1
1 53 1 3 3 1 1 1
3 2 2 53 1 1 1 1
20 33 5 1 2 1 1 1
20 25 2 4 2 9 1 1
26 24 2 1 1 4 5 1
20 30 2 1 1 1 1 8
"""


def numbers(plane: bytes, size: int) -> list[int]:
    return [int.from_bytes(plane[at : at + size], "little") for at in range(0, len(plane), size)]


def lists(planes: list[bytes]) -> dict[int, tuple[list[int], list[int], int, int]]:
    """By context: ids, rarities, odds, the number of the first entry."""
    found = {}
    context, at = -1, 0
    for index in range(len(planes[0])):
        context += planes[0][index] + 256 * planes[1][index]
        count = planes[2][index] + 256 * planes[3][index]
        ids, last = [], -1
        for entry in range(at, at + count):
            last += planes[5][entry] + 256 * planes[6][entry] + 1
            ids.append(last)
        found[context] = ids, list(planes[7][at : at + count]), planes[4][index], at
        at += count
    return found


class PageDecoder:
    def __init__(self, path: str) -> None:
        data = Path(path).read_bytes()
        assert data[:4] == b"AIGT" and data[4] == 1
        body = zlib.decompress(data[37:])
        count = int.from_bytes(body[:4], "little")
        lengths = numbers(body[4 : 4 + 4 * count], 4)
        at, planes = 4 + 4 * count, []
        for length in lengths:
            planes.append(body[at : at + length])
            at += length
        self.tokens = planes[1].decode().split("\0")[:-1]
        self.kinds, self.classes, following, common = planes[2:6]
        self.pairs, self.triples = lists(planes[6 : 6 + LEVEL]), lists(planes[6 + LEVEL : 6 + 2 * LEVEL])
        halves, quarters, escapes, cases, self.recalls = planes[6 + 2 * LEVEL :]
        self.halves = numbers(halves, 4)
        size = max(self.classes) + 1
        self.following = [
            [self.halves[step] for step in following[size * c : size * c + size]] for c in range(size)
        ]
        self.weights = [numbers(quarters, 4)[step] for step in common]
        self.escapes = [[escapes[128 * r + 8 * o : 128 * r + 8 * o + 8] for o in range(16)] for r in range(3)]
        both = numbers(cases, 2)
        self.cases = list(zip(both[::2], both[1::2], strict=True))
        self.x = 0

    def event(self, weights: list[int]) -> int:
        """Which of several things with these numbers of slots comes."""
        whole = sum(weights)
        turns, rest = divmod(self.x, whole)
        start = index = 0
        while rest >= start + weights[index]:
            start += weights[index]
            index += 1
        self.x = turns * weights[index] + rest - start
        return index

    def flag(self, yes: int) -> bool:
        return self.event([yes, 256 - yes]) == 0

    def decode(self, stream: bytes) -> tuple[str, ...]:
        first = stream[0]
        if first == 255:
            pieces = stream[1:].split(b"\0")
            return tuple(
                piece.replace(b"\1\1", b"\0").replace(b"\1\2", b"\1").decode("utf-8", "surrogatepass")
                for piece in pieces
            )
        chunks = []
        if first == 254:
            at = 1
            while at < len(stream):
                length = int.from_bytes(stream[at : at + 3], "little")
                chunks.append(int.from_bytes(stream[at + 3 : at + 3 + length], "little"))
                at += 3 + length
        else:
            chunks.append(int.from_bytes(stream, "little") // 256 * 253 + first - 1)
        return self.text(chunks)

    def text(self, chunks: list[int]) -> tuple[str, ...]:
        strings, pieces = [], []
        recalled: list[int] = []
        last, entry, mood, count = 0, -1, 0, 0
        place, written, any_case = 0, 0, 0
        self.x = chunks[0]
        while True:
            if count and count % 1024 == 0:
                assert self.x == 0
                self.x = chunks[count // 1024]
            count += 1
            token, entry, found = self.token(last, entry, mood // 32, recalled)
            if found == 255 and token > 2:
                recalled = [*[other for other in recalled if other != token][-47:], token]
            mood += (found - mood) // 4
            kind, case = self.kinds[token], 0
            if kind < 16:
                where = 0 if place == 0 else 2 if place == 1 and kind > 7 else 1
                lower, capital = self.cases[((where * 3 + written) * 2 + any_case) * 8 + kind % 8]
                case = self.event([lower, capital, 1024 - lower - capital])
                place, written, any_case = 1, case, 1 if case else any_case
            elif kind != 17:
                place = 0 if kind == 16 else 2
            if token == 2:
                pieces.append(self.literal())
            elif token > 2:
                pieces.append(self.in_case(self.tokens[token], case))
            else:
                strings.append("".join(pieces))
                pieces.clear()
            if token == 0:
                assert self.x == 0
                return tuple(strings)
            last = token

    def token(self, last: int, entry: int, mood: int, recalled: list[int]) -> tuple[int, int, int]:
        pair, triple = self.pairs.get(last), self.triples.get(entry)
        gone: list[int] = []
        if triple and pair:
            gone = triple[0]
            if self.flag(self.escapes[0][triple[2]][mood]):
                at = gone[self.event(self.slots(triple[1]))]
                return pair[0][at], pair[3] + at, 0
        if pair and len(pair[0]) > len(gone) and self.flag(self.escapes[2 if gone else 1][pair[2]][mood]):
            slots = self.slots(pair[1])
            left = set(range(len(slots))).difference(gone)
            at = self.event([slot if index in left else 0 for index, slot in enumerate(slots)])
            return pair[0][at], pair[3] + at, 96
        held = set(pair[0]) if pair else set()
        near = [token for token in recalled if token not in held]
        if near and self.flag(self.recalls[len(near)]):
            return near[self.event([1] * len(near))], -1, 255
        chosen = self.event(self.following[self.classes[last]])
        inside = [token for token, of in enumerate(self.classes) if of == chosen and token not in held]
        return inside[self.event([self.weights[token] for token in inside])], -1, 255

    def slots(self, rarities: list[int]) -> list[int]:
        rarest = max(rarities)
        return [self.halves[rarest - rarity] for rarity in rarities]

    def literal(self) -> str:
        rows = [list(map(int, row.split())) for row in ROWS.strip().splitlines()]
        run, before, last = [], 0, -1
        while True:
            index = self.event(rows[before])
            if index == 0:
                return "".join(run)
            first, count = (last // 128 * 128, 128) if index == 1 else CLASSES[index]
            self.x, rest = divmod(self.x, count)
            run.append(chr(first + rest))
            before, last = index, last if index == 2 else first + rest

    @staticmethod
    def in_case(token: str, case: int) -> str:
        if case == 1:
            at = 1 if token[0] == " " else 0
            return token[:at] + token[at].upper() + token[at + 1 :]
        return token.upper() if case == 2 else token
