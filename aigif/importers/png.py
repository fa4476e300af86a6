"""The metadata chunks of a PNG (ISO/IEC 15948, 11.3): tEXt, zTXt, iTXt and eXIf, before and after the pixels.

Everything else is stepped over unread. Programs are not strict, and neither is this: a wrong checksum or a cut
file is a note, and UTF-8 is accepted where the standard wants Latin-1.
"""

from __future__ import annotations

import zlib
from typing import BinaryIO

from aigif.errors import CorruptError, LimitError
from aigif.importers import exif
from aigif.importers.collect import XMP_KEY, Collector, Unusable, decoded
from aigif.importers.texts import XMP, Block, PictureText, TextEntry

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_CHUNKS = 250_000
_HEADER_BYTES = 13


def read(stream: BinaryIO) -> PictureText:
    """The metadata of the PNG in a seekable stream that stands at its start.

    Raises CorruptError where there is no IHDR chunk, LimitError for more than `collect.MAX_TEXT_BYTES` of text or
    `MAX_CHUNKS` chunks.
    """
    return _Reader(stream).read()


class _Reader:
    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.end = stream.seek(0, 2)
        self.found = Collector()

    def read(self) -> PictureText:
        at, after_pixels = len(SIGNATURE), False
        for _ in range(MAX_CHUNKS):
            self.stream.seek(at)
            head = self.stream.read(8)
            length, kind = int.from_bytes(head[:4], "big"), head[4:]
            if len(head) < 8 or at + 12 + length > self.end:
                self.found.notes.append(f"the file is cut or damaged at its byte {at}")
                break
            if kind in _READ:
                self._chunk(at, kind, length, after_pixels)
            after_pixels = after_pixels or kind == b"IDAT"
            at += 12 + length
            if kind == b"IEND":
                break
        else:
            raise LimitError(f"more than {MAX_CHUNKS} chunks in a picture", byte=at)
        if self.found.size is None:
            raise CorruptError(
                "the PNG has no header chunk", byte=len(SIGNATURE), hint="fetch the picture again"
            )
        return self.found.picture("png")

    def _chunk(self, at: int, kind: bytes, length: int, after_pixels: bool) -> None:
        found = self.found
        if kind == b"IHDR":
            if found.size is None and length == _HEADER_BYTES:
                body = self._body(at, kind, length)
                found.size = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big")
        elif kind == b"acTL":
            if length == 8:
                found.frames = int.from_bytes(self._body(at, kind, length)[:4], "big")
        elif kind == b"eXIf":
            found.spend(length, at)
            body = self._body(at, kind, length)
            found.blocks.append(Block("EXIF", body, after_pixels))
            exif.read(body, found, at, after_pixels)
        else:
            self._text(at, kind, length, after_pixels)

    def _body(self, at: int, kind: bytes, length: int) -> bytes:
        body = self.stream.read(length)
        if zlib.crc32(body, zlib.crc32(kind)) != int.from_bytes(self.stream.read(4), "big"):
            self.found.notes.append(f"the checksum of the {kind.decode()} chunk at byte {at} is wrong")
        return body

    def _text(self, at: int, kind: bytes, length: int, after_pixels: bool) -> None:
        found = self.found
        if length > found.left:
            found.spend(length, at)
        body = self._body(at, kind, length)
        name = f"PNG {kind.decode()}"
        try:
            key, text = _PARTS[kind](body, found, at)
        except Unusable as reason:
            found.notes.append(f"the {kind.decode()} chunk at byte {at} was left out: {reason}")
            found.spend(length, at)
            return
        found.spend(max(len(text), length), at)
        found.blocks.append(Block(name, body, after_pixels))
        shown, encoding = decoded(text)
        label = key.decode("latin-1")
        if label == XMP_KEY:
            name = label = XMP
        found.entries.append(TextEntry(name, label, shown, at, after_pixels, encoding))
        if label in _RAW_PROFILES:
            _raw_profile(text, found, at, after_pixels)


def _plain_parts(body: bytes, found: Collector, at: int) -> tuple[bytes, bytes]:
    key, separator, text = body.partition(b"\0")
    if not separator:
        raise Unusable("it has no key")
    return key, text


def _compressed_parts(body: bytes, found: Collector, at: int) -> tuple[bytes, bytes]:
    key, separator, rest = body.partition(b"\0")
    if not separator or not rest:
        raise Unusable("it has no key")
    return key, _inflated(rest[0], rest[1:], found, at)


def _international_parts(body: bytes, found: Collector, at: int) -> tuple[bytes, bytes]:
    key, separator, rest = body.partition(b"\0")
    flags, rest = rest[:2], rest[2:]
    _language, second, rest = rest.partition(b"\0")
    _translated, third, text = rest.partition(b"\0")
    if not (separator and second and third):
        raise Unusable("it has no key")
    return key, _inflated(flags[1], text, found, at) if flags[0] else text


_PARTS = {b"tEXt": _plain_parts, b"zTXt": _compressed_parts, b"iTXt": _international_parts}
_READ = frozenset((*_PARTS, b"IHDR", b"eXIf", b"acTL"))


# Where ImageMagick puts EXIF and XMP: three lines (nothing, the kind, the length), then hexadecimal.
_RAW_PROFILES = ("Raw profile type exif", "Raw profile type APP1", "Raw profile type xmp")
_XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\0"


def _raw_profile(text: bytes, found: Collector, at: int, after_pixels: bool) -> None:
    try:
        profile = bytes.fromhex(text.split(b"\n", 3)[3].decode("ascii"))
    except (IndexError, ValueError):
        found.notes.append(f"the raw profile at byte {at} can't be read")
        return
    if profile.startswith(_XMP_HEADER):
        found.xmp(profile.removeprefix(_XMP_HEADER), at, after_pixels, kind="")
    elif profile.startswith(b"<"):
        found.xmp(profile, at, after_pixels, kind="")
    else:
        exif.read(profile, found, at, after_pixels)


def _inflated(method: int, data: bytes, found: Collector, at: int) -> bytes:
    if method:
        raise Unusable(f"its compression method {method} is unknown")
    return found.inflated(data, at)
