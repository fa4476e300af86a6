"""Ids: positive, and one to an element in its scope."""

from __future__ import annotations

from collections.abc import Iterator

from codegen.model import Element, Schema
from codegen.passes.check import Complaint, check


def scopes(schema: Schema) -> Iterator[list[tuple[str, Element]]]:
    """Elements that share their ids, with their paths: those of all top-level groups, then each other group's."""
    yield [(f"{group.name}.{element.name}", element) for group, element in schema.root_elements()]
    for name, group in schema.groups.items():
        if name not in schema.syntax:
            yield [(f"{name}.{element.name}", element) for element in group.elements]


@check
def id_positive(schema: Schema) -> Iterator[Complaint]:
    """An id is 1 or more."""
    for group, element in schema.all_elements():
        if element.id < 1:
            yield element.position, f"the id of {group.name}.{element.name} is {element.id}; ids start at 1"


@check
def id_twice(schema: Schema) -> Iterator[Complaint]:
    """No two elements of a scope share an id; the top-level groups are one scope."""
    for elements in scopes(schema):
        owners: dict[int, str] = {}
        for path, element in elements:
            if element.id in owners:
                message = f"{path} has the id {element.id} of {owners[element.id]}; take the next free id"
                yield element.position, message
            owners.setdefault(element.id, path)


@check
def section_id(schema: Schema) -> Iterator[Complaint]:
    """Section ids are 1 or more, different, and at most the limit `section_id` where there is one."""
    limit = next((limit.value for limit in schema.container.limits if limit.name == "section_id"), None)
    owners: dict[int, str] = {}
    for section in schema.container.sections:
        if section.id in owners:
            yield (
                section.position,
                f"the section {section.name} has the id {section.id} of {owners[section.id]}",
            )
        if section.id < 1 or (limit is not None and section.id > limit):
            bounds = "1 or more" if limit is None else f"1 to {limit}"
            yield section.position, f"the section {section.name} has the id {section.id}; ids are {bounds}"
        owners.setdefault(section.id, section.name)


CHECKS = (id_positive, id_twice, section_id)
