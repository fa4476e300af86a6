"""Rules about enumerations and codes."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import ClassVar

from codegen.layout import Layouts, RecordField
from codegen.lint.rule import problem
from codegen.model import Bits, Code, Float, Pick, Schema
from codegen.passes.codes import element_codes
from codegen.problems import Problem


class EnumHasDefault:
    name: ClassVar[str] = "ENUM_HAS_DEFAULT"
    doc: ClassVar[str] = "Every enumeration names the code 0, which zero bits stand for."

    def check(self, schema: Schema, layouts: Layouts) -> Iterator[Problem]:
        for enumeration in schema.enumerations.values():
            if enumeration.by_code(0) is None:
                message = f"{enumeration.name} names no value 0; give it to the commonest, or to the unspecified one"
                yield problem(self, enumeration.position, message)


class EnumUnused:
    name: ClassVar[str] = "ENUM_UNUSED"
    doc: ClassVar[str] = "Some element is of each enumeration."

    def check(self, schema: Schema, layouts: Layouts) -> Iterator[Problem]:
        used = {element.type.name for _, element in schema.all_elements()}
        for name, enumeration in schema.enumerations.items():
            if name not in used:
                yield problem(
                    self, enumeration.position, f"no element is of {name}; remove it or add the element"
                )


class WidthFitsValues:
    name: ClassVar[str] = "WIDTH_FITS_VALUES"
    doc: ClassVar[str] = "A record's field can say its default, which stands there where nothing else does."

    def check(self, schema: Schema, layouts: Layouts) -> Iterator[Problem]:
        for profile, record in layouts.records:
            places = {field.path: field.position for field in profile.fields}
            for held in record.fields:
                if not _holds_default(held):
                    path, default = held.field.path, held.field.default
                    message = f"the default {default!r} of {path} does not fit its field of {profile.name}"
                    yield problem(self, places[path], f"{message}; widen it")


def _holds_default(held: RecordField) -> bool:
    default = held.field.default
    return not isinstance(default, (bool, int, float)) or can_say(held.field.code, default)


def can_say(code: Code, value: int | float) -> bool:
    """Whether a code has bits for a number."""
    if isinstance(code, Pick):
        return value in code.constants or any(can_say(form, value) for form in code.forms)
    if isinstance(code, Bits):
        steps, rest = divmod(round(value * code.per) - code.offset, code.step)
        exact = round(value * code.per) / code.per == value if code.per != 1 else round(value) == value
        return exact and rest == 0 and 0 <= steps < 1 << code.width
    if isinstance(code, Float) and code.width == 32:
        try:
            return bool(struct.unpack(">f", struct.pack(">f", value))[0] == value)
        except OverflowError:
            return False
    return True


class FormShadowed:
    name: ClassVar[str] = "FORM_SHADOWED"
    doc: ClassVar[str] = "No form of a pick is useless because an earlier one says all that it can say."

    def check(self, schema: Schema, layouts: Layouts) -> Iterator[Problem]:
        for use in element_codes(schema):
            forms = use.forms
            for index, form in enumerate(forms):
                if any(_says_all(earlier, form) for earlier in forms[:index]):
                    message = (
                        f"form {index + 1} of {use.path} is never used: an earlier one says all that it can"
                    )
                    yield problem(self, use.position, f"{message}; put the short one first, or remove it")


def _says_all(earlier: Bits | Float, later: Bits | Float) -> bool:
    if isinstance(earlier, Float):
        return earlier.width == 64 or later == earlier
    if isinstance(later, Float) or earlier.per != later.per or later.step % earlier.step:
        return False
    first, last = later.offset, later.offset + ((1 << later.width) - 1) * later.step
    end = earlier.offset + ((1 << earlier.width) - 1) * earlier.step
    return earlier.offset <= first and last <= end and not (first - earlier.offset) % earlier.step


RULES = (EnumHasDefault(), EnumUnused(), WidthFitsValues(), FormShadowed())
