"""JSON as the command line writes and reads it."""

from __future__ import annotations

import json
from typing import Any

from aigif.errors import UsageError

__all__ = ["dumps", "loads"]


def dumps(value: object, *, indent: int | None = None) -> str:
    """JSON whose every character is printable, but for the line breaks of `indent`: all others are \\u escapes."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    if text.isprintable():
        return text
    return "".join([c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text])


def loads(data: bytes, name: str) -> Any:
    """The value of a JSON text in UTF-8, UTF-16 or UTF-32.

    Raises UsageError, which names `name`, for other bytes, for a key that stands twice, and for NaN and infinities.
    """
    try:
        return json.loads(data, object_pairs_hook=_unique, parse_constant=_refused)
    except RecursionError as error:
        raise UsageError("is nested too deeply for JSON of an AIGIF file", file=name) from error
    except ValueError as error:
        raise UsageError(
            f"is no JSON: {error}", file=name, hint="`aigif info --json` shows what is wanted"
        ) from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} stands twice")
    return held


def _refused(word: str) -> Any:
    raise ValueError(f"{word} is no value")
