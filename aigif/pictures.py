"""The original picture beside its generation syntax: its hash, size, preview, and its pixels where they are saved."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from aigif import file
from aigif._gen.container import PIXELS, PIXELS_SECTION
from aigif._gen.enums import Completeness, PixelCompressor
from aigif._gen.types import Aigif, Data
from aigif.errors import CorruptError, LimitError, UsageError
from aigif.pixels import as_samples, pixel_hash
from aigif.pixels import encode as encode_pixels

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["HASH_BYTES", "pixels_alone", "read_picture", "smallest_usual_compressor", "with_picture"]

HASH_BYTES = 8
"""How much of the SHA-256 of the pixels a file holds unless told otherwise."""

_WEBP_MOST_SIDE = 16383


def read_picture(data: bytes, *, max_pixels: int = PIXELS) -> Image:
    """The picture in the bytes of a picture file.

    Raises CorruptError where they are none, LimitError above `max_pixels`, before it is decoded.
    """
    import PIL.Image

    try:
        image = PIL.Image.open(BytesIO(data))
        if image.width * image.height > max_pixels:
            raise LimitError(
                f"the picture is {image.width} by {image.height}; at most {max_pixels} pixels are read",
                hint="raise the limit if you trust the file",
            )
        image.load()
    except (OSError, SyntaxError, ValueError, PIL.Image.DecompressionBombError) as error:
        kind = str(error) if not isinstance(error, PIL.UnidentifiedImageError) else "it is of no known kind"
        raise CorruptError(f"the picture can't be decoded: {kind}", hint="get the file again") from error
    return image


def with_picture(
    aigif: Aigif,
    image: Image,
    *,
    pixels: PixelCompressor | None = None,
    hash_bytes: int = HASH_BYTES,
    preview: bool = False,
) -> Aigif:
    """A copy that records `image` as the original picture.

    `hash_bytes`, 0 to 32, of the SHA-256 of its pixels go into the file; its size where that is not the first
    pass's; a ThumbHash where `preview`; the pixels themselves, without loss, where a compressor is given.

    Raises UsageError for a picture whose mode has no RGB or RGBA form.
    """
    if not 0 <= hash_bytes <= 32:
        raise UsageError(
            "a hash has 0 to 32 bytes", element="verification.pixel_hash", hint="8 bytes are usual"
        )
    picture = as_samples(image)
    same_size = picture.size == (aigif.data.width, aigif.data.height)
    width, height = (0, 0) if same_size else picture.size
    changes: dict[str, object] = {
        "pixel_hash": pixel_hash(picture)[:hash_bytes],
        "picture_width": width,
        "picture_height": height,
    }
    if preview:
        from aigif.pixels.preview import encode as encode_preview

        changes["preview"] = encode_preview(picture)
    aigif = aigif.replace(verification=aigif.verification.replace(**changes))
    if pixels is None:
        return aigif
    aigif = aigif.replace(compression=aigif.compression.replace(pixel_compressor=pixels))
    return file.with_section(aigif, PIXELS_SECTION, encode_pixels(picture, pixels))


def pixels_alone(image: Image) -> Aigif:
    """The syntax of a picture of which nothing but its pixels is known; they are still to be saved."""
    return Aigif(data=Data(width=image.width, height=image.height, completeness=Completeness.MISSING))


def smallest_usual_compressor(image: Image) -> PixelCompressor:
    """The smallest lossless coder that every installation has: WebP, or PNG where a side is too long for it."""
    return PixelCompressor.WEBP if max(image.size) <= _WEBP_MOST_SIDE else PixelCompressor.PNG
