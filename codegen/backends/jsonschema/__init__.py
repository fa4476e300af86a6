"""JSON Schema (draft 2020-12) of a file's JSON form.

Groups hold their elements by name; what is absent has its default. Enumerations are names, or numbers where a
reader has no name; bytes are hexadecimal; an absent group is missing or null; a string is null where its
reader has no coder for it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from codegen import model
from codegen.backend import Backend, banner, nothing_refused
from codegen.layout import Layouts
from codegen.model import Schema

Node = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
HEX = "^([0-9A-Fa-f]{2})*$"


def generate(schema: Schema, layouts: Layouts) -> Mapping[str, str]:
    """`<identifier>.schema.json`."""
    held = {name: _reference("group", name, schema.groups[name].doc) for name in schema.syntax}
    document: Node = {
        "$schema": DIALECT,
        "$id": f"urn:{schema.identifier}:json:{schema.version}",
        "$comment": banner(schema),
        "title": f"{schema.name} {schema.version}",
        "description": schema.doc,
        "type": "object",
        "additionalProperties": False,
        "properties": {
            **held,
            "unknown": {"$ref": "#/$defs/unknown"},
            "sections": _sections(schema),
            "opaque_text": {
                "type": "string",
                "pattern": HEX,
                "description": "The coded text, where this version can't read it and strings stand as null.",
            },
        },
        "$defs": {
            "unknown": _unknown(),
            **{f"enum-{name}": _enumeration(entry) for name, entry in schema.enumerations.items()},
            **{f"group-{name}": _group(schema, group) for name, group in _groups(schema).items()},
        },
    }
    return {f"{schema.identifier}.schema.json": json.dumps(document, indent=2, ensure_ascii=False) + "\n"}


def _groups(schema: Schema) -> dict[str, model.Group]:
    """The groups in use, nested ones after those of the root."""
    named = [*schema.syntax, *(group.name for group in schema.nested_groups())]
    return {name: schema.groups[name] for name in named}


def _reference(what: str, name: str, doc: str) -> Node:
    return {"$ref": f"#/$defs/{what}-{name}", "description": doc}


def _group(schema: Schema, group: model.Group) -> Node:
    properties = {element.name: _element(schema, element) for element in group.elements}
    if group.name not in schema.syntax:
        properties["unknown"] = {"$ref": "#/$defs/unknown"}
    return {
        "title": group.title,
        "description": group.doc,
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }


def _element(schema: Schema, element: model.Element) -> Node:
    kind, doc = element.type.kind, _doc(element)
    if kind in ("enum", "table"):
        return {**_reference("enum", element.type.name, doc), "default": element.default}
    if kind == "group":
        inner: Node = {"$ref": f"#/$defs/group-{element.type.name}"}
        return {"anyOf": [inner, {"type": "null"}], "description": doc, "default": None}
    if kind == "list":
        items = {"$ref": f"#/$defs/group-{element.type.name}"}
        return {
            "type": "array", "items": items, "maxItems": element.max_length, "description": doc, "default": [],
        }  # fmt: skip
    if kind == "bytes":
        assert isinstance(element.default, bytes)
        return {
            "type": "string", "pattern": HEX, "maxLength": 2 * element.max_length, "description": doc,
            "default": element.default.hex(),
        }  # fmt: skip
    if kind == "bool":
        return {"type": "boolean", "description": doc, "default": element.default}
    if kind == "string":
        return {"type": ["string", "null"], "description": doc, "default": element.default}
    return {
        "type": "number" if kind == "float" else "integer",
        "minimum": element.minimum,
        "maximum": element.maximum,
        "description": doc,
        "default": element.default,
    }


def _doc(element: model.Element) -> str:
    """The documentation with unit, condition and first version."""
    text = element.doc
    if element.unit:
        text += f" In {element.unit}."
    condition = element.when
    if condition:
        what = (
            f"the {condition.attribute} of {condition.element}" if condition.attribute else condition.element
        )
        values = ", ".join(_shown(value) for value in condition.values)
        text += f" Applies where {what} is {'none of' if condition.negated else 'one of'}: {values}."
    return f"{text} Since {element.since}."


def _shown(value: model.Scalar) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _enumeration(enumeration: model.Enumeration) -> Node:
    number = {
        "type": "integer", "minimum": 0, "maximum": model.EXP_MAX,
        "description": "A code that this version has no name for.",
    }  # fmt: skip
    if enumeration.kind == "table":
        names: list[Node] = [{"enum": [value.name for value in enumeration.values]}]
    else:
        names = [{"const": value.name, "description": value.doc} for value in enumeration.values]
    return {"description": enumeration.doc, "anyOf": [*names, number]}


def _unknown() -> Node:
    return {
        "description": "The tail of a bundle that a newer writer made, kept as it is.",
        "type": ["object", "null"],
        "additionalProperties": False,
        "required": ["width", "value", "strings"],
        "properties": {
            "width": {"type": "integer", "minimum": 1, "description": "How many bits."},
            "value": {
                "type": "string",
                "pattern": "^[0-9A-Fa-f]*[13579bdfBDF]$",
                "description": "The bits as a hexadecimal number; the last bit is one.",
            },
            "strings": {
                "type": "array",
                "items": {"type": ["string", "null"]},
                "description": "Its strings.",
            },
        },
    }


def _sections(schema: Schema) -> Node:
    known = ", ".join(f"{entry.id} {entry.name}" for entry in schema.container.sections)
    limits = {limit.name: limit.value for limit in schema.container.limits}
    return {
        "description": f"The sections after the elements, in ascending order of their ids: {known}.",
        "type": "array",
        **({"maxItems": limits["sections"]} if "sections" in limits else {}),
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["id", "payload"],
            "properties": {
                "id": {
                    "type": "integer",
                    "minimum": 1,
                    **({"maximum": limits["section_id"]} if "section_id" in limits else {}),
                },
                "critical": {"type": "boolean", "description": "A reader that does not know it gives up."},
                "safe_to_copy": {"type": "boolean", "description": "It stays right when elements change."},
                "payload": {"type": "string", "pattern": HEX},
            },
        },
    }


BACKEND = Backend("jsonschema", frozenset({"bundle", "record"}), generate, nothing_refused)
