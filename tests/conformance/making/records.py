"""The profile paper: its record, its strings, and what it can't carry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from codegen import model
from codegen.layout import Field
from codegen.oracle.bits import to_bits, write_value
from tests.conformance.making.deflate import run, stored, wrapped
from tests.conformance.making.elements import TOLD, values
from tests.conformance.making.wire import PAPER, Entry, again, both, case, sealed, section, unwritten
from tests.conformance.testees.plain_json import compact_layout, paper_layout
from tests.test_codec_refusals import paper_bits

NO, NOT_CANONICAL, LIMIT = "corrupt", "not canonical", "over a limit"


def files() -> Iterator[tuple[str, list[Entry]]]:
    yield "paper/fields", list(fields())
    yield "paper/strings", list(strings())
    yield "paper/wrong", list(wrong())
    yield "paper/sections", list(sections())
    yield "paper/lacking", list(lacking())


def record(changes: dict[str, str] | None = None, rest: bytes = b"") -> bytes:
    return sealed(paper_bits(changes or {}) + rest, PAPER)


def numbers() -> list[Field]:
    return [item.field for item in paper_layout().fields if not isinstance(item.field.code, model.StringCode)]


def set_to(path: str, value: Any) -> Entry:
    group, _, name = path.partition(".")
    return {group: {name: value}}


def fields() -> Iterator[Entry]:
    yield from both("empty", "A record of defaults.", "records", record(), {})
    for field in numbers():
        if field.path in ("compression.text_compressor", *TOLD):
            continue
        for value in values(field):
            code = write_value(field.code, field.element.type.kind, value, field.path)
            changes, document = {field.path: code}, set_to(field.path, value)
            if field.test:
                changes |= {field.test.path: _code(field.test.path, 1)}
                document["platform"]["device"] = 1
            about = f"{field.path} is {value!r}."
            yield from both(f"{field.path} {value}", about, "records", record(changes), document)


def _code(path: str, value: int) -> str:
    field = next(field for field in numbers() if field.path == path)
    return write_value(field.code, field.element.type.kind, value, path)


def coded(payload: bytes, width: int = 16) -> str:
    return to_bits(len(payload), width) + "".join(to_bits(byte, 8) for byte in payload)


def prompts(first: bytes, second: bytes = b"", compressor: int = 0, rest: bytes = b"") -> bytes:
    changes = {"compression.text_compressor": _code("compression.text_compressor", compressor)}
    changes |= {"data.prompt": coded(first), "data.negative_prompt": coded(second)}
    return record(changes, rest)


def strings() -> Iterator[Entry]:
    value: Entry = {"data": {"prompt": "A cute cat", "negative_prompt": "a dog"}}
    yield from both("two", "Both strings.", "records", prompts(b"A cute cat", b"a dog"), value)
    value = {"data": {"negative_prompt": "a dog"}}
    yield from both("second", "The second string alone.", "records", prompts(b"", b"a dog"), value)
    value = {"data": {"prompt": "\0\1\ud800ü"}}
    raw = "\0\1\ud800ü".encode("utf-8", "surrogatepass")
    yield from both("no escapes", "A record's strings have no escapes.", "records", prompts(raw), value)
    for compressor in (1, 2):
        stream = stored(b"cat") if compressor == 2 else wrapped(stored(b"cat"), b"cat")
        value = {"compression": {"text_compressor": compressor}, "data": {"prompt": "cat"}}
        data = prompts(stream, b"", compressor)
        about = f"A string that is coded by the text compressor {compressor}; the empty one is not."
        yield from both(f"compressor {compressor}", about, "records", data, value, encode=False)
        empty = stored(b"") if compressor == 2 else wrapped(stored(b""), b"")
        about = "A stream of the empty string."
        yield case(f"empty {compressor}", about, "R15", prompts(empty, b"", compressor), error=NOT_CANONICAL)
        about = "A stream that is cut."
        data = prompts(stream[:-1], b"", compressor)
        yield case(f"cut {compressor}", about, "text-compressors", data, error=NO)
        about = "A stream that gives a byte too many."
        bomb = run(97, 32769) if compressor == 2 else wrapped(run(97, 32769), b"a" * 32769)
        yield case(f"bomb {compressor}", about, "limits", prompts(bomb, b"", compressor), error=LIMIT)
        full = run(97, 32768) if compressor == 2 else wrapped(run(97, 32768), b"a" * 32768)
        about = "The limit holds for each string on its own."
        yield again(f"full {compressor}", about, "limits", prompts(full, full, compressor))
    yield case("latin-1", "A string that is no UTF-8.", "text: utf-8", prompts(b"\xfc"), error=NO)
    about = "A text compressor that is unknown."
    yield case("unknown compressor", about, "errors", prompts(b"x", b"", 7), error="unsupported")


def wrong() -> Iterator[Entry]:
    rest = record()
    for size in range(9, len(rest), 4):
        about = f"The record is cut: {size} of {len(rest)} bytes, with a right check."
        yield case(f"cut to {size}", about, "records", sealed(rest[5 : size - 4], PAPER), error=NO)
    for name, (path, bits, rule, about, error) in WRONG.items():
        changes = {path: bits}
        if path == "platform.gpu":
            changes["platform.device"] = _code("platform.device", 0)
        yield case(name, about, rule, record(changes), error=error)


EITHER = [NO, NOT_CANONICAL]
SCALE = "data.guidance_scale"
# A field, its bits, and what is wrong with them.
WRONG: dict[str, tuple[str, str, str, str, Any]] = {
    "gpu of no device": ("platform.gpu", to_bits(1, 8), "R10", "A GPU, though no device has one.", EITHER),
    "deep code": ("model.model_id", "1" * 64, "exp: depth", "An exp code of 9 bytes.", NO),
    "height 0": ("data.height", to_bits(0, 32), "records", "A height of 0.", NO),
    "width 0": ("data.width", to_bits(0, 32), "records", "A width of 0.", NO),
    "infinity": (SCALE, to_bits(255 << 23, 32), "R13", "Infinity.", EITHER),
    "NaN": (SCALE, to_bits(0x7FC00000, 32), "R13", "No number.", EITHER),
    "negative zero": (SCALE, to_bits(1 << 31, 32), "R13", "Negative zero.", EITHER),
    "far below": (SCALE, to_bits(0xFF000000, 32), "records", "Below the range.", NO),
    "cut string": ("data.prompt", to_bits(500, 16), "records", "500 bytes of a string are announced.", NO),
    "longest string": ("data.prompt", to_bits(65535, 16), "records", "65535 bytes are announced.", NO),
    "fill": ("padding", "000001", "R8", "A bit before the strings is not zero.", NOT_CANONICAL),
}


def sections() -> Iterator[Entry]:
    payload = {"id": 9, "critical": False, "safe_to_copy": True, "payload": "616263"}
    body = section(9, b"abc", flags=0x40, last=True)
    yield from both(
        "unknown", "A section behind a record.", "records", record(rest=body), {"sections": [payload]}
    )
    text = section(1, b"x", flags=0x80, last=True)
    about = "A record has no text section."
    yield case("text", about, "R5", record(rest=text), error=[NO, NOT_CANONICAL])
    data = record(rest=section(5, b"", flags=0x80, last=True))
    yield case(
        "critical", "A critical section that is unknown.", "sections: critical", data, error="unsupported"
    )
    about = "A zero byte between the record and the check."
    yield case("zero byte", about, "sections: ids", record(rest=b"\0"), error=[NOT_CANONICAL, NO])


def lacking() -> Iterator[Entry]:
    steps = {step.path: step for step in compact_layout().steps}
    for group, element, _ in paper_layout().omitted:
        path = f"{group.name}.{element.name}"
        step = steps[path]
        if isinstance(step, Field):
            value = values(step)[0]
            held: Any = value.hex() if isinstance(value, bytes) else value
        else:
            held = [{}] if element.type.kind == "list" else {}
        about = f"{path} has no place in a record."
        yield unwritten(path, about, "records", set_to(path, held), "value", profile="paper")
    for field in numbers():
        if isinstance(field.code, model.Bits) and field.element.type.kind != "bool":
            number = 1 << field.code.width
            if (field.element.maximum or model.EXP_MAX) >= number:
                value = set_to(field.path, number)
                value.setdefault("platform", {}).setdefault("device", 1)
                about = f"{field.path} does not fit {field.code.width} bits."
                yield unwritten(f"{field.path} {number}", about, "records", value, "value", profile="paper")
    tail = {"unknown": {"width": 1, "value": "1", "strings": []}}
    yield unwritten("tail", "A record has no tail.", "records", tail, "value", profile="paper")
    about = "A float that 32 bits do not give back."
    yield unwritten("0.1", about, "records", set_to("data.guidance_scale", 0.1), "value", profile="paper")
