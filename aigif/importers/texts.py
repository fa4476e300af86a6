"""The texts of a picture, as every carrier gives them."""

from __future__ import annotations

from dataclasses import dataclass

EXIF = "EXIF"
XMP = "XMP"
STEALTH_ALPHA = "stealth alpha"
STEALTH_RGB = "stealth RGB"


@dataclass(frozen=True, slots=True)
class TextEntry:
    """One text in a picture.

    Attributes:
        carrier: Where it stands: "PNG tEXt", "PNG zTXt", "PNG iTXt", "EXIF", "XMP", "JPEG comment",
            "stealth alpha" or "stealth RGB".
        key: The keyword of a PNG chunk as it is; the name of an EXIF field ("UserComment", "Make", "XPComment");
            "XMP", "comment" or "stealth" for the others.
        text: Its text, decoded as the bytes tell; nothing is trimmed but the NULs that end an EXIF field.
        byte: The offset of what holds it (chunk, segment, box) in the file; 0 for stealth data.
        after_pixels: Whether it stands after the pixels.
        encoding: How its bytes were read: "utf-8", "latin-1", "utf-16-be", "utf-16-le", or "swapped" for UTF-8 of
            UTF-16 in the wrong byte order.
    """

    carrier: str
    key: str
    text: str
    byte: int
    after_pixels: bool
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True)
class Block:
    """Metadata as they stand in a picture, for giving them back byte for byte.

    Attributes:
        kind: "PNG tEXt", "PNG zTXt", "PNG iTXt" (`data` is the chunk's body), "EXIF" (a TIFF structure), "XMP" (a
            packet), "JPEG comment", or "stealth alpha", "stealth alpha gzip", "stealth RGB", "stealth RGB gzip"
            (the text that was hidden, decompressed).
        data: Its bytes.
        after_pixels: Whether it stands after the pixels.
    """

    kind: str
    data: bytes
    after_pixels: bool = False


@dataclass(frozen=True, slots=True)
class PictureText:
    """All texts of a picture in the order of the file, its width and height in pixels, what was odd, and the
    blocks that the texts were read from. `frames` is 1 where the picture is no animation."""

    format: str
    width: int
    height: int
    entries: tuple[TextEntry, ...]
    notes: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    frames: int = 1

    def all(self, key: str) -> tuple[TextEntry, ...]:
        """The entries of a key, which is compared exactly."""
        return tuple(entry for entry in self.entries if entry.key == key)

    def first(self, *keys: str) -> TextEntry | None:
        """The first entry whose key is one of `keys`."""
        return next((entry for entry in self.entries if entry.key in keys), None)
