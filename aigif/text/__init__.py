"""Text coders: all strings of a file to bytes and back.

A coder is registered under its code in the schema's `text_compressor`; a code that is not registered leaves the
text section opaque.
"""

from __future__ import annotations

from collections.abc import Sequence

from aigif._gen.container import TEXT_BYTES
from aigif.errors import ElementError, LimitError
from aigif.text import coders, joined

__all__ = ["best", "decode", "decode_one", "encode", "encode_one", "known"]


def known(compressor: int) -> bool:
    """Whether this version has the text coder."""
    return compressor in coders.CODERS


def encode(strings: Sequence[str], compressor: int) -> bytes:
    """Code all strings of a file together.

    Raises ElementError for an unknown coder, LimitError where the joined strings exceed the format's limit.
    """
    return _encode_raw(joined.join(strings), compressor)


def decode(payload: bytes, compressor: int) -> tuple[str, ...]:
    """The strings of a text section. Raises CorruptError, NotCanonicalError or LimitError."""
    return joined.split(coders.CODERS[compressor].decode(payload, TEXT_BYTES))


def encode_one(string: str, compressor: int) -> bytes:
    """Code one string on its own, as the record profile does; the empty string is empty."""
    return _encode_raw(joined.to_utf8(string), compressor) if string else b""


def decode_one(payload: bytes, compressor: int) -> str:
    """The string that `encode_one` coded."""
    return joined.from_utf8(coders.CODERS[compressor].decode(payload, TEXT_BYTES)) if payload else ""


def best(strings: Sequence[str]) -> int:
    """The coder that makes these strings smallest; of equals the one with the lowest code."""
    raw = joined.join(strings)
    return min(sorted(coders.CODERS), key=lambda code: len(coders.CODERS[code].encode(raw)))


def _encode_raw(raw: bytes, compressor: int) -> bytes:
    if compressor not in coders.CODERS:
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
