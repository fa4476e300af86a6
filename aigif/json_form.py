"""A file's value as JSON, and back: what `aigif info --json` prints and `aigif encode` takes.

Groups hold elements by name; an element at its default is left out. Enumerations stand as names, or as numbers
where this version has no name for them; bytes as hexadecimal; strings that this version can't read as null, with
the coded text under `opaque_text`; docs/aigif.schema.json is the JSON Schema.

JSON text can't tell two surrogates from the character that they make together: a string with such a pair comes back
from JSON text as the character.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from aigif import text
from aigif._gen import meta, types
from aigif._gen.compact import encode_compact
from aigif._gen.container import COMPACT_PROFILE, SECTION_FLAGS
from aigif._gen.support import (
    UNREADABLE,
    CodedText,
    ElementInfo,
    Record,
    Section,
    Table,
    Unknown,
    check_unknown,
    shown,
)
from aigif._gen.types import Aigif
from aigif.errors import ElementError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ENUMERATED = ("enum", "table")


def table_of(info: ElementInfo) -> Table:
    """The names and labels of an enumerated element."""
    table = import_module(f"aigif._gen.tables.{info.of}").TABLE
    assert isinstance(table, Table)
    return table


def to_json(aigif: Aigif, *, defaults: bool = False) -> dict[str, Any]:
    """A JSON object with the groups, the unknown tail and the sections (as hexadecimal).

    With `defaults`, elements at their defaults are there too.
    """
    document: dict[str, Any] = {}
    for name in meta.SYNTAX:
        held = _group_to_json(name, getattr(aigif, name), defaults)
        if held:
            document[name] = held
    if aigif.unknown is not None:
        document["unknown"] = _unknown_to_json(aigif.unknown)
    if aigif.sections:
        document["sections"] = [
            {
                "id": section.id,
                "critical": section.critical,
                "safe_to_copy": section.safe_to_copy,
                "payload": section.payload.hex(),
            }
            for section in aigif.sections
        ]
    if aigif.coded_text is not None and any(string is UNREADABLE for string in _strings(aigif)):
        document["opaque_text"] = aigif.coded_text.payloads[0].hex()
    return document


def from_json(document: Mapping[str, Any]) -> Aigif:
    """The value of a JSON object as `to_json` makes it.

    Raises ElementError, naming the element, for an unknown key, name or type.
    """
    if not isinstance(document, Mapping):
        raise ElementError([f"{shown(document)} is not a JSON object"])
    fields: dict[str, object] = {}
    opaque: bytes | None = None
    for key, held in document.items():
        if key in meta.SYNTAX:
            fields[key] = _group_from_json(key, held, key)
        elif key == "unknown":
            fields[key] = _unknown_from_json(held, key)
        elif key == "sections":
            fields[key] = _sections_from_json(held)
        elif key == "opaque_text":
            opaque = _bytes(held, key)
        else:
            known = ", ".join((*meta.SYNTAX, "unknown", "sections", "opaque_text"))
            raise ElementError(["there is no such group"], element=str(key), hint=f"known: {known}")
    aigif = Aigif(**fields)  # type: ignore[arg-type]
    if opaque is None:
        return aigif
    strings = _strings(aigif)
    if text.known(aigif.compression.text_compressor) or UNREADABLE not in strings:
        raise ElementError(["it stands only for strings that can't be read"], element="opaque_text")
    coded = CodedText(COMPACT_PROFILE, aigif.compression.text_compressor, strings, (opaque,))
    return aigif.replace(coded_text=coded)


def element_to_json(info: ElementInfo, value: Any, *, defaults: bool = False) -> Any:
    """One element's value as JSON."""
    if info.kind in ENUMERATED:
        return table_of(info).name_of(value) or int(value)
    if info.kind == "bytes":
        return value.hex()
    if info.kind == "group":
        return None if value is None else _group_to_json(info.of, value, defaults)
    if info.kind == "list":
        return [_group_to_json(info.of, item, defaults) for item in value]
    return None if value is UNREADABLE else value


def element_from_json(info: ElementInfo, held: Any, path: str) -> Any:
    """One element's value from JSON."""
    if info.kind in ENUMERATED:
        return _code(info, held, path)
    if info.kind == "bytes":
        return _bytes(held, path)
    if info.kind == "group":
        return None if held is None else _group_from_json(info.of, held, path)
    if info.kind == "list":
        if not isinstance(held, list):
            raise ElementError([f"{shown(held)} is not a list"], element=path)
        return tuple(_group_from_json(info.of, item, f"{path}[{at}]") for at, item in enumerate(held))
    if info.kind == "string" and held is None:
        return UNREADABLE
    wanted: Any = {"bool": bool, "uint": int, "int": int, "float": (int, float), "string": str}[info.kind]
    if not isinstance(held, wanted) or (isinstance(held, bool) and wanted is not bool):
        raise ElementError([f"{shown(held)} is not of the type {info.kind}"], element=path)
    return float(held) if isinstance(held, int) and info.kind == "float" and abs(held) < 2**53 else held


def _strings(aigif: Aigif) -> tuple[str, ...]:
    return tuple(encode_compact(aigif)[1])


def _group_to_json(name: str, record: Record, defaults: bool) -> dict[str, Any]:
    group = meta.GROUPS[name]
    absent = getattr(types, group.type_name)()
    held: dict[str, Any] = {}
    for info in group.elements:
        value = getattr(record, info.name)
        if defaults or value != getattr(absent, info.name):
            held[info.name] = element_to_json(info, value, defaults=defaults)
    unknown = getattr(record, "unknown", None)
    if unknown is not None:
        held["unknown"] = _unknown_to_json(unknown)
    return held


def _group_from_json(name: str, held: Any, path: str) -> Record:
    group = meta.GROUPS[name]
    if not isinstance(held, Mapping):
        raise ElementError([f"{shown(held)} is not a JSON object"], element=path)
    infos = {info.name: info for info in group.elements}
    fields: dict[str, object] = {}
    for key, value in held.items():
        if key == "unknown" and name not in meta.SYNTAX:
            fields[key] = _unknown_from_json(value, f"{path}.unknown")
        elif key not in infos:
            known = ", ".join(infos)
            raise ElementError(["there is no such element"], element=f"{path}.{key}", hint=f"known: {known}")
        else:
            fields[key] = element_from_json(infos[key], value, f"{path}.{key}")
    record = getattr(types, group.type_name)(**fields)
    assert isinstance(record, Record)
    return record


def _code(info: ElementInfo, held: Any, path: str) -> int:
    if isinstance(held, int) and not isinstance(held, bool):
        code = held
    else:
        found = table_of(info).code_of(held) if isinstance(held, str) and held else None
        if found is None:
            names = [str(table_of(info).name_of(code)) for code in table_of(info)]
            known = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
            raise ElementError([f"{shown(held)} is not a listed name"], element=path, hint=f"listed: {known}")
        code = found
    from aigif._gen import enums

    by_code: Mapping[int, int] = getattr(enums, f"{info.of.upper()}_BY_CODE", {})
    return by_code.get(code, code)


def _bytes(held: Any, path: str) -> bytes:
    try:
        return bytes.fromhex(held)
    except (TypeError, ValueError) as error:
        raise ElementError([f"{shown(held)} is not hexadecimal"], element=path) from error


def _unknown_to_json(unknown: Unknown) -> dict[str, Any]:
    strings = [None if string is UNREADABLE else string for string in unknown.strings]
    return {"width": unknown.width, "value": f"{unknown.value:x}", "strings": strings}


def _unknown_from_json(held: Any, path: str) -> Unknown | None:
    if held is None:
        return None
    try:
        if not isinstance(held["strings"], list):
            raise TypeError
        strings = tuple([UNREADABLE if item is None else item for item in held["strings"]])
        unknown = Unknown(held["width"], int(held["value"], 16), strings)
        check_unknown(path, unknown)
    except (TypeError, KeyError, ValueError) as error:
        raise ElementError([f"{shown(held)} is not the tail of a bundle"], element=path) from error
    return unknown


def _sections_from_json(held: Any) -> tuple[Section, ...]:
    sections = []
    try:
        for item in held:
            flags = SECTION_FLAGS.get(item["id"], (False, False))
            critical, safe_to_copy = item.get("critical", flags[0]), item.get("safe_to_copy", flags[1])
            if not isinstance(critical, bool) or not isinstance(safe_to_copy, bool):
                raise TypeError
            sections.append(Section(item["id"], critical, safe_to_copy, bytes.fromhex(item["payload"])))
    except (AttributeError, TypeError, KeyError, ValueError) as error:
        raise ElementError([f"{shown(held)} is not a list of sections"], element="sections") from error
    return tuple(sections)
