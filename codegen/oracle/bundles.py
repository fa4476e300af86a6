"""Bundles, root and nested, read and written by their layouts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from codegen import model
from codegen.layout import Bundle, Field, Nested, Step
from codegen.oracle.bits import (
    Reader,
    Refused,
    read_size,
    read_value,
    to_bits,
    write_size,
    write_value,
)
from codegen.oracle.values import check, lookup, place, valid


class _Strings:
    def __init__(self, strings: Sequence[str]) -> None:
        self.strings = list(strings)
        self.taken = 0

    def take(self, path: str) -> str:
        if self.taken >= len(self.strings):
            raise Refused("corrupt", path, "a string is missing")
        self.taken += 1
        if not self.strings[self.taken - 1]:
            raise Refused("canonical", path, "an empty string is coded as present")
        return self.strings[self.taken - 1]

    def rest(self, until: int) -> list[str]:
        if not self.taken <= until <= len(self.strings):
            raise Refused("corrupt", "", "the number of strings is wrong")
        rest = self.strings[self.taken : until]
        self.taken = until
        return rest


def decode_bundle(root: Bundle, data: bytes, strings: Sequence[str]) -> dict[str, Any]:
    """The value of a root bundle. `strings`: those of the text section, decoded."""
    if data.endswith(b"\0"):
        raise Refused("canonical", "", "the bundle ends in a zero byte")
    texts = _Strings(strings)
    bits = "".join(to_bits(byte, 8) for byte in data)
    return _read(root, bits, texts, len(texts.strings), nested=False)


def encode_bundle(root: Bundle, value: Mapping[str, Any]) -> tuple[bytes, list[str]]:
    """The bytes of a root bundle, and its strings in their order."""
    strings: list[str] = []
    bits = _write(root, value, strings, nested=False).rstrip("0")
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8)), strings


def _read(bundle: Bundle, bits: str, texts: _Strings, until: int, nested: bool) -> dict[str, Any]:
    reader = Reader(bits, open_end=True)
    value: dict[str, Any] = {}
    for step in bundle.steps:
        if applies(step, value):
            held = _read_step(step, reader, texts)
        else:
            held = _default(step)
        place(value, step, held, nested)
    strings = texts.rest(until)
    tail = reader.rest().rstrip("0")
    if strings and not tail:
        raise Refused("corrupt", "", "strings that no element takes")
    value["unknown"] = {"width": len(tail), "value": int(tail, 2), "strings": strings} if tail else None
    return value


def _default(step: Step) -> Any:
    if isinstance(step, Field):
        return step.default
    return [] if step.element.type.kind == "list" else None


def applies(step: Step, value: Mapping[str, Any]) -> bool:
    """Whether a step's wire condition holds."""
    if step.test is None:
        return True
    group, _, element = step.test.path.partition(".")
    return (value[group][element] in step.test.codes) != step.test.negated


def _read_step(step: Step, reader: Reader, texts: _Strings) -> Any:
    if isinstance(step, Nested):
        return _read_nested(step, reader, texts)
    kind = step.element.type.kind
    if step.presence and not reader.take(1, step.path):
        return step.default
    if isinstance(step.code, model.TextCode):
        return texts.take(step.path)
    value = read_value(step.code, kind, reader, step.path)
    if step.presence and value == step.default:
        raise Refused("canonical", step.path, "the default is coded")
    if not valid(step.element, value):
        raise Refused("corrupt", step.path, f"{value!r} is out of range")
    return value


def _read_nested(step: Nested, reader: Reader, texts: _Strings) -> Any:
    if not reader.take(1, step.path):
        return _default(step)
    if step.element.type.kind == "group":
        return _read_delimited(step, reader, texts)
    count = read_size(reader, step.path) + 1
    if count > step.element.max_length:
        raise Refused("corrupt", step.path, f"{count} items")
    return [_read_delimited(step, reader, texts) for _ in range(count)]


def _read_delimited(step: Nested, reader: Reader, texts: _Strings) -> dict[str, Any]:
    strings = read_size(reader, step.path)
    width = read_size(reader, step.path)
    body = reader.bits[reader.at : reader.at + width]
    if len(body) < width:
        raise Refused("corrupt", step.path, "the group runs past the end")
    if body.endswith("0"):
        raise Refused("canonical", step.path, "the group ends in a zero bit")
    reader.at += width
    return _read(step.inner, body, texts, texts.taken + strings, nested=True)


def _write(bundle: Bundle, value: Mapping[str, Any], strings: list[str], nested: bool) -> str:
    bits = ""
    for step in bundle.steps:
        held = lookup(value, step, nested)
        if applies(step, value):
            bits += _write_step(step, held, strings)
        elif held != _default(step):
            raise Refused("value", step.path, "it does not apply here")
    unknown = value.get("unknown")
    if unknown is not None:
        bits += to_bits(unknown["value"], unknown["width"])
        strings.extend(unknown["strings"])
    return bits


def _write_step(step: Step, held: Any, strings: list[str]) -> str:
    if isinstance(step, Nested):
        if held is None or held == []:
            return "0"
        if step.element.type.kind == "group":
            return "1" + _write_delimited(step, held, strings)
        if len(held) > step.element.max_length:
            raise Refused("value", step.path, f"{len(held)} items")
        items = "".join(_write_delimited(step, item, strings) for item in held)
        return "1" + write_size(len(held) - 1, step.path) + items
    check(step.element, held, step.path)
    if step.presence and held == step.default:
        return "0"
    presence = "1" if step.presence else ""
    if isinstance(step.code, model.TextCode):
        strings.append(held)
        return presence
    return presence + write_value(step.code, step.element.type.kind, held, step.path)


def _write_delimited(step: Nested, held: Mapping[str, Any], strings: list[str]) -> str:
    before = len(strings)
    body = _write(step.inner, held, strings, nested=True).rstrip("0")
    return write_size(len(strings) - before, step.path) + write_size(len(body), step.path) + body
