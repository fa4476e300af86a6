"""Values as JSON and back, by the layouts of the schema: enumerations as their codes, defaults left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from codegen import model
from codegen.compile import compile_schema
from codegen.layout import Bundle, Layouts, Nested, Record, Step
from tests.conformance.testees.plain_file import FLAGS, PROFILES, STAND_IN, File, Refusal, Value

ROOT = Path(__file__).parent.parent.parent.parent
WANTED = {"bool": bool, "uint": int, "int": int, "float": float, "string": str}


@cache
def compiled() -> tuple[model.Schema, Layouts]:
    return compile_schema(ROOT / "schema" / "aigif.yaml")


@cache
def compact_layout() -> Bundle:
    return compiled()[1].bundles[0][1]


@cache
def paper_layout() -> Record:
    return compiled()[1].records[0][1]


def to_json(file: File) -> dict[str, Any]:
    """The value of a file in the JSON form."""
    document: dict[str, Any] = {}
    for step in compact_layout().steps:
        held = file.value[step.group.name][step.element.name]
        if held != default_of(step):
            document.setdefault(step.group.name, {})[step.element.name] = _shown(step, held, file.opaque)
    tail = file.value["unknown"]
    if tail is not None:
        strings = [STAND_IN] if file.opaque else tail["strings"]
        document["unknown"] = _tail(tail | {"strings": strings}, file.opaque)
    if file.sections:
        names = ("id", "critical", "safe_to_copy")
        document["sections"] = [
            dict(zip(names, section, strict=False)) | {"payload": section[3].hex()}
            for section in file.sections
        ]
    if file.opaque and file.text:
        document["opaque_text"] = file.text[2][0].hex()
    return document


def default_of(step: Step) -> Any:
    if isinstance(step, Nested):
        return [] if step.element.type.kind == "list" else None
    return step.default


def _shown(step: Step, held: Any, opaque: bool) -> Any:
    if isinstance(step, Nested):
        if isinstance(held, list):
            return [_group(step.inner, item, opaque) for item in held]
        return _group(step.inner, held, opaque)
    if isinstance(held, bytes):
        return held.hex()
    return None if opaque and isinstance(held, str) else held


def _group(bundle: Bundle, held: Value, opaque: bool) -> dict[str, Any]:
    shown = {}
    for step in bundle.steps:
        value = held[step.element.name]
        if value != default_of(step):
            shown[step.element.name] = _shown(step, value, opaque)
    if held["unknown"] is not None:
        shown["unknown"] = _tail(held["unknown"], opaque)
    return shown


def _tail(tail: Value, opaque: bool) -> dict[str, Any]:
    strings = [None if opaque else string for string in tail["strings"]]
    return {"width": tail["width"], "value": f"{tail['value']:x}", "strings": strings}


def from_json(document: Any, profile: str) -> File:
    """A file of a value in the JSON form; raises Refusal of the kind "value"."""
    if not isinstance(document, Mapping):
        raise Refusal("value", "no JSON object")
    value: Value = {"unknown": None}
    opaque = "opaque_text" in document
    for step in compact_layout().steps:
        value.setdefault(step.group.name, {})[step.element.name] = default_of(step)
    file = File(PROFILES[profile], value, opaque=opaque)
    overlay(file, {key: held for key, held in document.items() if key != "opaque_text"})
    if opaque:
        payload = _bytes(document["opaque_text"])
        if value["compression"]["text_compressor"] in (0, 1, 2):
            raise Refusal("value", "text that can be read")
        file.text = (value["compression"]["text_compressor"], [], [payload])
    return file


def overlay(file: File, document: Any) -> None:
    """Set the elements that a JSON object names."""
    steps = {step.path: step for step in compact_layout().steps}
    for key, held in document.items():
        if key == "unknown":
            file.value[key] = _tail_from(held, file.opaque)
        elif key == "sections":
            file.sections = [_section(item) for item in _listed(held)]
        elif key not in file.value:
            raise Refusal("value", f"there is no group {key}")
        else:
            for name, item in _mapping(held).items():
                step = steps.get(f"{key}.{name}") or _nothing(f"{key}.{name}")
                file.value[key][name] = _read(step, item, file.opaque)


def _nothing(path: str) -> Any:
    raise Refusal("value", f"there is no {path}")


def _read(step: Step, held: Any, opaque: bool) -> Any:
    if isinstance(step, Nested):
        if step.element.type.kind == "list":
            return [_read_group(step.inner, item, opaque) for item in _listed(held)]
        return None if held is None else _read_group(step.inner, held, opaque)
    kind = step.element.type
    if kind.kind in ("enum", "table"):
        return _code(kind, held)
    if kind.kind == "bytes":
        return _bytes(held)
    if kind.kind == "string" and held is None and opaque:
        return STAND_IN
    if kind.kind == "float" and isinstance(held, int) and not isinstance(held, bool) and abs(held) < 1 << 53:
        return float(held)
    if not isinstance(held, WANTED[kind.kind]) or (isinstance(held, bool) and kind.kind != "bool"):
        raise Refusal("value", f"{step.path} is a {kind.kind}")
    return held


def _read_group(bundle: Bundle, held: Any, opaque: bool) -> Value:
    value: Value = {step.element.name: default_of(step) for step in bundle.steps} | {"unknown": None}
    steps = {step.element.name: step for step in bundle.steps}
    for name, item in _mapping(held).items():
        if name == "unknown":
            value[name] = _tail_from(item, opaque)
        else:
            value[name] = _read(steps.get(name) or _nothing(name), item, opaque)
    return value


def _code(kind: model.TypeRef, held: Any) -> int:
    if isinstance(held, str):
        entry = compiled()[0].enumerations[kind.name].value(held)
        if entry is None:
            raise Refusal("value", f"{held} is not listed")
        return entry.code
    if isinstance(held, bool) or not isinstance(held, int):
        raise Refusal("value", "a code is a name or a number")
    return held


def _bytes(held: Any) -> bytes:
    if not isinstance(held, str) or not re.fullmatch(r"([0-9a-fA-F]{2})*", held):
        raise Refusal("value", "bytes are hexadecimal")
    return bytes.fromhex(held)


def _listed(held: Any) -> list[Any]:
    if not isinstance(held, list):
        raise Refusal("value", "no list")
    return held


def _mapping(held: Any) -> Mapping[str, Any]:
    if not isinstance(held, Mapping):
        raise Refusal("value", "no JSON object")
    return held


def _tail_from(held: Any, opaque: bool) -> Value | None:
    if held is None:
        return None
    tail = _mapping(held)
    width, digits, strings = (tail.get(name) for name in ("width", "value", "strings"))
    if not isinstance(width, int) or not isinstance(digits, str) or not re.fullmatch("[0-9a-fA-F]+", digits):
        raise Refusal("value", "no tail")
    texts = [STAND_IN if opaque and string is None else string for string in _listed(strings)]
    number = int(digits, 16)
    if not number & 1 or number >> max(width, 0) or not all(isinstance(text, str) for text in texts):
        raise Refusal("value", "no tail")
    return {"width": width, "value": number, "strings": texts}


def _section(held: Any) -> tuple[int, bool, bool, bytes]:
    section = _mapping(held)
    id = section.get("id")
    if not isinstance(id, int) or isinstance(id, bool):
        raise Refusal("value", "a section")
    flags = FLAGS.get(id, (False, False))
    critical, safe = section.get("critical", flags[0]), section.get("safe_to_copy", flags[1])
    if not isinstance(critical, bool) or not isinstance(safe, bool):
        raise Refusal("value", "a section")
    return id, critical, safe, _bytes(section.get("payload"))
