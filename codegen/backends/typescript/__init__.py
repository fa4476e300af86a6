"""TypeScript: a typed codec without dependencies, for Node and for browsers.

The algorithms stand in `support/*.ts`, which are copied as they are. What is generated is data: the layouts as
expressions of that support code (`layout.ts`), its numbers (`numbers.ts`), the types (`types.ts`, `enums.ts`), the
names and labels (`tables/*.ts`), and the entries: `index.ts`, the codec, `node.ts`, the same with Node's zlib,
`names.ts`, its JSON form, and `prompt.ts`, a text coder that is registered where it is wanted.
A table-driven codec is a quarter of the size of one that is written out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from codegen import model
from codegen.backend import Backend, banner, render
from codegen.backends.typescript import layouts as spelling
from codegen.backends.typescript import names
from codegen.layout import Field, Layouts
from codegen.model import Schema
from codegen.problems import Problem

HERE = Path(__file__).parent
SUPPORT = (
    "errors", "bits", "codes", "elements", "bundles", "records", "text", "framing", "format", "file", "json",
    "node", "prompt", "prompt/points", "prompt/search", "prompt/state", "prompt/cases", "prompt/literals",
    "prompt/tables", "prompt/model", "prompt/tokens", "prompt/encoder", "prompt/decoder",
)  # fmt: skip
# The most bits that a number of JavaScript is read from and written to.
NUMBER_BITS = 53
# The limits of the container that a codec knows, as constants; where the schema has none, as much as memory bears.
LIMITS = {
    "file_bytes": "FILE_BYTES",
    "text_bytes": "TEXT_BYTES",
    "bundle_bytes": "BUNDLE_BYTES",
    "sections": "SECTION_COUNT",
    "section_id": "SECTION_ID",
}
UNLIMITED = 1 << 24


def generate(schema: Schema, layouts: Layouts) -> Mapping[str, str]:
    """Every file of the codec by its path."""
    head = {"banner": banner(schema), "schema": schema, "names": names}
    files = {f"{name}.ts": _support(schema, name) for name in SUPPORT}
    groups = [*schema.nested_groups(), *_roots(schema)]
    enums = [entry for entry in schema.enumerations.values() if entry.kind == "enum"]
    context = {
        **head,
        "groups": groups,
        "roots": _roots(schema),
        "enums": enums,
        "root": _root_name(schema),
        "default_profile": next(
            (p.name for p in schema.profiles if p.form == "bundle"), schema.profiles[0].name
        ),
    }
    files["numbers.ts"] = render(
        HERE / "numbers.ts.j2",
        **head,
        escape_byte=model.ESCAPE_BYTE,
        exp_depth=model.EXP_DEPTH,
        exp_max=model.EXP_MAX,
        tail_bits=8 * (limit.value if (limit := _limit(schema, "bundle_bytes")) else UNLIMITED),
        size_widths=[form.width for form in model.SIZE.forms],
        text_section=next((section.id for section in schema.container.sections if section.name == "text"), 0),
        limits=[(constant, _limit(schema, name)) for name, constant in LIMITS.items()],
        unlimited=UNLIMITED,
    )
    files["enums.ts"] = render(HERE / "enums.ts.j2", **context)
    files["types.ts"] = render(HERE / "types.ts.j2", **context)
    files["layout.ts"] = render(HERE / "layout.ts.j2", **head, **_layout(schema, layouts))
    files["index.ts"] = render(HERE / "index.ts.j2", **context, caps=_caps(schema))
    files["names.ts"] = render(HERE / "names.ts.j2", **context, named=_named(layouts))
    for enumeration in schema.enumerations.values():
        rows = [
            names.literal(
                [
                    value.code,
                    value.name,
                    value.label,
                    *(value.attributes[key] for key in enumeration.attributes),
                ]
            )
            for value in enumeration.values
        ]
        files[f"tables/{enumeration.name}.ts"] = render(
            HERE / "table.ts.j2", **head, table=enumeration, rows=rows
        )
    return files


def _support(schema: Schema, name: str) -> str:
    """A module of the support code; the error that all refusals share has the format's name."""
    text = (HERE / "support" / f"{name}.ts").read_text(encoding="utf-8")
    return f"// {banner(schema)}\n//\n{text.replace('CodecError', f'{_root_name(schema)}Error')}"


def _roots(schema: Schema) -> list[model.Group]:
    return [schema.groups[name] for name in schema.syntax]


def _root_name(schema: Schema) -> str:
    return names.type_name(schema.identifier)


def _limit(schema: Schema, name: str) -> model.Number | None:
    return next((limit for limit in schema.container.limits if limit.name == name), None)


def _caps(schema: Schema) -> list[model.Number]:
    """The caps on sections; what others are about is no affair of the codec."""
    used = {section.cap for section in schema.container.sections}
    return [cap for cap in schema.container.caps if cap.name in used]


def _layout(schema: Schema, layouts: Layouts) -> dict[str, Any]:
    roots = [bundle for _, bundle in layouts.bundles]
    types, codes = spelling.shared([*layouts.nested, *roots], [record for _, record in layouts.records])
    nested = [
        (
            names.constant_name(bundle.name),
            bundle.doc,
            [spelling.step_expression(step, types, codes) for step in bundle.steps],
        )
        for bundle in layouts.nested
    ]
    root = [
        (group, [spelling.step_expression(step, types, codes) for step in run])
        for bundle in roots
        for group, run in groupby(bundle.steps, key=lambda step: step.group.name)
    ]
    records = [
        (
            profile,
            [
                (group, [spelling.record_expression(item, codes) for item in run])
                for group, run in groupby(record.fields, key=lambda item: item.field.group.name)
            ],
        )
        for profile, record in layouts.records
    ]
    constants = [*codes.constants(), *types.constants()]
    lines = [line for _, _, steps in nested for line in steps]
    lines += [line for _, steps in root for line in steps] + ["listed within" if nested else "within"]
    lines += [line for _, groups in records for _, held in groups for line in held] + [
        text for _, text in constants
    ]
    container = schema.container
    return {
        "constants": constants,
        "nested": nested,
        "root_steps": root,
        "records": records,
        "imports": _imports(" ".join(lines)),
        "caps": {cap.name: cap.value for cap in _caps(schema)},
        "coder": next((section.coder for section in container.sections if section.name == "text"), ""),
    }


def _named(layouts: Layouts) -> list[tuple[str, list[tuple[str, str]]]]:
    """The enumerations of each bundle's elements: its constant, and path and enumeration of each."""
    bundles = [(names.constant_name(bundle.name), bundle) for bundle in layouts.nested]
    bundles += [("root", bundle) for _, bundle in layouts.bundles]
    named = [
        (
            constant,
            [
                (f.path, f.element.type.name)
                for f in bundle.fields()
                if f.element.type.kind in ("enum", "table")
            ],
        )
        for constant, bundle in bundles
    ]
    return [(constant, held) for constant, held in named if held]


def _imports(text: str) -> list[tuple[str, list[str]]]:
    """The names of the support code that the layout uses, by module; strings and names of properties are none."""
    used = set(re.findall(r"\b\w+", re.sub(r'"[^"]*"|\w+:', "", text)))
    offered = {
        "codes": ("bit", "bits", "coded", "escaped", "exp", "float", "longBits", "pick", "sized", "text"),
        "elements": (
            "always", "bool", "bytes", "choice", "field", "group", "listed", "range", "string", "when",
            "within",
        ),
        "records": ("aligned",),
    }  # fmt: skip
    found = [(module, [name for name in held if name in used]) for module, held in offered.items()]
    return [(module, held) for module, held in found if held]


def refuse(schema: Schema, layouts: Layouts) -> list[Problem]:
    """What JavaScript's numbers can't hold: codes of more than 53 bits for elements that are no bigint.

    A record lists elements of a bundle, whose steps say what each is; without a bundle there is nothing to say it.
    """
    problems = []
    if layouts.records and not layouts.bundles:
        problems.append(
            Problem(
                schema.position, "TYPESCRIPT_BUNDLE", "a record needs a bundle profile beside it; add one"
            )
        )
    fields = [
        field
        for bundle in [*layouts.nested, *(held for _, held in layouts.bundles)]
        for field in bundle.fields()
    ]
    fields += [item.field for _, record in layouts.records for item in record.fields]
    for field in fields:
        widest = max((code.width for code in _bits_of(field)), default=0)
        if widest > NUMBER_BITS and not names.is_long(field.element):
            message = (
                f"{field.path} has a code of {widest} bits, which a number of JavaScript can't hold; "
                "make its range as wide, or its code narrower"
            )
            problems.append(Problem(field.element.position, "TYPESCRIPT_WIDTH", message))
    return problems


def _bits_of(field: Field) -> list[model.Bits]:
    forms = field.code.forms if isinstance(field.code, model.Pick) else (field.code,)
    return [form for form in forms if isinstance(form, model.Bits)]


BACKEND = Backend("typescript", frozenset({"bundle", "record"}), generate, refuse)
