"""The file around the elements: prelude, sections, check, limits. docs/format.md says what stands where."""

from __future__ import annotations

from zlib import crc32

from aigif import text
from aigif._gen import compact, container, paper
from aigif._gen.support import (
    UNREADABLE,
    CodedText,
    OpaqueTexts,
    Section,
    Texts,
    check_bytes,
    check_int,
    check_record,
)
from aigif._gen.types import Aigif
from aigif.errors import (
    AigifError,
    CorruptError,
    ElementError,
    LimitError,
    NotCanonicalError,
    UnsupportedError,
)
from aigif.framing import CHECK_BYTES, read_sections, read_uint, section_bytes, uint

PRELUDE_BYTES = len(container.MAGIC) + 1
PRESENCE = {
    container.PIXELS_SECTION: "compression.saving_pixels",
    container.WEIGHTS_SECTION: "compression.saving_model",
}
# Sections that don't count for the largest file: each has a cap of its own.
PAYLOADS = (container.PIXELS_SECTION, container.WEIGHTS_SECTION, container.METADATA_SECTION)


def loads(
    data: bytes,
    *,
    max_pixel_payload: int = container.PIXEL_PAYLOAD_BYTES,
    max_weight_payload: int = container.WEIGHT_PAYLOAD_BYTES,
    max_metadata_payload: int = container.METADATA_PAYLOAD_BYTES,
) -> Aigif:
    """Read a file's bytes.

    Raises CorruptError (UnsupportedError, NotCanonicalError) for bytes that are no valid file, and LimitError
    where a limit of the format or one of the caps, in bytes, is exceeded.
    """
    profile = profile_of(data)
    stated = int.from_bytes(data[-CHECK_BYTES:], "little")
    if crc32(memoryview(data)[:-CHECK_BYTES]) != stated:
        raise CorruptError("the checksum is wrong", byte=len(data) - CHECK_BYTES, hint="fetch the file again")
    read = _load_compact if profile == container.COMPACT_PROFILE else _load_paper
    caps = dict(zip(PAYLOADS, (max_pixel_payload, max_weight_payload, max_metadata_payload), strict=True))
    return read(data, caps)


def dumps(aigif: Aigif, *, profile: str = "compact") -> bytes:
    """The bytes of a file in the profile "compact" or "paper"; the same value always gives the same bytes.

    Raises ElementError, listing everything that the value or the profile can't hold, and LimitError.
    """
    numbers = {name: number for number, name in container.PROFILE_NAMES.items()}
    if profile not in numbers:
        raise ElementError([f"there is no profile {profile!r}"], hint=f"choose one of {', '.join(numbers)}")
    _check_sections(aigif)
    body = bytearray(container.MAGIC)
    body.append(container.MAJOR << 4 | numbers[profile])
    sections = list(aigif.sections)
    if profile == "compact":
        bundle, strings = compact.encode_compact(aigif)
        body += uint(len(bundle)) + bundle
        if strings:
            sections.insert(0, _text_section(_coded(aigif, numbers[profile], tuple(strings))[0]))
    else:
        body += paper.encode_paper(aigif, _coded(aigif, numbers[profile], paper.strings_of(aigif)))
    for index, section in enumerate(sections):
        body += section_bytes(section, index == len(sections) - 1)
    _check_size(len(body) + CHECK_BYTES, sections)
    return bytes(body) + crc32(body).to_bytes(CHECK_BYTES, "little")


def profile_of(data: bytes) -> int:
    """The number of the profile of a file's bytes; raises CorruptError or UnsupportedError."""
    if data[: len(container.MAGIC)] != container.MAGIC[: len(data)]:
        raise CorruptError("this is no AIGIF file", byte=0, hint="an AIGIF file starts with A1 47 49 46")
    if len(data) < PRELUDE_BYTES + CHECK_BYTES:
        raise CorruptError("the file is cut", byte=len(data), hint="fetch the file again")
    major, profile = data[PRELUDE_BYTES - 1] >> 4, data[PRELUDE_BYTES - 1] & 15
    if major != container.MAJOR:
        raise UnsupportedError(f"major version {major}", byte=PRELUDE_BYTES - 1, hint="update aigif")
    if profile not in container.PROFILE_NAMES:
        raise UnsupportedError(
            f"the profile {profile} is unknown", byte=PRELUDE_BYTES - 1, hint="update aigif"
        )
    return profile


def section(aigif: Aigif, id: int) -> bytes | None:
    """The payload of a section; None where the file has none of that id."""
    return next((entry.payload for entry in aigif.sections if entry.id == id), None)


def with_section(aigif: Aigif, id: int, payload: bytes | None) -> Aigif:
    """A copy with a section set, or with None removed. `id` is one that the schema names.

    The bool element that tells of the section, where there is one, is set with it. Raises ElementError for an
    unknown id.
    """
    if id not in PAYLOADS:
        raise ElementError([f"the section {id} can't be set"], hint="set pixels (2), weights (3) or metadata (4)")
    critical, safe_to_copy = container.SECTION_FLAGS[id]
    kept = [entry for entry in aigif.sections if entry.id != id]
    if payload is not None:
        kept.append(Section(id, critical, safe_to_copy, payload))
    if id not in PRESENCE:
        return edited(aigif.replace(sections=tuple(sorted(kept, key=lambda entry: entry.id))))
    group, _, element = PRESENCE[id].partition(".")
    flagged = getattr(aigif, group).replace(**{element: payload is not None})
    held = aigif.replace(sections=tuple(sorted(kept, key=lambda entry: entry.id)))
    return edited(held, **{group: flagged})


def edited(aigif: Aigif, **groups: object) -> Aigif:
    """A copy with groups replaced, without the unknown sections that an edit may have made wrong."""
    kept = tuple(
        entry for entry in aigif.sections if entry.safe_to_copy or entry.id in container.SECTION_FLAGS
    )
    return aigif.replace(sections=kept, **groups)


def with_best_text(aigif: Aigif) -> Aigif:
    """A copy whose text compressor is the one that makes its strings smallest."""
    strings = compact.encode_compact(aigif)[1]
    code = text.best(strings) if strings else 0
    return edited(aigif, compression=aigif.compression.replace(text_compressor=code))


def _load_compact(data: bytes, caps: dict[int, int]) -> Aigif:
    length, start = read_uint(data, PRELUDE_BYTES)
    if length > container.BUNDLE_BYTES:
        raise LimitError(
            f"{length} bytes of elements; at most {container.BUNDLE_BYTES} are allowed", byte=PRELUDE_BYTES
        )
    end = start + length
    if end > len(data) - CHECK_BYTES:
        raise CorruptError("the elements run past the end", byte=PRELUDE_BYTES)
    sections = read_sections(data, end, caps)
    _check_size(len(data), sections)
    payload = sections.pop(0).payload if sections and sections[0].id == container.TEXT_SECTION else None
    opened: list[CodedText] = []

    def open_texts(compressor: int) -> Texts:
        if payload is None:
            return Texts(())
        if not text.known(compressor):
            opened.append(CodedText(container.COMPACT_PROFILE, compressor, (), (payload,)))
            return OpaqueTexts()
        try:
            strings = text.decode(payload, compressor)
        except AigifError as error:
            error.byte = end
            raise
        opened.append(CodedText(container.COMPACT_PROFILE, compressor, strings, (payload,)))
        return Texts(strings)

    try:
        syntax = compact.decode_compact(data[start:end], open_texts)
    except CorruptError as error:
        if error.byte is None:
            error.byte = start + (error.bit or 0) // 8
        raise
    coded = opened[0] if opened else None
    if coded and not text.known(coded.compressor):
        syntax, coded = _kept_opaque(syntax, coded)
    return _loaded(syntax, sections, coded)


def _kept_opaque(syntax: Aigif, coded: CodedText) -> tuple[Aigif, CodedText]:
    """Strings that can't be read are written back while nobody changes them; any tail may own some of them."""
    if syntax.unknown is not None:
        syntax = syntax.replace(unknown=syntax.unknown.replace(strings=(UNREADABLE,)))
    strings = tuple(compact.encode_compact(syntax)[1])
    if not strings:
        raise CorruptError("the text section has strings that no element takes")
    return syntax, coded.replace(strings=strings)


def _load_paper(data: bytes, caps: dict[int, int]) -> Aigif:
    record = data[: min(len(data) - CHECK_BYTES, PRELUDE_BYTES + container.FILE_BYTES)]
    syntax, payloads, size = paper.decode_paper(record, PRELUDE_BYTES)
    compressor = syntax.compression.text_compressor
    if not text.known(compressor):
        raise UnsupportedError(
            f"the text compressor {int(compressor)} is unknown", element="compression.text_compressor",
            hint=text.hint(compressor),
        )  # fmt: skip
    strings = []
    for path, payload in zip(paper.STRINGS, payloads, strict=True):
        try:
            string = text.decode_one(payload, compressor)
        except AigifError as error:
            error.element = path
            raise
        if payload and not string:
            raise NotCanonicalError("an empty string is coded as present", element=path)
        strings.append(string)
    sections = read_sections(data, PRELUDE_BYTES + size, caps)
    _check_size(len(data), sections)
    coded = CodedText(container.PAPER_PROFILE, compressor, tuple(strings), payloads)
    return _loaded(paper.with_strings(syntax, tuple(strings)), sections, coded)


def _loaded(syntax: Aigif, sections: list[Section], coded: CodedText | None) -> Aigif:
    aigif = syntax.replace(sections=tuple(sections), coded_text=coded)
    try:
        _check_sections(aigif)
    except ElementError as error:
        raise CorruptError(error.message, element=error.element) from error
    return aigif


def _coded(aigif: Aigif, profile: int, strings: tuple[str, ...]) -> tuple[bytes, ...]:
    """The strings as bytes: those that a file had while nothing changed, else coded anew."""
    compressor = aigif.compression.text_compressor
    held = aigif.coded_text
    if held and (held.profile, held.compressor, held.strings) == (profile, compressor, strings):
        return held.payloads
    if any(string is UNREADABLE for string in strings):
        raise ElementError(
            ["a string that this version can't read can't be changed or written anew"],
            element="compression.text_compressor",
            hint="keep the strings as the file has them",
        )
    if profile == container.PAPER_PROFILE:
        return tuple(text.encode_one(string, compressor) for string in strings)
    return (text.encode(strings, compressor),)


def _check_sections(aigif: Aigif) -> None:
    ids = []
    for entry in aigif.sections:
        check_record("sections", entry, Section)
        check_int("sections", entry.id, 1, container.SECTION_ID)
        check_bytes("sections", entry.payload, 1 << 62)
        flags = container.SECTION_FLAGS.get(entry.id)
        if (entry.critical, entry.safe_to_copy) != flags and (flags or entry.critical is not False):
            raise ElementError([f"the section {entry.id} has the wrong flags"], element="sections")
        ids.append(entry.id)
    if ids != sorted(set(ids)):
        raise ElementError(
            ["sections must stand in ascending order of their ids, each once"], element="sections"
        )
    if len(ids) > container.SECTIONS or container.TEXT_SECTION in ids:
        raise ElementError(["too many sections, or a text section of its own"], element="sections")
    for id, path in PRESENCE.items():
        group, _, element = path.partition(".")
        if getattr(getattr(aigif, group), element) != (id in ids):
            name = container.SECTION_NAMES[id]
            raise ElementError([f"it does not match the {name} section"], element=path)


def _check_size(size: int, sections: list[Section]) -> None:
    payloads = sum(len(entry.payload) for entry in sections if entry.id in PAYLOADS)
    if size - payloads > container.FILE_BYTES:
        raise LimitError(
            f"{size - payloads} bytes without pixels, weights and metadata; "
            f"at most {container.FILE_BYTES} are allowed"
        )


def _text_section(payload: bytes) -> Section:
    return Section(container.TEXT_SECTION, *container.SECTION_FLAGS[container.TEXT_SECTION], payload)
