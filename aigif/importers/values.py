"""Numbers, sizes and hashes as programs write them: text to value and back.

Every reader raises Unreadable for what it does not take, and takes no more than plain decimal notation.
"""

from __future__ import annotations

import re

_INTEGER = re.compile(r"[+-]?[0-9]{1,30}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,60}(?:\.[0-9]{0,60})?|\.[0-9]{1,60})(?:[eE][+-]?[0-9]{1,4})?")
_SIZE = re.compile(r"([0-9]{1,10})x([0-9]{1,10})")
_HEXADECIMAL = re.compile(r"(?:[0-9a-fA-F]{2}){2,32}")
_EXACT_INTEGERS = 2.0**53


class Unreadable(ValueError):
    """A value that can't be read or that no element can hold."""


def integer(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise Unreadable("it is not a whole number")
    return int(text)


def number(text: str) -> float:
    """The nearest float; negative zero becomes zero."""
    if not _NUMBER.fullmatch(text):
        raise Unreadable("it is not a number")
    return float(text) + 0.0


def size(text: str) -> tuple[int, int]:
    """Width and height of "512x768"."""
    found = _SIZE.fullmatch(text)
    if not found:
        raise Unreadable("it is not a size like 512x768")
    return int(found[1]), int(found[2])


def truth(text: str) -> bool:
    if text not in ("True", "False"):
        raise Unreadable("it is neither True nor False")
    return text == "True"


def hexadecimal(text: str) -> bytes:
    """2 to 32 bytes of hexadecimal."""
    if not _HEXADECIMAL.fullmatch(text):
        raise Unreadable("it is not a hash")
    return bytes.fromhex(text)


def show_number(value: float) -> str:
    """The shortest decimal that reads back as the same float, without ".0"."""
    return str(int(value)) if value.is_integer() and abs(value) <= _EXACT_INTEGERS else repr(value)
