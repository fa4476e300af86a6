"""The prompt coder: all strings of a file in one number, by tables trained on prompts.

docs/format.md defines the stream, docs/text-coder.md tells how the tables came about.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import cache

from aigif.errors import CorruptError, LimitError, NotCanonicalError
from aigif.text import joined
from aigif.text.prompt.decoder import Decoder
from aigif.text.prompt.encoder import chunks, number
from aigif.text.prompt.model import CHUNK, Model
from aigif.text.prompt.tables import Tables
from aigif.text.prompt.tokens import END, LITERAL, SEPARATOR, Tokenizer, in_case

__all__ = ["TABLES", "PromptCoder", "coder"]

TABLES = os.path.join(os.path.dirname(__file__), "tables-1.bin")
# The first byte: from SHORT below LONG it belongs to a number, LONG starts chunks, RAW the strings as they are.
SHORT, LONG, RAW = 1, 254, 255


@cache
def coder() -> PromptCoder:
    """The coder with the tables of the package, which are read when it is first asked for."""
    with open(TABLES, "rb") as held:
        return PromptCoder(Tables(held.read()))


class PromptCoder:
    """A set of tables at work."""

    __slots__ = ("model", "tokenizer")

    def __init__(self, tables: Tables) -> None:
        self.model = Model(tables)
        self.tokenizer = Tokenizer(tables.tokens, tables.letters)

    def encode(self, strings: Sequence[str]) -> bytes:
        """The stream of these strings, of which there is at least one."""
        coded = self._modelled(*self._cut(strings))
        raw = joined.join(strings)
        return coded if len(coded) <= len(raw) + 1 else bytes([RAW]) + raw

    def decode(self, stream: bytes, most: int) -> tuple[str, ...]:
        """The strings of a stream, of at most `most` bytes when joined.

        Raises CorruptError, NotCanonicalError or LimitError.
        """
        if len(stream) > most + 1:
            raise LimitError(f"{len(stream)} bytes of text; at most {most} are allowed")
        if stream[:1] == bytes([RAW]):
            strings = joined.split(stream[1:])
            if self.encode(strings) != stream:
                raise NotCanonicalError("the text is stored although its coded form is not larger")
            return strings
        decoder = Decoder(self.model, most)
        numbers = list(_numbers(stream))
        taken = iter(numbers)
        try:
            decoder.run(taken)
        except StopIteration:
            raise CorruptError("the coded text is cut") from None
        if next(taken, None) is not None:
            raise NotCanonicalError("bytes follow the coded text")
        if (len(decoder.tokens) > CHUNK) != (stream[:1] == bytes([LONG])):
            raise NotCanonicalError("a short text is coded as a long one")
        strings = self._joined(decoder)
        size = len(joined.join(strings))
        if size > most:
            raise LimitError(f"more than {most} bytes of text after decompression")
        if len(stream) > size + 1:
            raise NotCanonicalError("the text is coded although it is smaller as it is")
        if self._cut(strings) != (decoder.tokens, decoder.cases, decoder.literals):
            raise NotCanonicalError("the text is cut into other tokens than an encoder cuts it into")
        return strings

    def _cut(self, strings: Sequence[str]) -> tuple[list[int], list[int], list[str]]:
        tokens: list[int] = []
        cases: list[int] = []
        literals: list[str] = []
        for index, string in enumerate(strings):
            if index:
                tokens.append(SEPARATOR)
                cases.append(0)
            self.tokenizer.cut(string, tokens, cases, literals)
        tokens.append(END)
        cases.append(0)
        return tokens, cases, literals

    def _modelled(self, tokens: list[int], cases: list[int], literals: list[str]) -> bytes:
        coded = chunks(self.model, tokens, cases, literals)
        if len(coded) == 1:
            coded[0].insert(0, (SHORT, LONG - SHORT, 256))
            return _bytes(number(coded[0]))
        stream = bytearray([LONG])
        for chunk in coded:
            payload = _bytes(number(chunk))
            stream += len(payload).to_bytes(3, "little") + payload
        return bytes(stream)

    def _joined(self, decoder: Decoder) -> tuple[str, ...]:
        strings = self.tokenizer.tokens
        spelled = iter(decoder.literals)
        made: list[str] = []
        pieces: list[str] = []
        for token, case in zip(decoder.tokens, decoder.cases, strict=True):
            if token > LITERAL:
                pieces.append(in_case(strings[token], case) if case else strings[token])
            elif token == LITERAL:
                pieces.append(next(spelled))
            else:
                made.append("".join(pieces))
                pieces.clear()
        return tuple(made)


def _bytes(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8, "little")


def _numbers(stream: bytes) -> Iterator[int]:
    """The number of each chunk of a stream."""
    if stream[:1] != bytes([LONG]):
        if not stream or not stream[0] or not stream[-1]:
            raise NotCanonicalError("the coded text begins or ends in a zero byte")
        turns, rest = divmod(int.from_bytes(stream, "little"), 256)
        yield turns * (LONG - SHORT) + rest - SHORT
        return
    at = 1
    while at < len(stream):
        end = at + 3 + int.from_bytes(stream[at : at + 3], "little")
        if end > len(stream):
            raise CorruptError("the coded text is cut")
        payload = stream[at + 3 : end]
        if payload[-1:] == b"\0":
            raise NotCanonicalError("a chunk of the coded text ends in a zero byte")
        yield int.from_bytes(payload, "little")
        at = end
