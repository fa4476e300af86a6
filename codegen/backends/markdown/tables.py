"""The rows of the page's tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from codegen import model
from codegen.backends.markdown import words
from codegen.backends.markdown.words import PickNames, cell
from codegen.layout import Bundle, Layouts, Nested, Record, Step, resolve
from codegen.model import Schema

Rows = list[list[str]]


def bundle_rows(schema: Schema, bundle: Bundle, picks: PickNames) -> Rows:
    """One row for every element of a bundle."""
    return [_step_row(schema, step, picks) for step in bundle.steps]


def _step_row(schema: Schema, step: Step, picks: PickNames) -> list[str]:
    element = step.element
    code = words.nested_words(step) if isinstance(step, Nested) else words.code_words(step, picks)
    condition = words.condition(schema, element, step.test)
    return [
        str(element.id),
        str(step.offset),
        f"`{step.path}`",
        words.presence(step),
        code,
        words.default(schema, element),
        words.value_range(element),
        element.unit,
        element.since,
        cell(f"{condition} {element.doc}"),
    ]


def record_rows(schema: Schema, record: Record, picks: PickNames) -> Rows:
    rows = []
    for item in record.fields:
        element = item.field.element
        condition = words.condition(schema, element, resolve(schema, element.when))
        rows.append(
            [
                str(item.field.offset),
                f"`{item.field.path}`",
                words.code_words(item.field, picks),
                words.default(schema, element),
                words.value_range(element),
                element.unit,
                cell(f"{condition} {element.doc}"),
            ]
        )
    return rows


def bundle_tables(schema: Schema, layouts: Layouts, picks: PickNames) -> list[dict[str, Any]]:
    """Every bundle profile with the tables of its root and of all nested bundles, outer ones first."""
    found = []
    for profile, root in layouts.bundles:
        tables: list[tuple[Mapping[str, str] | None, Rows]] = [(None, bundle_rows(schema, root, picks))]
        for bundle in reversed(layouts.nested):
            group = schema.groups[bundle.name]
            head = {"name": bundle.name.replace("_", "-"), "title": group.title, "doc": group.doc}
            tables.append((head, bundle_rows(schema, bundle, picks)))
        found.append({"name": profile.name, "doc": profile.doc, "number": profile.number, "tables": tables})
    return found


def record_tables(schema: Schema, layouts: Layouts, picks: PickNames) -> list[dict[str, Any]]:
    return [
        {
            "name": profile.name,
            "doc": profile.doc,
            "number": profile.number,
            "sealed": profile.sealed,
            "rows": record_rows(schema, record, picks),
            "omitted": ", ".join(f"`{group.name}.{element.name}`" for group, element, _ in record.omitted),
        }
        for profile, record in layouts.records
    ]


def group_rows(schema: Schema) -> Rows:
    """The top-level groups and the nested ones."""
    rows = []
    for name in schema.syntax:
        group = schema.groups[name]
        rows.append([f"`{name}`", cell(group.title), cell(group.doc)])
    nested = schema.nested_groups()
    return rows + [[f"`{group.name}` (nested)", cell(group.title), cell(group.doc)] for group in nested]


def section_rows(schema: Schema, layouts: Layouts) -> Rows:
    rows = []
    bundles = " or ".join(f"`{profile.name}`" for profile, _ in layouts.bundles)
    for section in schema.container.sections:
        presence = f"`{section.present}` is true" if section.present else "it is not empty"
        if section.name == "text":
            presence = f"a file of the profile {bundles} has a string" if bundles else "never"
        doc = f"{section.doc} At most {section.cap}." if section.cap else section.doc
        rows.append(
            [
                str(section.id),
                section.name,
                "yes" if section.critical else "no",
                "yes" if section.safe_to_copy else "no",
                presence,
                f"`{section.coder}`" if section.coder else "",
                cell(doc),
            ]
        )
    return rows


def enumeration_entry(enumeration: model.Enumeration) -> dict[str, Any]:
    """One enumeration with all its codes; columns that are empty throughout are left out."""
    labelled = any(value.label != value.name for value in enumeration.values)
    head = ["code", "name", *(["label"] if labelled else []), *enumeration.attributes, "since", "meaning"]
    rows = []
    for value in enumeration.values:
        held = [cell(str(value.attributes[key])) for key in enumeration.attributes]
        label = [cell(value.label)] if labelled else []
        rows.append([str(value.code), value.name, *label, *held, value.since, cell(value.doc)])
    ranges = "; ".join(
        f"{purpose} {', '.join(f'{first}…{last}' if first != last else str(first) for first, last in spans)}"
        for purpose, spans in enumeration.ranges.items()
    )
    name = enumeration.name.replace("_", "-")
    return {"name": name, "doc": enumeration.doc, "ranges": ranges, "head": head, "rows": rows}
