"""Payloads that no coder wrote: each is refused by a typed error, whatever the bytes are."""

from __future__ import annotations

import random
import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFile

from aigif import pixels
from aigif._gen.enums import PixelCompressor
from aigif.errors import AigifError, CorruptError, LimitError

CODERS = list(PixelCompressor)
ROOMY = 1 << 20  # pixels


def noise(mode: str, width: int, height: int, seed: int = 1) -> Image.Image:
    data = random.Random(seed).randbytes(len(mode) * width * height)
    return Image.frombytes(mode, (width, height), data)


def writing(width: int = 96, height: int = 64) -> Image.Image:
    """Repeated letters, which libjxl stores as patches, in a frame of their own."""
    image = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(image)
    for line in range(0, height, 12):
        pen.text((2, line), "aigif aigif aigif", fill="black")
    return image


@pytest.mark.parametrize("coder", CODERS)
@pytest.mark.parametrize(
    "picture", [noise("RGB", 6, 5), noise("RGBA", 6, 5), writing()], ids=["rgb", "rgba", "text"]
)
def test_every_truncation_and_every_tail_is_refused(
    coder: int, picture: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)  # an application may have set it
    payload = pixels.encode(picture, coder)
    ends = range(len(payload)) if len(payload) < 400 else [*range(100), *range(100, len(payload), 97)]
    for end in {*ends, len(payload) - 1}:
        with pytest.raises(CorruptError):
            pixels.decode(payload[:end], coder, ROOMY)
    for tail in (b"\0", b"\xff", b"tail", payload):
        with pytest.raises(CorruptError):
            pixels.decode(payload + tail, coder, ROOMY)


def mutations(coder: int) -> st.SearchStrategy[bytes]:
    payloads = [
        pixels.encode(picture, coder) for picture in (noise("RGB", 7, 6), noise("RGBA", 5, 9), writing())
    ]

    @st.composite
    def mutated(draw: st.DrawFn) -> bytes:
        data = bytearray(draw(st.sampled_from(payloads)))
        for _ in range(draw(st.integers(1, 4))):
            near = draw(st.sampled_from([12, 40, len(data)]))
            at = draw(st.integers(0, min(near, len(data) - 1)))
            data[at : at + draw(st.integers(0, 4))] = draw(st.binary(max_size=4))
            if not data:
                break
        return bytes(data)

    return mutated()


@pytest.mark.parametrize("coder", CODERS)
def test_hostile_bytes_give_a_picture_or_an_error(coder: int) -> None:
    starts = {1: b"\x89PNG\r\n\x1a\n", 2: b"RIFF", 3: b"\xff\x0a"}

    @given(
        st.binary(max_size=200) | st.binary(max_size=200).map(lambda data: starts.get(coder, b"\3") + data)
    )
    @settings(max_examples=300, deadline=None)
    def random_bytes(data: bytes) -> None:
        check(data)

    @given(mutations(coder))
    @settings(max_examples=300, deadline=None)
    def mutated_bytes(data: bytes) -> None:
        check(data)

    def check(data: bytes) -> None:
        try:
            picture = pixels.decode(data, coder, 10_000)
        except AigifError as error:
            assert isinstance(error, CorruptError | LimitError)
            assert error.hint
        else:
            assert picture.mode in ("RGB", "RGBA")
            assert picture.width * picture.height <= 10_000

    random_bytes()
    mutated_bytes()


def chunk(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def header(width: int = 2, height: int = 2, form: tuple[int, ...] = (8, 2, 0, 0, 0)) -> bytes:
    return chunk(b"IHDR", struct.pack(">II5B", width, height, *form))


ROWS = (b"\0" + b"abcdef") * 2
DATA = chunk(b"IDAT", zlib.compress(ROWS))
END = chunk(b"IEND")


@pytest.mark.parametrize(
    ("chunks", "message"),
    [
        ((DATA, END), "first chunk is not IHDR"),
        ((header(), END), "cut"),
        ((header(), DATA), "IEND chunk is missing"),
        ((header(), header(), DATA, END), "not one IHDR"),
        ((header(), DATA, END, END), "not one IHDR"),
        ((header(), DATA, chunk(b"IEND", b"x")), "not one IHDR"),
        ((header(), chunk(b"tEXt", b"a\0b"), DATA, END), "tEXt.* has no place"),
        ((header(), chunk(b"acTL", bytes(8)), DATA, END), "acTL.* has no place"),
        ((header(form=(16, 2, 0, 0, 0)), DATA, END), "not 8-bit"),
        ((header(form=(8, 3, 0, 0, 0)), DATA, END), "not 8-bit"),
        ((header(form=(8, 2, 0, 0, 1)), DATA, END), "not 8-bit"),
        ((header(0, 5), DATA, END), "0 by 5"),
        ((chunk(b"IHDR", bytes(12)), DATA, END), "IHDR chunk of 12 bytes"),
        ((header(), chunk(b"IDAT", zlib.compress(ROWS[:-1])), END), "cut"),
        ((header(), chunk(b"IDAT", zlib.compress(ROWS + b"x")), END), "more samples"),
        ((header(), chunk(b"IDAT", zlib.compress(bytes(10_000_000))), END), "more samples"),
        ((header(), chunk(b"IDAT", zlib.compress(ROWS) + b"x"), END), "after the compressed"),
        ((header(), DATA, chunk(b"IDAT", b"x"), END), "after the compressed"),
        ((header(), chunk(b"IDAT", zlib.compress(ROWS)[:-2]), END), "cut"),
        ((header(), chunk(b"IDAT", b"\0" * 9), END), "damaged"),
        ((header(), chunk(b"IDAT", zlib.compress(b"\7" + ROWS[1:])), END), None),
    ],
)
def test_png_files_of_other_forms_are_refused(chunks: tuple[bytes, ...], message: str | None) -> None:
    payload = b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
    with pytest.raises(CorruptError, match=message):
        pixels.decode(payload, PixelCompressor.PNG, ROOMY)


def test_png_data_in_many_chunks_is_read() -> None:
    data = zlib.compress(ROWS)
    parts = b"".join(chunk(b"IDAT", bytes([byte])) for byte in data)
    payload = b"\x89PNG\r\n\x1a\n" + header() + chunk(b"IDAT") + parts + END
    assert pixels.decode(payload, PixelCompressor.PNG, 4).tobytes() == b"abcdef" * 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lossless": False}, "VP8 "),
        ({"lossless": True, "exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"}, "VP8X"),
        ({"save_all": True, "append_images": [noise("RGB", 9, 8, 2)], "lossless": True}, "VP8X"),
    ],
)
def test_webp_files_of_other_forms_are_refused(options: dict[str, object], message: str) -> None:
    file = BytesIO()
    noise("RGB", 9, 8).save(file, "WEBP", **options)
    with pytest.raises(CorruptError, match=message):
        pixels.decode(file.getvalue(), PixelCompressor.WEBP, ROOMY)


@pytest.mark.parametrize(
    ("at", "change", "message"),
    [
        (0, b"riff", "not a WebP"),
        (4, b"\0\0\0\0", "do not add up"),
        (16, b"\0\0\0\0", "do not add up"),
        (20, b"\x2e", "signature is missing"),
        (24, b"\x2f", "version other than 0"),
        (-1, b"\1", "padding is not zero"),
    ],
)
def test_webp_headers_are_checked(at: int, change: bytes, message: str) -> None:
    payload = bytearray(pixels.encode(Image.new("RGB", (9, 7), "red"), PixelCompressor.WEBP))
    if at == -1:
        length = int.from_bytes(payload[16:20], "little")
        assert length % 2, "the test needs a payload with padding"
        at = len(payload) - 1
    payload[at : at + len(change)] = change
    with pytest.raises(CorruptError, match=message):
        pixels.decode(bytes(payload), PixelCompressor.WEBP, ROOMY)


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ("", "0 bytes are less than the header"),
        ("01 00000001 00000001 00", "1 channels"),
        ("03 00000000 00000001", "0 by 1"),
        ("03 00000001 00000001 0000", "11 bytes; a picture of this size takes 12"),
        ("03 00000001 00000001 00000000", "13 bytes; a picture of this size takes 12"),
    ],
)
def test_raw_payloads_that_do_not_add_up_are_refused(payload: str, message: str) -> None:
    with pytest.raises(CorruptError, match=message):
        pixels.decode(bytes.fromhex(payload), PixelCompressor.NONE, ROOMY)
