"""How the schema's names are spelt in Python."""

from __future__ import annotations

import keyword

from codegen import model


def class_name(name: str) -> str:
    """`sigma_schedule` becomes `SigmaSchedule`."""
    return "".join(part[:1].upper() + part[1:] for part in name.replace("-", "_").split("_"))


def member_name(name: str) -> str:
    """`dpmpp-2m` becomes `DPMPP_2M`; a name that starts with a digit gets an underscore before it."""
    spelt = name.replace("-", "_").replace(".", "_").upper()
    return f"_{spelt}" if spelt[0].isdigit() else spelt


def constant_name(name: str) -> str:
    return name.upper()


def local_name(group: str, element: str) -> str:
    """The local variable that holds an element inside a codec."""
    return f"{group}_{element}"


def attribute_name(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) else name


def type_hint(schema: model.Schema, element: model.Element) -> str:
    kind = element.type.kind
    if kind == "enum" or (kind == "table" and schema.enumerations[element.type.name].kind == "enum"):
        return f"{class_name(element.type.name)} | int"
    if kind == "group":
        return f"{schema.groups[element.type.name].type_name} | None"
    if kind == "list":
        return f"tuple[{schema.groups[element.type.name].type_name}, ...]"
    return {"uint": "int", "table": "int", "string": "str"}.get(kind, kind)


def literal(value: object) -> str:
    """A Python literal, with double quotes for text."""
    if isinstance(value, str):
        body = repr(value)[1:-1].replace('"', '\\"').replace("\\'", "'")
        return f'"{body}"'
    if isinstance(value, bytes):
        return f'b"{repr(value)[2:-1]}"'
    return repr(value)


def is_enum(schema: model.Schema, element: model.Element) -> bool:
    return element.type.kind in ("enum", "table") and schema.enumerations[element.type.name].kind == "enum"


def default_literal(schema: model.Schema, element: model.Element) -> str:
    """The default of a record's field, as Python writes it."""
    kind = element.type.kind
    if kind == "group":
        return "None"
    if kind == "list":
        return "()"
    if kind in ("enum", "table"):
        enumeration = schema.enumerations[element.type.name]
        value = enumeration.value(str(element.default))
        assert value is not None
        if enumeration.kind == "enum":
            return f"{class_name(enumeration.name)}.{member_name(value.name)}"
        return str(value.code)
    return literal(element.default)
