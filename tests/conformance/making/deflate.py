"""Streams of RFC 1950 and RFC 1951 put together by hand, so that every zlib gives the same case files."""

from __future__ import annotations

import zlib

HEAD = b"\x78\x01"


def stored(raw: bytes, block: int = 65535) -> bytes:
    """A stream of blocks that are not compressed."""
    pieces = [raw[at : at + block] for at in range(0, len(raw), block)] or [b""]
    out = b""
    for index, piece in enumerate(pieces):
        size = len(piece)
        out += (
            bytes([index == len(pieces) - 1])
            + size.to_bytes(2, "little")
            + (size ^ 0xFFFF).to_bytes(2, "little")
        )
        out += piece
    return out


def fixed(raw: bytes) -> bytes:
    """A stream of one block of the fixed codes, literals only. Bytes from 0 to 143."""
    return _fixed("".join(_literal(byte) for byte in raw))


def run(byte: int, count: int) -> bytes:
    """A stream that gives a byte so many times: small, whatever the count."""
    pairs, rest = divmod(count - 1, 258)
    return _fixed(_literal(byte) * (1 + rest) + ("11000101" + "00000") * pairs)


def wrapped(stream: bytes, raw: bytes) -> bytes:
    """A zlib stream."""
    return HEAD + stream + zlib.adler32(raw).to_bytes(4, "big")


def _literal(byte: int) -> str:
    return format(0x30 + byte, "08b")


def _fixed(codes: str) -> bytes:
    bits = "110" + codes + "0000000"
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[at : at + 8][::-1], 2) for at in range(0, len(bits), 8))
