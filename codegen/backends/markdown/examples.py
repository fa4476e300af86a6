"""Worked examples: values from the file that the schema names, or made up for a schema that names none."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from codegen import model
from codegen.backends.markdown.numbers import join, leb128, spaced
from codegen.backends.markdown.pieces import Piece, bundle_pieces, counted, record_pieces
from codegen.layout import Layouts, numeric_default
from codegen.model import Schema


@dataclass(frozen=True, slots=True)
class Section:
    """A section of an example: its flags and payload."""

    id: int
    critical: bool
    safe_to_copy: bool
    payload: bytes
    note: str


def build(schema: Schema, layouts: Layouts) -> list[dict[str, Any]]:
    """Every example as the template prints it."""
    return [_example(schema, layouts, entry) for entry in _entries(schema)]


def _entries(schema: Schema) -> list[dict[str, Any]]:
    if schema.examples:
        entries: list[dict[str, Any]] = yaml.safe_load(schema.examples)
        return entries
    text = "Every element is at its default."
    return [
        {"title": f"the smallest file of the profile {profile.name}", "text": text, "profile": profile.name}
        for profile in schema.profiles
    ]


def _example(schema: Schema, layouts: Layouts, entry: Mapping[str, Any]) -> dict[str, Any]:
    given = entry.get("value", {})
    value = complete(schema, given)
    profile = next(p for p in schema.profiles if p.name == entry["profile"])
    container = schema.container
    version = container.major << 4 | profile.number
    parts: list[tuple[bytes, str]] = [
        (container.magic, "magic"),
        (bytes([version]), f"major version {container.major}, profile {profile.number} ({profile.name})"),
    ]
    sections: list[Section] = []
    if profile.form == "bundle":
        root = next(bundle for p, bundle in layouts.bundles if p is profile)
        pieces, data, strings = bundle_pieces(schema, root, value)
        parts += [(leb128(len(data)), f"{counted(len(data), 'byte')} of elements"), (data, "elements")]
        if strings:
            named = next(section for section in container.sections if section.name == "text")
            note = "the strings, joined: " + ", ".join(
                json.dumps(text, ensure_ascii=False) for text in strings
            )
            sections.append(Section(named.id, named.critical, named.safe_to_copy, join(strings), note))
    else:
        record = next(found for p, found in layouts.records if p is profile)
        texts = [f.field for f in record.fields if isinstance(f.field.code, model.StringCode)]
        payloads = [value[f.group.name][f.element.name].encode("utf-8", "surrogatepass") for f in texts]
        pieces, data = record_pieces(schema, record, value, payloads)
        parts.append((data, "elements"))
    sections += [_given_section(item) for item in entry.get("sections", ())]
    parts += _section_parts(sections)
    body = b"".join(data for data, _ in parts)
    parts.append((zlib.crc32(body).to_bytes(4, "little"), "CRC-32 of all bytes before it"))
    whole = b"".join(data for data, _ in parts)
    shown = {**given, **({"sections": entry["sections"]} if "sections" in entry else {})}
    return {
        "title": entry["title"],
        "text": entry["text"].strip(),
        "profile": profile.name,
        "size": len(whole),
        "json": json.dumps(_without_notes(shown), indent=2, ensure_ascii=False),
        "hex": "\n".join(spaced(whole[at : at + 16]) for at in range(0, len(whole), 16)),
        "parts": _rows((spaced(data), note) for data, note in parts if data),
        "bits": _bit_rows(pieces),
    }


def _given_section(item: Mapping[str, Any]) -> Section:
    return Section(
        item["id"], item["critical"], item["safe_to_copy"], bytes.fromhex(item["payload"]), item["note"]
    )


def _section_parts(sections: Sequence[Section]) -> list[tuple[bytes, str]]:
    parts: list[tuple[bytes, str]] = []
    for section in sections:
        last = section is sections[-1]
        tag = section.critical << 7 | section.safe_to_copy << 6 | last << 5 | min(section.id, 31)
        flags = [
            name
            for name, held in (
                ("critical", section.critical), ("safe to copy", section.safe_to_copy), ("last", last),
            )
            if held
        ]  # fmt: skip
        parts.append((bytes([tag]), f"tag of the section {section.id}: {', '.join(flags) or 'no flags'}"))
        if section.id >= 31:
            escapes, rest = divmod(section.id - 31, model.ESCAPE_BYTE)
            head = bytes([model.ESCAPE_BYTE] * escapes + [rest])
            parts.append((head, f"its id less 31: {section.id - 31}"))
        if not last:
            parts.append((leb128(len(section.payload)), counted(len(section.payload), "byte")))
        parts.append((section.payload, section.note))
    return parts


def complete(schema: Schema, given: Mapping[str, Any]) -> dict[str, Any]:
    """A value in the oracle's shape, from names and hexadecimal; what is missing takes its default."""
    value: dict[str, Any] = {"unknown": _tail(given.get("unknown"))}
    for name in schema.syntax:
        value[name] = _group(schema, schema.groups[name], given.get(name, {}), nested=False)
    return value


def _group(schema: Schema, group: model.Group, given: Mapping[str, Any], nested: bool) -> dict[str, Any]:
    held = {element.name: _element(schema, element, given.get(element.name)) for element in group.elements}
    strange = set(given) - set(held) - {"unknown"}
    assert not strange, f"no element of {group.name} is called {strange}"
    return {**held, "unknown": _tail(given.get("unknown"))} if nested else held


def _element(schema: Schema, element: model.Element, given: Any) -> Any:
    kind = element.type.kind
    if kind == "group":
        return None if given is None else _group(schema, schema.groups[element.type.name], given, nested=True)
    if kind == "list":
        return [_group(schema, schema.groups[element.type.name], item, nested=True) for item in given or ()]
    if given is None:
        return numeric_default(schema, element)
    if kind in ("enum", "table") and isinstance(given, str):
        entry = schema.enumerations[element.type.name].value(given)
        assert entry is not None, given
        return entry.code
    return bytes.fromhex(given) if kind == "bytes" else given


def _tail(given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if given is None:
        return None
    return {"width": given["width"], "value": int(given["value"], 16), "strings": given["strings"]}


def _without_notes(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_notes(held) for key, held in value.items() if key != "note"}
    return [_without_notes(item) for item in value] if isinstance(value, list) else value


def _rows(parts: Iterable[tuple[str, str]]) -> list[list[str]]:
    rows, at = [], 0
    for text, note in parts:
        rows.append([str(at), f"`{text}`", note.replace("|", "\\|")])
        at += len(text.split())
    return rows


def _bit_rows(pieces: Iterable[Piece]) -> list[list[str]]:
    rows, at = [], 0
    for piece in pieces:
        shown = f"`{piece.path}`" if piece.path else ""
        rows.append([str(at), f"`{piece.bits}`", shown, piece.meaning.replace("|", "\\|")])
        at += len(piece.bits)
    return rows
