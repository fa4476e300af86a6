"""Every form of every code, at its ends: written by the generated codec as the oracle writes it, and read back."""

from __future__ import annotations

from typing import Any

import pytest

import aigif
from aigif._gen import compact, meta, types
from aigif._gen.support import Texts
from codegen import model, oracle
from codegen.layout import Bundle, Field
from tests.helpers import compact_layout, layouts, plain


def ends(form: model.Bits | model.Float, kind: str) -> list[float]:
    """The least and the most value of a form."""
    if isinstance(form, model.Float):
        return [0.1, 1.1, 12345.678] if form.width == 64 else [0.123, 1.0000001192092896]
    values = [n * form.step + form.offset for n in (0, 1, (1 << form.width) - 1)]
    return [value / form.per for value in values] if kind == "float" else list(values)


def values_of(field: Field) -> list[Any]:
    """Values that reach every form of a field's code."""
    code, element = field.code, field.element
    if isinstance(code, model.EscapedEnum):
        escape = (1 << code.width) - 1
        return [0, escape - 1, escape, escape + 254, escape + 255, model.EXP_MAX]
    if isinstance(code, model.Exp):
        return [0, 254, 255, model.EXP_MAX]
    if isinstance(code, model.BytesCode):
        return [b"", b"\0", b"\0" * code.max_length, b"\xff" * code.max_length]
    if isinstance(code, model.TextCode):
        return ["", "x", "\0\1\ud800"]
    if element.type.kind == "bool":
        return [False, True]
    assert isinstance(code, model.Bits | model.Pick | model.Float)
    forms = code.forms if isinstance(code, model.Pick) else (code,)
    found: list[Any] = list(code.constants) if isinstance(code, model.Pick) else []
    for form in forms:
        found += ends(form, element.type.kind)
    assert element.minimum is not None and element.maximum is not None
    found += [element.minimum, element.maximum]
    return [value for value in found if element.minimum <= value <= element.maximum]


def every_field() -> list[tuple[Bundle, Field]]:
    bundles = [*layouts().nested, compact_layout()]
    return [(bundle, field) for bundle in bundles for field in bundle.fields()]


@pytest.mark.parametrize(("bundle", "field"), every_field(), ids=lambda item: getattr(item, "path", "in"))
def test_every_form_round_trips(bundle: Bundle, field: Field) -> None:
    for value in values_of(field):
        record = getattr(types, meta.GROUPS[field.group.name].type_name)(**{field.element.name: value})
        whole = aigif.Aigif(**holding(bundle, field, record))
        data, strings = compact.encode_compact(whole)
        assert (data, strings) == oracle.encode_bundle(compact_layout(), plain(whole))
        assert compact.decode_compact(data, lambda _, held=tuple(strings): Texts(held)) == whole


def holding(bundle: Bundle, field: Field, record: Any) -> dict[str, Any]:
    """Groups that hold a record: itself for a top-level group, else the path down to it."""
    if bundle is compact_layout():
        held = {field.group.name: record}
        if field.test is not None and field.group.name == "platform":
            held["platform"] = record.replace(device=0 if field.element.name == "cpu" else 1)
        return held
    for group in meta.GROUPS:
        for info in meta.GROUPS[group].elements:
            if info.kind in ("group", "list") and info.of == bundle.name:
                inner = (record,) if info.kind == "list" else record
                outer = getattr(types, meta.GROUPS[group].type_name)(**{info.name: inner})
                if group in meta.SYNTAX:
                    return {group: outer}
                parent = next(b for b in layouts().nested if b.name == group)
                return holding(parent, field, outer)
    raise AssertionError(bundle.name)
