"""Pixel coder `webp`: a lossless WebP (RFC 9649) in its simple form.

A RIFF container with one VP8L chunk and nothing else: no lossy data, animation or metadata. RGBA keeps
the colours of transparent pixels, and stays RGBA where every pixel is opaque: libwebp then clears the
header's alpha bit, which RFC 9649 (section 3.4) calls a hint, and this coder sets it again.
"""

from __future__ import annotations

from io import BytesIO
from struct import Struct
from typing import TYPE_CHECKING, Final

from PIL.WebPImagePlugin import WebPImageFile

from aigif.errors import UsageError
from aigif.pixels.coder import Shape, corrupt, decode_with

if TYPE_CHECKING:
    from PIL.Image import Image

_HEAD: Final = Struct("<4sI4s4sI")  # RIFF, its size, WEBP, VP8L, its size
_SIDE_BITS: Final = 14
_MOST_SIDE: Final = (1 << _SIDE_BITS) - 1  # the format could hold one more; libwebp does not
_BEFORE_IMAGE: Final = _HEAD.size + 1  # VP8L's own signature byte
_ALPHA: Final = 1 << 2 * _SIDE_BITS


class WebpCoder:
    """Stores a picture as lossless WebP."""

    def encode(self, image: Image) -> bytes:
        if image.width > _MOST_SIDE or image.height > _MOST_SIDE:
            raise UsageError(
                f"{image.width} by {image.height} pixels; a WebP's sides end at {_MOST_SIDE}",
                hint="choose png, jxl or none",
            )
        clean = image.copy()
        clean.info = {}
        file = BytesIO()
        clean.save(file, "WEBP", lossless=True, exact=True, quality=100, method=4)
        payload = bytearray(file.getvalue())
        if image.mode == "RGBA":
            payload[_BEFORE_IMAGE + 3] |= _ALPHA >> 24
        return bytes(payload)

    def decode(self, payload: bytes, max_pixels: int) -> Image:
        shape = _shape(payload)
        shape.check("webp", max_pixels)
        return decode_with(WebPImageFile, payload, "webp", shape)


def _shape(payload: bytes) -> Shape:
    """Reads the container and the VP8L header (RFC 9649, sections 2.6 and 3.4)."""
    if len(payload) < _BEFORE_IMAGE + 4:
        raise corrupt("webp", f"{len(payload)} bytes are less than its headers")
    riff, riff_size, webp, chunk, chunk_size = _HEAD.unpack_from(payload)
    if riff != b"RIFF" or webp != b"WEBP":
        raise corrupt("webp", "not a WebP", 0)
    if chunk != b"VP8L":
        raise corrupt("webp", f"its first chunk is {chunk!r}; simple lossless WebP has VP8L alone", 12)
    padding = chunk_size % 2
    if riff_size != len(payload) - 8 or _HEAD.size + chunk_size + padding != len(payload):
        raise corrupt("webp", f"its sizes do not add up to {len(payload)} bytes", 4)
    if padding and payload[-1]:
        raise corrupt("webp", "the padding is not zero", len(payload) - 1)
    if payload[_HEAD.size] != 0x2F:
        raise corrupt("webp", "the VP8L signature is missing", _HEAD.size)
    header = int.from_bytes(payload[_BEFORE_IMAGE : _BEFORE_IMAGE + 4], "little")
    if header >> (2 * _SIDE_BITS + 1):
        raise corrupt("webp", "a VP8L version other than 0", _BEFORE_IMAGE)
    side = (1 << _SIDE_BITS) - 1
    width = 1 + (header & side)
    height = 1 + (header >> _SIDE_BITS & side)
    return Shape("RGBA" if header & _ALPHA else "RGB", width, height)


CODER: Final = WebpCoder()
