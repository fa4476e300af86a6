"""The generated construct structs as a testee: `python -m tests.conformance.testees.construct`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ParamSpec, TypeVar

from construct import ConstructError

from aigif._gen import reference, reference_structs
from tests.conformance.testees.plain_file import Refusal, Value
from tests.conformance.testees.serve import PlainFiles, serve

P = ParamSpec("P")
T = TypeVar("T")


class ConstructElements:
    """Reads and writes elements with the structs, which give one kind of error for everything."""

    def text_compressor(self, data: bytes) -> int:
        return _enum_of_three_bits(data)

    def read_bundle(self, data: bytes, strings: Sequence[str] | None) -> Value:
        return self._asked(reference.parse_compact, data, strings)

    def write_bundle(self, value: Value) -> tuple[bytes, list[str]]:
        data, strings = self._asked(reference.build_compact, value)
        return data, list(strings)

    def read_record(self, data: bytes) -> tuple[Value, list[bytes], int]:
        return self._asked(reference.parse_paper, data)

    def write_record(self, value: Value, payloads: Sequence[bytes]) -> bytes:
        return self._asked(reference.build_paper, value, payloads)

    def record_strings(self) -> Sequence[tuple[str, str]]:
        return [(group, name) for group, _, name in (p.partition(".") for p in reference_structs.PAPER.texts)]

    @staticmethod
    def _asked(function: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        try:
            return function(*given, **named)
        except ConstructError as error:
            raise Refusal("refused", str(error)) from error


def _enum_of_three_bits(data: bytes) -> int:
    """The first element of a bundle, before which no other can be read: a code `enum 3`."""
    number = int.from_bytes(data[:9].ljust(9, b"\0"), "big")
    value, at = number >> 69, 61
    while value == 7 or at < 61:
        byte = number >> at & 255
        value, at = value + byte, at - 8
        if byte != 255:
            break
        if at < 5:
            raise Refusal("refused", "a code of more than 8 bytes")
    return value


if __name__ == "__main__":
    serve(PlainFiles("construct", ConstructElements(), kinds=False))
