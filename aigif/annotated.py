"""Every bit of a file with what it says: prelude, elements, sections, check. `aigif info --bits` prints it.

The elements are read by the reference codec, which needs the construct package (`pip install "aigif[inspect]"`).
"""

from __future__ import annotations

from zlib import crc32

from aigif import file, framing
from aigif._gen import container, paper
from aigif._gen.support import Record, freeze
from aigif._gen.types import Aigif
from aigif.errors import MissingPackageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

__all__ = ["Bits", "annotate"]

_PAYLOAD_SHOWN = 8


class Bits(Record):
    """A run of bits: its offset and length in bits, the element or field it belongs to, the bits as text of 0 and 1,
    cut to `_PAYLOAD_SHOWN` bytes for payloads, and what they say."""

    __slots__ = __match_args__ = ("offset", "length", "element", "bits", "meaning")
    offset: int
    length: int
    element: str
    bits: str
    meaning: str

    def __init__(
        self, offset: int = 0, length: int = 0, element: str = "", bits: str = "", meaning: str = ""
    ) -> None:
        freeze(self, "offset", offset)
        freeze(self, "length", length)
        freeze(self, "element", element)
        freeze(self, "bits", bits)
        freeze(self, "meaning", meaning)


def annotate(data: bytes) -> list[Bits]:
    """The bits of a file in their order, none left out.

    Raises CorruptError or LimitError as `loads` does, MissingPackageError where construct is missing.
    """
    aigif = file.loads(data)
    reference = _reference()
    profile = file.profile_of(data)
    magic = len(container.MAGIC)
    lines = [
        _run(data, 0, magic, "magic", "AIGIF"),
        _part(data, 8 * magic, 4, "major version", str(container.MAJOR)),
        _part(data, 8 * magic + 4, 4, "profile", f"{profile}: {container.PROFILE_NAMES[profile]}"),
    ]
    at = file.PRELUDE_BYTES
    if profile == container.COMPACT_PROFILE:
        length, start = framing.read_uint(data, at)
        lines.append(_run(data, at, start, "elements", f"{length} bytes follow"))
        at = start + length
        lines += _elements(data[start:at], 8 * start, aigif, reference, "compact")
    else:
        record = data[at : -framing.CHECK_BYTES]
        size = paper.decode_paper(data[: -framing.CHECK_BYTES], at)[2]
        lines += _elements(record, 8 * at, aigif, reference, "paper")
        at += size
    lines += _sections(data, at)
    stated = len(data) - framing.CHECK_BYTES
    check = crc32(memoryview(data)[:stated])
    lines.append(_run(data, stated, len(data), "check", f"CRC-32 of all before it: {check:08x}"))
    return lines


def _reference() -> ModuleType:
    try:
        from aigif._gen import reference
    except ImportError as error:
        raise MissingPackageError(
            f"the package {error.name or 'construct'} is needed to show bits",
            hint='pip install "aigif[inspect]"',
        ) from error
    return reference


def _elements(data: bytes, base: int, aigif: Aigif, reference: ModuleType, profile: str) -> Iterator[Bits]:
    coded = aigif.coded_text
    strings: tuple[str, ...] | None = coded.strings if coded is not None else ()
    if any(type(string) is not str for string in strings or ()):
        strings = None  # the text compressor is unknown
    for offset, length, element, bits, value, meaning in reference.explain(data, strings, profile=profile):
        shown = repr(value) if isinstance(value, str) else str(meaning)
        if length:
            yield Bits(base + offset, length, element or "padding", bits, shown)


def _sections(data: bytes, at: int) -> Iterator[Bits]:
    end = len(data) - framing.CHECK_BYTES
    while at < end:
        tag, start = data[at], at
        id, at = framing.read_id(data, at, end)
        name = container.SECTION_NAMES.get(id, f"section {id}")
        says = [f"id {id}"]
        says += [word for bit, word in _FLAGS if tag & bit]
        yield _run(data, start, at, f"{name}: tag", ", ".join(says))
        length = end - at
        if not tag & framing.LAST:
            start = at
            length, at = framing.read_uint(data, at)
            yield _run(data, start, at, f"{name}: length", f"{length} bytes follow")
        yield _run(data, at, at + length, f"{name}: payload", f"{length} bytes")
        at += length


_FLAGS = ((framing.CRITICAL, "critical"), (framing.SAFE_TO_COPY, "safe to copy"), (framing.LAST, "last"))


def _run(data: bytes, start: int, end: int, element: str, meaning: str) -> Bits:
    shown = data[start : min(end, start + _PAYLOAD_SHOWN)]
    bits = "".join([f"{byte:08b}" for byte in shown])
    return Bits(8 * start, 8 * (end - start), element, bits, meaning)


def _part(data: bytes, offset: int, length: int, element: str, meaning: str) -> Bits:
    """A field inside one byte."""
    byte = f"{data[offset // 8]:08b}"
    return Bits(offset, length, element, byte[offset % 8 : offset % 8 + length], meaning)
