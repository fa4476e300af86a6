"""Kaitai Struct: one .ksy file that reads both profiles, for the many languages that Kaitai compiles to.

Kaitai reads bits only in a straight run: a type of its own, or a repetition of several fields, begins at a byte.
So codes stand inline, a nested group is an array of bits, and what follows a list that is present is bits too.
The zeros past the end of a bundle come from a custom process, `zero_padded(n)`, which appends n zero bytes and
which the program that uses the reader brings. Numbers of more than 32 bits stand as two halves, because not every
target holds them in one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from codegen import model
from codegen.backend import Backend, banner
from codegen.backends.kaitai import fields, files
from codegen.layout import Layouts
from codegen.model import Schema
from codegen.problems import Problem


def generate(schema: Schema, layouts: Layouts) -> Mapping[str, str]:
    """The one file, called by the format's identifier."""
    enums = {name: _values(enumeration) for name, enumeration in schema.enumerations.items()}
    types: dict[str, Any] = {}
    for profile, bundle in layouts.bundles:
        types[f"{profile.name}_body"] = files.bundle_body(profile, bundle, schema)
        types[f"{profile.name}_elements"] = fields.bundle_type(profile, bundle)
    for profile, record in layouts.records:
        types[f"{profile.name}_body"] = fields.record_type(profile, record)
    document = {
        "meta": files.meta(schema),
        "doc": schema.doc,
        "seq": files.sequence(schema),
        "types": types | files.SHARED,
        "enums": enums,
    }
    text = yaml.safe_dump(document, sort_keys=False, width=110, allow_unicode=True)
    return {f"{schema.identifier}.ksy": f"# {banner(schema)}\n{text}"}


def _values(enumeration: model.Enumeration) -> dict[int, dict[str, str]]:
    return {value.code: {"id": fields.enum_id(value.name), "doc": value.doc} for value in enumeration.values}


def refuse(schema: Schema, layouts: Layouts) -> list[Problem]:
    """Records whose strings begin inside a byte: Kaitai would read them from the next one."""
    problems = []
    for _, record in layouts.records:
        for field in fields.misplaced(record):
            message = (
                f"{field.path} begins inside a byte, where Kaitai can't read it; "
                "put it after fields that fill whole bytes"
            )
            problems.append(Problem(field.element.position, "KAITAI_ALIGNMENT", message))
    return problems


BACKEND = Backend("kaitai", frozenset({"bundle", "record"}), generate, refuse)
