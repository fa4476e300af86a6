"""Metadata as programs lay it out in picture files: TIFF structures, JPEG segments, WebP chunks, AVIF boxes."""

from __future__ import annotations

from zlib import crc32

FOLDER = 0x8769
COMMENT = 0x9286


Fields = dict[int, tuple[int, bytes]]


def tiff(fields: Fields, inner: Fields | None = None, *, big: bool = True) -> bytes:
    """A TIFF structure: tag to type and bytes, of the first folder and of the EXIF folder in it."""
    order = "big" if big else "little"

    def number(value: int, size: int) -> bytes:
        return value.to_bytes(size, order)  # type: ignore[arg-type]

    def folder(at: int, held: Fields) -> bytes:
        place = at + 2 + 12 * len(held) + 4
        entries, values = b"", b""
        for tag, (kind, value) in sorted(held.items()):
            count = len(value) // {3: 2, 4: 4}.get(kind, 1)
            entries += number(tag, 2) + number(kind, 2) + number(count, 4)
            if len(value) <= 4:
                entries += value.ljust(4, b"\0")
            else:
                entries += number(place + len(values), 4)
                values += value
        return number(len(held), 2) + entries + bytes(4) + values

    first = dict(fields)
    if inner is not None:
        first[FOLDER] = (4, bytes(4))
        first[FOLDER] = (4, number(8 + len(folder(8, first)), 4))
    body = folder(8, first)
    head = b"MM\0*" if big else b"II*\0"
    return head + number(8, 4) + body + (folder(8 + len(body), inner) if inner is not None else b"")


def comment(value: bytes, *, big: bool = True) -> bytes:
    """A TIFF structure with one UserComment."""
    return tiff({}, {COMMENT: (7, value)}, big=big)


def jpeg(*segments: tuple[int, bytes], width: int = 64, height: int = 48) -> bytes:
    """The head of a JPEG, up to its first scan."""
    frame = bytes([8]) + height.to_bytes(2, "big") + width.to_bytes(2, "big") + b"\x03"
    parts = b"".join(
        b"\xff" + bytes([kind]) + (len(body) + 2).to_bytes(2, "big") + body
        for kind, body in (*segments, (0xC0, frame), (0xDA, b"\0\0"))
    )
    return b"\xff\xd8" + parts + b"\x11\x22\xff\xd9"


def webp(*chunks: tuple[bytes, bytes], width: int = 64, height: int = 48) -> bytes:
    """An extended WebP with a stub of pixels."""
    canvas = bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBP" + b"".join(
        kind + len(data).to_bytes(4, "little") + data + bytes(len(data) & 1)
        for kind, data in ((b"VP8X", canvas), (b"VP8L", b"\x2f" + bytes(8)), *chunks)
    )
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def box(kind: bytes, body: bytes) -> bytes:
    return (8 + len(body)).to_bytes(4, "big") + kind + body


def avif(
    exif: bytes = b"", xmp: bytes = b"", *, version: int = 0, width: int = 64, height: int = 48
) -> bytes:
    """An AVIF with items for Exif and XMP and no coded picture."""
    items = [(1, b"Exif", b"", bytes(4) + exif)] if exif else []
    items += [(2, b"mime", b"\0application/rdf+xml\0", xmp)] if xmp else []
    infos = b"".join(
        box(b"infe", b"\2\0\0\0" + number.to_bytes(2, "big") + bytes(2) + kind + b"\0" * (not more) + more)
        for number, kind, more, _ in items
    )
    ispe = box(b"ispe", bytes(4) + width.to_bytes(4, "big") + height.to_bytes(4, "big"))

    def meta(base: int) -> bytes:
        places, at = b"", base
        for number, _, _, data in items:
            method = b"\0\0" if version else b""
            places += number.to_bytes(2, "big") + method + bytes(2) + b"\0\1"
            places += at.to_bytes(4, "big") + len(data).to_bytes(4, "big")
            at += len(data)
        locations = bytes([version, 0, 0, 0]) + b"\x44\0" + len(items).to_bytes(2, "big") + places
        inner = box(b"hdlr", bytes(4) + b"\0\0\0\0pict" + bytes(13)) + box(b"iloc", locations)
        inner += box(b"iinf", bytes(4) + len(items).to_bytes(2, "big") + infos)
        return box(b"meta", bytes(4) + inner + box(b"iprp", box(b"ipco", ispe)))

    head = box(b"ftyp", b"avif\0\0\0\0avifmif1")
    base = len(head) + len(meta(0)) + 8
    return head + meta(base) + box(b"mdat", b"".join(data for _, _, _, data in items))


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + crc32(kind + body).to_bytes(4, "big")
