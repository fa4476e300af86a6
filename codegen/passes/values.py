"""Defaults and lengths: values that the element can hold."""

from __future__ import annotations

import math
from collections.abc import Iterator

from codegen.layout import numeric_default, zero_value
from codegen.model import SIZE, Bits, Element, Pick, Schema
from codegen.passes.check import Complaint, check

# What a size code can say at most.
LONGEST = max((1 << form.width) - 1 for form in SIZE.forms if isinstance(form, Bits))


def default_known(schema: Schema, element: Element) -> bool:
    """Whether an enumeration's default is one of its values (True for other types)."""
    if element.type.kind not in ("enum", "table"):
        return True
    return schema.enumerations[element.type.name].value(str(element.default)) is not None


def in_range(element: Element, value: object) -> bool:
    """Whether a number is within the element's range."""
    assert isinstance(value, (int, float)) and element.minimum is not None and element.maximum is not None
    return element.minimum <= value <= element.maximum


@check
def default_unknown(schema: Schema) -> Iterator[Complaint]:
    """The default of an enumeration is one of its values."""
    for group, element in schema.all_elements():
        if not default_known(schema, element):
            path = f"{group.name}.{element.name}"
            yield (
                element.position,
                f"the default {element.default!r} of {path} is no value of {element.type.name}",
            )


@check
def default_in_range(schema: Schema) -> Iterator[Complaint]:
    """The default of a number is within its range."""
    for group, element in schema.all_elements():
        if element.minimum is not None and not in_range(element, element.default):
            path = f"{group.name}.{element.name}"
            bounds = f"{element.minimum} to {element.maximum}"
            yield element.position, f"the default {element.default!r} of {path} is outside its range {bounds}"


@check
def default_not_empty(schema: Schema) -> Iterator[Complaint]:
    """Strings and bytes are empty by default: an empty one is never coded."""
    for group, element in schema.all_elements():
        if element.type.kind in ("string", "bytes") and element.default:
            path = f"{group.name}.{element.name}"
            yield element.position, f'the default of the {element.type.kind} {path} is not empty; write ""'


@check
def negative_zero(schema: Schema) -> Iterator[Complaint]:
    """Zero has one form, without a sign."""
    for group, element in schema.all_elements():
        numbers = [element.default, *(element.code.constants if isinstance(element.code, Pick) else ())]
        if any(isinstance(n, float) and n == 0 and math.copysign(1, n) < 0 for n in numbers):
            yield (
                element.position,
                f"{group.name}.{element.name} names negative zero, which is no value; write 0.0",
            )


@check
def max_length(schema: Schema) -> Iterator[Complaint]:
    """A max_length is one that a size code can say."""
    for group, element in schema.all_elements():
        if element.max_length > LONGEST:
            path = f"{group.name}.{element.name}"
            yield element.position, f"max_length {element.max_length} of {path} is more than {LONGEST}"


@check
def always_unwanted(schema: Schema) -> Iterator[Complaint]:
    """`always` is for numbers and enumerations: the others have no use for it."""
    for group, element in schema.all_elements():
        if element.always and element.type.kind not in ("uint", "int", "float", "enum", "table"):
            yield element.position, f"{group.name}.{element.name} is a {element.type.kind}; remove always"


@check
def zero_is_absent(schema: Schema) -> Iterator[Complaint]:
    """An element without a presence bit has the value of all-zero bits as its default.

    Bits past the end of a bundle read as zero, so an older file gives a newer reader that value.
    """
    for group, element in schema.all_elements():
        bare = element.always or element.type.kind == "bool"
        if not bare or element.code is None or not default_known(schema, element):
            continue
        zero = zero_value(element.code)
        if zero is None or numeric_default(schema, element) != zero:
            path = f"{group.name}.{element.name}"
            shown = bool(zero) if element.type.kind == "bool" else zero
            message = f"{path} has no presence bit, and zero bits mean {shown}; make that its default"
            yield element.position, message


CHECKS = (
    default_unknown,
    default_in_range,
    default_not_empty,
    negative_zero,
    max_length,
    always_unwanted,
    zero_is_absent,
)
