"""Text coders of packages that need not be there: brotli, and zstandard with the dictionary of prompts.

A decoder is fed a few bytes at a time, so that a small payload never fills the memory.
"""

from __future__ import annotations

from typing import Any

from aigif.errors import CorruptError, LimitError, MissingPackageError
from aigif.text.primed import dictionary

_PIECE = 16
_LEVEL = 19
_WINDOW = 1 << 17


def require(package: str) -> Any:
    """Import a package; raises MissingPackageError, with what installs it."""
    try:
        return __import__(package)
    except ImportError as error:
        extra = {"zstandard": "zstd"}.get(package, package)
        raise MissingPackageError(
            f"the text is coded with {package}, which is not installed", hint=f'pip install "aigif[{extra}]"'
        ) from error


def brotli(raw: bytes) -> bytes:
    module = require("brotli")
    return bytes(module.compress(raw, mode=module.MODE_TEXT, quality=11, lgwin=16))


def read_brotli(payload: bytes, most: int) -> bytes:
    """What a Brotli stream holds. Raises CorruptError, LimitError or MissingPackageError."""
    module = require("brotli")
    unpacker = module.Decompressor()
    raw = bytearray()
    try:
        for at in range(0, len(payload), _PIECE):
            if unpacker.is_finished():
                raise CorruptError("bytes follow the compressed text")
            raw += unpacker.process(payload[at : at + _PIECE], output_buffer_limit=most + 1)
            while len(raw) <= most and not unpacker.can_accept_more_data():
                raw += unpacker.process(b"", output_buffer_limit=most + 1)
            if len(raw) > most:
                raise LimitError(f"more than {most} bytes of text after decompression")
        finished = unpacker.is_finished()
    except module.error as error:
        raise CorruptError(f"the compressed text is broken ({error})") from error
    if not finished:
        raise CorruptError("the compressed text is cut")
    return bytes(raw)


def zstd(raw: bytes) -> bytes:
    module = require("zstandard")
    settings = module.ZstdCompressionParameters.from_level(
        _LEVEL, source_size=len(raw), dict_size=len(dictionary()), format=module.FORMAT_ZSTD1_MAGICLESS,
        write_checksum=False, write_content_size=False, write_dict_id=False,
    )  # fmt: skip
    packer = module.ZstdCompressor(compression_params=settings, dict_data=_primer(module))
    return bytes(packer.compress(raw))


def read_zstd(payload: bytes, most: int) -> bytes:
    """What a frame holds. Raises CorruptError, LimitError or MissingPackageError."""
    module = require("zstandard")
    unpacker = module.ZstdDecompressor(
        dict_data=_primer(module), max_window_size=_WINDOW, format=module.FORMAT_ZSTD1_MAGICLESS
    ).decompressobj()
    raw = bytearray()
    try:
        for at in range(0, len(payload), _PIECE):
            if unpacker.eof:
                raise CorruptError("bytes follow the compressed text")
            raw += unpacker.decompress(payload[at : at + _PIECE])
            if len(raw) > most:
                raise LimitError(f"more than {most} bytes of text after decompression")
    except module.ZstdError as error:
        raise CorruptError(f"the compressed text is broken ({error})") from error
    if not unpacker.eof:
        raise CorruptError("the compressed text is cut")
    if unpacker.unused_data:
        raise CorruptError("bytes follow the compressed text")
    return bytes(raw)


def _primer(module: Any) -> Any:
    return module.ZstdCompressionDict(dictionary(), dict_type=module.DICT_TYPE_RAWCONTENT)
