"""Hypothesis strategies: one for every record, and one for every profile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from codegen import model
from codegen.backend import Backend, banner, nothing_refused, render
from codegen.backends.python import names
from codegen.backends.strategies import values
from codegen.layout import Field, Layouts, Step
from codegen.model import Schema

HERE = Path(__file__).parent


def generate(schema: Schema, layouts: Layouts) -> Mapping[str, str]:
    """`strategies.py`, which imports the Python codec of the same schema as `<identifier>._gen`."""
    enumerations = schema.enumerations.values()
    groups: list[dict[str, Any]] = []
    profiles: list[dict[str, Any]] = []
    steps: dict[str, Step] = {}
    fields: dict[str, list[Step]] = {}
    for profile, bundle in layouts.bundles:
        steps |= {step.path: step for step in bundle.steps}
        fields[profile.name] = list(bundle.steps)
    for profile, record in layouts.records:
        steps |= {item.field.path: item.field for item in record.fields if item.field.path not in steps}
        fields[profile.name] = [item.field for item in record.fields]
    for profile in schema.profiles:
        functions = []
        for name in schema.syntax:
            function = f"{profile.name}_{name}"
            held = [step for step in fields[profile.name] if step.group.name == name]
            groups.append(_group(schema, schema.groups[name], function, held))
            functions.append((name, function))
        profiles.append({"name": profile.name, "groups": functions, "open": profile.form == "bundle"})
    nested = [_group(schema, schema.groups[b.name], b.name, b.steps) for b in layouts.nested]
    text = render(
        HERE / "strategies.py.j2",
        name=schema.name,
        banner=banner(schema),
        package=f"{schema.identifier}._gen",
        modules=", ".join(["enums", "types"] if any(e.kind == "enum" for e in enumerations) else ["types"]),
        tables=_tables(f"from {schema.identifier}._gen.tables import ", schema, [*nested, *groups]),
        nested=nested,
        groups=groups,
        profiles=profiles,
        conditions=list(_conditions(schema, steps.values())),
        open_profile=next((profile["name"] for profile in profiles if profile["open"]), ""),
    )
    return {"strategies.py": text}


def _group(schema: Schema, group: model.Group, function: str, steps: Sequence[Step]) -> dict[str, Any]:
    elements = [
        (names.attribute_name(step.element.name), values.step_expression(schema, step)) for step in steps
    ]
    return {
        "name": group.name, "function": function, "type_name": group.type_name, "doc": group.doc,
        "elements": elements,
    }  # fmt: skip


def _tables(head: str, schema: Schema, groups: list[dict[str, Any]]) -> str:
    """The import of the tables whose codes the strategies draw from; empty where there is none."""
    text = " ".join(expression for group in groups for _, expression in group["elements"])
    used = sorted(name for name in schema.enumerations if f" {name}.TABLE" in text)
    line = head + ", ".join(used)
    if len(line) > 110:
        line = f"{head}(\n" + "".join(f"    {name},\n" for name in used) + ")"
    return line if used else ""


def _conditions(schema: Schema, steps: Any) -> Iterator[tuple[str, str, str, str]]:
    """The wire conditions in the order of the elements: text, group, element and default."""
    for step in steps:
        if step.test is not None:
            default = names.default_literal(schema, step.element)
            if isinstance(step, Field) and names.is_enum(schema, step.element):
                default = f"enums.{default}"
            name = names.attribute_name(step.element.name)
            yield values.inapplicable(step.test, "syntax"), step.group.name, name, default


BACKEND = Backend("strategies", frozenset({"bundle", "record"}), generate, nothing_refused)
