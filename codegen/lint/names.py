"""Rules about names and labels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from codegen.layout import Layouts
from codegen.lint.rule import problem
from codegen.model import Schema
from codegen.problems import Position, Problem

SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
VALUE = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")
CAMEL = re.compile(r"[A-Z][A-Za-z0-9]*")


class NameStyle:
    name: ClassVar[str] = "NAME_STYLE"
    doc: ClassVar[str] = (
        "Names are lower_case, those of values may have dashes, and type names are CamelCase."
    )

    def check(self, schema: Schema, layouts: Layouts) -> Iterator[Problem]:
        for position, name, form, example in _names(schema):
            if not form.fullmatch(name):
                yield problem(self, position, f"the name {name!r} is not of the form {example}; rename it")


def _names(schema: Schema) -> Iterator[tuple[Position, str, re.Pattern[str], str]]:
    yield schema.head_position, schema.identifier, SNAKE, "like_this"
    for group in schema.groups.values():
        yield group.position, group.name, SNAKE, "like_this"
        yield group.position, group.type_name, CAMEL, "LikeThis"
        for element in group.elements:
            yield element.position, element.name, SNAKE, "like_this"
    for enumeration in schema.enumerations.values():
        yield enumeration.position, enumeration.name, SNAKE, "like_this"
        for attribute in enumeration.attributes:
            yield enumeration.position, attribute, SNAKE, "like_this"
        for value in enumeration.values:
            yield value.position, value.name, VALUE, "like-this or like_this"
    for profile in schema.profiles:
        yield profile.position, profile.name, SNAKE, "like_this"
    for section in schema.container.sections:
        yield section.position, section.name, SNAKE, "like_this"
    for number in (*schema.container.limits, *schema.container.caps):
        yield number.position, number.name, SNAKE, "like_this"


class NameClash:
    name: ClassVar[str] = "NAME_CLASH"
    doc: ClassVar[str] = "No two values of an enumeration differ only in dashes, underscores or case."

    def check(self, schema: Schema, layouts: Layouts) -> Iterator[Problem]:
        for enumeration in schema.enumerations.values():
            owners: dict[str, str] = {}
            for value in enumeration.values:
                plain = value.name.replace("-", "_").lower()
                if plain in owners:
                    message = f"{value.name} and {owners[plain]} of {enumeration.name} are one name in most languages"
                    yield problem(self, value.position, f"{message}; rename one")
                owners.setdefault(plain, value.name)


class LabelUnique:
    name: ClassVar[str] = "LABEL_UNIQUE"
    doc: ClassVar[str] = "A label belongs to one value of its enumeration, and is not the name of another."

    def check(self, schema: Schema, layouts: Layouts) -> Iterator[Problem]:
        for enumeration in schema.enumerations.values():
            names = {value.name: value.name for value in enumeration.values}
            labels: dict[str, str] = {}
            for value in enumeration.values:
                owner = labels.get(value.label) or names.get(value.label, value.name)
                if value.label and owner != value.name:
                    message = f"the label {value.label!r} of {value.name} belongs to {owner} already"
                    yield problem(self, value.position, f"{message}; look-ups by it would be ambiguous")
                labels.setdefault(value.label, value.name)


RULES = (NameStyle(), NameClash(), LabelUnique())
