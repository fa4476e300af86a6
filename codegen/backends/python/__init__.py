"""Python: a typed codec on the standard library alone.

Files: `support.py` (shared code), `enums.py`, `tables/<name>.py`, `types.py` (records), one codec for each
profile, `meta.py` (what the schema says about each element), `container.py` (the file around it), and a copy of
the schema's own files, which the package carries as data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from codegen import model
from codegen.backend import Backend, banner, nothing_refused, render
from codegen.backends.python import decoding, encoding, modules, names, picks, records
from codegen.layout import Bundle, Field, Layouts, Record
from codegen.model import Schema

HERE = Path(__file__).parent
# A reader looks for the end of the bits after so many elements.
EXIT_EVERY = 6


def generate(schema: Schema, layouts: Layouts) -> Mapping[str, str]:
    """Every file of the package by its path."""
    head = {"banner": banner(schema), "schema": schema, "names": names}
    files = {
        "__init__.py": render(HERE / "package.py.j2", **head, profiles=schema.profiles),
        "support.py": render(
            HERE / "support.py.j2",
            **head,
            name=names.class_name(schema.identifier),
            exp_depth=model.EXP_DEPTH,
            exp_max=model.EXP_MAX,
            tail_bits=8 * _bundle_limit(schema),
            size_widths=[form.width for form in model.SIZE.forms],
        ),
        "enums.py": render(HERE / "enums.py.j2", **head, enums=_enums(schema)),
        "types.py": render(
            HERE / "types.py.j2",
            **head,
            groups=_ordered_groups(schema),
            roots=_roots(schema),
            root=names.class_name(schema.identifier),
            enum_classes=sorted(names.class_name(entry.name) for entry in _enums(schema)),
        ),
        "meta.py": render(HERE / "meta.py.j2", **head, groups=_meta(schema)),
        "container.py": render(HERE / "container.py.j2", **head, container=schema.container),
        "tables/__init__.py": f'"""The enumerations of the schema.\n\n{banner(schema)}\n"""\n',
    }
    for enumeration in schema.enumerations.values():
        text = render(HERE / "table.py.j2", **head, table=enumeration, rows=_rows(enumeration))
        files[f"tables/{enumeration.name}.py"] = text
    files.update({f"schema/{name}": text for name, text in schema.sources.items()})
    available = {
        "collections.abc": ["Callable"],
        ".enums": modules.definitions(files["enums.py"]),
        ".support": modules.definitions(files["support.py"]),
        ".types": modules.definitions(files["types.py"]),
    }
    bodies = [
        (profile, _bundle_codec(schema, profile, bundle, layouts.nested))
        for profile, bundle in layouts.bundles
    ]
    bodies += [(profile, _record_codec(schema, profile, record)) for profile, record in layouts.records]
    for profile, body in bodies:
        doc = f'The profile "{profile.name}". {profile.doc}'
        files[f"{profile.name}.py"] = modules.assemble(doc, banner(schema), body, available)
    return files


def _enums(schema: Schema) -> list[model.Enumeration]:
    return [entry for entry in schema.enumerations.values() if entry.kind == "enum"]


def _ordered_groups(schema: Schema) -> list[model.Group]:
    return [*schema.nested_groups(), *_roots(schema)]


def _roots(schema: Schema) -> list[model.Group]:
    return [schema.groups[name] for name in schema.syntax]


def _bundle_limit(schema: Schema) -> int:
    """The most bytes of a root bundle."""
    return next((limit.value for limit in schema.container.limits if limit.name == "bundle_bytes"), 1 << 24)


def _rows(enumeration: model.Enumeration) -> list[tuple[int, str]]:
    """Each code with the literal of its row: name, label, documentation, attributes."""
    return [
        (value.code, ", ".join(names.literal(cell) for cell in (value.name, value.label, value.doc, *held)))
        for value in enumeration.values
        for held in [[value.attributes[key] for key in enumeration.attributes]]
    ]


def _meta(schema: Schema) -> list[tuple[model.Group, list[str]]]:
    result = []
    for group in _ordered_groups(schema):
        rows = []
        for element in group.elements:
            condition = element.when
            applies: object = None
            if condition is not None:
                applies = (condition.element, condition.attribute, condition.values, condition.negated)
            cells = (
                element.name, element.id, element.type.kind, element.type.name, element.minimum, element.maximum,
                element.max_length, element.unit, element.since, element.doc, applies,
            )  # fmt: skip
            rows.append(", ".join(names.literal(cell) for cell in cells))
        result.append((group, rows))
    return result


def _bundle_codec(schema: Schema, profile: model.Profile, root: Bundle, nested: tuple[Bundle, ...]) -> str:
    every = [*nested, root]
    found = picks.collect(field for bundle in every for field in bundle.fields())
    bundles = []
    for bundle in every:
        holder = "syntax.{}" if bundle is root else "record"
        reading, writing = [], []
        for step in bundle.steps:
            reading.append((step.path, decoding.step_lines(schema, bundle, step, found)))
            place = holder.format(step.group.name)
            writing.append((step.path, encoding.step_lines(schema, bundle, step, place, found)))
        bundles.append({"bundle": bundle, "reading": reading, "writing": writing, "root": bundle is root})
    coder = next((section.coder for section in schema.container.sections if section.name == "text"), "")
    first_exit = 1 + max(
        (at for at, step in enumerate(root.steps) if isinstance(step, Field) and step.element.always),
        default=-1,
    )
    return render(
        HERE / "bundle.py.j2",
        names=names,
        profile=profile,
        bundles=bundles,
        root=bundles[-1],
        picks=list(found.values()),
        roots=_roots(schema),
        coder=coder,
        coder_local=coder.replace(".", "_"),
        bundle_limit=_bundle_limit(schema),
        first_exit=first_exit,
        tail_defaults=decoding.default_lines(schema, root.steps[first_exit:]),
        exits=range(EXIT_EVERY - 1, len(root.steps), EXIT_EVERY),
        local=names.local_name,
    )


@dataclass(frozen=True, slots=True)
class StringSlot:
    """Where a string of a record goes: its element, and its place among the strings."""

    element: str
    index: int


@dataclass(frozen=True, slots=True)
class StringGroup:
    """The strings of one group of a record."""

    name: str
    items_: tuple[StringSlot, ...]


def _string_groups(strings: list[records.StringField]) -> list[StringGroup]:
    slots: dict[str, list[StringSlot]] = {}
    for index, item in enumerate(strings):
        slots.setdefault(item.group, []).append(StringSlot(item.element, index))
    return [StringGroup(name, tuple(held)) for name, held in slots.items()]


def _record_codec(schema: Schema, profile: model.Profile, record: Record) -> str:
    strings = records.string_fields(record)
    return render(
        HERE / "record.py.j2",
        profile=profile,
        strings=strings,
        string_groups=_string_groups(strings),
        reading=records.all_reading_lines(schema, record),
        ends_windowed=records.ends_windowed(record),
        fitting=[(item.field.path, records.fitting_lines(schema, item)) for item in record.fields],
        omitted=records.omitted_lines(schema, record),
        writing=[(item.field.path, records.writing_lines(item)) for item in record.fields],
        roots=[(group, records.defaults(schema, group, record)) for group in _roots(schema)],
    )


BACKEND = Backend("python", frozenset({"bundle", "record"}), generate, nothing_refused)
