"""Pixel coder `jxl`: a lossless JPEG XL (ISO/IEC 18181) as a bare codestream.

Needs the package pillow-jxl-plugin, a binding of libjxl. What libjxl is given was walked over before:
`jxl_header` reads what picture it declares, `jxl_frames` how large its frames are and where they end.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final

from aigif.errors import MissingPackageError, UsageError
from aigif.pixels.coder import decode_with
from aigif.pixels.jxl_frames import check_frames
from aigif.pixels.jxl_header import read_shape

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile


class JxlCoder:
    """Stores a picture as lossless JPEG XL."""

    def encode(self, image: Image) -> bytes:
        _reader()
        clean = image.copy()
        clean.info = {}
        file = BytesIO()
        try:
            clean.save(file, "JXL", lossless=True)
        except (OSError, RuntimeError, ValueError) as error:
            raise UsageError(
                f"libjxl can't code the picture ({error})", hint="choose another coder"
            ) from error
        return file.getvalue()

    def decode(self, payload: bytes, max_pixels: int) -> Image:
        shape, bits = read_shape(payload)
        shape.check("jxl", max_pixels)
        check_frames(payload, bits, shape)
        return decode_with(_reader(), payload, "jxl", shape)


def _reader() -> type[ImageFile]:
    try:
        from pillow_jxl.JpegXLImagePlugin import JXLImageFile
    except ImportError as error:
        raise MissingPackageError(
            "JPEG XL needs the package pillow-jxl-plugin", hint='pip install "aigif[jxl]"'
        ) from error
    reader: type[ImageFile] = JXLImageFile
    return reader


CODER: Final = JxlCoder()
