"""EXIF, XMP and comments of JPEG, WebP, AVIF and PNG, in every form that programs write them."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from aigif.errors import AigifError, LimitError
from aigif.importers import collect
from aigif.importers.carriers import read_carriers
from aigif.importers.texts import TextEntry
from aigif.importers.usercomment import user_comment
from tests.importers import pictures
from tests.importers.carriers_made import avif, comment, jpeg, png_chunk, tiff, webp

TEXT = 'a prompt, テスト\nSteps: 20, Sampler: Euler, "quoted"'
PLAIN = "a prompt\nSteps: 20, Sampler: Euler"
CHINESE = "一个美丽的风景"
PACKET = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">text</x:xmpmeta>'


def in_jpeg(block: bytes) -> bytes:
    return jpeg((0xE0, b"JFIF\0" + bytes(9)), (0xE1, b"Exif\0\0" + block))


def in_png(block: bytes) -> bytes:
    return pictures.png(png_chunk(b"eXIf", block), width=64, height=48)


def in_webp(block: bytes) -> bytes:
    return webp((b"EXIF", block))


def in_old_webp(block: bytes) -> bytes:
    return webp((b"EXIF", b"Exif\0\0" + block))


FORMATS = {"jpeg": in_jpeg, "png": in_png, "webp": in_webp, "old webp": in_old_webp, "avif": avif}


@pytest.mark.parametrize("wrap", FORMATS.values(), ids=FORMATS)
@pytest.mark.parametrize("big", [True, False])
def test_exif_of_every_format(wrap, big: bool) -> None:  # type: ignore[no-untyped-def]
    block = tiff(
        {
            0x010E: (2, b"Workflow: {}\0"),
            0x010F: (2, b"prompt:{}\0"),
            0x0131: (2, b"ok\0"),
            0x9C9C: (1, "コメント\0".encode("utf-16-le")),
        },
        {0x9286: (7, b"UNICODE\0" + TEXT.encode("utf-16-be")), 0x927C: (7, b"fooocus\0")},
        big=big,
    )
    picture = read_carriers(wrap(block))
    assert (picture.width, picture.height, picture.notes) == (64, 48, ())
    assert {entry.key: entry.text for entry in picture.entries} == {
        "ImageDescription": "Workflow: {}",
        "Make": "prompt:{}",
        "Software": "ok",
        "XPComment": "コメント",
        "UserComment": TEXT,
        "MakerNote": "fooocus",
    }
    assert {entry.carrier for entry in picture.entries} == {"EXIF"}
    assert [kept.kind for kept in picture.blocks] == ["EXIF"] and picture.blocks[0].data.endswith(block)


@pytest.mark.parametrize("text", [PLAIN, TEXT, CHINESE, "é", "x" * 9000])
@pytest.mark.parametrize("order", ["big", "little"])
@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        (b"UNICODE\0", "utf-16-be"),
        (b"UNICODE\0", "utf-16-le"),
        (b"UNICODE\0\xfe\xff", "utf-16-be"),
        (b"UNICODE\0\xff\xfe", "utf-16-le"),
        (b"ASCII\0\0\0", "utf-8"),
        (bytes(8), "utf-8"),
        (b"", "utf-8"),
    ],
)
def test_user_comments_in_the_wild(head: bytes, encoding: str, order: str, text: str) -> None:
    if head == b"" and len(text) < 8:
        pytest.skip("shorter than the eight bytes")
    value = head + text.encode(encoding)
    if head == b"UNICODE\0" and text in (CHINESE, "é") and encoding[-2:] != order[0] + "e":
        pytest.skip("nothing but the block's own order tells the order of such a text")
    assert user_comment(value, order)[0] == text
    assert user_comment(value + bytes(2), order)[0] == text


def test_user_comments_that_say_what_is_not_true() -> None:
    swapped = PLAIN.encode("utf-16-le").decode("utf-16-be").encode("utf-8")
    assert user_comment(bytes(8) + swapped, "big") == (PLAIN, "swapped")
    assert user_comment(b"UNICODE\0" + PLAIN.encode(), "big") == (PLAIN, "utf-8")
    assert user_comment(b"ASCII\0\0\0" + PLAIN.encode("utf-16-le"), "big") == (PLAIN, "utf-16-le")
    assert user_comment("caf\xe9 au lait".encode("latin-1"), "big")[0] == "café au lait"
    assert user_comment(b"", "big")[0] == ""
    cut = PLAIN.encode("utf-16-be") + b"\xd8\x00\x00"
    assert user_comment(b"UNICODE\0" + cut, "big")[0] == PLAIN + "\ud800"


@given(st.text(max_size=60), st.sampled_from(("big", "little")))
def test_ascii_and_its_kin_are_read_in_either_order(text: str, order: str) -> None:
    """A text that starts with a line of ASCII, as all generation metadata does."""
    whole = PLAIN + text.rstrip("\0")
    for encoding in ("utf-16-be", "utf-16-le"):
        value = b"UNICODE\0" + whole.encode(encoding)
        assert user_comment(value, order)[0] == whole


def test_xmp_of_every_format() -> None:
    segment = (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + PACKET)
    keyed = pictures.international("XML:com.adobe.xmp", PACKET.decode())
    for data in (jpeg(segment), webp((b"XMP ", PACKET)), avif(xmp=PACKET), avif(xmp=PACKET, version=1)):
        picture = read_carriers(data)
        (entry,) = picture.entries
        assert (entry.carrier, entry.key, entry.text) == ("XMP", "XMP", PACKET.decode())
        assert [(block.kind, block.data) for block in picture.blocks] == [("XMP", PACKET)]
    (entry,) = read_carriers(pictures.png(keyed)).all("XMP")
    assert entry.text == PACKET.decode()


def test_raw_profiles_of_imagemagick() -> None:
    block = comment(b"UNICODE\0" + TEXT.encode("utf-16-be"))
    for key, profile in (("exif", b"Exif\0\0" + block), ("APP1", block), ("xmp", PACKET)):
        body = f"\n{key}\n{len(profile):8}\n".encode()
        body += b"\n".join(profile.hex().encode()[at : at + 72] for at in range(0, 2 * len(profile), 72))
        for entry in (pictures.plain, pictures.compressed):
            picture = read_carriers(pictures.png(entry(f"Raw profile type {key}", body)))
            assert picture.entries[-1].text == (PACKET.decode() if key == "xmp" else TEXT)
            assert len(picture.blocks) == 1
    broken = read_carriers(pictures.png(pictures.plain("Raw profile type exif", b"\nexif\n 4\nxyz")))
    assert "can't be read" in broken.notes[0]


def test_the_same_as_pillow_reads() -> None:
    """Pictures that another writer made."""
    exif = Image.Exif()
    exif[0x010F] = "workflow:{}"
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + TEXT.encode("utf-16-be")
    image = Image.effect_noise((64, 48), 50).convert("RGB")
    for name in ("JPEG", "WEBP", "AVIF", "PNG"):
        held = io.BytesIO()
        image.save(held, name, exif=exif.tobytes())
        picture = read_carriers(held.getvalue())
        assert (picture.width, picture.height, picture.notes) == (64, 48, ())
        assert picture.all("UserComment")[0].text == TEXT
        assert picture.all("Make")[0].text == "workflow:{}"


@pytest.mark.parametrize("lossless", [True, False])
def test_the_size_of_plain_webp(lossless: bool) -> None:
    held = io.BytesIO()
    Image.new("RGB", (123, 45)).save(held, "WEBP", lossless=lossless)
    assert read_carriers(held.getvalue()).width == 123
    frames = [Image.new("RGB", (20, 10), colour) for colour in ("red", "green", "blue")]
    held = io.BytesIO()
    frames[0].save(held, "WEBP", save_all=True, append_images=frames[1:])
    assert read_carriers(held.getvalue()).frames == 3


def test_a_jpeg_comment_fill_bytes_and_what_is_after_the_scan() -> None:
    data = jpeg((0xFE, PLAIN.encode()))
    data = data[:2] + b"\xff\xff\xff" + data[2:]
    picture = read_carriers(data + jpeg((0xFE, b"second"))[2:])
    assert [(entry.carrier, entry.key, entry.text) for entry in picture.entries] == [
        ("JPEG comment", "comment", PLAIN)
    ]


def test_the_extension_does_not_matter(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "2.jpg"
    path.write_bytes(pictures.with_infotext(PLAIN))
    assert read_carriers(path).format == "png"


def test_broken_exif_is_a_note_or_less() -> None:
    assert "can't be read" in read_carriers(in_jpeg(b"nothing")).notes[0]
    looped = bytearray(comment(b"ASCII\0\0\0x"))
    looped[18:22] = (8).to_bytes(4, "big")  # the EXIF folder is the first one again
    assert read_carriers(in_jpeg(bytes(looped))).entries == ()
    past = bytearray(tiff({0x010F: (2, b"a long text")}))
    past[18:22] = (1 << 30).to_bytes(4, "big")
    assert [entry.text for entry in read_carriers(in_jpeg(bytes(past))).entries] == [""]


def test_texts_are_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collect, "MAX_TEXT_BYTES", 100)
    big = comment(b"ASCII\0\0\0" + b"x" * 200)
    for data in (in_jpeg(big), in_png(big), in_webp(big), avif(big), jpeg((0xFE, b"x" * 200))):
        with pytest.raises(LimitError):
            read_carriers(data)
    many = tiff({0x010E: (2, b"x" * 60), 0x010F: (2, b"y" * 60)})
    with pytest.raises(LimitError):
        read_carriers(in_jpeg(many))


WHOLE = [wrap(comment(b"UNICODE\0" + TEXT.encode("utf-16-be"))) for wrap in FORMATS.values()]


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from([*WHOLE, avif(xmp=PACKET, version=1), jpeg((0xFE, b"x"))]),
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 255)), max_size=6),
    st.none() | st.integers(0, 500),
)
def test_damaged_files_give_nothing_but_refusals(
    data: bytes, changes: list[tuple[int, int]], length: int | None
) -> None:
    damaged = bytearray(data)
    for place, value in changes:
        damaged[place % len(damaged)] = value
    try:
        picture = read_carriers(bytes(damaged[:length]))
    except AigifError:
        return
    assert all(isinstance(entry, TextEntry) for entry in picture.entries)
