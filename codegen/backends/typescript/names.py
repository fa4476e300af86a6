"""How the schema's names and values are spelt in TypeScript."""

from __future__ import annotations

import json
import re

from codegen import model

# What a number of JavaScript holds exactly.
SAFE = (1 << 53) - 1
# Words that can't name a constant, and what the generated layout imports or defines itself.
TAKEN_WORDS = """
arguments await break case catch class const continue debugger default delete do else enum eval export extends
false finally for function if implements import in instanceof interface let new null package private protected
public return static super switch this throw true try typeof undefined var void while with yield
aligned always bit bits bool bytes choice coded escaped exp field float group listed longBits pick range root sized
string text when within
"""
TAKEN = frozenset(TAKEN_WORDS.split())


def type_name(name: str) -> str:
    """`sigma_schedule` becomes `SigmaSchedule`."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[-_.]", name))


def member_name(name: str) -> str:
    """`dpmpp-2m` becomes `DPMPP_2M`; a name that starts with a digit gets an underscore before it."""
    spelt = re.sub(r"[-.]", "_", name).upper()
    return f"_{spelt}" if spelt[0].isdigit() else spelt


def constant_name(name: str) -> str:
    """`sampler_options` becomes `samplerOptions`; a name that is taken gets an underscore after it."""
    first, *rest = re.split(r"[-_]", name)
    spelt = first + "".join(part.capitalize() for part in rest)
    return f"{spelt}_" if spelt in TAKEN else spelt


def is_long(element: model.Element) -> bool:
    """Whether the element's values need a bigint."""
    if element.type.kind not in ("uint", "int"):
        return False
    assert element.minimum is not None and element.maximum is not None
    return element.minimum < -SAFE or element.maximum > SAFE


def type_hint(schema: model.Schema, element: model.Element) -> str:
    """The type of an element's value, as an interface says it."""
    kind = element.type.kind
    if kind in ("enum", "table"):
        enumeration = schema.enumerations[element.type.name]
        return f"{type_name(enumeration.name)} | Code" if enumeration.kind == "enum" else "Code"
    if kind == "group":
        return f"{schema.groups[element.type.name].type_name} | null"
    if kind == "list":
        return f"readonly {schema.groups[element.type.name].type_name}[]"
    if kind in ("uint", "int"):
        return "bigint" if is_long(element) else "number"
    return {"bool": "boolean", "float": "number", "string": "Text", "bytes": "Uint8Array"}[kind]


def literal(value: object, long: bool = False) -> str:
    """A number, string, bool or list as TypeScript writes it; `long` makes numbers bigints."""
    if isinstance(value, bytes):
        return f"Uint8Array.of({', '.join(map(str, value))})"
    if isinstance(value, list | tuple):
        return f"[{', '.join(literal(item, long) for item in value)}]"
    if isinstance(value, float) and value.is_integer() and abs(value) <= SAFE:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value}n" if long else str(value)
    return json.dumps(value, ensure_ascii=False)


def doc(element: model.Element) -> str:
    """The documentation of an element: what it is, its unit, its range."""
    text = element.doc
    if element.unit:
        text += f" In {element.unit}."
    if element.minimum is not None:
        text += f" {element.minimum} to {element.maximum}."
    if element.type.kind == "bytes":
        text += f" At most {element.max_length} bytes."
    if element.type.kind == "list":
        text += f" At most {element.max_length}."
    return text.replace("*/", "* /")
