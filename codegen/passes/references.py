"""Every name that the schema uses is the name of something."""

from __future__ import annotations

from collections.abc import Iterator

from codegen.model import Schema
from codegen.passes.check import Complaint, check, quoted

# Keys of `reserved` that are not the name of a group or of an enumeration.
RESERVED_SCOPES = ("groups", "enums", "profiles", "sections")


@check
def reference_unknown(schema: Schema) -> Iterator[Complaint]:
    """A type names an enumeration or a group that exists, and by its own kind."""
    for group, element in schema.all_elements():
        kind, name = element.type.kind, element.type.name
        path = f"{group.name}.{element.name}"
        if kind in ("group", "list") and name not in schema.groups:
            yield element.position, f"{path} is a {kind} of {name}, and no group is called so; add the group"
        if kind in ("enum", "table"):
            found = schema.enumerations.get(name)
            if found is None:
                yield element.position, f"{path} is of the {kind} {name}, which is not defined; add it"
            elif found.kind != kind:
                yield element.position, f"{name} is not a {kind}; write {{{found.kind}: {name}}}"


@check
def syntax_unknown(schema: Schema) -> Iterator[Complaint]:
    """`syntax` lists groups that exist, each once."""
    for index, name in enumerate(schema.syntax):
        if name not in schema.groups:
            yield schema.syntax_position, f"no group is called {name}; add it or take it out of syntax"
        if name in schema.syntax[:index]:
            yield schema.syntax_position, f"{name} stands in syntax twice; remove one"


@check
def condition_unknown(schema: Schema) -> Iterator[Complaint]:
    """A condition names an element of a top-level group."""
    for _, element in schema.all_elements():
        when = element.when
        if when and schema.find(when.element) is None:
            yield when.position, f"no top-level element is at {when.element}; write group.element"


@check
def profile_element_unknown(schema: Schema) -> Iterator[Complaint]:
    """A record's field names an element of a top-level group."""
    for profile in schema.profiles:
        for field in profile.fields:
            if schema.find(field.path) is None:
                yield field.position, f"no top-level element is at {field.path}; write group.element"


@check
def cap_unknown(schema: Schema) -> Iterator[Complaint]:
    """A section's cap is one of the container's caps."""
    caps = [cap.name for cap in schema.container.caps]
    for section in schema.container.sections:
        if section.cap and section.cap not in caps:
            yield section.position, f"no cap is called {section.cap}; known: {quoted(caps)}"


@check
def section_element_unknown(schema: Schema) -> Iterator[Complaint]:
    """A section's `present` is a bool and its `coder` an enumeration, both of top-level groups."""
    for section in schema.container.sections:
        for key, path, kinds in (
            ("present", section.present, ("bool",)),
            ("coder", section.coder, ("enum",)),
        ):
            found = schema.find(path)
            if path and (found is None or found[1].type.kind not in kinds):
                yield (
                    section.position,
                    f"{key} of the section {section.name}: {path} is no top-level {kinds[0]}",
                )


@check
def reserved_unknown(schema: Schema) -> Iterator[Complaint]:
    """`reserved` keeps ids and names of something that exists."""
    for name, reserved in schema.reserved.items():
        if name not in schema.groups and name not in schema.enumerations and name not in RESERVED_SCOPES:
            scopes = ", ".join(RESERVED_SCOPES)
            yield (
                reserved.position,
                f"nothing is called {name}; reserve for a group, an enumeration, or {scopes}",
            )


CHECKS = (
    reference_unknown,
    syntax_unknown,
    condition_unknown,
    profile_element_unknown,
    cap_unknown,
    section_element_unknown,
    reserved_unknown,
)
