"""Values: where they stand in the nested dictionaries, and which an element can hold."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from codegen import model
from codegen.layout import Step
from codegen.oracle.bits import Refused


def place(value: dict[str, Any], step: Step, held: Any, nested: bool) -> None:
    holder = value if nested else value.setdefault(step.group.name, {})
    holder[step.element.name] = held


def lookup(value: Mapping[str, Any], step: Step, nested: bool) -> Any:
    holder = value if nested else value[step.group.name]
    return holder[step.element.name]


def valid(element: model.Element, held: Any) -> bool:
    """Whether an element's type and range allow a value."""
    kind = element.type.kind
    if kind == "bool":
        return isinstance(held, bool)
    if kind == "string":
        return isinstance(held, str)
    if kind == "bytes":
        return isinstance(held, bytes) and len(held) <= element.max_length
    if isinstance(held, bool):
        return False
    if kind in ("enum", "table"):
        return isinstance(held, int) and 0 <= held <= model.EXP_MAX
    assert element.minimum is not None and element.maximum is not None
    if kind == "float":
        if not isinstance(held, int | float) or (held == 0 and math.copysign(1.0, held) < 0):
            return False
        return element.minimum <= held <= element.maximum
    return isinstance(held, int) and element.minimum <= held <= element.maximum


def check(element: model.Element, held: Any, path: str) -> None:
    if not valid(element, held):
        raise Refused("value", path, f"{held!r} is not allowed")
