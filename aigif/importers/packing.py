"""Compressed parts of metadata, taken out of their compression and put back byte for byte.

Programs compress with zlib's own levels. Where one of them gives the same bytes again, the plain text is kept, which
a file can code together with everything else; where none does, the compressed bytes are kept as they are.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from aigif.importers.texts import Block

# Compressed streams by their number in a file: form, and zlib's level. 0 is none.
PACKINGS = ("", "zlib 6", "zlib 9", "zlib 1", "gzip 9", "gzip 6", "gzip 1")
_GZIP_HEAD = b"\x1f\x8b\x08\x00"
_GZIP_HEAD_BYTES = 10
MAX_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class Opened:
    """A block without its compression: the number of its packing, the bytes before the stream, and the text."""

    packing: int
    head: bytes
    text: bytes


def opened(block: Block) -> Opened:
    """The block's text, out of its compression where it can be put back into it."""
    start = _stream_start(block)
    if start is not None:
        stream = block.data[start:]
        is_gzip = stream.startswith(_GZIP_HEAD)
        head = start + (_GZIP_HEAD_BYTES if is_gzip else 0)
        text = _inflated(stream, is_gzip)
        for packing, name in enumerate(PACKINGS) if text is not None else ():
            if name.startswith("gzip" if is_gzip else "zlib") and text is not None:
                whole = Opened(packing, block.data[:head], text)
                if closed(whole) == block.data:
                    return whole
    return Opened(0, b"", block.data)


def closed(part: Opened) -> bytes:
    """The block's bytes again."""
    if not part.packing:
        return part.head + part.text
    form, level = PACKINGS[part.packing].split()
    if form == "zlib":
        return part.head + zlib.compress(part.text, int(level))
    coder = zlib.compressobj(int(level), zlib.DEFLATED, -zlib.MAX_WBITS)
    trailer = zlib.crc32(part.text).to_bytes(4, "little") + (len(part.text) & 0xFFFFFFFF).to_bytes(
        4, "little"
    )
    return part.head + coder.compress(part.text) + coder.flush() + trailer


def _stream_start(block: Block) -> int | None:
    """Where a compressed stream begins that goes to the block's end."""
    if block.kind.endswith(" gzip"):
        return 0
    if block.kind == "PNG zTXt":
        return block.data.find(b"\0") + 2
    if block.kind == "PNG iTXt":
        key_end = block.data.find(b"\0")
        if key_end >= 0 and block.data[key_end + 1 : key_end + 2] == b"\1":
            language_end = block.data.find(b"\0", key_end + 3)
            return block.data.find(b"\0", language_end + 1) + 1 if language_end >= 0 else None
    return None


def _inflated(stream: bytes, is_gzip: bool) -> bytes | None:
    inflater = zlib.decompressobj(zlib.MAX_WBITS + (16 if is_gzip else 0))
    try:
        text = inflater.decompress(stream, MAX_BYTES)
    except zlib.error:
        return None
    return text if inflater.eof and not inflater.unused_data else None
