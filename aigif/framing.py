"""How sections and lengths stand in a file. docs/format.md says the same in words."""

from __future__ import annotations

from aigif._gen import container
from aigif._gen.support import Section
from aigif.errors import CorruptError, LimitError, NotCanonicalError, UnsupportedError

CHECK_BYTES = 4
CRITICAL, SAFE_TO_COPY, LAST, ID_MASK = 0x80, 0x40, 0x20, 0x1F


def section_bytes(section: Section, last: bool) -> bytes:
    tag = (CRITICAL if section.critical else 0) | (SAFE_TO_COPY if section.safe_to_copy else 0)
    tag |= LAST if last else 0
    head = bytes([tag | min(section.id, ID_MASK)])
    if section.id >= ID_MASK:
        escapes, rest = divmod(section.id - ID_MASK, 255)
        head += b"\xff" * escapes + bytes([rest])
    return head + (b"" if last else uint(len(section.payload))) + section.payload


def read_sections(data: bytes, at: int, caps: dict[int, int]) -> list[Section]:
    """The sections from byte `at` to the check."""
    end = len(data) - CHECK_BYTES
    sections: list[Section] = []
    while at < end:
        start = at
        tag = data[at]
        id, at = read_id(data, at, end)
        critical, safe_to_copy = bool(tag & CRITICAL), bool(tag & SAFE_TO_COPY)
        _check_tag(id, critical, safe_to_copy, sections, start)
        length, at = (end - at, at) if tag & LAST else read_uint(data, at)
        if id in caps and length > caps[id]:
            name = container.SECTION_NAMES[id]
            raise LimitError(
                f"{length} bytes of {name}; the cap is {caps[id]}", byte=start, hint="raise the cap"
            )
        if at + length > end:
            raise CorruptError("a section runs past the end", byte=start)
        sections.append(Section(id, critical, safe_to_copy, data[at : at + length]))
        at += length
        if bool(tag & LAST) != (at == end):
            raise NotCanonicalError("the last section, and no other, is marked as the last", byte=start)
    return sections


def read_id(data: bytes, at: int, end: int) -> tuple[int, int]:
    """The section id whose tag stands at byte `at`, and the offset after it."""
    start, id = at, data[at] & ID_MASK
    at += 1
    escaped = id == ID_MASK
    while escaped:
        if at == end:
            raise CorruptError("a section is cut", byte=start)
        id += data[at]
        escaped = data[at] == 255
        at += 1
        if id > container.SECTION_ID:
            raise NotCanonicalError(f"the section {id} stands out of order", byte=start)
    return id, at


def _check_tag(id: int, critical: bool, safe_to_copy: bool, before: list[Section], start: int) -> None:
    if id < 1 or (before and id <= before[-1].id):
        raise NotCanonicalError(f"the section {id} stands out of order", byte=start)
    if len(before) >= container.SECTIONS:
        raise LimitError(f"more than {container.SECTIONS} sections", byte=start)
    flags = container.SECTION_FLAGS.get(id)
    if flags is not None and flags != (critical, safe_to_copy):
        raise NotCanonicalError(f"the section {id} has the wrong flags", byte=start)
    if flags is None and critical:
        raise UnsupportedError(f"the critical section {id} is unknown", byte=start, hint="update aigif")


def uint(value: int) -> bytes:
    """LEB128: seven bits a byte, lowest first, the top bit set on all but the last."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def read_uint(data: bytes, at: int) -> tuple[int, int]:
    """A LEB128 number at byte `at`, and the offset after it."""
    start, value, shift = at, 0, 0
    end = len(data) - CHECK_BYTES
    while at < end and shift < 63:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            if not byte and shift > 7:
                raise NotCanonicalError("a length is not in its shortest form", byte=start)
            return value, at
    raise CorruptError("a length is cut or too long", byte=start)
