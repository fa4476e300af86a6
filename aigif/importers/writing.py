"""Metadata put into a new PNG as the program had put them into its own picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from zlib import crc32

from aigif.errors import CorruptError
from aigif.importers import exif, png, stealth
from aigif.importers.collect import XMP_KEY
from aigif.importers.texts import Block

if TYPE_CHECKING:
    from PIL.Image import Image

_HEADER_END = len(png.SIGNATURE) + 25


def hidden(image: Image, blocks: Sequence[Block]) -> Image:
    """The picture with the blocks that programs hide in its pixels. Raises LimitError where it is too small."""
    for block in blocks:
        carrier, packed = block.kind.removesuffix(stealth.GZIP), block.kind.endswith(stealth.GZIP)
        if carrier in stealth.SIGNATURES:
            image = stealth.hide(image, carrier, packed, block.data)
    return image


def with_metadata(picture: bytes, blocks: Sequence[Block]) -> bytes:
    """A PNG with the blocks as chunks, those after the pixels before its end; hidden ones are left out.

    What stood in another format's carrier gets the chunk that PNG has for it: EXIF eXIf, XMP an iTXt, a JPEG's
    comment a tEXt. Raises CorruptError for bytes that are no PNG.
    """
    end = picture.rfind(b"\0\0\0\0IEND")
    if not picture.startswith(png.SIGNATURE) or end < _HEADER_END:
        raise CorruptError("metadata can be put only into a PNG", hint="give a whole PNG")
    before, after = b"", b""
    for chunk, after_pixels in _chunks(blocks):
        if after_pixels:
            after += chunk
        else:
            before += chunk
    return picture[:_HEADER_END] + before + picture[_HEADER_END:end] + after + picture[end:]


def _chunks(blocks: Sequence[Block]) -> list[tuple[bytes, bool]]:
    found, has_exif = [], False
    for block in blocks:
        if block.kind.startswith("PNG "):
            kind, body, after = block.kind.removeprefix("PNG ").encode(), block.data, block.after_pixels
        elif block.kind == "EXIF" and not has_exif:
            # A PNG has one eXIf chunk, and it stands before the pixels.
            kind, body, after, has_exif = b"eXIf", block.data.removeprefix(exif.PREFIX), False, True
        elif block.kind == "XMP":
            kind, body, after = b"iTXt", XMP_KEY.encode() + bytes(5) + block.data, False
        elif block.kind == "JPEG comment":
            kind, body, after = b"tEXt", b"comment\0" + block.data, False
        else:
            continue
        found.append(
            (len(body).to_bytes(4, "big") + kind + body + crc32(kind + body).to_bytes(4, "big"), after)
        )
    return found
