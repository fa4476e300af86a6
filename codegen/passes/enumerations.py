"""Enumerations: their codes, ranges and attributes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from codegen.model import EXP_MAX, Schema
from codegen.passes.check import Complaint, check, quoted

ATTRIBUTE_TYPES = {"string": str, "uint": int}


@check
def enum_empty(schema: Schema) -> Iterator[Complaint]:
    """An enumeration lists at least one value."""
    for name, enumeration in schema.enumerations.items():
        if not enumeration.values:
            yield enumeration.position, f"{name} lists no value; add one"


@check
def value_code(schema: Schema) -> Iterator[Complaint]:
    """A code is one that an exp code can write."""
    for name, enumeration in schema.enumerations.items():
        for value in enumeration.values:
            if not 0 <= value.code <= EXP_MAX:
                yield (
                    value.position,
                    f"{name}.{value.name} has the code {value.code}; codes are 0 to {EXP_MAX}",
                )


@check
def value_code_twice(schema: Schema) -> Iterator[Complaint]:
    """No two values of an enumeration share a code."""
    for name, enumeration in schema.enumerations.items():
        owners: dict[int, str] = {}
        for value in enumeration.values:
            if value.code in owners:
                yield value.position, f"{name}.{value.name} has the code {value.code} of {owners[value.code]}"
            owners.setdefault(value.code, value.name)


@check
def value_unregistered(schema: Schema) -> Iterator[Complaint]:
    """Where ranges are declared, every listed code is in a registered one."""
    for name, enumeration in schema.enumerations.items():
        registered = enumeration.ranges.get("registered", ())
        for value in enumeration.values if enumeration.ranges else ():
            if not any(first <= value.code <= last for first, last in registered):
                message = f"{name}.{value.name} has the code {value.code}, which is in no registered range"
                yield value.position, message


@check
def range_bounds(schema: Schema) -> Iterator[Complaint]:
    """A declared range holds codes only."""
    for name, enumeration in schema.enumerations.items():
        for purpose, spans in enumeration.ranges.items():
            for first, last in spans:
                if first < 0 or last > EXP_MAX:
                    message = f"the {purpose} range {first} to {last} of {name} leaves 0 to {EXP_MAX}"
                    yield enumeration.position, message


@check
def range_overlap(schema: Schema) -> Iterator[Complaint]:
    """Declared ranges have no code in common."""
    for name, enumeration in schema.enumerations.items():
        spans = sorted((span, purpose) for purpose, held in enumeration.ranges.items() for span in held)
        for ((_, last), purpose), ((first, _), after) in pairwise(spans):
            if first <= last:
                message = f"the {purpose} and {after} ranges of {name} both hold {first}; make them disjoint"
                yield enumeration.position, message


@check
def attribute_type(schema: Schema) -> Iterator[Complaint]:
    """Attributes are strings or uints, and every value's are of that type."""
    for name, enumeration in schema.enumerations.items():
        for attribute, type_name in enumeration.attributes.items():
            expected = ATTRIBUTE_TYPES.get(type_name)
            if expected is None:
                message = f"the attribute {attribute} of {name} is of type {type_name}; write string or uint"
                yield enumeration.position, message
                continue
            for value in enumeration.values:
                held = value.attributes[attribute]
                if type(held) is not expected or (isinstance(held, int) and held < 0):
                    yield (
                        value.position,
                        f"{attribute} of {name}.{value.name} is {held!r}, which is no {type_name}",
                    )


@check
def family_unknown(schema: Schema) -> Iterator[Complaint]:
    """Where families are listed, every value's attribute `family` is one of them."""
    for name, enumeration in schema.enumerations.items():
        for value in enumeration.values if enumeration.families else ():
            family = value.attributes.get("family", "")
            if family not in enumeration.families:
                yield (
                    value.position,
                    f"{name}.{value.name} is of the family {family!r}; list it under families",
                )


@check
def unspecified_unknown(schema: Schema) -> Iterator[Complaint]:
    """`unspecified` names a value."""
    for name, enumeration in schema.enumerations.items():
        if enumeration.unspecified and enumeration.value(enumeration.unspecified) is None:
            known = quoted([value.name for value in enumeration.values][:5])
            message = (
                f"{name} has no value {enumeration.unspecified}, named as unspecified; its values: {known}"
            )
            yield enumeration.position, message


CHECKS = (
    enum_empty,
    value_code,
    value_code_twice,
    value_unregistered,
    range_bounds,
    range_overlap,
    attribute_type,
    family_unknown,
    unspecified_unknown,
)
