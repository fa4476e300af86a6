"""Codes, ranges, defaults and conditions in words."""

from __future__ import annotations

from codegen import model
from codegen.layout import Field, Nested, Step, Test


def form(code: model.Bits | model.Float) -> str:
    """A form of a pick code, or a plain number: `n / 10, n of 10 bits`."""
    if isinstance(code, model.Float):
        return f"IEEE 754 number of {code.width} bits"
    text = "n" if code.step == 1 else f"n × {code.step}"
    if code.offset:
        text += f" {'+' if code.offset > 0 else '−'} {abs(code.offset)}"
    if code.per != 1:
        text = f"({text}) / {code.per}" if code.offset else f"{text} / {code.per}"
    return f"{text}, n of {code.width} bits"


class PickNames:
    """Names for the pick codes of a schema, P1, P2 and so on, in the order of their first use."""

    def __init__(self) -> None:
        self.users: dict[tuple[bool, model.Pick], list[str]] = {}

    def name(self, field: Field, code: model.Pick, holder: str) -> str:
        """The name of a field's code; `holder` is the group that the page files the field under."""
        key = (field.element.type.kind == "float", code)
        users = self.users.setdefault(key, [])
        path = f"{holder}.{field.element.name}"
        if path not in users:
            users.append(path)
        return f"P{list(self.users).index(key) + 1}"

    def all(self) -> list[tuple[str, model.Pick, list[str]]]:
        return [(f"P{at}", key[1], users) for at, (key, users) in enumerate(self.users.items(), 1)]


def alternatives(code: model.Pick) -> list[tuple[str, str]]:
    """What each selector of a pick code stands for: (selector bits, meaning)."""
    meanings = [f"the constant {value}" for value in code.constants] + [form(entry) for entry in code.forms]
    meanings += ["not in use: refused"] * ((1 << code.width) - len(meanings))
    return [(format(at, f"0{code.width}b"), meaning) for at, meaning in enumerate(meanings)]


def code_words(field: Field, picks: PickNames) -> str:
    """The code of an element for a table cell."""
    code = field.code
    if isinstance(code, model.Pick):
        name = picks.name(field, code, field.group.name)
        return f"[{name}](#{name.lower()})"
    if isinstance(code, model.Bits | model.Float):
        plain = isinstance(code, model.Bits) and code.step == code.per == 1 and not code.offset
        return f"`bits {code.width}`" if plain else f"`{form(code)}`"
    if isinstance(code, model.EscapedEnum):
        return f"`enum {code.width}`"
    if isinstance(code, model.BytesCode):
        return f"`bytes`, at most {code.max_length}"
    if isinstance(code, model.StringCode):
        return f"`string {code.width}`"
    return "`exp`" if isinstance(code, model.Exp) else "`text`"


def nested_words(step: Nested) -> str:
    """The code of a nested group or list for a table cell."""
    anchor = f"[{step.inner.name}](#bundle-{step.inner.name.replace('_', '-')})"
    if step.element.type.kind == "list":
        return f"`list` of {anchor}, at most {step.element.max_length}"
    return f"`group` {anchor}"


def presence(step: Step) -> str:
    if isinstance(step, Nested) or step.presence:
        return "1 bit"
    return "none"


def default(schema: model.Schema, element: model.Element) -> str:
    """The default of an element: enumerations by name and code."""
    value = element.default
    if element.type.kind in ("enum", "table"):
        entry = schema.enumerations[element.type.name].value(str(value))
        assert entry is not None
        return f"{entry.name} ({entry.code})"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.hex() or "empty"
    return "absent" if value is None else "empty" if value == "" else str(value)


def value_range(element: model.Element) -> str:
    """What an element may hold."""
    kind = element.type.kind
    if kind in ("enum", "table"):
        return f"[{element.type.name}](#enumeration-{element.type.name.replace('_', '-')})"
    if kind in ("uint", "int", "float"):
        return f"{kind}, {element.minimum} … {element.maximum}"
    if kind in ("bytes", "list"):
        return f"{kind}, 0 … {element.max_length}"
    return kind


def condition(schema: model.Schema, element: model.Element, test: Test | None) -> str:
    """When an element is there, as a sentence; empty where it always is."""
    when = element.when
    if when is None:
        return ""
    values = ", ".join(("true" if v else "false") if isinstance(v, bool) else str(v) for v in when.values)
    if test is None:
        return (
            f"Meant for {when.element} whose {when.attribute} is "
            f"{'none of ' if when.negated else 'one of '}{values}; the bits do not depend on it."
        )
    codes = ", ".join(map(str, test.codes))
    return (
        f"**Only where {when.element} is {'none of' if when.negated else 'one of'} {values}** "
        f"({'code' if len(test.codes) == 1 else 'codes'} {codes})."
    )


def limits_of_codes() -> dict[str, int]:
    """Numbers of the codes that the page names."""
    return {
        "exp_depth": model.EXP_DEPTH,
        "exp_max": model.EXP_MAX,
        "size_max": (1 << model.SIZE.forms[-1].width) - 1,
    }


def cell(text: str) -> str:
    """Text for a table cell: no line breaks, and bars escaped."""
    return " ".join(text.split()).replace("|", "\\|")
