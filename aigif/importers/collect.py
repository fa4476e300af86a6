"""What a reader of one picture format collects: texts, blocks, notes, and how much text may still come."""

from __future__ import annotations

import zlib

from aigif.errors import LimitError
from aigif.importers.texts import XMP, Block, PictureText, TextEntry

# All texts of one picture together, decompressed. The largest workflows in circulation are a few MiB.
MAX_TEXT_BYTES = 16 << 20
XMP_KEY = "XML:com.adobe.xmp"


class Unusable(Exception):
    """Metadata that say nothing: the message becomes a note."""


class Collector:
    """The metadata of a picture while its file is walked."""

    def __init__(self) -> None:
        self.left = MAX_TEXT_BYTES
        self.size: tuple[int, int] | None = None
        self.entries: list[TextEntry] = []
        self.blocks: list[Block] = []
        self.notes: list[str] = []
        self.frames = 1

    def spend(self, size: int, at: int) -> None:
        """Count bytes of text. Raises LimitError where they are too many."""
        if size > self.left:
            raise LimitError(f"more than {MAX_TEXT_BYTES} bytes of text in a picture", byte=at)
        self.left -= size

    def inflated(self, data: bytes, at: int) -> bytes:
        """A zlib stream, decompressed. Raises Unusable where it is none or cut, LimitError where it is too long."""
        inflater = zlib.decompressobj()
        try:
            text = inflater.decompress(data, self.left + 1)
        except zlib.error as error:
            raise Unusable("it can't be decompressed") from error
        if len(text) > self.left:
            self.spend(len(text), at)
        if not inflater.eof:
            raise Unusable("its compressed text is cut")
        return text

    def xmp(self, packet: bytes, at: int, after_pixels: bool = False, kind: str = "XMP") -> None:
        """An XMP packet, kept as a block of its own where `kind` is not empty."""
        self.spend(len(packet), at)
        text, encoding = decoded(packet)
        self.entries.append(TextEntry(XMP, XMP, text, at, after_pixels, encoding))
        if kind:
            self.blocks.append(Block(kind, packet, after_pixels))

    def picture(self, format: str) -> PictureText:
        width, height = self.size or (0, 0)
        return PictureText(
            format, width, height, tuple(self.entries), tuple(self.notes), tuple(self.blocks), self.frames
        )


def decoded(text: bytes) -> tuple[str, str]:
    """UTF-8 where the bytes are valid UTF-8, else Latin-1, and which; either way nothing is lost."""
    try:
        return text.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return text.decode("latin-1"), "latin-1"
