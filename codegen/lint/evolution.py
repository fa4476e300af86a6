"""Rules that keep older and newer programs reading each other's files."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import ClassVar

from codegen.layout import Layouts
from codegen.lint.rule import problem
from codegen.model import Schema
from codegen.passes.identity import scopes
from codegen.passes.versions import parsed, sinces
from codegen.problems import Problem


class SinceKnown:
    name: ClassVar[str] = "SINCE_KNOWN"
    doc: ClassVar[str] = "Nothing is newer than the format's version."

    def check(self, schema: Schema, layouts: Layouts) -> Iterator[Problem]:
        for position, path, since in sinces(schema):
            if parsed(since) > parsed(schema.version):
                message = f"{path} is there since {since}, and the format's version is {schema.version}"
                yield problem(self, position, f"{message}; raise the version")


class SinceOrder:
    name: ClassVar[str] = "SINCE_ORDER"
    doc: ClassVar[str] = "Ids are the order of birth: a larger id is never older."

    def check(self, schema: Schema, layouts: Layouts) -> Iterator[Problem]:
        for elements in scopes(schema):
            for (before, older), (path, element) in pairwise(elements):
                if parsed(element.since) < parsed(older.since):
                    message = f"{path} (id {element.id}) is there since {element.since}"
                    reason = f"{before} (id {older.id}) only since {older.since}; append new elements"
                    yield problem(self, element.position, f"{message}, {reason}")


class OpenConditionNeedsLength:
    name: ClassVar[str] = "OPEN_CONDITION_NEEDS_LENGTH"
    doc: ClassVar[str] = (
        "A condition on a table's attribute stands only on a group or list, which have lengths."
    )

    def check(self, schema: Schema, layouts: Layouts) -> Iterator[Problem]:
        for group, element in schema.root_elements():
            when = element.when
            if when and when.attribute and element.type.kind not in ("group", "list"):
                message = f"{group.name}.{element.name} is a {element.type.kind}, and an old reader may not know the"
                yield problem(
                    self, when.position, f"{message} {when.attribute} of a new entry; put it in a group"
                )


class TailConditionLocal:
    name: ClassVar[str] = "TAIL_CONDITION_LOCAL"
    doc: ClassVar[str] = (
        "An element appended after the first release depends only on elements of its own release."
    )

    def check(self, schema: Schema, layouts: Layouts) -> Iterator[Problem]:
        first = min((parsed(element.since) for _, element in schema.root_elements()), default=(0, 0))
        for group, element in schema.root_elements():
            when = element.when
            found = schema.find(when.element) if when and not when.attribute else None
            if when is None or found is None or parsed(element.since) == first:
                continue
            if parsed(found[1].since) != parsed(element.since):
                path = f"{group.name}.{element.name}"
                message = f"{path} (since {element.since}) depends on {when.element} (since {found[1].since})"
                reason = (
                    "an old writer may change that and keep this; depend on an element of the same release"
                )
                yield problem(self, when.position, f"{message}: {reason}")


class ReservedUnused:
    name: ClassVar[str] = "RESERVED_UNUSED"
    doc: ClassVar[str] = "What is reserved is not in use."

    def check(self, schema: Schema, layouts: Layouts) -> Iterator[Problem]:
        for scope, reserved in schema.reserved.items():
            for number, name in in_use(schema, scope):
                if number in reserved.numbers:
                    message = f"the number {number} is reserved in {scope}, and {name} has it"
                    yield problem(self, reserved.position, f"{message}; take a new one")
                if name in reserved.names:
                    message = f"the name {name} is reserved in {scope}, and something is called so"
                    yield problem(self, reserved.position, f"{message}; choose another")


def in_use(schema: Schema, scope: str) -> Iterator[tuple[int | None, str]]:
    """The numbers and names that are in use where `scope`, a key of `reserved`, says."""
    if scope in schema.syntax:
        for group, element in schema.root_elements():
            yield element.id, element.name if group.name == scope else f"{group.name}.{element.name}"
    elif scope in schema.groups:
        yield from ((element.id, element.name) for element in schema.groups[scope].elements)
    elif scope in schema.enumerations:
        yield from ((value.code, value.name) for value in schema.enumerations[scope].values)
    elif scope == "sections":
        yield from ((section.id, section.name) for section in schema.container.sections)
    elif scope == "profiles":
        yield from ((profile.number, profile.name) for profile in schema.profiles)
    else:
        yield from ((None, name) for name in (schema.groups if scope == "groups" else schema.enumerations))


RULES = (SinceKnown(), SinceOrder(), OpenConditionNeedsLength(), TailConditionLocal(), ReservedUnused())
