"""Rules about the container: limits that bound what a reader must hold, and sealed records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from codegen.layout import Bundle, Field, Layouts, code_size
from codegen.lint.rule import problem
from codegen.model import SIZE, Number, Schema
from codegen.passes.values import LONGEST
from codegen.problems import Problem

TEXT_SECTION = "text"
TEXT_LIMIT = "text_bytes"
BUNDLE_LIMIT = "bundle_bytes"
FILE_LIMIT = "file_bytes"


def _limit(schema: Schema, name: str) -> Number | None:
    return next((limit for limit in schema.container.limits if limit.name == name), None)


class StringGroupBound:
    name: ClassVar[str] = "STRING_GROUP_BOUND"
    doc: ClassVar[str] = "Where elements are strings, there is a section `text` and a limit `text_bytes`."

    def check(self, schema: Schema, layouts: Layouts) -> Iterator[Problem]:
        if all(element.type.kind != "string" for _, element in schema.all_elements()):
            return
        if TEXT_SECTION not in [section.name for section in schema.container.sections]:
            message = f"there are strings, and no section {TEXT_SECTION} to hold them; add it"
            yield problem(self, schema.container.position, message)
        if _limit(schema, TEXT_LIMIT) is None:
            message = f"there are strings, and no limit {TEXT_LIMIT} on their bytes; add it"
            yield problem(self, schema.container.position, message)


class MaxSizeKnown:
    name: ClassVar[str] = "MAX_SIZE_KNOWN"
    doc: ClassVar[str] = (
        "Bundles and files have limits (`bundle_bytes`, `file_bytes`), within which every element, group and first "
        "item of a list has room at its longest; no nested group is longer than its length can say."
    )

    def check(self, schema: Schema, layouts: Layouts) -> Iterator[Problem]:
        for bundle in layouts.nested:
            if _longest(bundle) > LONGEST:
                message = (
                    f"{bundle.name} may take {_longest(bundle)} bits; a group's length says at most {LONGEST}"
                )
                yield problem(self, schema.groups[bundle.name].position, message)
        room, whole = _limit(schema, BUNDLE_LIMIT), _limit(schema, FILE_LIMIT)
        for name, limit in ((BUNDLE_LIMIT, room), (FILE_LIMIT, whole)):
            if limit is None:
                yield problem(self, schema.container.position, f"there is no limit {name}; add it")
        for profile, bundle in layouts.bundles:
            need = -(-_longest(bundle) // 8)
            if room and need > room.value:
                message = (
                    f"{profile.name} may need {need} bytes for one of each; {BUNDLE_LIMIT} is {room.value}"
                )
                yield problem(self, room.position, message)
        if room and whole and room.value > whole.value:
            yield problem(self, room.position, f"{BUNDLE_LIMIT} is more than {FILE_LIMIT} ({whole.value})")


def _longest(bundle: Bundle) -> int:
    """Bits of a bundle with every element at its longest, each group there once and one item in each list."""
    size = code_size(SIZE).most
    assert size is not None
    bits = 0
    for step in bundle.steps:
        if isinstance(step, Field):
            assert step.size.most is not None
            bits += step.size.most
        else:
            bits += 1 + 3 * size + _longest(step.inner)
    return bits


class RecordSealed:
    name: ClassVar[str] = "RECORD_SEALED"
    doc: ClassVar[str] = "Records are sealed, since nothing can be appended to them; bundles are not."

    def check(self, schema: Schema, layouts: Layouts) -> Iterator[Problem]:
        for profile in schema.profiles:
            if profile.sealed != (profile.form == "record"):
                fix = "write sealed: true" if profile.form == "record" else "remove sealed"
                yield problem(self, profile.position, f"{profile.name} is a {profile.form}; {fix}")


RULES = (StringGroupBound(), MaxSizeKnown(), RecordSealed())
