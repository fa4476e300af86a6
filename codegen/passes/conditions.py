"""Conditions: on what an element may depend."""

from __future__ import annotations

from collections.abc import Iterator

from codegen.model import Condition, Element, Schema
from codegen.passes.check import Complaint, check, quoted


def conditions(schema: Schema) -> Iterator[tuple[Condition, Element, Element]]:
    """Conditions of top-level elements, with the element that has it and the one that it reads."""
    for _, element in schema.root_elements():
        found = schema.find(element.when.element) if element.when else None
        if element.when and found:
            yield element.when, element, found[1]


@check
def condition_nested(schema: Schema) -> Iterator[Complaint]:
    """Elements of nested groups have no conditions: such a group is read by itself."""
    for group, element in schema.all_elements():
        if element.when and group.name not in schema.syntax:
            path = f"{group.name}.{element.name}"
            yield (
                element.when.position,
                f"{path} is in a nested group; put the condition on the element that holds it",
            )


@check
def condition_backward(schema: Schema) -> Iterator[Complaint]:
    """A condition reads an element of a smaller id, which stands earlier on the wire."""
    for when, element, read in conditions(schema):
        if read.id >= element.id:
            message = (
                f"{when.element} (id {read.id}) stands after {element.name} (id {element.id}) on the wire"
            )
            yield when.position, f"{message}; refer to an earlier element"


@check
def condition_type(schema: Schema) -> Iterator[Complaint]:
    """A condition reads a bool or an enumeration; one on an attribute reads an enumeration."""
    for when, _, read in conditions(schema):
        kinds = ("enum", "table") if when.attribute else ("bool", "enum", "table")
        if read.type.kind not in kinds:
            yield (
                when.position,
                f"{when.element} is a {read.type.kind}; a condition reads one of {quoted(kinds)}",
            )


@check
def condition_attribute(schema: Schema) -> Iterator[Complaint]:
    """A condition's attribute is one of the enumeration's."""
    for when, _, read in conditions(schema):
        if when.attribute and read.type.kind in ("enum", "table"):
            known = schema.enumerations[read.type.name].attributes
            if when.attribute not in known:
                message = f"{read.type.name} has no attribute {when.attribute}; it has {quoted(known)}"
                yield when.position, message


@check
def condition_value(schema: Schema) -> Iterator[Complaint]:
    """The values of a condition are values of what it reads, each once."""
    for when, _, read in conditions(schema):
        known: set[object] = set()
        if read.type.kind == "bool":
            known = {True, False}
        elif read.type.kind in ("enum", "table"):
            enumeration = schema.enumerations[read.type.name]
            if when.attribute and when.attribute not in enumeration.attributes:
                continue
            if when.attribute:
                known = {value.attributes[when.attribute] for value in enumeration.values}
            else:
                known = {value.name for value in enumeration.values}
        else:
            continue
        for index, value in enumerate(when.values):
            if value not in known or isinstance(value, bool) != (read.type.kind == "bool"):
                what = f"{when.attribute} of {when.element}" if when.attribute else when.element
                yield when.position, f"{what} is never {value!r}; check the spelling"
            elif value in when.values[:index]:
                yield when.position, f"{value!r} stands here twice; remove one"


CHECKS = (
    condition_nested,
    condition_backward,
    condition_type,
    condition_attribute,
    condition_value,
)
