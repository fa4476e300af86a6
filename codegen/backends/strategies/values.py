"""The strategy expressions of single elements: which values a code can say, as Python text."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence

from codegen import model
from codegen.backends.python import names
from codegen.layout import Field, Nested, Step, Test

Number = int | float


def step_expression(schema: model.Schema, step: Step) -> str:
    """The strategy of one element of a bundle."""
    if isinstance(step, Nested):
        return nested_expression(step)
    return field_expression(schema, step)


def nested_expression(step: Nested) -> str:
    inner = f"{step.inner.name}()"
    if step.element.type.kind == "group":
        return f"st.none() | {inner}"
    return f"items({inner}, types.{step.inner.type_name}(), {step.element.max_length})"


def field_expression(schema: model.Schema, field: Field) -> str:
    """The strategy of one element that its code can say; the default is always among the values."""
    kind = field.element.type.kind
    if kind == "bool":
        return "st.booleans()"
    if kind == "string":
        return "texts()"
    if kind == "bytes":
        return f"octets({field.element.max_length})"
    if kind in ("enum", "table"):
        return _codes(schema, field)
    return _reals(field) if kind == "float" else _wholes(field)


def inapplicable(test: Test, value: str) -> str:
    """Whether a wire condition does not hold, as Python text over the syntax named `value`."""
    group, _, element = test.path.partition(".")
    held = f"{value}.{group}.{names.attribute_name(element)}"
    codes = ", ".join(map(str, test.codes)) + ("," if len(test.codes) == 1 else "")
    return f"{held} {'in' if test.negated else 'not in'} ({codes})"


def largest_code(code: model.Code) -> int:
    """The largest number of an enumeration that a code can say."""
    if isinstance(code, model.Bits):
        return min((1 << code.width) - 1, model.EXP_MAX)
    return model.EXP_MAX


def progression(form: model.Bits, least: Number, most: Number, whole: bool) -> tuple[int, int] | None:
    """The first and last n of a form whose values lie in a range; None where none does."""
    per = 1 if whole else form.per
    first = max(0, math.ceil((_exact(least) * per - form.offset) / form.step))
    last = min((1 << form.width) - 1, math.floor((_exact(most) * per - form.offset) / form.step))
    return (first, last) if first <= last else None


def float_bounds(width: int, least: float, most: float) -> tuple[float, float]:
    """A range with its ends moved inwards to floats of `width` bits."""
    if width == 64:
        return least, most
    low, high = _narrow(least), _narrow(most)
    return (low if low >= least else _next(low, 1)), (high if high <= most else _next(high, -1))


def _exact(value: Number) -> Number:
    return int(value) if float(value).is_integer() else value


def _narrow(value: float) -> float:
    limit = struct.unpack(">f", b"\x7f\x7f\xff\xff")[0]
    narrow: float = struct.unpack(">f", struct.pack(">f", max(-limit, min(limit, value))))[0]
    return narrow


def _next(value: float, direction: int) -> float:
    """The next 32-bit float upwards (1) or downwards (-1)."""
    if value == 0:
        return direction * 2.0**-149
    pattern = struct.unpack(">i", struct.pack(">f", value))[0]
    pattern += direction if value > 0 else -direction
    moved: float = struct.unpack(">f", struct.pack(">i", pattern))[0]
    return moved


def _codes(schema: model.Schema, field: Field) -> str:
    enumeration = schema.enumerations[field.element.type.name]
    most = largest_code(field.code)
    escape = (1 << field.code.width) - 1 if isinstance(field.code, model.EscapedEnum) else model.ESCAPE_BYTE
    if enumeration.kind == "enum" and all(value.code <= most for value in enumeration.values):
        known = f"tuple(enums.{names.class_name(enumeration.name)})"
    elif enumeration.kind == "enum":
        known = f"tuple(code for code in enums.{names.class_name(enumeration.name)} if code <= {most})"
    else:
        known = f"tuple(code for code in {enumeration.name}.TABLE if code <= {most})"
    return f"codes({known}, {most}, {escape})"


def _parts(code: model.Code) -> tuple[tuple[model.Scalar, ...], tuple[model.Bits | model.Float, ...]]:
    if isinstance(code, model.Pick):
        return code.constants, code.forms
    assert isinstance(code, model.Bits | model.Float)
    return (), (code,)


def _wholes(field: Field) -> str:
    least, most = field.element.minimum, field.element.maximum
    assert least is not None and most is not None
    constants, forms = _parts(field.code)
    frequent = [value for value in (*constants, field.default) if least <= value <= most]  # type: ignore[operator]
    spans = []
    for form in forms:
        assert isinstance(form, model.Bits)
        found = progression(form, least, most, whole=True)
        if found:
            spans.append((form.offset + found[0] * form.step, form.offset + found[1] * form.step, form.step))
    return f"wholes({_row(frequent)}, {_row(spans)})"


def _reals(field: Field) -> str:
    least, most = field.element.minimum, field.element.maximum
    assert least is not None and most is not None
    constants, forms = _parts(field.code)
    frequent = [value for value in (*constants, field.default) if least <= value <= most]  # type: ignore[operator]
    spans, floats = [], []
    for form in forms:
        if isinstance(form, model.Float):
            floats.append((form.width, *float_bounds(form.width, least, most)))
            continue
        found = progression(form, least, most, whole=False)
        if found:
            spans.append((*found, form.step, form.offset, form.per))
    return f"reals({_row(frequent)}, {_row(spans)}, {_row(floats)})"


def _row(values: Sequence[object]) -> str:
    """A tuple as Python text."""
    inner = ", ".join(repr(value) for value in values)
    return f"({inner}{',' if len(values) == 1 else ''})"
