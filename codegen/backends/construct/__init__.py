"""Reference structs for the construct package, the classes that they are made of, and what looks into files.

Written in another way than the fast codec (streams of bits rather than one big number), so that the two
check each other.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from codegen import model
from codegen.backend import Backend, banner, nothing_refused, render
from codegen.backends.construct import fields
from codegen.layout import Bundle, Layouts, Nested, Record
from codegen.model import Schema

HERE = Path(__file__).parent

# What the structs may need, by the module that has it, in the order that linters want.
PARTS = {
    "reference_bundles": ("Bundle", "Element", "Group", "ListOf", "When"),
    "reference_codes": (
        "ENUM", "EXP", "FLAG", "STRING", "Bits", "Escaped", "Flag", "Float", "Kind", "Pick", "Real",
        "SizedBytes", "Text", "Whole",
    ),
    "reference_records": ("CodedText", "Fill", "Record", "RecordField"),
}  # fmt: skip


def generate(schema: Schema, layouts: Layouts) -> Mapping[str, str]:
    """`reference.py` and the modules below it."""
    head = {"name": schema.name, "banner": banner(schema)}
    codes = fields.Codes()
    nested = [_bundle(fields.constant_name(bundle), bundle, codes) for bundle in layouts.nested]
    roots = [_bundle(profile.name.upper(), bundle, codes) for profile, bundle in layouts.bundles]
    records = [_record(profile, record, codes) for profile, record in layouts.records]
    paths = {path: element for _, bundle in layouts.bundles for path, element in _all_paths(bundle, "")}
    names = [entry["name"] for entry in roots + records]
    numbers = {
        "escape_byte": model.ESCAPE_BYTE,
        "exp_depth": model.EXP_DEPTH,
        "exp_max": model.EXP_MAX,
        "size": fields.pick_expression(model.SIZE),
    }
    return {
        "reference_codes.py": render(HERE / "reference_codes.py.j2", **head, **numbers),
        "reference_bundles.py": render(HERE / "reference_bundles.py.j2", **head),
        "reference_records.py": render(HERE / "reference_records.py.j2", **head),
        "reference_structs.py": render(
            HERE / "reference_structs.py.j2",
            **head,
            imports=_imports(codes, [*nested, *roots, *records]),
            codes=[(name, _wrapped(expression)) for name, expression in codes.constants()],
            nested=nested,
            roots=roots,
            records=records,
        ),
        "reference.py": render(
            HERE / "reference.py.j2",
            **head,
            roots=roots,
            records=records,
            default_profile=names[0] if names else "",
            tables=[(p, e.type.name) for p, e in paths.items() if e.type.kind in ("enum", "table")],
            units=[(p, e.unit) for p, e in paths.items() if e.unit],
        ),
    }


def _bundle(constant: str, bundle: Bundle, codes: fields.Codes) -> dict[str, Any]:
    lines = [fields.step_expression(step, codes) for step in bundle.steps]
    return {"constant": constant, "name": bundle.name, "comment": _comment(bundle.doc), "lines": lines}


def _record(profile: model.Profile, record: Record, codes: fields.Codes) -> dict[str, Any]:
    lines = [line for item in record.fields for line in fields.field_expressions(item, codes)]
    omitted = [
        (f"{group.name}.{element.name}", "[]" if element.type.kind == "list" else fields.literal(default))
        for group, element, default in record.omitted
    ]
    return {
        "constant": profile.name.upper(), "name": record.name, "comment": _comment(profile.doc),
        "lines": lines, "omitted": omitted,
    }  # fmt: skip


def _imports(codes: fields.Codes, parts: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """The names that the structs use, by module, as the import statements write them."""
    text = " ".join(expression for _, expression in codes.constants())
    for part in parts:
        text += " ".join(part["lines"]) + (" Record(" if "omitted" in part else " Bundle(")
    used = set(re.findall(r"\b[A-Z]\w*", text))
    found = []
    for module, names in PARTS.items():
        kept = [name for name in names if name in used]
        line = ", ".join(kept)
        if len(line) + len(module) + 15 > fields.WIDTH:
            line = "(\n" + "".join(f"    {name},\n" for name in kept) + ")"
        if kept:
            found.append((module, line))
    return found


def _comment(doc: str) -> list[str]:
    return textwrap.wrap(doc, fields.WIDTH - 2)


def _wrapped(expression: str) -> str:
    """A pick code, with one argument a line where it is too long for one line."""
    if len(expression) <= fields.WIDTH - 30:
        return expression
    arguments = re.findall(r"(?:\[[^]]*\]|\w+(?:\([^)]*\))?)", expression[len("Pick(") : -1])
    return "Pick(\n" + "".join(f"    {argument},\n" for argument in arguments) + ")"


def _all_paths(bundle: Bundle, prefix: str) -> Iterator[tuple[str, model.Element]]:
    for step in bundle.steps:
        yield prefix + step.path, step.element
        if isinstance(step, Nested):
            yield from _all_paths(step.inner, f"{prefix}{step.path}.")


BACKEND = Backend("construct", frozenset({"bundle", "record"}), generate, nothing_refused)
