"""Small PNG files made here, with texts as programs put them there."""

from __future__ import annotations

from zlib import compress, crc32

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + crc32(kind + body).to_bytes(4, "big")


def plain(key: str, text: bytes) -> bytes:
    return chunk(b"tEXt", key.encode("latin-1") + b"\0" + text)


def compressed(key: str, text: bytes) -> bytes:
    return chunk(b"zTXt", key.encode("latin-1") + b"\0\0" + compress(text))


def international(key: str, text: str, *, packed: bool = False) -> bytes:
    body = text.encode("utf-8")
    head = key.encode("latin-1") + b"\0" + bytes([packed, 0]) + b"en\0" + key.encode("utf-8") + b"\0"
    return chunk(b"iTXt", head + (compress(body) if packed else body))


def png(*texts: bytes, after: tuple[bytes, ...] = (), width: int = 512, height: int = 768) -> bytes:
    """A grey picture with text chunks before and after its pixels."""
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([1, 0, 0, 0, 0])
    rows = (b"\0" + bytes((width + 7) // 8)) * height
    parts = [chunk(b"IHDR", header), *texts, chunk(b"IDAT", compress(rows)), *after, chunk(b"IEND", b"")]
    return SIGNATURE + b"".join(parts)


def with_infotext(text: str, width: int = 512, height: int = 768) -> bytes:
    """A picture as the web UI saves it: Latin-1 in tEXt where that is possible, else iTXt."""
    try:
        entry = plain("parameters", text.encode("ascii"))
    except UnicodeEncodeError:
        entry = international("parameters", text)
    return png(entry, width=width, height=height)
