"""The text chunks of a PNG (ISO/IEC 15948, 11.3.3): tEXt, zTXt and iTXt, before and after the pixels.

Everything else is stepped over unread. Programs are not strict, and neither is this: a wrong checksum or a cut
file is a note, and UTF-8 is accepted where the standard wants Latin-1.
"""

from __future__ import annotations

import zlib
from typing import BinaryIO

from aigif.errors import CorruptError, LimitError
from aigif.importers.texts import PictureText, TextEntry

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# All texts of one picture together, decompressed. The largest workflows in circulation are a few MiB.
MAX_TEXT_BYTES = 16 << 20
MAX_CHUNKS = 250_000
_HEADER_BYTES = 13


def read(stream: BinaryIO) -> PictureText:
    """The texts of the PNG in a seekable stream that stands at its start.

    Raises CorruptError where there is no IHDR chunk, LimitError for more than `MAX_TEXT_BYTES` of text or
    `MAX_CHUNKS` chunks.
    """
    return _Reader(stream).read()


class _Unusable(Exception):
    """A text chunk that says nothing: its message becomes a note."""


class _Reader:
    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.end = stream.seek(0, 2)
        self.left = MAX_TEXT_BYTES
        self.size: tuple[int, int] | None = None
        self.entries: list[TextEntry] = []
        self.notes: list[str] = []

    def read(self) -> PictureText:
        at, after_pixels = len(SIGNATURE), False
        for _ in range(MAX_CHUNKS):
            self.stream.seek(at)
            head = self.stream.read(8)
            length, kind = int.from_bytes(head[:4], "big"), head[4:]
            if len(head) < 8 or at + 12 + length > self.end:
                self.notes.append(f"the file is cut or damaged at its byte {at}")
                break
            if kind == b"IHDR" and self.size is None and length == _HEADER_BYTES:
                body = self._body(at, kind, length)
                self.size = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big")
            elif kind in _PARTS:
                self._text(at, kind, length, after_pixels)
            after_pixels = after_pixels or kind == b"IDAT"
            at += 12 + length
            if kind == b"IEND":
                break
        else:
            raise LimitError(f"more than {MAX_CHUNKS} chunks in a picture", byte=at)
        if self.size is None:
            raise CorruptError(
                "the PNG has no header chunk", byte=len(SIGNATURE), hint="fetch the picture again"
            )
        return PictureText("png", *self.size, tuple(self.entries), tuple(self.notes))

    def _body(self, at: int, kind: bytes, length: int) -> bytes:
        body = self.stream.read(length)
        if zlib.crc32(body, zlib.crc32(kind)) != int.from_bytes(self.stream.read(4), "big"):
            self.notes.append(f"the checksum of the {kind.decode()} chunk at byte {at} is wrong")
        return body

    def _text(self, at: int, kind: bytes, length: int, after_pixels: bool) -> None:
        if length > self.left:
            raise _too_much(at)
        body = self._body(at, kind, length)
        try:
            key, text = _PARTS[kind](body, self.left, at)
        except _Unusable as reason:
            self.notes.append(f"the {kind.decode()} chunk at byte {at} was left out: {reason}")
            return
        self.left -= max(len(text), length)
        self.entries.append(
            TextEntry(f"PNG {kind.decode()}", key.decode("latin-1"), _decoded(text), at, after_pixels)
        )


def _too_much(at: int) -> LimitError:
    return LimitError(f"more than {MAX_TEXT_BYTES} bytes of text in a picture", byte=at)


def _plain_parts(body: bytes, left: int, at: int) -> tuple[bytes, bytes]:
    key, separator, text = body.partition(b"\0")
    if not separator:
        raise _Unusable("it has no key")
    return key, text


def _compressed_parts(body: bytes, left: int, at: int) -> tuple[bytes, bytes]:
    key, separator, rest = body.partition(b"\0")
    if not separator or not rest:
        raise _Unusable("it has no key")
    return key, _inflated(rest[0], rest[1:], left, at)


def _international_parts(body: bytes, left: int, at: int) -> tuple[bytes, bytes]:
    key, separator, rest = body.partition(b"\0")
    flags, rest = rest[:2], rest[2:]
    _language, second, rest = rest.partition(b"\0")
    _translated, third, text = rest.partition(b"\0")
    if not (separator and second and third):
        raise _Unusable("it has no key")
    return key, _inflated(flags[1], text, left, at) if flags[0] else text


_PARTS = {b"tEXt": _plain_parts, b"zTXt": _compressed_parts, b"iTXt": _international_parts}


def _inflated(method: int, data: bytes, left: int, at: int) -> bytes:
    if method:
        raise _Unusable(f"its compression method {method} is unknown")
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(data, left + 1)
    except zlib.error as error:
        raise _Unusable("it can't be decompressed") from error
    if len(text) > left:
        raise _too_much(at)
    if not inflater.eof:
        raise _Unusable("its compressed text is cut")
    return text


def _decoded(text: bytes) -> str:
    """UTF-8 where the bytes are valid UTF-8, else Latin-1; either way nothing is lost."""
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("latin-1")
