"""The oracle, the compiler's interpreter of layouts, as a testee: `python -m tests.conformance.testees.oracle`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ParamSpec, TypeVar

from codegen import oracle
from codegen.layout import Field
from codegen.model import StringCode
from codegen.oracle import bundles
from codegen.oracle.bits import Reader, read_value, to_bits
from tests.conformance.testees.plain_file import STAND_IN, Refusal, Value
from tests.conformance.testees.plain_json import compact_layout, paper_layout
from tests.conformance.testees.serve import PlainFiles, serve

KINDS = {"corrupt": "corrupt", "canonical": "not canonical", "value": "value"}
CODER = "compression.text_compressor"
P = ParamSpec("P")
T = TypeVar("T")


class Opaque(bundles._Strings):
    """As many strings as are asked for, none of which can be read."""

    def __init__(self) -> None:
        super().__init__(())

    def take(self, path: str) -> str:
        self.taken += 1
        return STAND_IN

    def rest(self, until: int) -> list[str]:
        if until < self.taken:
            raise oracle.Refused("corrupt", "", "the number of strings is wrong")
        rest = [STAND_IN] * (until - self.taken)
        self.taken = until
        return rest


class OpaqueRoot(Opaque):
    """The same for the root, which may own any number in its tail."""

    def rest(self, until: int) -> list[str]:
        return [] if until < 0 else super().rest(until)


class OracleElements:
    """Reads and writes elements with the oracle."""

    def __init__(self) -> None:
        self.strings = [
            (item.field.group.name, item.field.element.name)
            for item in paper_layout().fields
            if isinstance(item.field.code, StringCode)
        ]

    def text_compressor(self, data: bytes) -> int:
        first = compact_layout().steps[0]
        assert isinstance(first, Field) and first.path == CODER and not first.presence
        reader = Reader("".join(to_bits(byte, 8) for byte in data[:9]), open_end=True)
        return int(self._asked(read_value, first.code, first.element.type.kind, reader, first.path))

    def read_bundle(self, data: bytes, strings: Sequence[str] | None) -> Value:
        if strings is not None:
            return self._asked(oracle.decode_bundle, compact_layout(), data, strings)
        bits = "".join(to_bits(byte, 8) for byte in data)
        value = self._asked(bundles._read, compact_layout(), bits, OpaqueRoot(), -1, False)
        if value["unknown"]:
            value["unknown"]["strings"] = [STAND_IN]
        return value

    def write_bundle(self, value: Value) -> tuple[bytes, list[str]]:
        return self._asked(oracle.encode_bundle, compact_layout(), value)

    def read_record(self, data: bytes) -> tuple[Value, list[bytes], int]:
        return self._asked(oracle.decode_record, paper_layout(), data)

    def write_record(self, value: Value, payloads: Sequence[bytes]) -> bytes:
        return self._asked(oracle.encode_record, paper_layout(), value, payloads)

    def record_strings(self) -> Sequence[tuple[str, str]]:
        return self.strings

    @staticmethod
    def _asked(function: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        try:
            return function(*given, **named)
        except oracle.Refused as refused:
            raise Refusal(KINDS[refused.kind], str(refused)) from refused


if __name__ == "__main__":
    serve(PlainFiles("oracle", OracleElements()))
