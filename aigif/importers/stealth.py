"""Texts hidden in the lowest bits of a picture's pixels, as the "stealth PNG info" of the web UIs and NovelAI do.

The bits run down the columns, the first column first; those of RGB take red, green and blue of each pixel. There
stand a signature of 15 characters, the length of the rest in bits (32 bits, highest first), and the text in UTF-8 or
gzip of it (sd-webui-stealth-pnginfo, neggles and ashen-sensored).
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from aigif.errors import LimitError
from aigif.importers.collect import MAX_TEXT_BYTES, decoded
from aigif.importers.texts import STEALTH_ALPHA, STEALTH_RGB, Block, PictureText, TextEntry

if TYPE_CHECKING:
    from PIL.Image import Image

SIGNATURES = {
    STEALTH_ALPHA: (b"stealth_pnginfo", b"stealth_pngcomp"),
    STEALTH_RGB: (b"stealth_rgbinfo", b"stealth_rgbcomp"),
}
GZIP = " gzip"
KEY = "stealth"
_HEAD_BYTES = 15 + 4
_BIT = bytes([0x30 + (value & 1) for value in range(256)])
_CHANNELS = {STEALTH_ALPHA: "A", STEALTH_RGB: "RGB"}


def with_stealth(picture: PictureText, image: Image) -> PictureText:
    """The picture with the text that its pixels hide, if they do; what can't be read is a note.

    Raises LimitError for a text of more than `MAX_TEXT_BYTES`.
    """
    entries, blocks, notes = list(picture.entries), list(picture.blocks), list(picture.notes)
    for carrier in SIGNATURES:
        hidden = _hidden(image, carrier)
        if hidden is None:
            continue
        packed, payload = hidden
        text = _inflated(payload) if packed else payload
        if text is None:
            notes.append(f"the text hidden in the pixels ({carrier}) can't be read")
            continue
        shown, encoding = decoded(text)
        entries.append(TextEntry(carrier, KEY, shown, 0, True, encoding))
        blocks.append(Block(carrier + GZIP * packed, payload, True))
    return PictureText(
        picture.format,
        picture.width,
        picture.height,
        tuple(entries),
        tuple(notes),
        tuple(blocks),
        picture.frames,
    )


def hide(image: Image, carrier: str, packed: bool, payload: bytes) -> Image:
    """A copy of a picture with a payload in its lowest bits; an alpha channel is added where it takes one.

    Raises LimitError where the picture has too few pixels.
    """
    from PIL import Image as images

    body = SIGNATURES[carrier][packed] + (8 * len(payload)).to_bytes(4, "big") + payload
    picture = image.convert("RGBA" if carrier == STEALTH_ALPHA else "RGB" if image.mode != "RGBA" else "RGBA")
    channels = [picture.getchannel(name).transpose(images.Transpose.TRANSPOSE) for name in _CHANNELS[carrier]]
    values = bytearray(picture.width * picture.height * len(channels))
    for index, channel in enumerate(channels):
        values[index :: len(channels)] = channel.tobytes()
    if 8 * len(body) > len(values):
        raise LimitError("the picture has too few pixels to hide the text in", hint="leave it out")
    for index, bit in enumerate(f"{int.from_bytes(body, 'big'):0{8 * len(body)}b}"):
        values[index] = values[index] & 0xFE | (bit == "1")
    turned = picture.height, picture.width
    hidden = [
        images.frombytes("L", turned, bytes(values[index :: len(channels)])).transpose(
            images.Transpose.TRANSPOSE
        )
        for index in range(len(channels))
    ]
    kept = [picture.getchannel(name) for name in picture.getbands() if name not in _CHANNELS[carrier]]
    return images.merge(picture.mode, kept + hidden if carrier == STEALTH_ALPHA else hidden + kept)


def _hidden(image: Image, carrier: str) -> tuple[bool, bytes] | None:
    """Whether a text is compressed, and its bytes; None where there is none."""
    names = _CHANNELS[carrier]
    if image.mode not in ("RGBA", "RGB") or not set(names) <= set(image.getbands()):
        return None
    head = _bytes(image, names, _HEAD_BYTES)
    signatures = SIGNATURES[carrier]
    if head[:15] not in signatures:
        return None
    size = int.from_bytes(head[15:], "big") // 8
    body = _bytes(image, names, _HEAD_BYTES + size)[_HEAD_BYTES:]
    return (signatures.index(head[:15]) == 1, body) if len(body) == size else None


def _bytes(image: Image, names: str, size: int) -> bytes:
    """The first `size` bytes in the lowest bits, fewer where the picture ends before."""
    from PIL import Image as images

    columns = -(-8 * size // (image.height * len(names)))
    part = image.crop((0, 0, min(columns, image.width), image.height)).transpose(images.Transpose.TRANSPOSE)
    if names == "A":
        values = part.getchannel("A").tobytes()
    else:
        values = part.convert("RGB").tobytes()
    bits = values[: 8 * size].translate(_BIT)
    whole = len(bits) // 8
    return int(bits[: 8 * whole], 2).to_bytes(whole, "big") if whole else b""


def _inflated(payload: bytes) -> bytes | None:
    inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        text = inflater.decompress(payload, MAX_TEXT_BYTES + 1)
    except zlib.error:
        return None
    if len(text) > MAX_TEXT_BYTES:
        raise LimitError(f"more than {MAX_TEXT_BYTES} bytes of text in a picture")
    return text if inflater.eof else None
