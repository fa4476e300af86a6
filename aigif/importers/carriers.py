"""Where programs put their metadata in a picture: the texts of a picture file, told by its content.

No pixel is decoded here; texts that are hidden in pixels are read by `stealth`.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from typing import BinaryIO

from aigif.atomic import access_error
from aigif.errors import ImportMetadataError
from aigif.importers.texts import PictureText

# A pipe can't be searched, so that it is read as a whole, up to this many bytes.
MAX_PIPE_BYTES = 256 << 20
SIGNATURE_BYTES = 12


def read_carriers(source: str | os.PathLike[str] | bytes) -> PictureText:
    """The texts of a picture, given by its path or its bytes.

    Raises FileAccessError, ImportMetadataError for a file of another kind, CorruptError for a picture without
    its header, LimitError for more text than `collect.MAX_TEXT_BYTES`.
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
    stream.seek(0)
    read = _reader_of(head)
    if read is None:
        raise ImportMetadataError(
            f"this is {_kind_of(head)}; PNG, JPEG, WebP and AVIF are read",
            byte=0,
            hint="give the picture that the program saved",
        )
    return read(stream)


def _reader_of(head: bytes) -> Callable[[BinaryIO], PictureText] | None:
    from aigif.importers import avif, jpeg, png, webp

    if head.startswith(png.SIGNATURE):
        return png.read
    if head.startswith(jpeg.SIGNATURE):
        return jpeg.read
    if webp.is_webp(head):
        return webp.read
    return avif.read if avif.is_avif(head) else None


def is_picture(head: bytes) -> bool:
    """Whether a file that starts with these bytes (`SIGNATURE_BYTES` of them) is a picture that is read."""
    return _reader_of(head) is not None


def _kind_of(head: bytes) -> str:
    if not head:
        return "an empty file"
    if head.startswith(b"\xa1GIF"):
        return "an AIGIF file already"
    return "no picture that this version knows"
