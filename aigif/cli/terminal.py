"""What is printed: text made harmless, colour where it is wanted, errors in one line or as JSON."""

from __future__ import annotations

import os
import sys

from aigif.errors import AigifError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["bold", "complain", "dim", "emit", "error_object", "note", "visible"]

# Spaces that people write; every other character that Unicode calls not printable is shown by its escape.
_KEPT = "\N{NO-BREAK SPACE}\N{IDEOGRAPHIC SPACE}"
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: str) -> str:
    """The text with every control, format and bidirectional character shown as an escape, as Python writes it.

    So no text of a file can move the cursor, change colours, hide or reorder what is printed.
    """
    if text.isprintable():
        return text
    return "".join([c if c.isprintable() or c in _KEPT else _escape(c) for c in text])


def _escape(character: str) -> str:
    code = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def emit(text: str, stream: TextIO | None = None) -> None:
    """Print a line to stdout, or to `stream`; characters that its encoding lacks are shown as escapes."""
    out = sys.stdout if stream is None else stream
    encoding = out.encoding or "ascii"
    out.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def note(text: str) -> None:
    """A message for the person: one line on stderr, made visible."""
    emit(f"aigif: {visible(text)}", sys.stderr)


def bold(text: str) -> str:
    return _styled(text, "1")


def dim(text: str) -> str:
    return _styled(text, "2")


def _styled(text: str, code: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if text and _coloured() else text


def _coloured() -> bool:
    """Whether stdout is a terminal that takes colour; NO_COLOR, where it is set and not empty, forbids it."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def complain(error: AigifError, as_json: bool = False) -> int:
    """Print an error to stderr, as one line or as a JSON object; gives its exit code."""
    if not as_json:
        note(f"error: {error}")
        return error.exit_code
    from aigif.cli.jsontext import dumps

    emit(dumps({"error": error_object(error)}), sys.stderr)
    return error.exit_code


def error_object(error: AigifError) -> dict[str, object]:
    """An error as a JSON object."""
    held = {
        "kind": type(error).__name__,
        "exit_code": error.exit_code,
        "message": error.message,
        "file": error.file and str(error.file),
        "byte": error.byte,
        "bit": error.bit,
        "element": error.element,
        "hint": error.hint,
    }
    return {key: value for key, value in held.items() if value is not None}
