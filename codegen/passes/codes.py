"""Codes: each fits the type of its element, and can say each of its values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from codegen import model
from codegen.model import Bits, Code, Element, EscapedEnum, Exp, Float, Pick, Schema, StringCode
from codegen.passes.check import Complaint, check
from codegen.passes.values import in_range
from codegen.problems import Position

NUMBER = (Bits, Pick)
ENUMERATION = (Bits, EscapedEnum, Exp)
KINDS: dict[str, tuple[type, ...]] = {
    "bool": (Bits,),
    "uint": NUMBER,
    "int": NUMBER,
    "float": (Bits, Float, Pick),
    "enum": ENUMERATION,
    "table": ENUMERATION,
    "string": (StringCode,),
}
SPELLING: dict[type, str] = {
    Bits: "bits", EscapedEnum: "enum", Exp: "exp", Float: "float", Pick: "pick", StringCode: "string",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Use:
    """A code that the schema writes down: where, for which element."""

    position: Position
    path: str
    element: Element
    code: Code

    @property
    def fits(self) -> bool:
        return isinstance(self.code, KINDS.get(self.element.type.kind, ()))

    @property
    def forms(self) -> tuple[Bits | Float, ...]:
        """The forms that a number takes in this code."""
        if isinstance(self.code, Pick):
            return self.code.forms
        return (self.code,) if isinstance(self.code, Bits | Float) else ()


def element_codes(schema: Schema) -> Iterator[Use]:
    """The codes that elements name themselves; those of strings, bytes, groups and lists are fixed."""
    for group, element in schema.all_elements():
        if element.code is not None and element.type.kind in KINDS and element.type.kind != "string":
            yield Use(element.position, f"{group.name}.{element.name}", element, element.code)


def record_codes(schema: Schema) -> Iterator[Use]:
    """The codes of the fields of record profiles."""
    for profile in schema.profiles:
        for field in profile.fields:
            found = schema.find(field.path)
            if found:
                yield Use(field.position, field.path, found[1], field.code)


def every_code(schema: Schema) -> Iterator[Use]:
    yield from element_codes(schema)
    yield from record_codes(schema)


@check
def code_kind(schema: Schema) -> Iterator[Complaint]:
    """The kind of a code fits the type of its element."""
    for use in every_code(schema):
        kind = use.element.type.kind
        if kind not in KINDS:
            yield use.position, f"{use.path} is {_one(kind)}, which no record can carry; leave it out"
        elif not use.fits:
            known = ", ".join(SPELLING[code] for code in KINDS[kind])
            yield use.position, f"{use.path} is {_one(kind)}, which takes one of: {known}"
        elif kind in ("uint", "int") and any(isinstance(form, Float) for form in use.forms):
            yield use.position, f"{use.path} is {_one(kind)}, and a form of its code is a float; write bits"


def _one(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeio" else f"a {kind}"


@check
def form_scale(schema: Schema) -> Iterator[Complaint]:
    """`per` is for floats, `step` and `offset` for numbers, and a bool takes one bit."""
    for use in every_code(schema):
        kind = use.element.type.kind
        for form in use.forms if use.fits else ():
            if not isinstance(form, Bits):
                continue
            if kind != "float" and form.per != 1:
                yield use.position, f"{use.path} is {_one(kind)}: its values are whole, so per must be 1"
            elif kind in ("bool", "enum", "table") and (form.step, form.offset) != (1, 0):
                yield (
                    use.position,
                    f"{use.path} is {_one(kind)}: its bits are its code; remove step and offset",
                )
            elif kind == "bool" and form.width != 1:
                yield use.position, f"{use.path} is a bool, which takes 1 bit, not {form.width}"


@check
def pick_constant(schema: Schema) -> Iterator[Complaint]:
    """A pick's constants are of the element's type and within its range."""
    for use in every_code(schema):
        if not isinstance(use.code, Pick) or not use.fits:
            continue
        expected = float if use.element.type.kind == "float" else int
        for constant in use.code.constants:
            if type(constant) is not expected:
                shown = "with a decimal point" if expected is float else "as a whole number"
                yield use.position, f"the constant {constant!r} of {use.path} must be written {shown}"
            elif not in_range(use.element, constant):
                bounds = f"{use.element.minimum} to {use.element.maximum}"
                yield use.position, f"the constant {constant} of {use.path} is outside its range {bounds}"


@check
def code_covers_range(schema: Schema) -> Iterator[Complaint]:
    """An element's code can say each of its values; a record's field may be narrower and refuse."""
    for use in element_codes(schema):
        kind, element = use.element.type.kind, use.element
        if not use.fits:
            continue
        last = use.forms[-1] if use.forms else None
        if kind in ("enum", "table") and isinstance(use.code, Bits):
            message = f"{use.path} must take every code to {model.EXP_MAX}, and {use.code.width} bits can't"
            yield use.position, f"{message}; write {{enum: {use.code.width}}}"
        elif kind == "float" and last != Float(64):
            yield (
                use.position,
                f"the last form of {use.path} must be {{float: 64}}, so that every value has a code",
            )
        elif kind in ("uint", "int") and not _covers(last, element):
            bounds = f"{element.minimum} to {element.maximum}"
            yield use.position, f"the last form of {use.path} must be bits with step 1 that cover {bounds}"


def _covers(form: Bits | Float | None, element: Element) -> bool:
    if not isinstance(form, Bits) or form.step != 1:
        return False
    assert element.minimum is not None and element.maximum is not None
    return form.offset <= element.minimum and element.maximum < form.offset + (1 << form.width)


CHECKS = (code_kind, form_scale, pick_constant, code_covers_range)
