"""Where programs put their metadata in a picture: the texts of a picture file, read without its pixels.

Only PNG is read so far; other file formats join `_READERS` by their signature.
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
