"""The metadata items of an AVIF or HEIF file (ISO/IEC 23008-12 on ISO/IEC 14496-12): Exif and XMP, and the size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from aigif.errors import CorruptError, LimitError
from aigif.importers import exif
from aigif.importers.collect import MAX_TEXT_BYTES, Collector
from aigif.importers.texts import Block, PictureText

MAX_BOXES = 10_000
MAX_ITEMS = 4096
_MAX_META = 16 << 20
_BRANDS = (b"avif", b"avis", b"mif1", b"miaf", b"heic", b"heix", b"msf1", b"hevc")
_XMP_TYPE = b"application/rdf+xml"


def is_avif(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] in _BRANDS


def read(stream: BinaryIO) -> PictureText:
    """The metadata of the file in a seekable stream that stands at its start.

    Raises CorruptError where there is no size, LimitError for too much text or too many boxes.
    """
    found = Collector()
    end = stream.seek(0, 2)
    at = 0
    for _ in range(MAX_BOXES):
        stream.seek(at)
        head = stream.read(16)
        if len(head) < 8:
            break
        length, start = _box_length(head, end - at)
        if length < start or at + length > end:
            found.notes.append(f"the file is cut or damaged at its byte {at}")
            break
        if head[4:8] == b"meta":
            if length > _MAX_META:
                raise LimitError(f"{length} bytes of metadata in a picture", byte=at)
            stream.seek(at + start)
            _Meta(stream.read(length - start)[4:], stream, end).read(found)
        at += length
    else:
        raise LimitError(f"more than {MAX_BOXES} boxes in a picture", byte=at)
    if found.size is None:
        raise CorruptError(
            "the file does not tell the picture's size", byte=0, hint="fetch the picture again"
        )
    return found.picture("avif")


def _box_length(head: bytes, left: int) -> tuple[int, int]:
    """A box's length and the length of its head; a length of 0 runs to the end."""
    length = int.from_bytes(head[:4], "big")
    if length == 1:
        return (int.from_bytes(head[8:16], "big"), 16) if len(head) >= 16 else (0, 16)
    return (length or left), 8


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and body of the boxes in a body."""
    at = 0
    for _ in range(MAX_BOXES):
        if at + 8 > len(data):
            return
        length, start = _box_length(data[at : at + 16], len(data) - at)
        if length < start or at + length > len(data):
            return
        yield data[at + 4 : at + 8], data[at + start : at + length]
        at += length


class _Meta:
    """The body of a meta box after its version and flags."""

    def __init__(self, body: bytes, stream: BinaryIO, end: int) -> None:
        self.boxes: dict[bytes, bytes] = {}
        for kind, inner in _boxes(body):
            self.boxes.setdefault(kind, inner)
        self.stream = stream
        self.end = end

    def read(self, found: Collector) -> None:
        self._size(found)
        places = dict(_locations(self.boxes.get(b"iloc", b"")))
        for number, kind, content_type in _item_infos(self.boxes.get(b"iinf", b"")):
            if number not in places or not (kind == b"Exif" or content_type == _XMP_TYPE):
                continue
            at, body = self._item(*places[number])
            if kind == b"Exif":
                block = body[4 + int.from_bytes(body[:4], "big") :]
                found.blocks.append(Block("EXIF", block))
                exif.read(block, found, at)
            else:
                found.xmp(body, at)

    def _size(self, found: Collector) -> None:
        """The largest of the sizes that the properties tell: tiles and thumbnails are smaller."""
        properties = dict(_boxes(self.boxes.get(b"iprp", b""))).get(b"ipco", b"")
        for kind, body in _boxes(properties):
            if kind == b"ispe" and len(body) >= 12:
                size = int.from_bytes(body[4:8], "big"), int.from_bytes(body[8:12], "big")
                if found.size is None or size[0] * size[1] > found.size[0] * found.size[1]:
                    found.size = size

    def _item(self, method: int, extents: list[tuple[int, int]]) -> tuple[int, bytes]:
        """The offset and the bytes of an item; those of other files or items are left out."""
        parts, left = [], MAX_TEXT_BYTES
        inner = self.boxes.get(b"idat", b"")
        for offset, length in extents if method in (0, 1) else []:
            if method == 1:
                part = inner[offset : offset + (length or len(inner))]
            else:
                self.stream.seek(min(offset, self.end))
                part = self.stream.read(min(length or left, left))
            parts.append(part[:left])
            left -= len(parts[-1])
        return (extents[0][0] if extents else 0), b"".join(parts)


class _Numbers:
    """Big-endian numbers, one after the other; past the end they are 0 and `ended` is set."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at, self.ended = data, 0, False

    def take(self, size: int) -> int:
        part = self.data[self.at : self.at + size]
        self.ended = self.ended or len(part) < size
        self.at += size
        return int.from_bytes(part, "big")


def _locations(body: bytes) -> Iterator[tuple[int, tuple[int, list[tuple[int, int]]]]]:
    """Item number, construction method, and offset and length of each extent (14496-12, 8.11.3)."""
    numbers = _Numbers(body)
    version = numbers.take(4) >> 24
    sizes = numbers.take(2)
    offset_size, length_size = sizes >> 12, sizes >> 8 & 15
    base_size, index_size = sizes >> 4 & 15, (sizes & 15 if version in (1, 2) else 0)
    wide = 4 if version == 2 else 2
    for _ in range(min(numbers.take(wide), MAX_ITEMS)):
        number = numbers.take(wide)
        method = numbers.take(2) & 15 if version in (1, 2) else 0
        numbers.take(2)
        base = numbers.take(base_size)
        extents = []
        for _ in range(min(numbers.take(2), MAX_ITEMS)):
            numbers.take(index_size)
            offset = numbers.take(offset_size)
            extents.append((base + offset, numbers.take(length_size)))
            if numbers.ended:
                return
        yield number, (method, extents)


def _item_infos(body: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Item number, type and content type (14496-12, 8.11.6)."""
    wide = 2 if body[:1] == b"\0" else 4
    for kind, entry in _boxes(body[4 + wide :]):
        if kind != b"infe" or entry[:1] not in (b"\x02", b"\x03"):
            continue
        size = 2 if entry[:1] == b"\x02" else 4
        at = 4 + size + 2
        strings = entry[at + 4 :].split(b"\0", 2)
        content_type = strings[1] if len(strings) > 1 else b""
        yield int.from_bytes(entry[4 : 4 + size], "big"), entry[at : at + 4], content_type
