"""The metadata of a program, kept in a file and given back byte for byte, into a PNG too."""

from __future__ import annotations

import gzip
import io
import json
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import aigif
from aigif import file, importers
from aigif._gen.container import METADATA_SECTION
from aigif.errors import AigifError, CorruptError, LimitError
from aigif.importers import keeping, stealth, writing
from aigif.importers.carriers import read_carriers
from aigif.importers.texts import Block, PictureText
from tests.importers import pictures
from tests.importers.carriers_made import comment, jpeg

INFOTEXT = (
    "a lighthouse, テスト \nNegative prompt: blurry\nSteps: 25, Sampler: Euler a, Schedule type: Automatic, "
    "CFG scale: 7.0, Seed: 5, Size: 64x64, Model hash: cc6cb27103, Model: some model, Version: v1.10.1"
)
ASCII_TEXT = INFOTEXT.replace("テスト", "test")


def kept(aigif_: aigif.Aigif, blocks: tuple[Block, ...]) -> tuple[aigif.Aigif, int]:
    """A file with the blocks after it was written and read, and the section's length."""
    made = aigif.loads(aigif.dumps(keeping.with_blocks(aigif_, blocks)))
    return made, len(file.section(made, METADATA_SECTION) or b"")


@pytest.mark.parametrize(
    "data",
    [
        pictures.png(pictures.plain("parameters", ASCII_TEXT.encode())),
        pictures.png(pictures.plain("parameters", INFOTEXT.encode())),
        pictures.png(pictures.chunk(b"iTXt", b"parameters" + bytes(5) + INFOTEXT.encode())),
    ],
)
def test_a_usual_infotext_costs_three_bytes(data: bytes) -> None:
    found = importers.read(data)
    made, size = kept(found.aigif, found.blocks)
    assert keeping.blocks_of(made) == keeping.Kept(found.blocks)
    assert size == 3


def test_an_infotext_in_exif_costs_three_bytes() -> None:
    text = INFOTEXT.replace("64x64", "64x48")
    value = b"UNICODE\0" + text.encode("utf-16-be")
    # As piexif lays it out, which leaves out the pointer to a next folder.
    folders = b"MM\0*\0\0\0\x08\0\1\x87\x69\0\4\0\0\0\1\0\0\0\x1a\0\0\0\0\0\1\x92\x86\0\7"
    block = folders + len(value).to_bytes(4, "big") + b"\0\0\0\x28" + value
    found = importers.read(jpeg((0xE1, b"Exif\0\0" + block)))
    made, size = kept(found.aigif, found.blocks)
    assert keeping.blocks_of(made) == keeping.Kept(found.blocks)
    assert size == 3


def test_an_infotext_beside_others_is_not_stored_twice() -> None:
    packed = gzip.compress(INFOTEXT.encode(), mtime=1)
    blocks = (
        Block("PNG tEXt", b"Software\0some program"),
        Block("PNG zTXt", b"parameters\0\0" + zlib.compress(INFOTEXT.encode())),
        Block("PNG iTXt", b"a\0\1\0en\0b\0" + zlib.compress(INFOTEXT.encode(), 9), True),
        Block("stealth alpha gzip", packed, True),
        Block("EXIF", comment(b"UNICODE\0" + INFOTEXT.encode("utf-16-le"), big=False)),
    )
    found = importers.read(pictures.with_infotext(INFOTEXT, 64, 64))
    made, size = kept(found.aigif, blocks)
    assert keeping.blocks_of(made) == keeping.Kept(blocks)
    assert size < 150 < len(zlib.compress(INFOTEXT.encode()))


def test_after_an_edit_the_infotext_tells_of_the_new_elements() -> None:
    found = importers.read(
        pictures.png(pictures.plain("parameters", ASCII_TEXT.encode()), width=64, height=64)
    )
    made, _ = kept(found.aigif, found.blocks)
    changed = file.edited(made, data=made.data.replace(seed=77))
    again = keeping.blocks_of(aigif.loads(aigif.dumps(changed)))
    assert again is not None and again.changed
    assert again.blocks[0].data == b"parameters\0" + ASCII_TEXT.replace("Seed: 5", "Seed: 77").encode()


BLOCKS = st.lists(
    st.builds(Block, st.sampled_from(keeping.KINDS), st.binary(max_size=80), st.booleans()),
    min_size=1,
    max_size=6,
)


@given(BLOCKS)
def test_any_blocks_come_back(blocks: list[Block]) -> None:
    made, _ = kept(aigif.Aigif(), tuple(blocks))
    assert keeping.blocks_of(made) == keeping.Kept(tuple(blocks))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60) | st.binary(max_size=40).map(lambda body: b"\0" + body))
def test_any_section_is_read_or_refused(payload: bytes) -> None:
    made = file.with_section(aigif.Aigif(), METADATA_SECTION, payload)
    try:
        keeping.blocks_of(aigif.loads(aigif.dumps(made)))
    except AigifError as error:
        assert isinstance(error, CorruptError | LimitError)


def test_bombs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    big = (Block("PNG tEXt", b"a\0" + bytes(5000)),)
    made, size = kept(aigif.Aigif(), big)
    assert size < 100
    monkeypatch.setattr(keeping, "METADATA_BYTES", 4000)
    with pytest.raises(LimitError):
        keeping.blocks_of(made)
    with pytest.raises(LimitError):
        keeping.with_blocks(aigif.Aigif(), big)


def test_a_large_graph_does_not_count_for_the_largest_file() -> None:
    import random

    noise = random.Random(1).randbytes(90_000).hex()
    blocks = (Block("PNG tEXt", b"workflow\0" + json.dumps({"x": noise}).encode()),)
    made, size = kept(aigif.Aigif(), blocks)
    assert size > 65536 and keeping.blocks_of(made) == keeping.Kept(blocks)


def test_without_blocks_there_is_no_section() -> None:
    made, _ = kept(aigif.Aigif(), (Block("XMP", b"x"),))
    assert keeping.with_blocks(made, ()) == aigif.Aigif() or not keeping.with_blocks(made, ()).sections
    assert keeping.blocks_of(aigif.Aigif()) is None


# Into a new PNG.


def png_of(image: Image.Image) -> bytes:
    held = io.BytesIO()
    image.save(held, "PNG")
    return held.getvalue()


def test_a_png_gets_its_metadata_back() -> None:
    entries = (pictures.plain("parameters", ASCII_TEXT.encode()), pictures.compressed("b", b"c"))
    original = read_carriers(pictures.png(entries[0], after=(entries[1],)))
    again = writing.with_metadata(png_of(Image.new("RGB", (64, 64))), original.blocks)
    assert read_carriers(again).blocks == original.blocks
    with Image.open(io.BytesIO(again)) as image:
        image.load()
        assert image.info["parameters"] == ASCII_TEXT and image.info["b"] == "c"


def test_what_stood_in_a_jpeg_stands_in_the_png() -> None:
    block = comment(b"UNICODE\0" + INFOTEXT.encode("utf-16-be"))
    packet = b"<x:xmpmeta/>"
    original = read_carriers(
        jpeg(
            (0xE1, b"Exif\0\0" + block),
            (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet),
            (0xFE, b"a comment"),
        )
    )
    again = writing.with_metadata(png_of(Image.new("RGB", (64, 48))), original.blocks)
    found = read_carriers(again)
    assert {entry.key: entry.text for entry in found.entries} == {
        "UserComment": INFOTEXT,
        "XMP": packet.decode(),
        "comment": "a comment",
    }
    with Image.open(io.BytesIO(again)) as image:
        assert image.getexif().get_ifd(0x8769)[0x9286].endswith(INFOTEXT.encode("utf-16-be"))


@pytest.mark.parametrize("carrier", stealth.SIGNATURES)
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_hidden_texts_come_back_hidden(carrier: str, packed: bool, mode: str) -> None:
    payload = gzip.compress(INFOTEXT.encode()) if packed else INFOTEXT.encode()
    block = Block(carrier + stealth.GZIP * packed, payload, True)
    image = Image.effect_noise((90, 70), 80).convert(mode)
    again = writing.with_metadata(png_of(writing.hidden(image, [block])), [block])
    with Image.open(io.BytesIO(again)) as back:
        found = stealth.with_stealth(PictureText("png", 90, 70, ()), back)
    assert [(entry.carrier, entry.text) for entry in found.entries] == [(carrier, INFOTEXT)]
    assert found.blocks == (block,)


def test_hiding_changes_nothing_but_lowest_bits() -> None:
    image = Image.effect_noise((90, 70), 80).convert("RGB")
    changed = stealth.hide(image, "stealth RGB", False, b"text")
    pairs = zip(image.tobytes(), changed.tobytes(), strict=True)
    assert all(a | 1 == b | 1 for a, b in pairs)
    with pytest.raises(LimitError):
        stealth.hide(Image.new("RGB", (8, 8)), "stealth RGB", False, b"text" * 10)


def by_the_book(image: Image.Image) -> str:
    """The bits of the alpha channel, read pixel by pixel, column by column."""
    pixels = image.load()
    bits = "".join(str(pixels[x, y][3] & 1) for x in range(image.width) for y in range(image.height))
    data = int(bits, 2).to_bytes(len(bits) // 8, "big")
    assert data.startswith(b"stealth_pnginfo")
    return data[19 : 19 + int.from_bytes(data[15:19], "big") // 8].decode()


def test_the_order_of_the_bits() -> None:
    image = stealth.hide(Image.new("RGB", (40, 30)), "stealth alpha", False, b"hidden text")
    assert by_the_book(image) == "hidden text"


def test_hidden_text_is_found_where_the_file_tells_nothing() -> None:
    image = stealth.hide(Image.new("RGB", (64, 64)), "stealth alpha", True, gzip.compress(INFOTEXT.encode()))
    found = importers.read(png_of(image))
    assert found.aigif.data.seed == 5
    assert found.blocks[0].kind == "stealth alpha gzip"
