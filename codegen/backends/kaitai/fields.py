"""Elements as runs of bits: each code inline, with an instance that gives the value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from codegen import model
from codegen.layout import Bundle, Field, Nested, Record, Test
from codegen.problems import Position

# What every target reads as one number.
HALF = 32
NOWHERE = Position("", 0, 0)


@dataclass(slots=True)
class Fields:
    """A `seq` and its `instances` in the making; `guard` is the condition of the element at hand."""

    seq: list[dict[str, Any]] = field(default_factory=list)
    instances: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, name: str, guard: str, **item: Any) -> None:
        self.seq.append({"id": name, **item, **({"if": guard} if guard else {})})

    def give(self, name: str, value: str, enum: str = "", doc: str = "") -> None:
        held: dict[str, Any] = {"value": value}
        if enum:
            held["enum"] = enum
        if doc:
            held["doc"] = doc
        self.instances[name] = held


def enum_id(name: str) -> str:
    """An enumeration's value as Kaitai spells names; one that starts with a digit gets `n_` before it."""
    spelt = re.sub(r"[^a-z0-9]", "_", name.lower())
    return f"n_{spelt}" if not spelt[0].isalpha() else spelt


def joined(*conditions: str) -> str:
    """Conditions that all must hold."""
    return " and ".join(f"({condition})" for condition in conditions if condition)


def bundle_type(profile: model.Profile, bundle: Bundle) -> dict[str, Any]:
    """A root bundle. What follows a list that is present can't be told apart, and is left to `rest`."""
    fields = Fields()
    lists: list[str] = []
    flags = {step.path for step in bundle.steps if step.element.type.kind == "bool"}
    for step in bundle.steps:
        name = spelt(step.path)
        guard = joined(test_expression(step.test, flags), *[f"not {absent}" for absent in lists])
        if isinstance(step, Nested):
            _nested(fields, name, step, guard)
            if step.element.type.kind == "list":
                fields.give(f"lost_{name}", f"{guard} ? has_{name} : false" if guard else f"has_{name}")
                lists.append(f"lost_{name}")
            continue
        _bundle_field(fields, name, step, guard)
    fields.add("rest", "", type="b1", repeat="eos")
    return {"doc": profile.doc, "seq": fields.seq, "instances": fields.instances}


def _bundle_field(fields: Fields, name: str, step: Field, guard: str) -> None:
    inner = guard
    if step.presence:
        fields.add(f"has_{name}", guard, type="b1")
        inner = joined(guard, f"has_{name}")
    value = _code(fields, step.code, step.element, name, inner)
    if value is None:
        if inner and f"{name}_known" in fields.instances:
            known, short = fields.instances[f"{name}_known"], fields.instances[f"{name}_short"]
            known["value"] = f"not ({inner}) or ({known['value']})"
            short["value"] = f"{inner} ? ({short['value']}) : {default_expression(step)}"
        return
    if inner:
        value = f"{inner} ? {value} : {default_expression(step)}"
    _give(fields, name, step, value)


def _nested(fields: Fields, name: str, step: Nested, guard: str) -> None:
    """A group: how many strings it has, how many bits, and the bits; of a list only its count."""
    fields.add(f"has_{name}", guard, type="b1", doc=step.element.doc)
    inner = joined(guard, f"has_{name}")
    if step.element.type.kind == "list":
        fields.give(f"{name}_count", f"{inner} ? {_size(fields, f'{name}_count', inner)} + 1 : 0")
        return
    fields.give(f"{name}_strings", f"{inner} ? {_size(fields, f'{name}_strings', inner)} : 0")
    fields.give(f"{name}_width", f"{inner} ? {_size(fields, f'{name}_width', inner)} : 0")
    fields.add(f"{name}_bits", inner, type="b1", repeat="expr", **{"repeat-expr": f"{name}_width"})


def _size(fields: Fields, name: str, guard: str) -> str:
    """A length or a count."""
    number = model.Element(
        name, 0, model.TypeRef("uint"), 0, 0, 65535, 0, "", "", "", False, None, None, NOWHERE
    )
    value = _code(fields, model.SIZE, number, f"{name}_size", guard)
    assert value is not None
    return value


def _code(fields: Fields, code: model.Code, element: model.Element, name: str, guard: str) -> str | None:
    """Fields of one code; gives the expression of its value, None where Kaitai has none."""
    if isinstance(code, model.Bits):
        return _bits(fields, code, element, f"{name}_raw", guard)
    if isinstance(code, model.EscapedEnum):
        escape = (1 << code.width) - 1
        fields.add(f"{name}_raw", guard, type=_type(code.width))
        raw = f"{name}_raw.to_i" if code.width == 1 else f"{name}_raw"
        _exp(fields, f"{name}_exp", joined(guard, f"{raw} == {escape}"))
        return f"({raw} < {escape} ? {raw} : {escape} + {_exp_value(f'{name}_exp')})"
    if isinstance(code, model.Exp):
        _exp(fields, f"{name}_exp", guard)
        return _exp_value(f"{name}_exp")
    if isinstance(code, model.Float):
        _halves(fields, code.width, f"{name}_pattern", guard)
        return None
    if isinstance(code, model.Pick):
        return _pick(fields, code, element, name, guard)
    if isinstance(code, model.BytesCode):
        size = _size(fields, name, guard)
        fields.add(f"{name}_bytes", guard, type="b8", repeat="expr", **{"repeat-expr": size})
        return None
    assert isinstance(code, model.TextCode)
    return None


def _type(width: int) -> str:
    return f"b{width}"


def _bits(fields: Fields, code: model.Bits, element: model.Element, name: str, guard: str) -> str | None:
    if element.type.kind == "bool":
        fields.add(name, guard, type="b1")
        return name
    if code.width > HALF:
        _halves(fields, code.width, name, guard)
        return None
    fields.add(name, guard, type=_type(code.width))
    value = f"{name}.to_i" if code.width == 1 else name
    if code.step != 1:
        value = f"{value} * {code.step}"
    if code.offset:
        value = f"({value} + {code.offset})" if code.offset > 0 else f"({value} - {-code.offset})"
    if element.type.kind == "float":
        value = f"({value}) / {float(code.per)}"
    return value


def _halves(fields: Fields, width: int, name: str, guard: str) -> None:
    if width > HALF:
        fields.add(f"{name}_high", guard, type=_type(width - HALF))
    fields.add(f"{name}_low", guard, type=_type(min(width, HALF)))


def _exp(fields: Fields, name: str, guard: str) -> None:
    last = model.EXP_DEPTH - 1
    fields.add(
        name,
        guard,
        type="b8",
        repeat="until",
        # The count does not stand here: the JavaScript target has it one too high in `repeat-until`.
        **{"repeat-until": f"_ != {model.ESCAPE_BYTE}"},
        valid={"expr": f"_ != {model.ESCAPE_BYTE} or _index < {last}"},
    )


def _exp_value(name: str) -> str:
    return f"({model.ESCAPE_BYTE} * ({name}.size - 1) + {name}.last)"


def _pick(fields: Fields, code: model.Pick, element: model.Element, name: str, guard: str) -> str | None:
    """A selector and its forms. The value is left out where a form has none: the raw fields then say it."""
    count = len(code.constants) + len(code.forms)
    valid = {} if count == 1 << code.width else {"valid": {"max": count - 1}}
    fields.add(f"{name}_pick", guard, type=_type(code.width), **valid)
    selector = f"{name}_pick.to_i" if code.width == 1 else f"{name}_pick"
    cases: list[str | None] = [number(constant, element) for constant in code.constants]
    for at, form in enumerate(code.forms, len(code.constants)):
        chosen = joined(guard, f"{selector} == {at}")
        cases.append(_code(fields, form, element, f"{name}_{at}", chosen))
    known = [(at, case) for at, case in enumerate(cases) if case is not None]
    if len(known) < len(cases):
        if known:
            fields.give(f"{name}_known", joined(guard, " or ".join(f"{selector} == {at}" for at, _ in known)))
            fields.give(f"{name}_short", f"{name}_known ? {_chain(selector, known)} : {number(0, element)}")
        return None
    return _chain(selector, known)


def _chain(selector: str, cases: list[tuple[int, str]]) -> str:
    *before, (_, last) = cases
    text = last
    for at, case in reversed(before):
        text = f"({selector} == {at} ? {case} : {text})"
    return text


def number(value: object, element: model.Element) -> str:
    """A number as an expression: of a float with a point, so that no target divides whole numbers."""
    return repr(float(value)) if element.type.kind == "float" else repr(value)  # type: ignore[arg-type]


def default_expression(step: Field) -> str:
    if isinstance(step.default, bool):
        return str(step.default).lower()
    return number(step.default, step.element)


def spelt(path: str) -> str:
    return path.replace(".", "_")


def _give(fields: Fields, name: str, step: Field, value: str) -> None:
    enum = step.element.type.name if step.element.type.kind in ("enum", "table") else ""
    fields.give(name, value, "", step.element.doc)
    if enum:
        fields.give(f"{name}_name", name, enum)


def test_expression(test: Test | None, flags: set[str]) -> str:
    """A condition on an earlier element; `flags` are the elements that are booleans."""
    if test is None:
        return ""
    name = spelt(test.path) + (".to_i" if test.path in flags else "")
    each = [f"{name} == {code}" for code in test.codes]
    text = " or ".join(each)
    return f"not ({text})" if test.negated else text


def record_type(profile: model.Profile, record: Record) -> dict[str, Any]:
    """A record: fields of bits, and strings as their coded bytes."""
    fields = Fields()
    phase = 0
    for item in record.fields:
        name, step = spelt(item.field.path), item.field
        if item.align and phase:
            fields.add(f"fill_{name}", "", type=_type(8 - phase), valid=0 if 8 - phase > 1 else False)
            phase = 0
        if isinstance(step.code, model.StringCode):
            fields.add(f"{name}_length", "", type=_type(step.code.width))
            fields.add(f"{name}_coded", "", size=f"{name}_length", doc=f"{step.element.doc} As it is coded.")
            continue
        if isinstance(step.code, model.Float) and not phase:
            fields.add(name, "", type=f"f{step.code.width // 8}", doc=step.element.doc)
        else:
            value = _code(fields, step.code, step.element, name, "")
            if value is not None:
                _give(fields, name, step, value)
        phase = (phase + _width(step.code)) % 8
    if phase:
        fields.add("fill", "", type=_type(8 - phase), valid=0 if 8 - phase > 1 else False)
    return {"doc": profile.doc, "seq": fields.seq, "instances": fields.instances}


def _width(code: model.Code) -> int:
    """The width of a record's code, up to whole bytes."""
    if isinstance(code, model.Bits | model.Float | model.EscapedEnum | model.StringCode):
        return code.width
    return 0


def misplaced(record: Record) -> Iterator[Field]:
    """Strings that begin inside a byte."""
    phase = 0
    for item in record.fields:
        code = item.field.code
        phase = 0 if item.align else phase
        if phase and isinstance(code, model.StringCode):
            yield item.field
        phase = (phase + _width(code)) % 8
