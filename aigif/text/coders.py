"""The text coders, by their code in the schema.

Only bytes to bytes: `encode(raw)`, and `decode(payload, most)`, which never makes more than `most` bytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping

from aigif._gen.support import Record, freeze
from aigif.errors import CorruptError, LimitError

ZLIB, RAW_DEFLATE = 15, -15


class Coder(Record):
    """One coder: its two functions."""

    __slots__ = __match_args__ = ("encode", "decode")
    encode: Callable[[bytes], bytes]
    decode: Callable[[bytes, int], bytes]

    def __init__(self, encode: Callable[[bytes], bytes], decode: Callable[[bytes, int], bytes]) -> None:
        freeze(self, "encode", encode)
        freeze(self, "decode", decode)


def _stored(raw: bytes) -> bytes:
    return raw


def _read_stored(payload: bytes, most: int) -> bytes:
    if len(payload) > most:
        raise LimitError(f"{len(payload)} bytes of text; at most {most} are allowed")
    return payload


def _deflater(window: int) -> Callable[[bytes], bytes]:
    def encode(raw: bytes) -> bytes:
        packer = zlib.compressobj(9, zlib.DEFLATED, window, 9)
        return packer.compress(raw) + packer.flush()

    return encode


def _inflater(window: int) -> Callable[[bytes, int], bytes]:
    def decode(payload: bytes, most: int) -> bytes:
        unpacker = zlib.decompressobj(window)
        try:
            raw = unpacker.decompress(payload, most + 1)
        except zlib.error as error:
            raise CorruptError(f"the compressed text is broken ({error})") from error
        if len(raw) > most:
            raise LimitError(f"more than {most} bytes of text after decompression")
        if not unpacker.eof:
            raise CorruptError("the compressed text is cut")
        if unpacker.unused_data:
            raise CorruptError("bytes follow the compressed text")
        return raw

    return decode


CODERS: Mapping[int, Coder] = {
    0: Coder(_stored, _read_stored),
    1: Coder(_deflater(ZLIB), _inflater(ZLIB)),
    2: Coder(_deflater(RAW_DEFLATE), _inflater(RAW_DEFLATE)),
}
