"""The samples of a picture: what is hashed and what is saved.

Every mode becomes 8-bit RGB or RGBA by one rule:

| Pillow mode | becomes |
|---|---|
| RGB, RGBA | itself |
| L | RGB of three equal samples |
| 1 | RGB of 0 or 255 |
| LA | RGBA of three equal samples and the alpha |
| P | the colours of its palette: RGBA where the palette or a transparent index has alpha, else RGB |
| PA | RGBA |
| I;16, I;16L, I;16B, I;16N | RGB of the high byte of each sample |

All others (CMYK, YCbCr, HSV, LAB, F, I, RGBX, premultiplied alpha) are refused: their conversion to
RGB is a choice that the caller has to make. A transparent colour that Pillow keeps beside an L or RGB
picture (`info["transparency"]`) is not looked at.
"""

from __future__ import annotations

import sys
from hashlib import sha256
from struct import pack

from aigif.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from PIL.Image import Image

_SAME: Final = ("RGB", "RGBA")
_CONVERTED: Final = {"L": "RGB", "1": "RGB", "LA": "RGBA", "PA": "RGBA"}
# The index of the high byte in a 16-bit sample.
_HIGH_BYTE: Final = {"I;16": 1, "I;16L": 1, "I;16B": 0, "I;16N": 1 if sys.byteorder == "little" else 0}


def as_samples(image: Image) -> Image:
    """The picture as 8-bit RGB or RGBA by the rule of this module; `image` itself where it is one already.

    Raises UsageError for an empty picture, one that can't be loaded, or one of another mode.
    """
    if not image.width or not image.height:
        raise UsageError(f"a picture of {image.width} by {image.height} pixels has no samples")
    mode = image.mode
    try:
        image.load()
        if mode in _SAME:
            return image
        if mode in _CONVERTED:
            return image.convert(_CONVERTED[mode])
        if mode == "P":
            return image.convert("RGBA" if image.has_transparency_data else "RGB")
        if mode in _HIGH_BYTE:
            return _high_bytes(image, _HIGH_BYTE[mode])
    except (OSError, SyntaxError, ValueError) as error:
        raise UsageError(f"the picture can't be read: {error}") from error
    raise UsageError(f"a picture of mode {mode} is neither RGB nor RGBA", hint="convert it to RGB first")


def pixel_hash(image: Image) -> bytes:
    """SHA-256 (32 bytes) of a picture's samples; the same however the picture was stored.

    Hashed are its width and height (4 bytes each, big-endian), its channels (1 byte: 3 for RGB, 4 for
    RGBA) and its 8-bit samples, row by row from the top, pixel by pixel from the left. Pictures of other
    modes are hashed as the RGB or RGBA picture that `as_samples` makes of them. Raises UsageError as
    `as_samples` does.
    """
    picture = as_samples(image)
    digest = sha256(pack(">IIB", picture.width, picture.height, len(picture.mode)))
    digest.update(picture.tobytes())
    return digest.digest()


def _high_bytes(image: Image, index: int) -> Image:
    from PIL.Image import frombytes

    high = image.tobytes()[index::2]
    return frombytes("L", image.size, high).convert("RGB")
