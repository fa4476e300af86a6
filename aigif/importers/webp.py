"""The metadata chunks of a WebP file (RFC 9649): EXIF and XMP, the picture's size, and whether it moves."""

from __future__ import annotations

from typing import BinaryIO

from aigif.errors import CorruptError, LimitError
from aigif.importers import exif
from aigif.importers.collect import MAX_TEXT_BYTES, Collector
from aigif.importers.texts import Block, PictureText

MAX_CHUNKS = 250_000
_HEAD_BYTES = 10
_PIXELS = (b"VP8 ", b"VP8L", b"ANMF")


def is_webp(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def read(stream: BinaryIO) -> PictureText:
    """The metadata of the WebP file in a seekable stream that stands at its start.

    Raises CorruptError where no chunk tells the size, LimitError for too much text or too many chunks.
    """
    found = Collector()
    end = stream.seek(0, 2)
    at, after_pixels, frames = 12, False, 0
    for _ in range(MAX_CHUNKS):
        stream.seek(at)
        head = stream.read(8)
        if not head:
            break
        kind, length = head[:4], int.from_bytes(head[4:], "little")
        if len(head) < 8 or at + 8 + length > end:
            found.notes.append(f"the file is cut or damaged at its byte {at}")
            break
        if kind in (b"EXIF", b"XMP "):
            _metadata(kind, stream, length, found, at, after_pixels)
        elif kind == b"VP8X" or (kind in _PIXELS and found.size is None):
            found.size = _size(kind, stream.read(min(length, 16))) or found.size
        frames += kind == b"ANMF"
        after_pixels = after_pixels or kind in _PIXELS
        at += 8 + length + (length & 1)
    else:
        raise LimitError(f"more than {MAX_CHUNKS} chunks in a picture", byte=at)
    if found.size is None:
        raise CorruptError("the WebP file does not tell its size", byte=12, hint="fetch the picture again")
    found.frames = max(frames, 1)
    return found.picture("webp")


def _metadata(
    kind: bytes, stream: BinaryIO, length: int, found: Collector, at: int, after_pixels: bool
) -> None:
    if length > MAX_TEXT_BYTES:
        found.spend(length, at)
    body = stream.read(length)
    if kind == b"XMP ":
        found.xmp(body, at, after_pixels)
        return
    found.blocks.append(Block("EXIF", body, after_pixels))
    exif.read(body, found, at, after_pixels)


def _size(kind: bytes, body: bytes) -> tuple[int, int] | None:
    """Width and height as each kind of chunk has them (RFC 9649, 2.5 to 2.7; RFC 6386, 9.1)."""
    if kind == b"VP8X" and len(body) >= _HEAD_BYTES:
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a" and len(body) >= _HEAD_BYTES:
        sides = int.from_bytes(body[6:8], "little"), int.from_bytes(body[8:10], "little")
        return sides[0] & 0x3FFF, sides[1] & 0x3FFF
    if kind == b"VP8L" and body[:1] == b"\x2f" and len(body) >= 5:
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return None
