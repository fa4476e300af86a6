"""The file around the elements: prelude, sections, limits, opaque text, and what each refusal says."""

from __future__ import annotations

import copy
from pathlib import Path
from zlib import compress

import pytest

import aigif
from aigif import file, text
from aigif._gen import container, enums
from aigif._gen.support import UNREADABLE, Section, Unknown
from aigif.errors import (
    AigifError,
    CorruptError,
    ElementError,
    FileAccessError,
    LimitError,
    NotCanonicalError,
    UnsupportedError,
)
from tests.helpers import resealed, typical

HEAD = b"\xa1GIF\x11"


def sealed(body: bytes) -> bytes:
    return resealed(HEAD + body + bytes(4))


def with_text(compressor: int, payload: bytes, value: aigif.Aigif | None = None) -> bytes:
    """A file whose text section holds `payload`, whatever it is."""
    value = value or aigif.Aigif(data=aigif.Data(prompt="x"))
    value = value.replace(compression=value.compression.replace(text_compressor=compressor))
    from aigif._gen import compact

    bundle = compact.encode_compact(value)[0]
    return sealed(bytes([len(bundle)]) + bundle + b"\xa1" + payload)


def test_the_prelude() -> None:
    assert aigif.dumps(aigif.Aigif())[:6] == HEAD + b"\0"
    assert aigif.dumps(aigif.Aigif(), profile="paper")[4] == 0x10


@pytest.mark.parametrize(
    ("data", "kind", "message", "byte"),
    [
        (b"", CorruptError, "the file is cut", 0),
        (b"\xa1GI", CorruptError, "the file is cut", 3),
        (b"\x89PNG\r\n\x1a\n", CorruptError, "no AIGIF file", 0),
        (b"\xa1GIF\x21" + bytes(9), UnsupportedError, "major version 2", 4),
        (b"\xa1GIF\x17" + bytes(9), UnsupportedError, "profile 7", 4),
        (HEAD + bytes(9), CorruptError, "checksum", 10),
        (sealed(b"\x05"), CorruptError, "the elements run past the end", 5),
        (sealed(b"\x80\x00"), NotCanonicalError, "shortest form", 5),
        (sealed(b"\xff" * 12), CorruptError, "cut or too long", 5),
        (sealed(b"\xff\xff\x7f"), LimitError, "bytes of elements", 5),
        (sealed(b"\x01\0"), NotCanonicalError, "ends in a zero byte", 6),
        (sealed(b"\0\xa1x"), CorruptError, "no element takes", 6),
        (sealed(b"\0\xc7\x00"), UnsupportedError, "critical section 7", 6),
        (sealed(b"\0\x47\x01x"), NotCanonicalError, "the last section", 6),
        (sealed(b"\0\x47\x05x"), CorruptError, "a section runs past the end", 6),
        (sealed(b"\0\x5f"), CorruptError, "a section is cut", 6),
        (sealed(b"\0\x5f\xff"), CorruptError, "a section is cut", 6),
        (sealed(b"\0\x7f\xff\xff\xff\xff\x00"), NotCanonicalError, "out of order", 6),
        (sealed(b"\0\x48\x00\x67"), NotCanonicalError, "section 7 stands out of order", 8),
        (sealed(b"\0\x22abc"), NotCanonicalError, "wrong flags", 6),
        (sealed(b"\0\xe2abc"), CorruptError, "does not match the pixels section", None),
        (sealed(b"\0\x60"), NotCanonicalError, "section 0 stands out of order", 6),
    ],
)
def test_refusals_say_where(data: bytes, kind: type[AigifError], message: str, byte: int | None) -> None:
    with pytest.raises(kind, match=message) as caught:
        aigif.loads(data)
    assert type(caught.value) is kind
    assert caught.value.byte == byte


def test_too_many_sections() -> None:
    many = tuple(Section(id, False, True, b"") for id in range(4, 68))
    assert len(aigif.loads(aigif.dumps(aigif.Aigif(sections=many))).sections) == 64
    body = b"".join(bytes([0x5F, id - 31]) + b"\0" for id in range(31, 96))
    with pytest.raises(LimitError, match="more than 64 sections"):
        aigif.loads(sealed(b"\0" + body))
    with pytest.raises(ElementError, match="too many sections"):
        aigif.dumps(aigif.Aigif(sections=(*many, Section(100, False, True, b""))))


@pytest.mark.parametrize("ids", [(5, 5), (6, 5), (0,), (1020,), (1,), ("a",)])
def test_sections_that_cannot_be_written(ids: tuple[int, ...]) -> None:
    with pytest.raises(ElementError) as caught:
        aigif.dumps(aigif.Aigif(sections=tuple(Section(id, False, True, b"") for id in ids)))
    assert caught.value.element == "sections"


@pytest.mark.parametrize(
    "section",
    [Section(2, False, True, b""), Section(500, True, False, b""), Section(5, False, True, "x"), 5],  # type: ignore[arg-type]
)
def test_sections_that_no_reader_would_take(section: Section) -> None:
    compression = aigif.CompressionOptions(saving_pixels=True)
    with pytest.raises(ElementError) as caught:
        aigif.dumps(aigif.Aigif(compression=compression, sections=(section,)))
    assert caught.value.element == "sections"


def test_setting_a_section_is_an_edit() -> None:
    value = aigif.Aigif(sections=(Section(10, False, False, b""), Section(11, False, True, b"")))
    changed = file.with_section(value, container.PIXELS_SECTION, b"p")
    assert [section.id for section in changed.sections] == [2, 11]


def test_pixels_and_weights_sections() -> None:
    value = file.with_section(typical(), container.PIXELS_SECTION, b"pixels")
    value = file.with_section(value, container.WEIGHTS_SECTION, b"weights" * 20_000)
    assert value.compression.saving_pixels and value.compression.saving_model
    back = aigif.loads(aigif.dumps(value))
    assert back == value
    assert file.section(back, container.PIXELS_SECTION) == b"pixels"
    assert file.section(back, 9) is None
    bare = file.with_section(
        file.with_section(back, container.PIXELS_SECTION, None), container.WEIGHTS_SECTION, None
    )
    assert bare == typical()
    with pytest.raises(ElementError, match="can't be set"):
        file.with_section(back, 9, b"")
    with pytest.raises(LimitError, match="cap is 5"):
        aigif.loads(aigif.dumps(value), max_pixel_payload=5)
    with pytest.raises(LimitError, match="cap is 6"):
        aigif.loads(aigif.dumps(value), max_weight_payload=6)


def test_the_flags_must_match_the_sections() -> None:
    value = typical().replace(compression=typical().compression.replace(saving_pixels=True))
    with pytest.raises(ElementError, match="pixels section") as caught:
        aigif.dumps(value)
    assert caught.value.element == "compression.saving_pixels"


def test_the_size_limit_leaves_pixels_out() -> None:
    big = Section(5, False, True, bytes(70_000))
    with pytest.raises(LimitError, match="65536"):
        aigif.dumps(aigif.Aigif(sections=(big,)))
    body = b"\0\x65" + big.payload
    with pytest.raises(LimitError, match="65536"):
        aigif.loads(sealed(body))
    paper = aigif.dumps(aigif.Aigif(), profile="paper")[:-4] + b"\x65" + big.payload + bytes(4)
    with pytest.raises(LimitError, match="65536"):
        aigif.loads(resealed(paper))


def test_unknown_sections_survive_reading_and_writing_but_not_every_edit() -> None:
    sections = (Section(7, False, True, b"safe"), Section(900, False, False, b"unsafe"))
    value = typical().replace(sections=sections)
    read = aigif.loads(aigif.dumps(value))
    assert read.sections == sections
    assert aigif.edited(read, data=read.data.replace(seed=1)).sections == sections[:1]


def test_text_that_another_zlib_packed_is_kept_until_a_string_changes() -> None:
    packed = compress(b"x", 1)
    assert packed != text.encode(("x",), 1)
    data = with_text(1, packed)
    read = aigif.loads(data)
    assert aigif.dumps(read) == data
    assert aigif.dumps(read.replace(data=read.data.replace(seed=5))).find(packed) > 0
    changed = read.replace(data=read.data.replace(prompt="y"))
    assert aigif.dumps(changed).find(packed) < 0
    assert read == aigif.loads(aigif.dumps(read.replace(coded_text=None)))


def test_an_unknown_text_compressor_keeps_the_section_opaque() -> None:
    value = aigif.Aigif(data=aigif.Data(prompt="x", seed=9), model=aigif.GenerativeModel(model_name="y"))
    data = with_text(200, b"\xff\x00opaque", value)
    read = aigif.loads(data)
    assert read.data.prompt is UNREADABLE and read.data.seed == 9
    assert repr(read.data.prompt) == "UNREADABLE"
    assert aigif.dumps(read) == data
    edited = aigif.dumps(read.replace(data=read.data.replace(seed=10)))
    assert aigif.loads(edited).data.seed == 10 and b"opaque" in edited
    for prompt in ("new", "\N{REPLACEMENT CHARACTER}"):
        with pytest.raises(ElementError, match="can't be changed"):
            aigif.dumps(read.replace(data=read.data.replace(prompt=prompt)))
    assert aigif.dumps(copy.deepcopy(read)) == data
    with pytest.raises(ElementError, match="no text compressor 200"):
        aigif.dumps(value.replace(compression=aigif.CompressionOptions(text_compressor=200)))


def test_opaque_text_in_tails_and_groups() -> None:
    tail = aigif.Aigif(data=aigif.Data(extra=(aigif.ExtraEntry("k", "v", Unknown(1, 1, ("w",))),)))
    data = with_text(200, b"opaque", tail)
    read = aigif.loads(data)
    assert read.data.extra[0].unknown == Unknown(1, 1, (UNREADABLE,))
    assert aigif.dumps(read) == data
    root = with_text(200, b"opaque", aigif.Aigif(unknown=Unknown(3, 5, ("w",))))
    assert aigif.dumps(aigif.loads(root)) == root
    with pytest.raises(CorruptError, match="no element takes"):
        aigif.loads(with_text(200, b"opaque", aigif.Aigif()))


def test_a_group_with_more_opaque_strings_than_it_announces() -> None:
    value = aigif.Aigif(model=aigif.GenerativeModel(adapters=(aigif.Adapter(name="x"),)))
    data = bytearray(with_text(200, b"opaque", value))
    refused = 0
    for bit in range(8 * 6, 8 * (6 + data[5])):
        damaged = bytearray(data)
        damaged[bit // 8] ^= 128 >> bit % 8
        try:
            read = aigif.loads(resealed(bytes(damaged)))
        except AigifError as error:
            refused += "0 strings are announced, 1 taken" in str(error)
        else:
            assert aigif.dumps(read) == resealed(bytes(damaged))
    assert refused == 1


@pytest.mark.parametrize(
    ("compressor", "payload", "kind", "message"),
    [
        (0, b"\xff", CorruptError, "not UTF-8 at its byte 0"),
        (0, b"\x01\x03", NotCanonicalError, "escape"),
        (0, b"x\x01", NotCanonicalError, "escape"),
        (0, b"", NotCanonicalError, "empty string"),
        (0, b"x\0y", CorruptError, "no element takes"),
        (0, b"a" * 33_000, LimitError, "32768"),
        (1, b"xx", CorruptError, "broken"),
        (1, compress(b"x")[:-1], CorruptError, "cut"),
        (1, compress(b"x") + b"x", CorruptError, "follow"),
    ],
)
def test_broken_text(compressor: int, payload: bytes, kind: type[AigifError], message: str) -> None:
    with pytest.raises(kind, match=message) as caught:
        aigif.loads(with_text(compressor, payload))
    assert type(caught.value) is kind


def test_too_much_text_is_not_written() -> None:
    with pytest.raises(LimitError, match="32768"):
        aigif.dumps(aigif.Aigif(data=aigif.Data(prompt="a" * 40_000)))


def test_the_smallest_text_coder() -> None:
    long = file.with_best_text(typical())
    assert long.compression.text_compressor == enums.TextCompressor.PROMPT
    short = file.with_best_text(aigif.Aigif(data=aigif.Data(prompt="q")))
    assert short.compression.text_compressor == enums.TextCompressor.NONE
    assert file.with_best_text(aigif.Aigif()) == aigif.Aigif()


def test_the_paper_profile_says_everything_that_it_cannot_carry() -> None:
    with pytest.raises(ElementError) as caught:
        aigif.dumps(typical().replace(model=typical().model.replace(scheduler=23)), profile="paper")
    assert "model.scheduler 23 does not fit 4 bits" in caught.value.problems
    assert "model.sigma_schedule has no place in this profile" in caught.value.problems
    assert "platform.torch has no place in this profile" in caught.value.problems
    assert len(caught.value.problems) == 4
    with pytest.raises(ElementError, match="no exact 32-bit float"):
        aigif.dumps(aigif.Aigif(data=aigif.Data(guidance_scale=6.3)), profile="paper")


def test_paper_text() -> None:
    value = aigif.Aigif(
        compression=aigif.CompressionOptions(text_compressor=1), data=aigif.Data(prompt="cat")
    )
    data = aigif.dumps(value, profile="paper")
    assert aigif.loads(data) == value
    assert aigif.dumps(aigif.loads(data), profile="paper") == data
    plain = aigif.dumps(value.replace(compression=aigif.CompressionOptions()), profile="paper")
    start = plain.index(b"\0\3cat")
    for other, message in ((b"\0\3\xff\xff\xff", "not UTF-8"), (b"\xff\xff", "the record is cut")):
        with pytest.raises(CorruptError, match=message):
            aigif.loads(resealed(plain[:start] + other + plain[start + 5 :]))
    packed = compress(b"")
    empty = aigif.dumps(value.replace(data=aigif.Data()), profile="paper")
    with pytest.raises(NotCanonicalError, match="empty string") as caught:
        aigif.loads(resealed(empty[:12] + bytes([0, len(packed)]) + packed + empty[14:]))
    assert caught.value.element == "data.prompt"
    with pytest.raises(UnsupportedError, match="text compressor 9"):
        aigif.loads(resealed(plain[:5] + bytes([plain[5] & 0b10000100 | 9 >> 1, plain[6] | 128]) + plain[7:]))


def test_an_unknown_profile_cannot_be_written() -> None:
    with pytest.raises(ElementError, match="choose one of paper, compact"):
        aigif.dumps(aigif.Aigif(), profile="tiny")


def test_load_and_save(tmp_path: Path) -> None:
    path = tmp_path / "picture.aigif"
    assert aigif.save(typical(), path) == path.stat().st_size
    assert aigif.load(path) == typical()
    path.write_bytes(b"nonsense")
    with pytest.raises(CorruptError, match=r"picture\.aigif"):
        aigif.load(path)
    with pytest.raises(ElementError):
        aigif.save(typical(), path, profile="paper")
    assert path.read_bytes() == b"nonsense"
    with pytest.raises(FileAccessError):
        aigif.load(tmp_path / "missing.aigif")


def test_lazy_names() -> None:
    assert aigif.Scheduler is enums.Scheduler
    assert aigif.read_metadata.__module__.startswith("aigif.importers")
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        aigif.nothing  # type: ignore[attr-defined]  # noqa: B018
