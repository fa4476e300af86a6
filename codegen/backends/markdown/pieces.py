"""Values as annotated bits: what the worked examples show, piece by piece."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from codegen import model
from codegen.layout import Bundle, Field, Nested, Record, Step
from codegen.oracle import bits as oracle_bits
from codegen.oracle import encode_bundle, encode_record
from codegen.oracle.bundles import applies
from codegen.oracle.values import lookup


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of bits and what it is. `bits` is text of 0 and 1."""

    path: str
    bits: str
    meaning: str


def bundle_pieces(
    schema: model.Schema, root: Bundle, value: Mapping[str, Any]
) -> tuple[list[Piece], bytes, list[str]]:
    """The pieces of a root bundle, its bytes and its strings; the oracle wrote the same bytes."""
    data, strings = encode_bundle(root, value)
    pieces = list(_bundle(schema, root, value, "", False))
    written = "".join(piece.bits for piece in pieces).rstrip("0")
    stored = "".join(oracle_bits.to_bits(byte, 8) for byte in data)
    assert written == stored.rstrip("0")
    shown = _cut(pieces, len(written))
    if len(stored) > len(written):
        shown.append(Piece("", stored[len(written) :], "zeros up to a whole byte"))
    return shown, data, strings


def record_pieces(
    schema: model.Schema, record: Record, value: Mapping[str, Any], payloads: Sequence[bytes]
) -> tuple[list[Piece], bytes]:
    """The pieces of a record, and its bytes."""
    data = encode_record(record, value, payloads)
    pieces: list[Piece] = []
    left = iter(payloads)
    at = 0
    for item in record.fields:
        field = item.field
        if item.align and -at % 8:
            pieces.append(Piece("", "0" * (-at % 8), "zeros up to a whole byte"))
            at += -at % 8
        held = value[field.group.name][field.element.name]
        if isinstance(field.code, model.StringCode):
            payload = next(left)
            body = "".join(oracle_bits.to_bits(byte, 8) for byte in payload)
            size = oracle_bits.to_bits(len(payload), field.code.width)
            pieces.append(Piece(field.path, size, counted(len(payload), "byte")))
            if payload:
                pieces.append(Piece(field.path, body, _quoted(held)))
        else:
            text = oracle_bits.write_value(field.code, field.element.type.kind, held, field.path)
            pieces.append(Piece(field.path, text, meaning(schema, field.element, held)))
        at = sum(len(piece.bits) for piece in pieces)
    if -at % 8:
        pieces.append(Piece("", "0" * (-at % 8), "zeros up to a whole byte"))
    joined = "".join(piece.bits for piece in pieces)
    assert joined == "".join(oracle_bits.to_bits(byte, 8) for byte in data)
    return pieces, data


def meaning(schema: model.Schema, element: model.Element, held: Any) -> str:
    """A value in words."""
    kind = element.type.kind
    if kind in ("enum", "table"):
        entry = schema.enumerations[element.type.name].by_code(held)
        return f"{held}: {entry.name}" if entry else f"{held}: unknown, kept"
    if kind == "bool":
        return "true" if held else "false"
    if kind == "bytes":
        return str(held.hex())
    return f"{held} {element.unit}".rstrip()


def _bundle(
    schema: model.Schema, bundle: Bundle, value: Mapping[str, Any], prefix: str, nested: bool
) -> Iterator[Piece]:
    for step in bundle.steps:
        if not applies(step, value):
            continue
        held = lookup(value, step, nested)
        if isinstance(step, Nested):
            yield from _nested(schema, step, held, prefix + step.path)
        else:
            yield from _field(schema, step, held, prefix + step.path)
    tail = value.get("unknown")
    if tail:
        text = oracle_bits.to_bits(tail["value"], tail["width"])
        yield Piece(f"{prefix}unknown", text, "the tail of a newer writer, kept")


def _field(schema: model.Schema, field: Field, held: Any, path: str) -> Iterator[Piece]:
    shown = meaning(schema, field.element, held)
    if field.presence:
        if held == field.default:
            yield Piece(path, "0", "default")
            return
        if isinstance(field.code, model.TextCode):
            yield Piece(path, "1", f"a string: {_quoted(held)}")
            return
        yield Piece(path, "1", "a value follows")
    kind = field.element.type.kind
    if isinstance(field.code, model.Pick):
        selector = oracle_bits.alternative(field.code, kind, held)
        text = oracle_bits.write_value(field.code, kind, held, path)
        yield Piece(
            path, text[: field.code.width], f"selector {selector}" if text[field.code.width :] else shown
        )
        if text[field.code.width :]:
            yield Piece(path, text[field.code.width :], shown)
        return
    if isinstance(field.code, model.BytesCode):
        yield Piece(path, oracle_bits.write_size(len(held), path), counted(len(held), "byte"))
        yield Piece(path, "".join(oracle_bits.to_bits(byte, 8) for byte in held), shown)
        return
    yield Piece(path, oracle_bits.write_value(field.code, kind, held, path), shown)


def _nested(schema: model.Schema, step: Nested, held: Any, path: str) -> Iterator[Piece]:
    if not held:
        yield Piece(path, "0", "absent")
    elif step.element.type.kind == "group":
        yield Piece(path, "1", "a group follows")
        yield from _delimited(schema, step.inner, held, path)
    else:
        yield Piece(path, "1", "a list follows")
        count = len(held) - 1
        yield Piece(
            path, oracle_bits.write_size(count, path), f"{counted(len(held), 'item')}, less one: {count}"
        )
        for index, item in enumerate(held):
            yield from _delimited(schema, step.inner, item, f"{path}[{index}]")


def _delimited(schema: model.Schema, bundle: Bundle, held: Mapping[str, Any], path: str) -> Iterator[Piece]:
    pieces = list(_bundle(schema, bundle, held, f"{path}.", True))
    length = len("".join(piece.bits for piece in pieces).rstrip("0"))
    strings = _strings(bundle.steps, held)
    yield Piece(path, oracle_bits.write_size(strings, path), counted(strings, "string"))
    yield Piece(path, oracle_bits.write_size(length, path), counted(length, "bit"))
    yield from _cut(pieces, length)


def _strings(steps: Sequence[Step], held: Mapping[str, Any]) -> int:
    """How many strings a nested bundle has, those below it included."""
    count = len(held["unknown"]["strings"]) if held.get("unknown") else 0
    for step in steps:
        value = held[step.element.name]
        if isinstance(step, Nested):
            inner = value if isinstance(value, list) else [value] if value else []
            count += sum(_strings(step.inner.steps, item) for item in inner)
        elif isinstance(step.code, model.TextCode):
            count += bool(value)
    return count


def _cut(pieces: Sequence[Piece], length: int) -> list[Piece]:
    """The pieces of the first `length` bits; what is left out reads as zero."""
    shown: list[Piece] = []
    for piece in pieces:
        kept = piece.bits[:length]
        if kept:
            lost = len(piece.bits) - len(kept)
            note = f"; {counted(lost, 'zero')} at its end not written" if lost else ""
            shown.append(Piece(piece.path, kept, piece.meaning + note))
        length -= len(kept)
    return shown


def counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
