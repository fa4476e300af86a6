"""The small worked numbers beside each code, written by the oracle."""

from __future__ import annotations

import struct

from codegen import model
from codegen.oracle import bits as oracle_bits

Pairs = list[tuple[str, str]]

STRINGS = (["cat"], ["cat", "dog"], ["a\0b"], ["\1"], ["\ud800", "\N{GRINNING FACE}"])


def leb128(value: int) -> bytes:
    """Seven bits a byte, the lowest first; the top bit of all bytes but the last is set."""
    groups = [value >> shift & 127 for shift in range(0, max(value.bit_length(), 1), 7)]
    return bytes([*(group | 128 for group in groups[:-1]), groups[-1]])


def join(strings: list[str]) -> bytes:
    """The payload of a text section before compression."""
    coded = [text.encode("utf-8", "surrogatepass") for text in strings]
    return b"\0".join(raw.replace(b"\1", b"\1\2").replace(b"\0", b"\1\1") for raw in coded)


def spaced(data: bytes) -> str:
    return data.hex(" ").upper()


def leb128_numbers() -> Pairs:
    return [(str(value), spaced(leb128(value))) for value in (0, 1, 127, 128, 300, 16383, 16384)]


def exp_numbers() -> Pairs:
    values = (0, 1, 254, 255, 256, 509, 510, model.EXP_MAX)
    return [(str(value), spaced(_bytes(oracle_bits.write_exp(value)))) for value in values]


def enum_numbers() -> Pairs:
    code = model.EscapedEnum(3)
    return [
        (str(value), oracle_bits.write_value(code, "enum", value, "")) for value in (0, 5, 6, 7, 8, 261, 262)
    ]


def float_numbers() -> Pairs:
    return [(str(value), spaced(struct.pack(">f", value))) for value in (0.0, 1.0, 7.5, -0.25)]


def size_numbers() -> Pairs:
    values = (0, 3, 4, 31, 32, 511, 512, 65535)
    return [(str(value), _split(oracle_bits.write_size(value, ""), 2)) for value in values]


def joined_numbers() -> Pairs:
    shown = []
    for strings in STRINGS:
        named = ", ".join('"' + text.encode("unicode_escape").decode() + '"' for text in strings)
        shown.append((named, spaced(join(strings))))
    return shown


def _split(bits: str, at: int) -> str:
    return f"{bits[:at]} {bits[at:]}"


def _bytes(bits: str) -> bytes:
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))
