"""Layouts as expressions of the support code: steps, codes and conditions."""

from __future__ import annotations

from codegen import model
from codegen.backends.typescript import names
from codegen.layout import Bundle, Field, RecordField, Step, Test


class Codes:
    """The expressions of the codes; a pick that several elements have gets a constant."""

    def __init__(self) -> None:
        self._uses: dict[str, int] = {}

    def count(self, expression: str) -> None:
        self._uses[expression] = self._uses.get(expression, 0) + 1

    def constants(self) -> list[tuple[str, str]]:
        """Name and expression of each shared code, in the order of their first use."""
        shared = [text for text, uses in self._uses.items() if uses > 1 and "(" in text]
        return [(f"C{number}", text) for number, text in enumerate(shared, 1)]

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
        return f"new StringCode({code.width})"
    return "exp" if isinstance(code, model.Exp) else "text"


def type_expression(element: model.Element) -> str:
    """A type with its range."""
    kind = element.type.kind
    if kind in ("enum", "table"):
        return f'code("{element.type.name}")'
    if kind == "bytes":
        return f"bytes({element.max_length})"
    if kind in ("bool", "string"):
        return kind
    long = names.is_long(element)
    call = "real" if kind == "float" else "long" if long else "integer"
    return f"{call}({names.literal(element.minimum, long)}, {names.literal(element.maximum, long)})"


def step_expression(step: Step, codes: Codes) -> str:
    """One step of a bundle."""
    test = f", {test_expression(step.test)}" if step.test else ""
    if isinstance(step, Field):
        call = "field" if step.presence else "always"
        default = names.literal(step.default, names.is_long(step.element))
        code = codes.spelt(code_expression(step.code, step.element))
        return f'{call}("{step.path}", {type_expression(step.element)}, {default}, {code}{test})'
    inner = f'"{step.inner.name}", {names.constant_name(step.inner.name)}'
    if step.element.type.kind == "group":
        return f'group("{step.path}", {inner}{test})'
    return f'list("{step.path}", {inner}, {step.element.max_length}{test})'


def test_expression(test: Test) -> str:
    codes = "".join(f", {code}" for code in test.codes)
    return f'{"unless" if test.negated else "where"}("{test.path}"{codes})'


def record_expression(item: RecordField, codes: Codes) -> str:
    """One field of a record."""
    code = codes.spelt(code_expression(item.field.code, item.field.element))
    return f'at("{item.field.path}", {code}{", true" if item.align else ""})'


def count_codes(bundles: list[Bundle], codes: Codes) -> None:
    """Tell `codes` of every code of the bundles, inner ones first."""
    for bundle in bundles:
        for step in bundle.fields():
            codes.count(code_expression(step.code, step.element))
