"""From YAML to the codes of elements."""

from __future__ import annotations

from codegen import model
from codegen.source import Node


def load_code(node: Node) -> model.Code:
    """`exp`, or a mapping with the one key bits, enum, pick, float or string."""
    if node.kind == "scalar":
        if node.scalar() == "exp":
            return model.Exp()
        raise node.fail("CODE_UNKNOWN", f"no code is called {node.scalar()!r}; write exp or a mapping")
    keys = [key for key, _ in node.pairs()]
    if "bits" in keys:
        return load_form(node)
    if len(keys) != 1:
        raise node.fail("CODE_UNKNOWN", "a code has one key: bits, enum, pick, float or string")
    inner = node.need(keys[0])
    if keys[0] == "enum":
        return model.EscapedEnum(_width(inner, 1, 16))
    if keys[0] == "float":
        return load_form(node)
    if keys[0] == "string":
        return model.StringCode(_width(inner, 8, 32))
    if keys[0] == "pick":
        return _load_pick(inner)
    raise node.fail(
        "CODE_UNKNOWN", f"no code is called {keys[0]!r}; known: bits, enum, pick, float, string, exp"
    )


def load_form(node: Node) -> model.Bits | model.Float:
    """`{float: 32}`, or `{bits: n, step: s, offset: o, per: p}`."""
    if (width := node.get("float")) is not None:
        node.only("float")
        if width.integer() not in (32, 64):
            raise width.fail("WIDTH", "a float has 32 or 64 bits")
        return model.Float(width.integer())
    node.only("bits", "step", "offset", "per")
    step, offset, per = (node.get(key) for key in ("step", "offset", "per"))
    form = model.Bits(
        _width(node.need("bits"), 1, 64),
        step.integer() if step else 1,
        offset.integer() if offset else 0,
        per.integer() if per else 1,
    )
    if form.step < 1 or form.per < 1:
        raise node.fail("FORM", "step and per are at least 1")
    return form


def _load_pick(node: Node) -> model.Pick:
    node.only("bits", "values", "forms")
    values, forms = node.get("values"), node.get("forms")
    constants = tuple(_constant(value) for value in values.items()) if values else ()
    pick = model.Pick(
        _width(node.need("bits"), 1, 8),
        constants,
        tuple(load_form(form) for form in forms.items()) if forms else (),
    )
    if not 1 <= len(pick.constants) + len(pick.forms) <= 1 << pick.width:
        raise node.fail("PICK_SIZE", f"{pick.width} selector bits name 1 to {1 << pick.width} alternatives")
    if len(set(pick.constants)) != len(pick.constants):
        raise node.fail("PICK_TWICE", "a constant stands here twice")
    return pick


def _constant(node: Node) -> model.Scalar:
    value = node.scalar()
    if value is None:
        raise node.fail("PICK_EMPTY", "a constant is missing here")
    return value


def _width(node: Node, least: int, most: int) -> int:
    width = node.integer()
    if not least <= width <= most:
        raise node.fail("WIDTH", f"{width} bits; this code takes {least} to {most}")
    return width
