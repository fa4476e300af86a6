"""JSON that programs write into pictures, read within bounds, and written again in little space."""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_CHARACTERS = 4 << 20


def value_of(text: str) -> Any:
    """The value of a JSON text; None where it is none, or longer than MAX_CHARACTERS.

    NULs, spaces and a byte order mark around it are passed over: services end their texts with NULs.
    """
    if len(text) > MAX_CHARACTERS:
        return None
    try:
        return json.loads(text.strip("\0\ufeff \t\r\n"), strict=False)
    except (ValueError, RecursionError):
        return None


def object_of(text: str) -> dict[str, Any] | None:
    """The object of a JSON text; None where it is no object."""
    if text.lstrip("\0\ufeff \t\r\n")[:1] != "{":
        return None
    value = value_of(text)
    return value if isinstance(value, dict) else None


def shown(value: Any) -> str:
    """A value as an extra entry keeps it: a string as it is, else JSON without spaces."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
