"""All strings of a file as one run of bytes.

UTF-8, in which lone surrogates stand like any other code point, with a zero byte between strings. The bytes 0
and 1 inside a string are written as 1 1 and 1 2.
"""

from __future__ import annotations

from collections.abc import Sequence

from aigif.errors import CorruptError, NotCanonicalError


def join(strings: Sequence[str]) -> bytes:
    return b"\0".join(to_utf8(string).replace(b"\1", b"\1\2").replace(b"\0", b"\1\1") for string in strings)


def split(raw: bytes) -> tuple[str, ...]:
    """The strings of a joined run.

    Raises CorruptError where it is not UTF-8, NotCanonicalError where an escape stands for nothing.
    """
    return tuple([_unescaped(piece) for piece in raw.split(b"\0")])


def to_utf8(string: str) -> bytes:
    return string.encode("utf-8", "surrogatepass")


def from_utf8(raw: bytes) -> str:
    try:
        return raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise CorruptError(f"the text is not UTF-8 at its byte {error.start}") from error


def _unescaped(piece: bytes) -> str:
    if b"\1" not in piece:
        return from_utf8(piece)
    out = bytearray()
    at = 0
    while at < len(piece):
        if piece[at] != 1:
            out.append(piece[at])
            at += 1
            continue
        code = piece[at + 1 : at + 2]
        if code not in (b"\1", b"\2"):
            raise NotCanonicalError("the text has an escape that stands for nothing")
        out.append(code[0] - 1)
        at += 2
    return from_utf8(bytes(out))
