"""Pixel coder `png`: a PNG (ISO/IEC 15948) of three kinds of chunks.

Truecolour with or without alpha, 8 bits a sample, not interlaced; IHDR, one or more IDAT, IEND and no
other chunk: gamma, profiles, text and times have no place in saved pixels. Chunks, their checksums and
the length of the compressed data are checked here, so that how forgiving Pillow happens to be set does
not matter.
"""

from __future__ import annotations

import zlib
from io import BytesIO
from struct import Struct
from typing import TYPE_CHECKING, Final

from PIL.PngImagePlugin import PngImageFile

from aigif.pixels.coder import Shape, corrupt, decode_with

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_CHUNK: Final = Struct(">I4s")  # length and type; the data and a CRC-32 follow
_IHDR: Final = Struct(">II5B")  # width, height, bit depth, colour type, compression, filter, interlace
_MODES: Final = {(8, 2, 0, 0, 0): "RGB", (8, 6, 0, 0, 0): "RGBA"}
_STEP: Final = 1 << 16


class PngCoder:
    """Stores a picture as PNG at the strongest deflate level."""

    def encode(self, image: Image) -> bytes:
        clean = image.copy()
        clean.info = {}
        file = BytesIO()
        clean.save(file, "PNG", optimize=True)
        return file.getvalue()

    def decode(self, payload: bytes, max_pixels: int) -> Image:
        chunks = _chunks(payload)
        kind, data = next(chunks)
        if kind != b"IHDR":
            raise corrupt("png", "the first chunk is not IHDR", len(_SIGNATURE))
        shape = _shape(data)
        shape.check("png", max_pixels)
        samples = _Samples(shape)
        for kind, data in chunks:
            if kind == b"IDAT":
                samples.feed(data)
            elif kind == b"IHDR" or data or next(chunks, None):
                raise corrupt("png", "the chunks are not one IHDR, some IDAT and one empty IEND")
        samples.finish()
        if kind != b"IEND":
            raise corrupt("png", "the IEND chunk is missing", len(payload))
        return decode_with(PngImageFile, payload, "png", shape)


def _chunks(payload: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Every chunk with its checksum verified, at least one; together they fill the payload."""
    if payload[: len(_SIGNATURE)] != _SIGNATURE:
        raise corrupt("png", "not a PNG", 0)
    view = memoryview(payload)
    at = len(_SIGNATURE)
    while at < len(payload) or at == len(_SIGNATURE):
        if len(payload) - at < _CHUNK.size + 4:
            raise corrupt("png", "a chunk is cut", at)
        length, kind = _CHUNK.unpack_from(payload, at)
        if kind not in (b"IHDR", b"IDAT", b"IEND"):
            raise corrupt("png", f"a chunk {kind!r} has no place in saved pixels", at)
        start = at + _CHUNK.size
        end = start + length
        if end + 4 > len(payload):
            raise corrupt("png", f"a chunk of {length} bytes goes past the end", at)
        if zlib.crc32(view[at + 4 : end]) != int.from_bytes(view[end : end + 4], "big"):
            raise corrupt("png", "the checksum of a chunk is wrong", at)
        yield kind, view[start:end]
        at = end + 4


def _shape(data: memoryview) -> Shape:
    if len(data) != _IHDR.size:
        raise corrupt("png", f"an IHDR chunk of {len(data)} bytes")
    width, height, *form = _IHDR.unpack(data)
    mode = _MODES.get(tuple(form))
    if mode is None:
        raise corrupt("png", "not 8-bit RGB or RGBA without interlace")
    return Shape(mode, width, height)


class _Samples:
    """Inflates the samples without keeping them: one zlib stream of exactly the picture's length."""

    def __init__(self, shape: Shape) -> None:
        self._left = shape.height * (1 + shape.width * shape.channels)
        self._stream = zlib.decompressobj()

    def feed(self, data: bytes | memoryview) -> None:
        """Takes the next compressed bytes."""
        while data and not self._stream.eof:
            self._inflate(data)
            data = self._stream.unconsumed_tail
        if data or self._stream.unused_data:
            raise corrupt("png", "bytes after the compressed samples")

    def finish(self) -> None:
        """Checks that the stream has ended with the picture."""
        while not self._stream.eof and self._inflate(b""):
            pass
        if self._left or not self._stream.eof:
            raise corrupt("png", "the compressed samples are cut")

    def _inflate(self, data: bytes | memoryview) -> int:
        try:
            length = len(self._stream.decompress(data, _STEP))
        except zlib.error as error:
            raise corrupt("png", f"the compressed samples are damaged ({error})") from error
        self._left -= length
        if self._left < 0:
            raise corrupt("png", "more samples than the picture has")
        return length


CODER: Final = PngCoder()
