"""The format's page: enough to write a reader from, with worked examples that the oracle computed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from codegen import model
from codegen.backend import Backend, banner, nothing_refused, render
from codegen.backends.markdown import examples, numbers, tables, words
from codegen.backends.markdown.rules import NUMBERS, RULES
from codegen.layout import Layouts
from codegen.model import Schema
from codegen.oracle import bits as oracle_bits

HERE = Path(__file__).parent


def generate(schema: Schema, layouts: Layouts) -> Mapping[str, str]:
    """`format.md`."""
    picks = words.PickNames()
    bundles = tables.bundle_tables(schema, layouts, picks)
    records = tables.record_tables(schema, layouts, picks)
    text = render(
        HERE / "page.md.j2",
        banner=banner(schema),
        schema=schema,
        container=_container(schema),
        rules=RULES,
        rule_numbers=NUMBERS,
        annex=schema.annex.rstrip(),
        bundle_tables=bundles,
        record_tables=records,
        records=bool(layouts.records),
        bundle_profiles=_named([profile for profile, _ in layouts.bundles]),
        record_profiles=_named([profile for profile, _ in layouts.records]),
        profile_rows=_profile_rows(schema),
        section_rows=tables.section_rows(schema, layouts),
        group_rows=tables.group_rows(schema),
        enumerations=[tables.enumeration_entry(entry) for entry in schema.enumerations.values()],
        examples=examples.build(schema, layouts),
        **_text_section(schema),
        **_codes(picks),
    )
    return {"format.md": text}


def _container(schema: Schema) -> dict[str, Any]:
    container = schema.container
    return {
        "major": container.major,
        "magic_bytes": len(container.magic),
        "magic_hex": numbers.spaced(container.magic),
        "limits": container.limits,
        "caps": container.caps,
    }


def _codes(picks: words.PickNames) -> dict[str, Any]:
    """What the chapter on codes needs."""
    used = [
        (name, code.width, ", ".join(f"`{path}`" for path in users), words.alternatives(code))
        for name, code, users in picks.all()
    ]
    return {
        **words.limits_of_codes(),
        "pick_rows": used,
        "leb128_numbers": numbers.leb128_numbers(),
        "exp_numbers": numbers.exp_numbers(),
        "enum_numbers": numbers.enum_numbers(),
        "float_numbers": numbers.float_numbers(),
        "size_numbers": numbers.size_numbers(),
        "size_alternatives": words.alternatives(model.SIZE),
        "size_widths": tuple(form.width for form in model.SIZE.forms),
        "joined_numbers": numbers.joined_numbers(),
        "empty_item": oracle_bits.write_size(0, "") * 2,
    }


def _text_section(schema: Schema) -> dict[str, str]:
    section = next((entry for entry in schema.container.sections if entry.name == "text"), None)
    coder = f"that `{section.coder}` names " if section and section.coder else ""
    return {"text_id": str(section.id) if section else "", "text_coder": coder}


def _profile_rows(schema: Schema) -> list[dict[str, str]]:
    elements = {
        "bundle": "a length, LEB128, and a [root bundle](#bundles) of so many bytes",
        "record": "a [record](#records)",
    }
    return [
        {
            "name": profile.name,
            "number": str(profile.number),
            "byte": f"{schema.container.major << 4 | profile.number:02X}",
            "elements": elements[profile.form],
        }
        for profile in schema.profiles
    ]


def _named(profiles: list[model.Profile]) -> str:
    return " or ".join(f"`{profile.name}`" for profile in profiles)


BACKEND = Backend("markdown", frozenset({"bundle", "record"}), generate, nothing_refused)
