"""Pixel coders: lossless, bounded, and closed to everything that they did not write."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
from io import BytesIO
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFile, PngImagePlugin

from aigif import pixels
from aigif._gen.enums import PixelCompressor
from aigif.errors import CorruptError, LimitError, UnsupportedError, UsageError

CODERS = list(PixelCompressor)
CHANNELS = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "I;16": 2, "I;16B": 2}
ROOMY = 1 << 20  # pixels


def noise(mode: str, width: int, height: int, seed: int = 1) -> Image.Image:
    data = random.Random(seed).randbytes(CHANNELS[mode] * width * height)
    return Image.frombytes(mode, (width, height), data)


def writing(width: int = 96, height: int = 64) -> Image.Image:
    """Repeated letters, which libjxl stores as patches, in a frame of their own."""
    image = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(image)
    for line in range(0, height, 12):
        pen.text((2, line), "aigif aigif aigif", fill="black")
    return image


@st.composite
def pictures(draw: st.DrawFn) -> Image.Image:
    mode = draw(st.sampled_from(["RGB", "RGBA"]))
    width, height = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    size = len(mode) * width * height
    kind = draw(st.sampled_from(["noise", "flat", "repeated"]))
    if kind == "noise":
        data = random.Random(draw(st.integers())).randbytes(size)
    elif kind == "flat":
        data = draw(st.binary(min_size=len(mode), max_size=len(mode))) * (width * height)
    else:
        part = draw(st.binary(min_size=1, max_size=50))
        data = (part * (size // len(part) + 1))[:size]
    return Image.frombytes(mode, (width, height), data)


def same(left: Image.Image, right: Image.Image) -> bool:
    return (left.mode, left.size, left.tobytes()) == (right.mode, right.size, right.tobytes())


@pytest.mark.parametrize("coder", CODERS)
@given(picture=pictures())
@settings(max_examples=60, deadline=None)
def test_every_picture_comes_back(coder: int, picture: Image.Image) -> None:
    payload = pixels.encode(picture, coder)
    back = pixels.decode(payload, coder, picture.width * picture.height)
    assert same(back, picture)
    assert back.info == {}
    assert pixels.encode(back, coder) == payload
    assert pixels.pixel_hash(back) == pixels.pixel_hash(picture)


@pytest.mark.parametrize("coder", CODERS)
@pytest.mark.parametrize(
    "size",
    [(1, 1), (16, 9), (300, 200), (256, 256), (8, 264), (40, 50), (5, 4), (4, 3), (3, 2), (2, 1), (9000, 2)],
)
def test_every_form_of_a_size_is_read(coder: int, size: tuple[int, int]) -> None:
    # JPEG XL has short codes for sides in eights and for common ratios.
    picture = noise("RGB", *size)
    assert same(pixels.decode(pixels.encode(picture, coder), coder, ROOMY), picture)


@pytest.mark.parametrize("coder", CODERS)
@pytest.mark.parametrize("alpha", [0, 1, 255])
def test_colours_under_alpha_and_an_opaque_alpha_are_kept(coder: int, alpha: int) -> None:
    picture = noise("RGBA", 30, 20)
    picture.putalpha(alpha)
    assert same(pixels.decode(pixels.encode(picture, coder), coder, ROOMY), picture)


@pytest.mark.parametrize("coder", CODERS)
def test_writing_comes_back(coder: int) -> None:
    picture = writing(256, 256)
    assert same(pixels.decode(pixels.encode(picture, coder), coder, ROOMY), picture)


@pytest.mark.parametrize("coder", CODERS)
@pytest.mark.parametrize("mode", ["L", "LA", "I;16", "I;16B"])
def test_other_modes_are_stored_as_rgb_or_rgba(coder: int, mode: str) -> None:
    picture = noise(mode, 21, 13)
    back = pixels.decode(pixels.encode(picture, coder), coder, ROOMY)
    grey = picture.tobytes()[1 if mode == "I;16" else 0 :: CHANNELS[mode]]
    assert back.getchannel("R").tobytes() == back.getchannel("B").tobytes() == grey
    assert back.mode == ("RGBA" if mode == "LA" else "RGB")
    assert pixels.pixel_hash(picture) == pixels.pixel_hash(back)


def test_palettes_and_bilevel_pictures_take_their_colours() -> None:
    palette = Image.new("P", (2, 1))
    palette.putpalette([1, 2, 3, 4, 5, 6])
    palette.putpixel((1, 0), 1)
    assert pixels.as_samples(palette).tobytes() == bytes([1, 2, 3, 4, 5, 6])
    palette.info["transparency"] = 1
    assert pixels.as_samples(palette).tobytes() == bytes([1, 2, 3, 255, 4, 5, 6, 0])
    bilevel = Image.new("1", (2, 1))
    bilevel.putpixel((1, 0), 1)
    assert pixels.as_samples(bilevel).tobytes() == bytes([0, 0, 0, 255, 255, 255])


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr", "HSV", "LAB", "F", "I", "RGBX", "RGBa"])
def test_modes_without_one_meaning_are_refused(mode: str) -> None:
    with pytest.raises(UsageError, match=f"mode {mode}"):
        pixels.pixel_hash(Image.new(mode, (2, 2)))


def test_pictures_that_are_empty_or_broken_are_refused() -> None:
    with pytest.raises(UsageError, match="0 by 3"):
        pixels.encode(Image.new("RGB", (0, 3)), PixelCompressor.PNG)
    file = BytesIO()
    noise("RGB", 50, 50).save(file, "PNG")
    with pytest.raises(UsageError, match="can't be read"):
        pixels.encode(Image.open(BytesIO(file.getvalue()[:3000])), PixelCompressor.PNG)


def test_the_hash_is_what_its_definition_says() -> None:
    data = bytes(range(24))
    rgb = Image.frombytes("RGB", (2, 4), data)
    rgba = Image.frombytes("RGBA", (2, 3), data)
    head = "00000002 00000004 03", "00000002 00000003 04"
    assert pixels.pixel_hash(rgb) == hashlib.sha256(bytes.fromhex(head[0]) + data).digest()
    assert pixels.pixel_hash(rgba) == hashlib.sha256(bytes.fromhex(head[1]) + data).digest()


def test_the_raw_layout() -> None:
    picture = Image.frombytes("RGB", (2, 1), b"abcdef")
    assert pixels.encode(picture, PixelCompressor.NONE) == bytes.fromhex("03 00000002 00000001") + b"abcdef"


@pytest.mark.parametrize("coder", CODERS)
def test_metadata_of_the_picture_stays_out(coder: int) -> None:
    file = BytesIO()
    text = PngImagePlugin.PngInfo()
    text.add_text("parameters", "a secret prompt")
    picture = noise("RGB", 9, 9)
    exif = Image.Exif()
    exif[0x010E] = "a secret prompt"
    picture.save(file, "PNG", pnginfo=text, exif=exif, icc_profile=b"a secret profile", dpi=(72, 72))
    opened = Image.open(BytesIO(file.getvalue()))
    assert pixels.encode(opened, coder) == pixels.encode(picture, coder)
    assert opened.info["parameters"] == "a secret prompt"


@pytest.mark.parametrize("coder", CODERS)
def test_a_picture_over_the_limit_is_not_decoded(coder: int, monkeypatch: pytest.MonkeyPatch) -> None:
    payload = pixels.encode(noise("RGB", 20, 10), coder)
    monkeypatch.setattr(Image.Image, "frombytes", lambda *_: pytest.fail("decoded"))
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda *_: pytest.fail("decoded"))
    with pytest.raises(LimitError, match="20 by 10; at most 199 pixels"):
        pixels.decode(payload, coder, 199)


@pytest.mark.parametrize(("coder", "other"), [pair for pair in product(CODERS, CODERS) if pair[0] != pair[1]])
def test_another_format_is_not_guessed(coder: int, other: int) -> None:
    payload = pixels.encode(noise("RGB", 20, 10), other)
    with pytest.raises((CorruptError, LimitError)):
        pixels.decode(payload, coder, ROOMY)


def test_a_side_that_webp_cannot_hold_is_refused() -> None:
    with pytest.raises(UsageError, match="sides end at 16383"):
        pixels.encode(Image.new("RGB", (16384, 1)), PixelCompressor.WEBP)


def test_unknown_coders() -> None:
    with pytest.raises(UnsupportedError, match="pixel compressor 250 is unknown") as caught:
        pixels.decode(b"", 250, ROOMY)
    assert caught.value.element == "compression.pixel_compressor"
    with pytest.raises(UsageError, match="choose one of none, png, webp, jxl"):
        pixels.encode(noise("RGB", 2, 2), 250)


def test_a_library_that_changes_pixels_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    from aigif.pixels import png

    lossy = pixels.encode(Image.new("RGB", (4, 4), "red"), PixelCompressor.PNG)
    monkeypatch.setattr(png.PngCoder, "encode", lambda *_: lossy)
    with pytest.raises(UsageError, match="changed the pixels"):
        pixels.encode(Image.new("RGB", (4, 4), "blue"), PixelCompressor.PNG)


def test_importing_the_package_does_not_import_pillow() -> None:
    code = "import aigif.pixels, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert not {"PIL", "numpy", "torch", "pillow_jxl"} & set(done.stdout.split())
