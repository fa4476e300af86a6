"""Codes as they stand in lock files: in the schema's own grammar, every key written out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from codegen.model import (
    Bits,
    BytesCode,
    Code,
    EscapedEnum,
    Exp,
    Float,
    Pick,
    StringCode,
    TextCode,
)  # fmt: skip


def code_as_json(code: Code | None) -> Mapping[str, Any] | str | None:
    """A code as JSON; None for groups and lists, whose code is fixed."""
    if code is None:
        return None
    if isinstance(code, Exp):
        return "exp"
    if isinstance(code, TextCode):
        return "text"
    if isinstance(code, Bits):
        return {"bits": code.width, "step": code.step, "offset": code.offset, "per": code.per}
    if isinstance(code, Float):
        return {"float": code.width}
    if isinstance(code, EscapedEnum):
        return {"enum": code.width}
    if isinstance(code, StringCode):
        return {"string": code.width}
    if isinstance(code, BytesCode):
        return {"bytes": code.max_length}
    assert isinstance(code, Pick)
    forms = [code_as_json(form) for form in code.forms]
    return {"pick": {"bits": code.width, "values": list(code.constants), "forms": forms}}


def shown(code: Mapping[str, Any] | str | None) -> str:
    """A code in one line, as one would write it in the schema."""
    if not isinstance(code, Mapping):
        return str(code)
    parts = []
    for key, value in code.items():
        if (key, value) in (("step", 1), ("offset", 0), ("per", 1)):
            continue
        if isinstance(value, Mapping):
            value = shown(value)
        elif isinstance(value, list):
            value = (
                "["
                + ", ".join(shown(item) if isinstance(item, Mapping) else str(item) for item in value)
                + "]"
            )
        parts.append(f"{key}: {value}")
    return "{" + ", ".join(parts) + "}"
