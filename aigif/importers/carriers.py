"""Where programs put their metadata in a picture: the texts of a picture file, read without its pixels.

Only PNG is read so far; other file formats join `_READERS` by their signature.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from aigif.atomic import access_error
from aigif.errors import ImportMetadataError

# A pipe can't be searched, so that it is read as a whole, up to this many bytes.
MAX_PIPE_BYTES = 256 << 20
SIGNATURE_BYTES = 12


@dataclass(frozen=True, slots=True)
class TextEntry:
    """One text in a picture: its carrier ("PNG tEXt"), key, text, the byte offset of its chunk, and whether it
    stands after the pixels."""

    carrier: str
    key: str
    text: str
    byte: int
    after_pixels: bool


@dataclass(frozen=True, slots=True)
class PictureText:
    """All texts of a picture in the order of the file, its width and height in pixels, and what was odd."""

    format: str
    width: int
    height: int
    entries: tuple[TextEntry, ...]
    notes: tuple[str, ...] = ()

    def all(self, key: str) -> tuple[TextEntry, ...]:
        """The entries of a key, which is compared exactly."""
        return tuple(entry for entry in self.entries if entry.key == key)


def read_carriers(source: str | os.PathLike[str] | bytes) -> PictureText:
    """The texts of a picture, given by its path or its bytes.

    Raises FileAccessError, ImportMetadataError for a file of another kind, CorruptError for a picture without
    its header, LimitError for more text than `png.MAX_TEXT_BYTES`.
    """
    if isinstance(source, bytes):
        return _read_stream(io.BytesIO(source))
    name = os.fsdecode(os.fspath(source))
    try:
        stream = open(name, "rb")  # noqa: SIM115
    except (OSError, ValueError) as error:
        refusal = error if isinstance(error, OSError) else OSError(str(error))
        raise access_error(ascii(name), "can't be read", refusal) from error
    try:
        with stream:
            return _read_stream(stream if stream.seekable() else io.BytesIO(stream.read(MAX_PIPE_BYTES)))
    except OSError as error:
        raise access_error(name, "can't be read", error) from error


def _read_stream(stream: BinaryIO) -> PictureText:
    head = stream.read(SIGNATURE_BYTES)
    for signature, read in _readers().items():
        if head.startswith(signature):
            stream.seek(0)
            return read(stream)
    raise ImportMetadataError(
        f"this is {_kind_of(head)}; only PNG is read so far",
        byte=0,
        hint="give the PNG that the program saved",
    )


def _readers() -> dict[bytes, Callable[[BinaryIO], PictureText]]:
    from aigif.importers import png

    return {png.SIGNATURE: png.read}


def _kind_of(head: bytes) -> str:
    if not head:
        return "an empty file"
    if head.startswith(b"\xff\xd8\xff"):
        return "a JPEG picture"
    if head[:4] == b"RIFF" and head[8:] == b"WEBP":
        return "a WebP picture"
    if head.startswith(b"\xa1GIF"):
        return "an AIGIF file already"
    return "no picture that this version knows"
