"""The reader of PNG texts: every kind of chunk, what programs get wrong, and what hostile files try."""

from __future__ import annotations

from pathlib import Path
from zlib import compress

import pytest

from aigif.errors import AigifError, CorruptError, FileAccessError, ImportMetadataError, LimitError
from aigif.importers import collect
from aigif.importers import png as png_reader
from aigif.importers.carriers import read_carriers
from tests.importers.pictures import SIGNATURE, chunk, compressed, international, plain, png

TEXT = "a prompt  \nSteps: 20"


@pytest.mark.parametrize(
    ("entry", "carrier"),
    [
        (plain("parameters", TEXT.encode()), "PNG tEXt"),
        (compressed("parameters", TEXT.encode()), "PNG zTXt"),
        (international("parameters", TEXT), "PNG iTXt"),
        (international("parameters", TEXT, packed=True), "PNG iTXt"),
    ],
)
@pytest.mark.parametrize("after", [False, True])
def test_every_kind_of_text_is_read(entry: bytes, carrier: str, after: bool) -> None:
    picture = read_carriers(png(after=(entry,)) if after else png(entry))
    assert (picture.width, picture.height) == (512, 768)
    (found,) = picture.all("parameters")
    assert (found.carrier, found.text, found.after_pixels) == (carrier, TEXT, after)
    assert picture.notes == ()


def test_a_path_and_bytes_give_the_same(tmp_path: Path) -> None:
    data = png(plain("Title", b"x"))
    (tmp_path / "a.png").write_bytes(data)
    assert read_carriers(tmp_path / "a.png") == read_carriers(data)
    assert read_carriers(str(tmp_path / "a.png")) == read_carriers(data)


def test_utf8_in_a_latin1_chunk_and_latin1() -> None:
    picture = read_carriers(png(plain("a", "テスト".encode()), plain("b", "café".encode("latin-1"))))
    assert [entry.text for entry in picture.entries] == ["テスト", "café"]


def test_a_wrong_checksum_is_a_note() -> None:
    entry = bytearray(plain("parameters", TEXT.encode()))
    entry[-1] ^= 1
    picture = read_carriers(png(bytes(entry)))
    assert picture.all("parameters")[0].text == TEXT
    assert picture.notes == ("the checksum of the tEXt chunk at byte 33 is wrong",)


def test_a_cut_file_keeps_what_came_before() -> None:
    data = png(plain("parameters", TEXT.encode()))
    picture = read_carriers(data[:-20])
    assert picture.all("parameters")[0].text == TEXT
    assert "cut" in picture.notes[0]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (chunk(b"tEXt", b"no separator"), "no key"),
        (chunk(b"zTXt", b"key\0"), "no key"),
        (chunk(b"zTXt", b"key\0\1xx"), "method 1"),
        (chunk(b"zTXt", b"key\0\0not deflate"), "decompressed"),
        (chunk(b"zTXt", b"key\0\0" + compress(b"x" * 99)[:-5]), "cut"),
        (chunk(b"iTXt", b"key\0\0\0en"), "no key"),
    ],
)
def test_a_text_that_says_nothing_is_left_out(body: bytes, reason: str) -> None:
    picture = read_carriers(png(body, plain("parameters", TEXT.encode())))
    assert [entry.key for entry in picture.entries] == ["parameters"]
    assert reason in picture.notes[0]


def test_bombs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = compress(bytes(collect.MAX_TEXT_BYTES + 1))
    for entry in (chunk(b"zTXt", b"k\0\0" + bomb), chunk(b"iTXt", b"k\0\1\0\0\0" + bomb)):
        with pytest.raises(LimitError) as refused:
            read_carriers(png(entry))
        assert refused.value.byte == 33
    monkeypatch.setattr(collect, "MAX_TEXT_BYTES", 100)
    with pytest.raises(LimitError):
        read_carriers(png(plain("a", b"x" * 60), plain("b", b"x" * 60)))
    with pytest.raises(LimitError):
        read_carriers(png(compressed("a", b"x" * 60), compressed("b", b"x" * 60)))
    assert len(read_carriers(png(plain("a", b"x" * 40), plain("b", b"x" * 40))).entries) == 2
    monkeypatch.setattr(png_reader, "MAX_CHUNKS", 3)
    with pytest.raises(LimitError):
        read_carriers(png(plain("a", b""), plain("b", b"")))


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (b"", ImportMetadataError, "empty"),
        (b"\xff\xd8\xff\xe0 jpeg", CorruptError, "JPEG"),
        (b"RIFF\0\0\0\0WEBPVP8L", CorruptError, "WebP"),
        (b"\xa1GIF\x11", ImportMetadataError, "AIGIF"),
        (b"hello", ImportMetadataError, "no picture"),
        (SIGNATURE, CorruptError, "header"),
        (SIGNATURE + chunk(b"IEND", b""), CorruptError, "header"),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes, kind: type[AigifError], words: str) -> None:
    with pytest.raises(kind, match=words):
        read_carriers(data)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.png", tmp_path, "a\0b"):
        with pytest.raises(FileAccessError):
            read_carriers(path)
