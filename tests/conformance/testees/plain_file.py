"""The file around the elements, written after docs/format.md a second time: prelude, sections, text, check, limits.

Slow and plain, for codecs that know elements only (the oracle, the construct structs). Nothing of `aigif` is used but
the prompt coder and the dictionary of texts.
A value is `{group: {element: value}}` with the tail of the root under "unknown".
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from aigif import errors
from aigif.text import prompt

MAGIC = b"\xa1GIF"
MAJOR, PAPER, COMPACT = 1, 0, 1
PROFILES = {"paper": PAPER, "compact": COMPACT}
FILE_BYTES, TEXT_BYTES, BUNDLE_BYTES, MOST_SECTIONS, MOST_ID = 65536, 32768, 16384, 64, 1019
TEXT, PIXELS, WEIGHTS, METADATA = 1, 2, 3, 4
FLAGS = {TEXT: (True, False), PIXELS: (True, True), WEIGHTS: (True, True), METADATA: (False, True)}
CAPS = {PIXELS: 268435456, WEIGHTS: 8589934592, METADATA: 33554432}
TOLD_BY = {PIXELS: "saving_pixels", WEIGHTS: "saving_model"}
WINDOWS = {1: 15, 2: -15, 4: -15}
PROMPT, PRIMED = 3, 4
COMPRESSORS = (0, *WINDOWS, PROMPT)
DICTIONARY = Path(__file__).parents[3] / "aigif" / "text" / "dictionary-1.bin"
STAND_IN = "\N{REPLACEMENT CHARACTER}"

Value = dict[str, Any]


class Refusal(Exception):
    """`kind`: "corrupt", "not canonical", "unsupported", "over a limit", "value", or "refused" where not known."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Elements(Protocol):
    """A codec of elements. Strings are None where they can't be read; it raises Refusal."""

    def text_compressor(self, data: bytes) -> int: ...
    def read_bundle(self, data: bytes, strings: Sequence[str] | None) -> Value: ...
    def write_bundle(self, value: Value) -> tuple[bytes, list[str]]: ...
    def read_record(self, data: bytes) -> tuple[Value, list[bytes], int]: ...
    def write_record(self, value: Value, payloads: Sequence[bytes]) -> bytes: ...
    def record_strings(self) -> Sequence[tuple[str, str]]: ...


@dataclass
class File:
    """A file's value. `text`: the strings that it had, and the bytes that stood for them."""

    profile: int
    value: Value
    sections: list[tuple[int, bool, bool, bytes]] = field(default_factory=list)
    text: tuple[int, list[str], list[bytes]] | None = None
    opaque: bool = False


def read_file(data: bytes, elements: Elements) -> File:
    """Raises Refusal."""
    if not MAGIC.startswith(data[:4]):
        raise Refusal("corrupt", "the magic")
    if len(data) < 9:
        raise Refusal("corrupt", "cut")
    if data[4] >> 4 != MAJOR:
        raise Refusal("unsupported", "the major version")
    if data[4] & 15 not in PROFILES.values():
        raise Refusal("unsupported", "the profile")
    if zlib.crc32(data[:-4]).to_bytes(4, "little") != data[-4:]:
        raise Refusal("corrupt", "the check")
    read = _read_paper if data[4] & 15 == PAPER else _read_compact
    file = read(data[5:-4], elements)
    told = file.value["compression"]
    if any(section[0] == TEXT for section in file.sections):
        raise Refusal("corrupt", "a text section where there is none")
    for id, name in TOLD_BY.items():
        if told[name] != any(section[0] == id for section in file.sections):
            raise Refusal("corrupt", f"section {id} is there, or not, against {name}")
    return file


def _read_compact(body: bytes, elements: Elements) -> File:
    length, at = read_length(body, 0)
    if length > BUNDLE_BYTES:
        raise Refusal("over a limit", "the bundle")
    end = at + length
    if end > len(body):
        raise Refusal("corrupt", "the bundle is cut")
    bundle, sections = body[at:end], read_sections(body[end:])
    _check_size(len(body) + 9, sections)
    if bundle.endswith(b"\0"):
        raise Refusal("not canonical", "the bundle ends in a zero byte")
    if not sections or sections[0][0] != TEXT:
        return File(COMPACT, elements.read_bundle(bundle, []), sections)
    payload, compressor = sections.pop(0)[3], elements.text_compressor(bundle)
    if compressor not in COMPRESSORS:
        value = elements.read_bundle(bundle, None)
        strings = elements.write_bundle(value)[1]
        if not strings:
            raise Refusal("corrupt", "text of no element")
        return File(COMPACT, value, sections, (compressor, strings, [payload]), opaque=True)
    strings = read_prompts(payload) if compressor == PROMPT else split_text(unpack(payload, compressor))
    value = elements.read_bundle(bundle, strings)
    return File(COMPACT, value, sections, (compressor, strings, [payload]))


def _read_paper(body: bytes, elements: Elements) -> File:
    value, payloads, length = elements.read_record(body[:FILE_BYTES])
    compressor = value["compression"]["text_compressor"]
    if compressor not in COMPRESSORS:
        raise Refusal("unsupported", "the text compressor")
    strings = []
    for (group, name), payload in zip(elements.record_strings(), payloads, strict=True):
        string = _read_one(payload, compressor) if payload else ""
        if payload and not string:
            raise Refusal("not canonical", "an empty string")
        value[group][name] = string
        strings.append(string)
    sections = read_sections(body[length:])
    _check_size(len(body) + 9, sections)
    return File(PAPER, value, sections, (compressor, strings, payloads))


def read_length(body: bytes, at: int) -> tuple[int, int]:
    value = 0
    for count, byte in enumerate(body[at : at + 9]):
        value += (byte & 127) << 7 * count
        if byte < 128:
            if count and not byte:
                raise Refusal("not canonical", "a length")
            return value, at + count + 1
    raise Refusal("corrupt", "a length is cut, or has more than 9 bytes")


def read_sections(body: bytes) -> list[tuple[int, bool, bool, bytes]]:
    sections: list[tuple[int, bool, bool, bytes]] = []
    at = 0
    while at < len(body):
        tag, at = body[at], at + 1
        critical, safe, last, id = bool(tag & 128), bool(tag & 64), bool(tag & 32), tag & 31
        while at and id >= 31:
            if at == len(body):
                raise Refusal("corrupt", "a section is cut")
            id, at = id + body[at], at + 1
            if id > MOST_ID:
                raise Refusal("not canonical", "a section id")
            if body[at - 1] != 255:
                break
        if id < 1 or (sections and id <= sections[-1][0]):
            raise Refusal("not canonical", "sections out of order")
        if len(sections) == MOST_SECTIONS:
            raise Refusal("over a limit", "sections")
        if FLAGS.get(id, (critical, safe)) != (critical, safe):
            raise Refusal("not canonical", "the flags of a section")
        if critical and id not in FLAGS:
            raise Refusal("unsupported", "a critical section")
        length = len(body) - at
        if not last:
            length, at = read_length(body, at)
        if id in CAPS and length > CAPS[id]:
            raise Refusal("over a limit", "a cap")
        if at + length > len(body):
            raise Refusal("corrupt", "a section is cut")
        sections.append((id, critical, safe, body[at : at + length]))
        at += length
        if last != (at == len(body)):
            raise Refusal("not canonical", "the last section")
    return sections


def unpack(payload: bytes, compressor: int) -> bytes:
    """The bytes of a coded text, whole and within the limit."""
    raw = payload
    if compressor in WINDOWS:
        stream = zlib.decompressobj(WINDOWS[compressor], dictionary() if compressor == PRIMED else b"")
        try:
            raw = stream.decompress(payload, TEXT_BYTES + 1)
        except zlib.error as error:
            raise Refusal("corrupt", str(error)) from error
        if len(raw) <= TEXT_BYTES and (not stream.eof or stream.unused_data):
            raise Refusal("corrupt", "the stream is cut, or bytes follow it")
    if len(raw) > TEXT_BYTES:
        raise Refusal("over a limit", "text")
    return raw


def pack(raw: bytes, compressor: int) -> bytes:
    if compressor not in COMPRESSORS:
        raise Refusal("value", "the text compressor is unknown")
    if len(raw) > TEXT_BYTES:
        raise Refusal("over a limit", "text")
    if compressor == 0:
        return raw
    if compressor == PRIMED:
        stream = zlib.compressobj(9, zlib.DEFLATED, WINDOWS[compressor], zdict=dictionary())
    else:
        stream = zlib.compressobj(9, zlib.DEFLATED, WINDOWS[compressor])
    return stream.compress(raw) + stream.flush()


@cache
def dictionary() -> bytes:
    return DICTIONARY.read_bytes()


def read_prompts(payload: bytes) -> list[str]:
    """The strings of a stream of the prompt coder."""
    try:
        return list(prompt.coder().decode(payload, TEXT_BYTES))
    except errors.LimitError as error:
        raise Refusal("over a limit", str(error)) from error
    except errors.NotCanonicalError as error:
        raise Refusal("not canonical", str(error)) from error
    except errors.CorruptError as error:
        raise Refusal("corrupt", str(error)) from error


def write_prompts(strings: list[str], size: int) -> bytes:
    """The stream of strings that are so many bytes together."""
    if size > TEXT_BYTES:
        raise Refusal("over a limit", "text")
    return prompt.coder().encode(strings)


def _read_one(payload: bytes, compressor: int) -> str:
    if compressor != PROMPT:
        return from_utf8(unpack(payload, compressor))
    strings = read_prompts(payload)
    if len(strings) != 1:
        raise Refusal("corrupt", "several strings stand where one is wanted")
    return strings[0]


def split_text(raw: bytes) -> list[str]:
    strings = []
    for piece in raw.split(b"\0"):
        pairs = piece.split(b"\1")
        out, at = pairs[0], 1
        while at < len(pairs):
            if pairs[at]:
                if pairs[at][0] != 2:
                    raise Refusal("not canonical", "an escape")
                out += b"\1" + pairs[at][1:]
                at += 1
            else:  # 01 01, which the split took for two ends.
                if at + 1 == len(pairs):
                    raise Refusal("not canonical", "an escape")
                out += b"\0" + pairs[at + 1]
                at += 2
        strings.append(from_utf8(out))
    return strings


def from_utf8(raw: bytes) -> str:
    try:
        return raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise Refusal("corrupt", "no UTF-8") from error


def to_utf8(string: str) -> bytes:
    return string.encode("utf-8", "surrogatepass")


def write_file(file: File, elements: Elements) -> bytes:
    """Raises Refusal."""
    _check_sections(file)
    sections = list(file.sections)
    if file.profile == PAPER:
        strings = [file.value[group][name] for group, name in elements.record_strings()]
        if not all(isinstance(string, str) for string in strings):
            raise Refusal("value", "a string")
        body = elements.write_record(file.value, _text(file, strings))
    else:
        bundle, strings = elements.write_bundle(file.value)
        if len(bundle) > BUNDLE_BYTES:
            raise Refusal("over a limit", "the bundle")
        body = write_length(len(bundle)) + bundle
        if strings:
            sections.insert(0, (TEXT, *FLAGS[TEXT], _text(file, strings)[0]))
    body = MAGIC + bytes([MAJOR << 4 | file.profile]) + body
    for section in sections:
        body += section_head(section, section is sections[-1]) + section[3]
    _check_size(len(body) + 4, sections)
    return body + zlib.crc32(body).to_bytes(4, "little")


def _text(file: File, strings: list[str]) -> list[bytes]:
    compressor = file.value["compression"]["text_compressor"]
    if file.text and file.text[:2] == (compressor, strings):
        return file.text[2]
    if file.opaque:
        raise Refusal("value", "strings that can't be read can't be changed")
    if file.profile == PAPER:
        return [_write_one(string, compressor) if string else b"" for string in strings]
    return [_joined(strings, compressor)]


def _write_one(string: str, compressor: int) -> bytes:
    return _joined([string], compressor) if compressor == PROMPT else pack(to_utf8(string), compressor)


def _joined(strings: list[str], compressor: int) -> bytes:
    escaped = [to_utf8(string).replace(b"\1", b"\1\2").replace(b"\0", b"\1\1") for string in strings]
    raw = b"\0".join(escaped)
    return write_prompts(strings, len(raw)) if compressor == PROMPT else pack(raw, compressor)


def write_length(value: int) -> bytes:
    groups = [value >> shift & 127 for shift in range(0, max(value.bit_length(), 1), 7)]
    return bytes([group | 128 for group in groups[:-1]] + groups[-1:])


def section_head(section: tuple[int, bool, bool, bytes], last: bool) -> bytes:
    id, critical, safe, payload = section
    head = bytes([128 * critical + 64 * safe + 32 * last + min(id, 31)])
    if id >= 31:
        escapes, rest = divmod(id - 31, 255)
        head += b"\xff" * escapes + bytes([rest])
    return head if last else head + write_length(len(payload))


def _check_sections(file: File) -> None:
    ids = [section[0] for section in file.sections]
    if ids != sorted(set(ids)) or len(ids) > MOST_SECTIONS or TEXT in ids:
        raise Refusal("value", "sections")
    for id, critical, safe, _ in file.sections:
        if not 1 <= id <= MOST_ID or FLAGS.get(id, (False, safe)) != (critical, safe):
            raise Refusal("value", f"section {id}")
    for id, name in TOLD_BY.items():
        if file.value["compression"][name] != (id in ids):
            raise Refusal("value", name)


def _check_size(size: int, sections: Sequence[tuple[int, bool, bool, bytes]]) -> None:
    if size - sum(len(section[3]) for section in sections if section[0] in CAPS) > FILE_BYTES:
        raise Refusal("over a limit", "the file")
