"""Versions: `major.minor`, everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codegen.model import Schema
from codegen.passes.check import Complaint, check
from codegen.problems import Position

FORM = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)")
LAST_MAJOR = 15


def parsed(version: str) -> tuple[int, int]:
    """A version as numbers that compare; (0, 0) where it has no such form."""
    match = FORM.fullmatch(version)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def sinces(schema: Schema) -> Iterator[tuple[Position, str, str]]:
    """Everything that has a `since`: its place, its path and the version."""
    for group, element in schema.all_elements():
        yield element.position, f"{group.name}.{element.name}", element.since
    for name, enumeration in schema.enumerations.items():
        for value in enumeration.values:
            yield value.position, f"{name}.{value.name}", value.since


@check
def version_form(schema: Schema) -> Iterator[Complaint]:
    """The format's version is `major.minor`, and its major number is the container's, 1 to 15."""
    if not FORM.fullmatch(schema.version):
        yield schema.head_position, f'the version {schema.version!r} is not of the form "1.0"'
    elif parsed(schema.version)[0] != schema.container.major:
        message = (
            f"the version {schema.version} is not of the container's major version {schema.container.major}"
        )
        yield schema.head_position, message
    if not 1 <= schema.container.major <= LAST_MAJOR:
        yield (
            schema.container.position,
            f"the major version {schema.container.major} is not 1 to {LAST_MAJOR}",
        )


@check
def since_form(schema: Schema) -> Iterator[Complaint]:
    """Every `since` is `major.minor`."""
    for position, path, since in sinces(schema):
        if not FORM.fullmatch(since):
            yield position, f'since {since!r} of {path} is not of the form "1.0"'


@check
def number_positive(schema: Schema) -> Iterator[Complaint]:
    """Limits and caps are 1 or more."""
    for number in (*schema.container.limits, *schema.container.caps):
        if number.value < 1:
            yield number.position, f"{number.name} is {number.value}; a limit is 1 or more"


CHECKS = (version_form, since_form, number_positive)
