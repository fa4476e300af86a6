"""How groups hold each other."""

from __future__ import annotations

from collections.abc import Iterator

from codegen.model import Group, Schema
from codegen.passes.check import Complaint, check

ROOT_TYPE = "Syntax"


def held_by(schema: Schema, group: Group) -> list[str]:
    """The names of the groups that a group's elements hold."""
    return [element.type.name for element in group.elements if element.type.kind in ("group", "list")]


@check
def group_in_itself(schema: Schema) -> Iterator[Complaint]:
    """No group holds itself, directly or through others."""
    for name, group in schema.groups.items():
        reached: list[str] = []
        waiting = held_by(schema, group)
        while waiting:
            inner = waiting.pop()
            if inner not in reached and inner in schema.groups:
                reached.append(inner)
                waiting += held_by(schema, schema.groups[inner])
        if name in reached:
            yield group.position, f"the group {name} holds itself; no bits could ever end it"


@check
def group_top_and_held(schema: Schema) -> Iterator[Complaint]:
    """A group is listed in `syntax` or held by an element: one of the two, not both."""
    for group, element in schema.all_elements():
        if element.type.kind in ("group", "list") and element.type.name in schema.syntax:
            path = f"{group.name}.{element.name}"
            yield (
                element.position,
                f"{path} holds {element.type.name}, which is a top-level group; take it out of syntax",
            )


@check
def group_unused(schema: Schema) -> Iterator[Complaint]:
    """A group stands in `syntax`, or some element holds it."""
    used = set(schema.syntax)
    for group in schema.groups.values():
        used.update(held_by(schema, group))
    for name, group in schema.groups.items():
        if name not in used:
            yield (
                group.position,
                f"nothing holds the group {name}; add it to syntax, or an element of its type",
            )


@check
def type_name_twice(schema: Schema) -> Iterator[Complaint]:
    """Every group has a type name of its own, and none is called like the whole."""
    owners = {ROOT_TYPE: "the whole syntax"}
    for name, group in schema.groups.items():
        if group.type_name in owners:
            yield (
                group.position,
                f"the type name {group.type_name} belongs to {owners[group.type_name]}; choose another",
            )
        owners.setdefault(group.type_name, f"the group {name}")


STRUCTURE = (group_in_itself, group_top_and_held)
CHECKS = (group_unused, type_name_twice)
