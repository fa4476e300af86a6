"""Rules about documentation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from codegen.layout import Layouts
from codegen.lint.rule import problem
from codegen.model import Schema
from codegen.problems import Position, Problem


def _sentences(schema: Schema) -> Iterator[tuple[Position, str, str]]:
    """Every text that must be a sentence: its place, what it documents, and the text."""
    yield schema.head_position, "the format", schema.doc
    for group in schema.groups.values():
        yield group.position, group.name, group.doc
        for element in group.elements:
            yield element.position, f"{group.name}.{element.name}", element.doc
    for enumeration in schema.enumerations.values():
        yield enumeration.position, enumeration.name, enumeration.doc
        if enumeration.position.file == schema.position.file:
            for value in enumeration.values:
                yield value.position, f"{enumeration.name}.{value.name}", value.doc
    for profile in schema.profiles:
        yield profile.position, profile.name, profile.doc
    for section in schema.container.sections:
        yield section.position, section.name, section.doc
    for number in (*schema.container.limits, *schema.container.caps):
        yield number.position, number.name, number.doc


class DocMissing:
    name: ClassVar[str] = "DOC_MISSING"
    doc: ClassVar[str] = "Everything is documented, and every group has a title."

    def check(self, schema: Schema, layouts: Layouts) -> Iterator[Problem]:
        for position, path, doc in _sentences(schema):
            if not doc.strip():
                yield problem(self, position, f"the doc of {path} is empty; say what it is in one line")
        for group in schema.groups.values():
            if not group.title.strip():
                yield problem(self, group.position, f"the title of {group.name} is empty; give it one")
        for enumeration in schema.enumerations.values():
            if enumeration.position.file != schema.position.file:
                for value in enumeration.values:
                    if not value.doc.strip():
                        path = f"{enumeration.name}.{value.name}"
                        yield problem(self, value.position, f"the doc of {path} is empty; say what it is")


class DocSentence:
    name: ClassVar[str] = "DOC_SENTENCE"
    doc: ClassVar[str] = "A doc is a sentence with a full stop; in the long tables a phrase will do."

    def check(self, schema: Schema, layouts: Layouts) -> Iterator[Problem]:
        for position, path, doc in _sentences(schema):
            if doc.strip() and not doc.endswith("."):
                yield problem(self, position, f"the doc of {path} does not end with a full stop; add one")


RULES = (DocMissing(), DocSentence())
