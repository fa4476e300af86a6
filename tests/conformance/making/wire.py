"""Bits and bytes of files, put together by hand: nothing here asks a codec."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from codegen import layout
from codegen.layout import Bundle, Nested
from codegen.oracle import encode_bundle
from codegen.oracle.bits import write_size
from tests.conformance.cases import shortened
from tests.conformance.testees import plain_json
from tests.conformance.testees.plain_json import compact_layout, compiled
from tests.test_codec_refusals import prefix

Entry = dict[str, Any]
MAGIC = b"\xa1GIF"
REQUIRED, RECOMMENDED = "Required", "Recommended"
COMPACT, PAPER = 1, 0


def sealed(body: bytes, profile: int = COMPACT, magic: bytes = MAGIC, major: int = 1) -> bytes:
    """A file of everything between the version byte and the check, with a right check."""
    data = magic + bytes([major << 4 | profile]) + body
    return data + zlib.crc32(data).to_bytes(4, "little")


def packed(bits: str) -> bytes:
    """Bits as the bytes of a root bundle: filled up with zeros, without trailing zero bytes."""
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8)).rstrip(b"\0")


def length(number: int) -> bytes:
    """LEB128."""
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def section(id: int, payload: bytes, *, flags: int = 0, last: bool = False) -> bytes:
    """`flags`: 80 critical, 40 safe to copy, in hexadecimal."""
    head = bytes([flags | 0x20 * last | min(id, 31)])
    if id >= 31:
        head += b"\xff" * ((id - 31) // 255) + bytes([(id - 31) % 255])
    return head + (b"" if last else length(len(payload))) + payload


def text(payload: bytes) -> bytes:
    """A text section that is the last one."""
    return section(1, payload, flags=0x80, last=True)


def compact(bits: str | bytes, sections: bytes = b"") -> bytes:
    """A file of the profile compact."""
    bundle = packed(bits) if isinstance(bits, str) else bits
    return sealed(length(len(bundle)) + bundle + sections)


def with_strings(bits: str, strings: Sequence[bytes]) -> bytes:
    """A file of the profile compact whose strings are not compressed."""
    return compact(bits, text(b"\0".join(strings)) if strings else b"")


def delimited(bits: str, strings: int = 0) -> str:
    """A delimited bundle of these bits, which end in a one."""
    return write_size(strings, "") + write_size(len(bits), "") + bits


def ways() -> dict[str, list[tuple[Bundle, Nested]]]:
    """By the name of every nested bundle, the steps that lead to it from the root; empty for the root."""
    found: dict[str, list[tuple[Bundle, Nested]]] = {compact_layout().name: []}
    waiting = [compact_layout()]
    while waiting:
        bundle = waiting.pop(0)
        for step in bundle.steps:
            if isinstance(step, Nested) and step.inner.name not in found:
                found[step.inner.name] = [*found[bundle.name], (bundle, step)]
                waiting.append(step.inner)
    return found


def placed(bundle: Bundle, bits: str, strings: int = 0) -> str:
    """Bits of the root in which a bundle has these bits, all else at its default."""
    for outer, step in reversed(ways()[bundle.name]):
        bits = delimited(bits.rstrip("0"), strings)
        one = write_size(0, "") if step.element.type.kind == "list" else ""
        bits = prefix(outer, step) + "1" + one + bits
    return bits


def value_at(bundle: Bundle, held: Mapping[str, Any]) -> Entry:
    """The JSON form in which a nested bundle has these elements, all else at its default."""
    document: Any = dict(held)
    way = ways()[bundle.name]
    for outer, step in reversed(way):
        inner = [document] if step.element.type.kind == "list" else document
        document = {step.element.name: inner}
        if outer is compact_layout():
            document = {step.group.name: document}
    return document if way else _by_group(held)


def _by_group(held: Mapping[str, Any]) -> Entry:
    document: Entry = {}
    for path, value in held.items():
        group, _, name = path.partition(".")
        document.setdefault(group, {})[name] = value
    return document


def bundles() -> list[Bundle]:
    return [compact_layout(), *compiled()[1].nested]


def case(name: str, about: str, rule: str, data: bytes, level: str = REQUIRED, **gives: Any) -> Entry:
    """A decode case: `value`, or `error` with the kind, or a list of the kinds of which one is right."""
    head = {"name": name, "about": about, "level": level, "rule": rule, "op": "decode"}
    return head | {"bytes": shortened(data)} | gives


def both(
    name: str, about: str, rule: str, data: bytes, value: Entry, level: str = REQUIRED, *, encode: bool = True
) -> list[Entry]:
    """Of a valid file: that it is read, that it is written again, and (with `encode`) that its value gives it."""
    found = [case(name, about, rule, data, level, value=value), again(name, about, rule, data, level)]
    return [*found, encoded(name, about, rule, data, value, level)] if encode else found


def again(name: str, about: str, rule: str, data: bytes, level: str = REQUIRED) -> Entry:
    """A case that the bytes of a valid file are written as they were."""
    about = f"{about} Read and written again, the file has the same bytes."
    entry = case(f"{name}, again", about, rule, data, level)
    return entry | {"op": "reencode", "result": entry["bytes"]}


def encoded(name: str, about: str, rule: str, data: bytes, value: Entry, level: str = REQUIRED) -> Entry:
    """A case that a value gives these bytes."""
    head = {
        "name": f"{name}, written",
        "about": f"{about} Written from its value.",
        "level": level,
        "rule": rule,
    }
    profile = "compact" if data[4] & 15 else "paper"
    return head | {"op": "encode", "profile": profile, "value": value, "bytes": shortened(data)}


def unwritten(
    name: str, about: str, rule: str, value: Any, error: Any, level: str = REQUIRED, profile: str = "compact"
) -> Entry:
    """A case that a value is refused."""
    head = {"name": name, "about": about, "level": level, "rule": rule, "op": "encode"}
    return head | {"profile": profile, "value": value, "error": error}


def bundle_of(document: Entry) -> bytes:
    """The root bundle of a value in the JSON form, by the oracle; its strings stand elsewhere."""
    return encode_bundle(compact_layout(), plain_json.from_json(document, "compact").value)[0]


def zero_bits(bundle: Bundle) -> int:
    """How many bits the elements of a bundle take where all of them are zero, which means all defaults."""
    count = 0
    for step in bundle.steps:
        if step.test is None or applies_to_defaults(bundle, step.test):
            count += 1 if isinstance(step, Nested) or step.presence else layout.zero_bits(step.code)
    return count


def applies_to_defaults(bundle: Bundle, test: layout.Test) -> bool:
    default = next(step.default for step in bundle.fields() if step.path == test.path)
    return (default in test.codes) != test.negated
