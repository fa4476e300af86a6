"""Text coders: all strings of a file to bytes and back.

A coder is registered under its code in the schema's `text_compressor`; a code that is not registered, or whose
package is not installed, leaves the text section opaque.
"""

from __future__ import annotations

from collections.abc import Sequence

from aigif._gen.container import TEXT_BYTES
from aigif.errors import CorruptError, ElementError, LimitError
from aigif.text import coders, joined
from aigif.text.coders import PROMPT

__all__ = ["available", "best", "decode", "decode_one", "encode", "encode_one", "hint", "known"]


def known(compressor: int) -> bool:
    """Whether this version has the text coder, and the package that it needs."""
    if compressor == PROMPT:
        return True
    coder = coders.CODERS.get(compressor)
    return coder is not None and (not coder.package or _installed(coder.package))


def available() -> list[int]:
    """The codes of all coders that need no package, ascending: those that are chosen from."""
    return sorted([PROMPT, *(code for code, coder in coders.CODERS.items() if not coder.package)])


def hint(compressor: int) -> str:
    """What to do about a coder that is not known."""
    coder = coders.CODERS.get(compressor)
    if coder is None:
        return "update aigif"
    return f'pip install "aigif[{"zstd" if coder.package == "zstandard" else coder.package}]"'


def encode(strings: Sequence[str], compressor: int) -> bytes:
    """Code all strings of a file together.

    Raises ElementError for an unknown coder, MissingPackageError for one whose package is missing, LimitError where
    the joined strings exceed the format's limit.
    """
    raw = joined.join(strings)
    if compressor == PROMPT and len(raw) <= TEXT_BYTES:
        from aigif.text import prompt

        return prompt.coder().encode(strings)
    return _encode_raw(raw, compressor)


def decode(payload: bytes, compressor: int) -> tuple[str, ...]:
    """The strings of a text section. Raises CorruptError, NotCanonicalError, LimitError or MissingPackageError."""
    if compressor == PROMPT:
        from aigif.text import prompt

        return prompt.coder().decode(payload, TEXT_BYTES)
    return joined.split(coders.CODERS[compressor].decode(payload, TEXT_BYTES))


def encode_one(string: str, compressor: int) -> bytes:
    """Code one string on its own, as the record profile does; the empty string is empty."""
    if not string:
        return b""
    if compressor == PROMPT:
        return encode((string,), compressor)
    return _encode_raw(joined.to_utf8(string), compressor)


def decode_one(payload: bytes, compressor: int) -> str:
    """The string that `encode_one` coded."""
    if not payload:
        return ""
    if compressor == PROMPT:
        strings = decode(payload, compressor)
        if len(strings) != 1:
            raise CorruptError("several strings stand where one is wanted")
        return strings[0]
    return joined.from_utf8(coders.CODERS[compressor].decode(payload, TEXT_BYTES))


def best(strings: Sequence[str]) -> int:
    """The coder that makes these strings smallest, of those that every installation has; of equals the one with the
    lowest code."""
    return min(available(), key=lambda code: len(encode(strings, code)))


def _installed(package: str) -> bool:
    try:
        __import__(package)
    except ImportError:
        return False
    return True


def _encode_raw(raw: bytes, compressor: int) -> bytes:
    if compressor not in coders.CODERS and compressor != PROMPT:
        raise ElementError(
            [f"this version has no text compressor {int(compressor)}"],
            element="compression.text_compressor",
            hint="choose one that `aigif schema` lists",
        )
    if len(raw) > TEXT_BYTES:
        raise LimitError(
            f"{len(raw)} bytes of text; at most {TEXT_BYTES} are allowed", hint="shorten the text"
        )
    return coders.CODERS[compressor].encode(raw)
