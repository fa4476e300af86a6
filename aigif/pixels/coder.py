"""What a pixel coder is, and what all of them check."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Protocol

from aigif.errors import CorruptError, LimitError

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile


class Coder(Protocol):
    """Codes 8-bit RGB and RGBA pictures without loss."""

    def encode(self, image: Image) -> bytes:
        """The payload of a picture in mode RGB or RGBA. Raises UsageError for one it can't hold."""

    def decode(self, payload: bytes, max_pixels: int) -> Image:
        """The picture of a payload. Raises CorruptError, LimitError or MissingPackageError."""


class Shape:
    """What a payload declares of its picture: `mode` RGB or RGBA, `width` and `height` in pixels."""

    __slots__ = ("height", "mode", "width")

    def __init__(self, mode: str, width: int, height: int) -> None:
        self.mode = mode
        self.width = width
        self.height = height

    @property
    def channels(self) -> int:
        return len(self.mode)

    def check(self, coder: str, max_pixels: int) -> None:
        """Raises CorruptError for an empty picture, LimitError for one of more than `max_pixels`."""
        if not self.width or not self.height:
            raise corrupt(coder, f"the picture is {self.width} by {self.height} pixels")
        if self.width * self.height > max_pixels:
            raise LimitError(
                f"the saved picture is {self.width} by {self.height}; at most {max_pixels} pixels are read",
                hint="raise the limit if you trust the file",
            )


def corrupt(coder: str, problem: str, at: int | None = None) -> CorruptError:
    """The error for a payload that `coder` did not write; `at` is a byte offset inside the payload."""
    place = "" if at is None else f" at byte {at}"
    return CorruptError(f"saved pixels ({coder}){place}: {problem}", hint="the file is damaged; get it again")


def decode_with(reader: type[ImageFile], payload: bytes, coder: str, shape: Shape) -> Image:
    """Decodes by one Pillow reader, whose format was checked before.

    Pillow is not asked to find out the format. Whatever it raises on damaged bytes becomes
    CorruptError, and so does a picture other than `shape` declares.
    """
    try:
        with reader(BytesIO(payload)) as image:
            if image.mode != shape.mode or image.size != (shape.width, shape.height):
                raise corrupt(coder, f"the picture is {image.mode} {image.size}, not what its header says")
            image.load()
            picture = image.copy()
    except (CorruptError, MemoryError):
        raise
    except Exception as error:
        raise corrupt(coder, f"can't be decoded ({type(error).__name__}: {error})") from error
    picture.info = {}
    return picture
