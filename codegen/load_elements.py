"""From YAML to elements and groups."""

from __future__ import annotations

import math

from codegen import model
from codegen.load_codes import load_code
from codegen.source import Node

PLAIN_TYPES = ("bool", "uint", "int", "float", "string", "bytes")
NAMED_TYPES = ("enum", "table", "group", "list")
ELEMENT_KEYS = (
    "id", "type", "default", "range", "max_length", "unit", "since", "doc", "always", "when", "code",
)  # fmt: skip


def load_group(name: str, node: Node) -> model.Group:
    node.only("title", "type_name", "doc", "elements")
    elements = [load_element(key, child) for key, child in node.need("elements").pairs()]
    return model.Group(
        name,
        node.need("title").text(),
        node.need("type_name").text(),
        node.need("doc").text(),
        tuple(sorted(elements, key=lambda element: element.id)),
        node.position,
    )


def load_element(name: str, node: Node) -> model.Element:
    node.only(*ELEMENT_KEYS)
    type_ref = _load_type(node.need("type"))
    minimum, maximum = _load_range(node, type_ref)
    unit, always, when, code = (node.get(key) for key in ("unit", "always", "when", "code"))
    length = node.get("max_length")
    max_length = length.integer() if length else 0
    if length and type_ref.kind not in ("bytes", "list"):
        raise length.fail(
            "MAX_LENGTH_UNWANTED", f"only bytes and lists have a max_length, not type {type_ref.kind}"
        )
    return model.Element(
        name=name,
        id=node.need("id").integer(),
        type=type_ref,
        default=_load_default(node, type_ref),
        minimum=minimum,
        maximum=maximum,
        max_length=max_length,
        unit=unit.text() if unit else "",
        since=node.need("since").text(),
        doc=node.need("doc").text(),
        always=always.boolean() if always else False,
        when=load_condition(when) if when else None,
        code=_code_of(type_ref, max_length, load_code(code) if code else None, node),
        position=node.position,
    )


def load_condition(node: Node) -> model.Condition:
    node.only("element", "attribute", "in", "not_in")
    negated = node.get("in") is None
    if not negated and node.get("not_in") is not None:
        raise node.fail("CONDITION_FORM", "a condition has either in or not_in; remove one")
    attribute = node.get("attribute")
    values = []
    for item in node.need("not_in" if negated else "in").items():
        value = item.scalar()
        if value is None:
            raise item.fail("CONDITION_FORM", "a value is missing here")
        values.append(value)
    if not values:
        raise node.fail("CONDITION_FORM", "a condition names at least one value")
    return model.Condition(
        node.need("element").text(),
        attribute.text() if attribute else "",
        tuple(values),
        negated,
        node.position,
    )


def _load_type(node: Node) -> model.TypeRef:
    if node.kind == "scalar":
        if node.scalar() in PLAIN_TYPES:
            return model.TypeRef(node.text())
        raise node.fail(
            "TYPE_UNKNOWN", f"no type is called {node.scalar()!r}; known: {', '.join(PLAIN_TYPES)}"
        )
    pairs = list(node.pairs())
    if len(pairs) != 1 or pairs[0][0] not in NAMED_TYPES:
        raise node.fail("TYPE_UNKNOWN", f"a type is one of {', '.join(NAMED_TYPES)} with a name")
    return model.TypeRef(pairs[0][0], pairs[0][1].text())


def _load_range(node: Node, type_ref: model.TypeRef) -> tuple[int | float | None, int | float | None]:
    given = node.get("range")
    if type_ref.kind not in ("uint", "int", "float"):
        if given:
            raise given.fail(
                "RANGE_UNWANTED", f"only numbers have a range, not type {type_ref.kind}; remove it"
            )
        return None, None
    if given is None:
        raise node.fail("RANGE_MISSING", "a number needs range: [least, most]")
    bounds = [item.scalar() for item in given.items()]
    if len(bounds) != 2 or not all(isinstance(b, (int, float)) and not isinstance(b, bool) for b in bounds):
        raise given.fail("RANGE", "a range is two numbers: [least, most]")
    least, most = bounds
    assert isinstance(least, (int, float)) and isinstance(most, (int, float))
    if not (math.isfinite(least) and math.isfinite(most)):
        raise given.fail("RANGE", "a range is two finite numbers: [least, most]")
    if type_ref.kind != "float" and not (isinstance(least, int) and isinstance(most, int)):
        raise given.fail("RANGE", f"the range of a {type_ref.kind} is two whole numbers: [least, most]")
    if type_ref.kind == "uint" and least < 0:
        raise given.fail("RANGE", f"{least} is less than 0; make the type int")
    if least > most:
        raise given.fail("RANGE", f"{least} is more than {most}")
    return (float(least), float(most)) if type_ref.kind == "float" else (least, most)


def _load_default(node: Node, type_ref: model.TypeRef) -> model.Scalar | bytes | None:
    given = node.get("default")
    if type_ref.kind in ("group", "list"):
        if given:
            raise given.fail("DEFAULT_UNWANTED", f"a {type_ref.kind} is absent by default; remove this")
        return None
    if given is None:
        raise node.fail("DEFAULT_MISSING", "every element has a default; add one")
    value = given.scalar()
    if type_ref.kind == "bool":
        return given.boolean()
    if type_ref.kind in ("uint", "int"):
        return given.integer()
    if type_ref.kind == "float":
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise given.fail("NUMBER_EXPECTED", f"{value!r} is not a number")
        return float(value)
    if type_ref.kind == "bytes":
        try:
            return bytes.fromhex(given.text())
        except ValueError as error:
            raise given.fail("HEX_EXPECTED", f"{value!r} is not hexadecimal") from error
    return given.text()


def _code_of(
    type_ref: model.TypeRef, max_length: int, given: model.Code | None, node: Node
) -> model.Code | None:
    if type_ref.kind in ("uint", "int", "float", "enum", "table"):
        if given is None:
            raise node.fail("CODE_MISSING", f"the type {type_ref.kind} needs a code")
        return given
    if given is not None:
        raise node.fail("CODE_UNWANTED", f"the code of the type {type_ref.kind} is fixed; remove this one")
    if type_ref.kind in ("bytes", "list") and max_length < 1:
        raise node.fail("MAX_LENGTH_MISSING", f"the type {type_ref.kind} needs max_length, 1 or more")
    if type_ref.kind == "bytes":
        return model.BytesCode(max_length)
    if type_ref.kind == "string":
        return model.TextCode()
    return model.Bits(1) if type_ref.kind == "bool" else None
