"""The metadata segments of a JPEG (ITU-T T.81, annex B): EXIF and XMP in APP1, comments, and the picture's size."""

from __future__ import annotations

from typing import BinaryIO

from aigif.errors import CorruptError, LimitError
from aigif.importers import exif
from aigif.importers.collect import Collector, decoded
from aigif.importers.texts import Block, PictureText, TextEntry

SIGNATURE = b"\xff\xd8\xff"
MAX_SEGMENTS = 20_000
_XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\0"
_APP1, _COMMENT, _SCAN, _END = 0xE1, 0xFE, 0xDA, 0xD9
_ALONE = frozenset((0x01, 0xD8, *range(0xD0, 0xD8)))
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_MAX_FILL = 1 << 16


def read(stream: BinaryIO) -> PictureText:
    """The metadata of the JPEG in a seekable stream that stands at its start; what stands after the first scan is
    not read.

    Raises CorruptError where there is no frame header, LimitError for too much text or too many segments.
    """
    found = Collector()
    at = 2
    for _ in range(MAX_SEGMENTS):
        stream.seek(at)
        head = stream.read(4)
        if len(head) < 2 or head[0] != 0xFF:
            found.notes.append(f"the file is cut or damaged at its byte {at}")
            break
        kind = head[1]
        if kind == 0xFF:
            at = _past_fill(stream, at)
            continue
        if kind in _ALONE:
            at += 2
            continue
        if kind in (_SCAN, _END):
            break
        length = int.from_bytes(head[2:], "big") if len(head) == 4 else 0
        body = stream.read(length - 2) if _is_read(kind) and length >= 2 else b""
        if length < 2 or (_is_read(kind) and len(body) < length - 2):
            found.notes.append(f"the file is cut or damaged at its byte {at}")
            break
        _segment(kind, body, found, at)
        at += 2 + length
    else:
        raise LimitError(f"more than {MAX_SEGMENTS} segments in a picture", byte=at)
    if found.size is None:
        raise CorruptError("the JPEG has no frame header", byte=at, hint="fetch the picture again")
    return found.picture("jpeg")


def _past_fill(stream: BinaryIO, at: int) -> int:
    """The offset of the last FF of a run of them, which may stand before a marker."""
    stream.seek(at)
    run = stream.read(_MAX_FILL)
    return at + max(len(run) - len(run.lstrip(b"\xff")) - 1, 1)


def _is_read(kind: int) -> bool:
    return kind in (_APP1, _COMMENT) or kind in _FRAMES


def _segment(kind: int, body: bytes, found: Collector, at: int) -> None:
    if kind in _FRAMES:
        if found.size is None and len(body) >= 5:
            found.size = int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big")
    elif kind == _COMMENT:
        found.spend(len(body), at)
        text, encoding = decoded(body.rstrip(b"\0"))
        found.entries.append(TextEntry("JPEG comment", "comment", text, at, False, encoding))
        found.blocks.append(Block("JPEG comment", body))
    elif body.startswith(exif.PREFIX):
        block = body[len(exif.PREFIX) :]
        found.blocks.append(Block("EXIF", block))
        exif.read(block, found, at)
    elif body.startswith(_XMP_HEADER):
        found.xmp(body[len(_XMP_HEADER) :], at)
