"""Saved pixels: the coders that a file can name, the hash of a picture, and its small preview.

A picture here is 8-bit RGB or RGBA; `samples.as_samples` says how other modes become one of the two.
Every coder is lossless, writes no metadata, and reads nothing but what it writes: a payload with
another format inside, with metadata, animation, or bytes after its end is corrupt. Pillow is imported
when a picture is coded, not before.
"""

from __future__ import annotations

from importlib import import_module

from aigif._gen.enums import PixelCompressor
from aigif.errors import UnsupportedError, UsageError
from aigif.pixels.samples import as_samples, pixel_hash

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from PIL.Image import Image

    from aigif.pixels.coder import Coder

__all__ = ["ELEMENT", "as_samples", "decode", "encode", "pixel_hash"]

ELEMENT: Final = "compression.pixel_compressor"

# One module a coder; adding one is a line here and a file beside this one.
_MODULES: Final = {
    PixelCompressor.NONE: "aigif.pixels.raw",
    PixelCompressor.PNG: "aigif.pixels.png",
    PixelCompressor.WEBP: "aigif.pixels.webp",
    PixelCompressor.JXL: "aigif.pixels.jxl",
}


def encode(image: Image, compressor: int) -> bytes:
    """Codes a picture without loss.

    `image` is of any mode that `samples.as_samples` takes; what is stored is its RGB or RGBA form.
    `compressor` is a code of the pixel_compressor element. The payload is decoded again and compared
    before it is returned. Raises UsageError for a picture or a code that can't be coded,
    MissingPackageError where the coder's package is missing.
    """
    if compressor not in _MODULES:
        raise UsageError(f"pixel compressor {compressor} is unknown", element=ELEMENT, hint=_known())
    picture = as_samples(image)
    coder = _coder(compressor)
    payload = coder.encode(picture)
    back = coder.decode(payload, picture.width * picture.height)
    if back.mode != picture.mode or back.size != picture.size or back.tobytes() != picture.tobytes():
        raise UsageError(
            "the coder's library changed the pixels", element=ELEMENT, hint="choose another pixel compressor"
        )
    return payload


def decode(payload: bytes, compressor: int, max_pixels: int) -> Image:
    """The picture of a payload: mode RGB or RGBA, without any metadata.

    `max_pixels` bounds width times height and is checked before anything is decoded. Raises
    UnsupportedError for an unknown `compressor`, LimitError for a larger picture, CorruptError for
    anything else that is not a payload of this coder, MissingPackageError where its package is missing.
    """
    if compressor not in _MODULES:
        raise UnsupportedError(
            f"pixel compressor {compressor} is unknown", element=ELEMENT, hint="a newer aigif may read it"
        )
    return _coder(compressor).decode(payload, max_pixels)


def _coder(compressor: int) -> Coder:
    coder: Coder = import_module(_MODULES[PixelCompressor(compressor)]).CODER
    return coder


def _known() -> str:
    return "choose one of " + ", ".join(code.name.lower() for code in _MODULES)
