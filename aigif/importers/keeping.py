"""What a program wrote into its picture, kept in a section of the file and given back byte for byte.

An A1111 text is written again from the elements where that gives the same bytes; everything else is stored, all
blocks compressed together. docs/format.md (source metadata) says how the section is coded.
"""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from aigif import file
from aigif._gen.container import METADATA_BYTES, METADATA_SECTION
from aigif._gen.types import Aigif
from aigif.errors import CorruptError, LimitError
from aigif.framing import read_uint, uint
from aigif.importers import a1111, infotext
from aigif.importers.packing import PACKINGS, Opened, closed, opened
from aigif.importers.texts import Block
from aigif.text.joined import to_utf8

KINDS = (
    "PNG tEXt",
    "PNG zTXt",
    "PNG iTXt",
    "EXIF",
    "XMP",
    "JPEG comment",
    "stealth alpha",
    "stealth alpha gzip",
    "stealth RGB",
    "stealth RGB gzip",
)
_STORED, _DEFLATE, _LZMA = 0, 1, 2
FIRST_SHAPE = 16
_ENCODINGS = ("", "utf-8", "latin-1", "utf-16-be", "utf-16-le")
_FILTERS = [{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 20, "lc": 3, "lp": 0, "pb": 0}]
_CHECK_BYTES = 2
_GUARD = bytes(4)
# A TIFF structure whose first folder points to an EXIF folder at 26, which holds a UserComment at 40.
_FOLDERS = bytes.fromhex("4d4d002a 00000008 0001 8769 0004 00000001 0000001a 00000000 0001 9286 0007")


@dataclass(frozen=True, slots=True)
class Kept:
    """The blocks that a file keeps, and whether an A1111 text in them is no longer what it was, because the elements
    were changed since."""

    blocks: tuple[Block, ...]
    changed: bool = False


def with_blocks(aigif: Aigif, blocks: Sequence[Block]) -> Aigif:
    """A copy that keeps the blocks; with none, one without the section. Raises LimitError for too many bytes."""
    if not blocks:
        return file.with_section(aigif, METADATA_SECTION, None)
    size = sum(len(block.data) for block in blocks)
    if size > METADATA_BYTES:
        raise LimitError(f"{size} bytes of source metadata; at most {METADATA_BYTES} are kept")
    text = _written(aigif, blocks)
    return file.with_section(aigif, METADATA_SECTION, _as_shape(blocks, text) or _coded(blocks, text))


def blocks_of(aigif: Aigif) -> Kept | None:
    """The blocks that a file keeps; None where it keeps none. Raises CorruptError or LimitError."""
    payload = file.section(aigif, METADATA_SECTION)
    if payload is None:
        return None
    if not payload:
        raise _corrupt("the section of source metadata is empty")
    if payload[0] >= FIRST_SHAPE:
        return _from_shape(payload, aigif)
    return _from_stream(_unpacked(payload), aigif)


def _written(aigif: Aigif, blocks: Sequence[Block]) -> str:
    """The A1111 text that the elements give; empty where no block can hold it."""
    key = infotext.FIRST_KEY.encode()
    wide = infotext.FIRST_KEY.encode("utf-16-be")
    plain = [
        opened(block).text if block.kind.endswith(("zTXt", "iTXt", "gzip")) else block.data
        for block in blocks
    ]
    return a1111.write(aigif) if any(key in data or wide[1:] in data for data in plain) else ""


def _check(text: bytes) -> bytes:
    return zlib.crc32(text).to_bytes(4, "big")[:_CHECK_BYTES]


# The usual shapes: one block with nothing but the text, as the web UIs write it.


def _chunk(kind: str, head: bytes, encoding: str) -> Callable[[str], Block]:
    return lambda text: Block(kind, head + _encoded(text, encoding))


def _user_comment(text: str) -> Block:
    """EXIF with one UserComment, as piexif lays it out."""
    value = b"UNICODE\0" + _encoded(text, "utf-16-be")
    size = len(value).to_bytes(4, "big")
    return Block("EXIF", _FOLDERS + size + b"\0\0\0\x28" + value)


_SHAPES: tuple[Callable[[str], Block], ...] = (
    _chunk("PNG tEXt", b"parameters\0", "latin-1"),
    _chunk("PNG iTXt", b"parameters" + bytes(5), "utf-8"),
    _chunk("PNG tEXt", b"parameters\0", "utf-8"),
    _user_comment,
)


def _as_shape(blocks: Sequence[Block], text: str) -> bytes | None:
    for number, shape in enumerate(_SHAPES) if text and len(blocks) == 1 else ():
        try:
            if shape(text) == blocks[0]:
                return bytes([FIRST_SHAPE + number]) + _check(to_utf8(text))
        except UnicodeEncodeError:
            continue
    return None


def _from_shape(payload: bytes, aigif: Aigif) -> Kept:
    number = payload[0] - FIRST_SHAPE
    if number >= len(_SHAPES) or len(payload) != 1 + _CHECK_BYTES:
        raise _corrupt("the source metadata are of an unknown form")
    text = a1111.write(aigif)
    try:
        block = _SHAPES[number](text)
    except UnicodeEncodeError:
        block = _SHAPES[1](text)
    return Kept((block,), payload[1:] != _check(to_utf8(text)))


# Any blocks: kind, flags and bytes of each, in which the text may stand as a reference.


def _coded(blocks: Sequence[Block], text: str) -> bytes:
    stream = _check(to_utf8(text)) + b"".join(_block_bytes(block, text) for block in blocks)
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    forms = (
        bytes([_STORED]) + stream,
        bytes([_DEFLATE]) + deflate.compress(stream) + deflate.flush(),
        bytes([_LZMA]) + lzma.compress(stream, lzma.FORMAT_RAW, filters=_strongest()),
    )
    return min(forms, key=len)


def _strongest() -> list[dict[str, int]]:
    return [{**_FILTERS[0], "preset": 9 | lzma.PRESET_EXTREME}]


def _block_bytes(block: Block, text: str) -> bytes:
    part = opened(block)
    encoding, at, length = _reference(part.text, text)
    head = bytes([KINDS.index(block.kind), block.after_pixels | part.packing << 1 | encoding << 4])
    rest = part.text
    places = uint(len(part.head)) if part.packing else b""
    if encoding:
        rest = rest[:at] + rest[at + length :]
        places += uint(at)
    return head + places + uint(len(rest)) + part.head + rest


def _reference(data: bytes, text: str) -> tuple[int, int, int]:
    """The number of the encoding in which a block holds the text, where, and how long it is; 0 where it does not."""
    for number, encoding in enumerate(_ENCODINGS):
        if not encoding or not text:
            continue
        try:
            held = _encoded(text, encoding)
        except UnicodeEncodeError:
            continue
        at = data.find(held)
        if at >= 0:
            return number, at, len(held)
    return 0, 0, 0


def _encoded(text: str, encoding: str) -> bytes:
    return text.encode(encoding, "strict" if encoding == "latin-1" else "surrogatepass")


def _unpacked(payload: bytes) -> bytes:
    body = payload[1:]
    try:
        if payload[0] == _STORED:
            return body
        if payload[0] == _DEFLATE:
            inflater = zlib.decompressobj(-zlib.MAX_WBITS)
            stream, whole = inflater.decompress(body, METADATA_BYTES + 1), inflater.eof
        elif payload[0] == _LZMA:
            # A raw stream has no end of its own: it ends with the section.
            decoder = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=_FILTERS)
            stream, whole = decoder.decompress(body, METADATA_BYTES + 1), True
        else:
            raise _corrupt("the source metadata are of an unknown form")
    except (zlib.error, lzma.LZMAError, EOFError) as error:
        raise _corrupt("the source metadata can't be decompressed") from error
    if len(stream) > METADATA_BYTES:
        raise LimitError(f"more than {METADATA_BYTES} bytes of source metadata")
    if not whole:
        raise _corrupt("the source metadata are cut")
    return stream


def _from_stream(stream: bytes, aigif: Aigif) -> Kept:
    text: str | None = None
    blocks = []
    for kind, after_pixels, encoding, at, part in _stored_blocks(stream):
        if encoding:
            text = a1111.write(aigif) if text is None else text
            held = _encoded_or_utf8(text, _ENCODINGS[encoding])
            part = replace(part, text=part.text[:at] + held + part.text[at:])
        blocks.append(Block(kind, closed(part), after_pixels))
    changed = text is not None and _check(to_utf8(text)) != stream[:_CHECK_BYTES]
    return Kept(tuple(blocks), changed)


def _stored_blocks(stream: bytes) -> Iterator[tuple[str, bool, int, int, Opened]]:
    """Kind, whether after the pixels, the reference's encoding and place, and the bytes of each block."""
    end, at = len(stream), _CHECK_BYTES
    guarded = (
        stream + _GUARD
    )  # a length is read up to four bytes before the end, where a file has its checksum
    while at < end:
        kind, flags = stream[at], guarded[at + 1]
        packing, encoding = flags >> 1 & 7, flags >> 4
        if kind >= len(KINDS) or packing >= len(PACKINGS) or encoding >= len(_ENCODINGS):
            raise _corrupt("the source metadata hold a block of an unknown kind")
        at += 2
        head, at = read_uint(guarded, at) if packing else (0, at)
        place, at = read_uint(guarded, at) if encoding else (0, at)
        length, at = read_uint(guarded, at)
        if at + head + length > end or place > length:
            raise _corrupt("the source metadata are cut")
        part = Opened(packing, stream[at : at + head], stream[at + head : at + head + length])
        at += head + length
        yield KINDS[kind], bool(flags & 1), encoding, place, part


def _encoded_or_utf8(text: str, encoding: str) -> bytes:
    try:
        return _encoded(text, encoding)
    except UnicodeEncodeError:
        return to_utf8(text)


def _corrupt(message: str) -> CorruptError:
    return CorruptError(message, hint="fetch the file again")
