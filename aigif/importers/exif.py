"""The texts of an EXIF block (CIPA DC-008, which is a TIFF structure), as picture programs write them.

The fields are those in which programs put generation metadata. Offsets that point outside, loops and odd types are
passed over: what can be read is read.
"""

from __future__ import annotations

from collections.abc import Iterator

from aigif.importers.collect import Collector, decoded
from aigif.importers.texts import EXIF, XMP, TextEntry
from aigif.importers.usercomment import user_comment

PREFIX = b"Exif\0\0"
_ORDERS = {b"II*\0": "little", b"MM\0*": "big"}
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_EXIF_FOLDER = 0x8769
_XMP_PACKET = 0x02BC
_PLAIN = {
    0x010D: "DocumentName",
    0x010E: "ImageDescription",
    0x010F: "Make",
    0x0110: "Model",
    0x0131: "Software",
    0x013B: "Artist",
    0x8298: "Copyright",
    0x927C: "MakerNote",
}
_USER_COMMENT = 0x9286
# Fields of Windows, always UTF-16, lowest byte first.
_WINDOWS = {
    0x9C9B: "XPTitle",
    0x9C9C: "XPComment",
    0x9C9D: "XPAuthor",
    0x9C9E: "XPKeywords",
    0x9C9F: "XPSubject",
}
_MAX_FOLDERS = 4
_MAX_FIELDS = 512


def read(block: bytes, found: Collector, at: int, after_pixels: bool = False) -> None:
    """Add the texts of a TIFF structure, with or without "Exif" and two zeros before it.

    `at` is the block's offset in the file. The fields can't hold more than the block's bytes each, and at most
    that together is counted; raises LimitError where the picture's texts become too long.
    """
    start = len(PREFIX) if block.startswith(PREFIX) else 0
    order = _ORDERS.get(block[start : start + 4])
    if order is None:
        found.notes.append(f"the EXIF block at byte {at} can't be read")
        return
    for tag, value in _fields(memoryview(block)[start:], order):
        found.spend(len(value), at)
        if tag == _XMP_PACKET:
            text, encoding = decoded(value)
            found.entries.append(TextEntry(XMP, XMP, text, at, after_pixels, encoding))
            continue
        named = _text_of(tag, value, order)
        if named is not None:
            key, text, encoding = named
            found.entries.append(TextEntry(EXIF, key, text, at, after_pixels, encoding))


def _text_of(tag: int, value: bytes, order: str) -> tuple[str, str, str] | None:
    if tag == _USER_COMMENT:
        return ("UserComment", *user_comment(value, order))
    if tag in _WINDOWS:
        text = value[: len(value) & ~1].decode("utf-16-le", "surrogatepass")
        return _WINDOWS[tag], text.rstrip("\0"), "utf-16-le"
    text, encoding = decoded(value.rstrip(b"\0"))
    if tag != 0x927C or _is_text(text, encoding):
        return _PLAIN[tag], text, encoding
    return None


def _is_text(text: str, encoding: str) -> bool:
    """A maker's note is a text only where some program made it one: cameras write structures of their own."""
    return encoding == "utf-8" and "\0" not in text


def _fields(block: memoryview, order: str) -> Iterator[tuple[int, bytes]]:
    """The tag and bytes of every field that may hold a text, folder by folder."""
    waiting, seen = [_number(block, 4, 4, order)], set[int]()
    while waiting and len(seen) < _MAX_FOLDERS:
        at = waiting.pop(0)
        if at in seen or at < 8 or at + 2 > len(block):
            continue
        seen.add(at)
        count = min(_number(block, at, 2, order), _MAX_FIELDS)
        for field in range(at + 2, at + 2 + 12 * count, 12):
            if field + 12 > len(block):
                break
            tag, kind = _number(block, field, 2, order), _number(block, field + 2, 2, order)
            size = _SIZES.get(kind, 0) * _number(block, field + 4, 4, order)
            if tag == _EXIF_FOLDER:
                waiting.append(_number(block, field + 8, 4, order))
            elif tag in _PLAIN or tag in _WINDOWS or tag in (_USER_COMMENT, _XMP_PACKET):
                start = field + 8 if size <= 4 else _number(block, field + 8, 4, order)
                yield tag, bytes(block[start : start + size])


def _number(block: memoryview, at: int, size: int, order: str) -> int:
    return int.from_bytes(block[at : at + size], "little" if order == "little" else "big")
