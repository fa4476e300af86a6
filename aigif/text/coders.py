"""The text coders that know nothing of strings, by their code in the schema.

Only bytes to bytes: `encode(raw)`, and `decode(payload, most)`, which never makes more than `most` bytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping

from aigif._gen.support import Record, freeze
from aigif.errors import CorruptError, LimitError

ZLIB, RAW_DEFLATE = 15, -15


class Coder(Record):
    """One coder: its two functions, and the package that it needs beyond the standard library."""

    __slots__ = __match_args__ = ("encode", "decode", "package")
    encode: Callable[[bytes], bytes]
    decode: Callable[[bytes, int], bytes]
    package: str

    def __init__(
        self, encode: Callable[[bytes], bytes], decode: Callable[[bytes, int], bytes], package: str = ""
    ) -> None:
        freeze(self, "encode", encode)
        freeze(self, "decode", decode)
        freeze(self, "package", package)


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
        return inflated(zlib.decompressobj(window), payload, most)

    return decode


def inflated(unpacker: zlib._Decompress, payload: bytes, most: int) -> bytes:
    """What a DEFLATE stream holds; raises CorruptError or LimitError."""
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


def _deflate_primed(raw: bytes) -> bytes:
    from aigif.text import primed

    return primed.deflate(raw)


def _inflate_primed(payload: bytes, most: int) -> bytes:
    from aigif.text import primed

    return primed.inflate(payload, most)


def _brotli(raw: bytes) -> bytes:
    from aigif.text import packages

    return packages.brotli(raw)


def _read_brotli(payload: bytes, most: int) -> bytes:
    from aigif.text import packages

    return packages.read_brotli(payload, most)


def _zstd_primed(raw: bytes) -> bytes:
    from aigif.text import packages

    return packages.zstd(raw)


def _read_zstd_primed(payload: bytes, most: int) -> bytes:
    from aigif.text import packages

    return packages.read_zstd(payload, most)


PROMPT = 3  # codes strings, not bytes: aigif.text.prompt
CODERS: Mapping[int, Coder] = {
    0: Coder(_stored, _read_stored),
    1: Coder(_deflater(ZLIB), _inflater(ZLIB)),
    2: Coder(_deflater(RAW_DEFLATE), _inflater(RAW_DEFLATE)),
    4: Coder(_deflate_primed, _inflate_primed),
    5: Coder(_brotli, _read_brotli, "brotli"),
    6: Coder(_zstd_primed, _read_zstd_primed, "zstandard"),
}
