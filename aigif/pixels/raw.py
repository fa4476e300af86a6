"""Pixel coder `none`: the samples as they are.

| bytes | content |
|---|---|
| 0 | channels: 3 (RGB) or 4 (RGBA) |
| 1-4 | width in pixels, big-endian |
| 5-8 | height in pixels, big-endian |
| 9- | width x height x channels samples, 8 bits each, row by row from the top |
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Final

from PIL.Image import frombytes

from aigif.pixels.coder import Shape, corrupt

if TYPE_CHECKING:
    from PIL.Image import Image

_HEADER: Final = Struct(">BII")
_MODES: Final = {3: "RGB", 4: "RGBA"}


class RawCoder:
    """Stores samples uncompressed."""

    def encode(self, image: Image) -> bytes:
        return _HEADER.pack(len(image.mode), image.width, image.height) + image.tobytes()

    def decode(self, payload: bytes, max_pixels: int) -> Image:
        if len(payload) < _HEADER.size:
            raise corrupt("none", f"{len(payload)} bytes are less than the header of {_HEADER.size}")
        channels, width, height = _HEADER.unpack_from(payload)
        if channels not in _MODES:
            raise corrupt("none", f"{channels} channels; 3 and 4 are possible", 0)
        shape = Shape(_MODES[channels], width, height)
        shape.check("none", max_pixels)
        expected = _HEADER.size + width * height * channels
        if len(payload) != expected:
            raise corrupt("none", f"{len(payload)} bytes; a picture of this size takes {expected}")
        return frombytes(shape.mode, (width, height), payload[_HEADER.size :])


CODER: Final = RawCoder()
