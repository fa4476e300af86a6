"""Records read and written by their layouts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from codegen import model
from codegen.layout import Record
from codegen.oracle.bits import Reader, Refused, read_value, to_bits, write_value
from codegen.oracle.bundles import applies
from codegen.oracle.values import check, valid


def decode_record(record: Record, data: bytes) -> tuple[dict[str, Any], list[bytes], int]:
    """The value with its strings left empty, the coded strings, and the offset of the byte after the record."""
    reader = Reader("".join(to_bits(byte, 8) for byte in data), open_end=False)
    value: dict[str, Any] = {}
    for group, element, default in record.omitted:
        absent: Any = [] if element.type.kind == "list" else default
        value.setdefault(group.name, {})[element.name] = absent
    value["unknown"] = None
    payloads: list[bytes] = []
    for item in record.fields:
        field = item.field
        if item.align:
            _align(reader)
        if isinstance(field.code, model.StringCode):
            length = reader.take(field.code.width, field.path)
            payloads.append(bytes(reader.take(8, field.path) for _ in range(length)))
            held: Any = ""
        else:
            held = read_value(field.code, field.element.type.kind, reader, field.path)
            if not valid(field.element, held):
                raise Refused("corrupt", field.path, f"{held!r} is out of range")
        value.setdefault(field.group.name, {})[field.element.name] = held
        if not applies(field, value) and held != field.default:
            raise Refused("corrupt", field.path, "it does not apply here")
    _align(reader)
    return value, payloads, reader.at // 8


def encode_record(record: Record, value: Mapping[str, Any], payloads: Sequence[bytes]) -> bytes:
    """The bytes of a record; `payloads` are its coded strings in their order."""
    if value.get("unknown") is not None:
        raise Refused("value", "unknown", "a record has no tail")
    for group, element, default in record.omitted:
        absent: Any = [] if element.type.kind == "list" else default
        if value[group.name][element.name] != absent:
            raise Refused("value", f"{group.name}.{element.name}", "it has no place in this profile")
    bits = ""
    coded = iter(payloads)
    for item in record.fields:
        field = item.field
        held = value[field.group.name][field.element.name]
        check(field.element, held, field.path)
        if not applies(field, value) and held != field.default:
            raise Refused("value", field.path, "it does not apply here")
        if item.align:
            bits += "0" * (-len(bits) % 8)
        if isinstance(field.code, model.StringCode):
            payload = next(coded)
            if len(payload) >> field.code.width:
                raise Refused("value", field.path, "the string is too long")
            bits += to_bits(len(payload), field.code.width) + "".join(to_bits(byte, 8) for byte in payload)
        else:
            bits += write_value(field.code, field.element.type.kind, held, field.path)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))


def _align(reader: Reader) -> None:
    if reader.take(-reader.at % 8, ""):
        raise Refused("canonical", "", "bits between two fields are not zero")
