"""The file around the elements as Kaitai says it: prelude, lengths, sections, check."""

from __future__ import annotations

from typing import Any

from codegen import model
from codegen.layout import Bundle
from codegen.model import Schema

CHECK_BYTES = 4
# What a LEB128 number may take: seven groups, which a double holds exactly.
GROUPS = 7


def meta(schema: Schema) -> dict[str, Any]:
    return {
        "id": schema.identifier,
        "title": f"{schema.name} {schema.version}",
        "file-extension": schema.identifier,
        "endian": "be",
        "bit-endian": "be",
    }


def sequence(schema: Schema) -> list[dict[str, Any]]:
    """The top level: magic, version and profile, the body that the profile says, sections, check."""
    container = schema.container
    cases = {profile.number: f"{profile.name}_body" for profile in schema.profiles}
    return [
        {"id": "magic", "contents": list(container.magic)},
        {"id": "major", "type": "b4", "valid": container.major},
        {"id": "profile", "type": "b4", "valid": {"any-of": sorted(cases)}},
        {"id": "body", "type": {"switch-on": "profile", "cases": dict(sorted(cases.items()))}},
        {
            "id": "sections",
            "type": "section",
            "repeat": "until",
            "repeat-until": "_.is_last",
            "if": f"_io.pos < _io.size - {CHECK_BYTES}",
        },
        {
            "id": "check",
            "type": "u4le",
            "doc": "The CRC-32 of all bytes before it, which Kaitai does not verify.",
        },
        {"id": "end", "size-eos": True, "valid": {"expr": "_.length == 0"}},
    ]


def bundle_body(profile: model.Profile, bundle: Bundle, schema: Schema) -> dict[str, Any]:
    """The length of the root bundle and its bits, followed by zeros."""
    most = next((limit.value for limit in schema.container.limits if limit.name == "bundle_bytes"), None)
    length: dict[str, Any] = {"id": "length", "type": "leb128"}
    elements = {
        "id": "elements",
        "size": "length.value",
        "process": f"zero_padded({-(-bundle.padding // 8)})",
        "type": f"{profile.name}_elements",
    }
    body: dict[str, Any] = {"doc": profile.doc, "seq": [length, elements]}
    if most is not None:
        checked = {"id": "too_long", "size": 0, "valid": {"expr": f"length.value <= {most}"}}
        body["seq"].insert(1, checked)
    return body


def _leb128() -> dict[str, Any]:
    terms = [f"(groups.size > {at} ? (groups[{at}] & 127) * {128**at} : 0)" for at in range(1, GROUPS)]
    groups = {
        "id": "groups",
        "type": "u1",
        "repeat": "until",
        "repeat-until": "_ < 128",
        "valid": {"expr": f"(_ < 128 or _index < {GROUPS - 1}) and (_ > 0 or _index == 0)"},
    }
    value = " + ".join(["(groups[0] & 127)", *terms])
    return {
        "doc": "A number, seven bits a byte, lowest first; the top bit is set on all but the last.",
        "seq": [groups],
        "instances": {"value": {"value": value}},
    }


def _section() -> dict[str, Any]:
    return {
        "doc": "A section: what it is, its length unless it is the last, its payload.",
        "seq": [
            {"id": "is_critical", "type": "b1"},
            {"id": "is_safe_to_copy", "type": "b1"},
            {"id": "is_last", "type": "b1"},
            {"id": "short_id", "type": "b5"},
            {
                "id": "more_id",
                "type": "u1",
                "repeat": "until",
                "repeat-until": "_ != 255",
                "if": "short_id == 31",
            },
            {"id": "length", "type": "leb128", "if": "not is_last"},
            {"id": "payload", "size": f"is_last ? _io.size - _io.pos - {CHECK_BYTES} : length.value"},
        ],
        "instances": {
            "id": {"value": "short_id < 31 ? short_id : 31 + 255 * (more_id.size - 1) + more_id.last"}
        },
    }


SHARED = {"section": _section(), "leb128": _leb128()}
