"""Layouts as expressions of the support code: steps, codes and conditions."""

from __future__ import annotations

from collections.abc import Sequence

from codegen import model
from codegen.backends.typescript import names
from codegen.layout import Bundle, Field, Record, RecordField, Step, Test


class Shared:
    """Expressions that stand in several places: each gets a constant."""

    def __init__(self, letter: str) -> None:
        self._letter = letter
        self._uses: dict[str, int] = {}

    def count(self, expression: str) -> None:
        self._uses[expression] = self._uses.get(expression, 0) + 1

    def constants(self) -> list[tuple[str, str]]:
        """Name and expression of each, in the order of their first use."""
        shared = [text for text, uses in self._uses.items() if uses > 1 and "(" in text]
        return [(f"{self._letter}{number}", text) for number, text in enumerate(shared, 1)]

    def spelt(self, expression: str) -> str:
        return next((name for name, text in self.constants() if text == expression), expression)


def code_expression(code: model.Code, element: model.Element) -> str:
    """A code as the support module makes it."""
    long = names.is_long(element)
    if isinstance(code, model.Bits):
        if element.type.kind == "bool":
            return "bit"
        cells = [code.step, code.offset] if long else [code.step, code.offset, code.per]
        defaults = [1, 0, 1]
        while cells and cells[-1] == defaults[len(cells) - 1]:
            cells.pop()
        held = "".join(f", {names.literal(cell, long)}" for cell in cells)
        return f"{'longBits' if long else 'bits'}({code.width}{held})"
    if isinstance(code, model.EscapedEnum):
        return f"escaped({code.width})"
    if isinstance(code, model.Float):
        return f"float({code.width})"
    if isinstance(code, model.Pick):
        forms = "".join(f", {code_expression(form, element)}" for form in code.forms)
        return f"pick({code.width}, {names.literal(code.constants, long)}{forms})"
    if isinstance(code, model.BytesCode):
        return f"sized({code.max_length})"
    if isinstance(code, model.StringCode):
        return f"coded({code.width})"
    return "exp" if isinstance(code, model.Exp) else "text"


def shared(bundles: Sequence[Bundle], records: Sequence[Record]) -> tuple[Shared, Shared]:
    """The types that several elements have, and the codes that several types or fields of records have."""
    types, codes = Shared("T"), Shared("C")
    fields = [field for bundle in bundles for field in bundle.fields()]
    for code, element in {type_expression(field): (field.code, field.element) for field in fields}.values():
        codes.count(code_expression(code, element))
    for record in records:
        for item in record.fields:
            codes.count(code_expression(item.field.code, item.field.element))
    for field in fields:
        types.count(type_expression(field, codes))
    return types, codes


def type_expression(field: Field, codes: Shared | None = None) -> str:
    """The type of a bundle's field: its range and its code."""
    element = field.element
    kind = element.type.kind
    if kind == "bytes":
        return f"bytes({element.max_length})"
    if kind in ("bool", "string"):
        return kind
    code = code_expression(field.code, element)
    code = codes.spelt(code) if codes else code
    if kind in ("enum", "table"):
        return f"choice({code})"
    long = names.is_long(element)
    return f"range({names.literal(element.minimum, long)}, {names.literal(element.maximum, long)}, {code})"


def step_expression(step: Step, types: Shared, codes: Shared) -> str:
    """One step of a bundle, as a property: an element that has no default of its own is its type."""
    test = f", {test_expression(step.test)}" if step.test else ""
    if isinstance(step, Field):
        default = f", {names.literal(step.default, names.is_long(step.element))}" if step.default else ""
        if test and not default:
            default = ", undefined"
        held = types.spelt(type_expression(step, codes))
        if not step.presence:
            held = f"always({held}{default}{test})"
        elif default or test:
            held = f"field({held}{default}{test})"
        return f"{step.element.name}: {held}"
    many = step.element.type.kind == "list"
    most = f", {step.element.max_length}" if many else ", undefined" if test else ""
    return f"{step.element.name}: group({names.constant_name(step.inner.name)}{most}{test})"


def test_expression(test: Test) -> str:
    codes = "".join(f", {code}" for code in test.codes)
    return f'when("{test.path}", {names.literal(test.negated)}{codes})'


def record_expression(item: RecordField, codes: Shared) -> str:
    """One field of a record, as a property."""
    code = codes.spelt(code_expression(item.field.code, item.field.element))
    return f"{item.field.element.name}: {f'aligned({code})' if item.align else code}"
