"""ThumbHash previews, checked against hashes that the format's own JavaScript package printed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from aigif.errors import CorruptError, UsageError
from aigif.pixels import preview

# Printed by rgbaToThumbHash of npm's thumbhash 0.1.1 for pattern(width, height, kind), with the size that
# its thumbHashToRGBA gives and the first eight pixels (RGBA).
REFERENCE = [
    (
        16,
        16,
        0,
        "cdf685150225a387c0877978885e1f37fa6670778588877878",
        (32, 32),
        "25263e0025253d0024253c0023243b0022233903212337062022350a2021330d",
    ),
    (
        40,
        30,
        1,
        "98070a1d906176767087887688688887f6b50fd788",
        (32, 23),
        "131f00ff152000ff182200ff1d2400ff222501ff252408ff28220eff2a1e14ff",
    ),
    (
        30,
        40,
        2,
        "5fb885140c3a84078a788886570cdba16f0677478777787707",
        (26, 32),
        "61825c0061815c0060815d005e805e005d7e5f0a5b7d601a597b612958786337",
    ),
    (
        100,
        10,
        3,
        "18480a198834059972885888ad9f5fd087",
        (32, 5),
        "2c2200ff2f2300ff362600ff402b00ff4e3300ff5f3d00ff714709ff84511bff",
    ),
    (
        7,
        100,
        4,
        "1aa88519063a529589a808ff684b08b976777078877777",
        (6, 32),
        "478a230240833c2d3a7a5a353b77662f447b5c404c7f4f4a498c250642853e30",
    ),
    (
        33,
        21,
        5,
        "5ec9091c94405769728879867886a68c0fc577",
        (32, 18),
        "097d00ff0c7e00ff138000ff1c8200ff268300ff2f8200ff387f00ff417b04ff",
    ),
    (
        1,
        1,
        6,
        "00088205000000000000000000000000000000000000000000",
        (32, 32),
        "0300000003000000030000000300000003000000030000000300000003000000",
    ),
    (
        64,
        64,
        7,
        "5fd8052f0e4616b06876967e771877177774a9b8f8577400",
        (32, 32),
        "0daa00ff12ad00ff1ab400ff27be07ff36c915ff45d424ff53de31ff5fe43cff",
    ),
    (
        5,
        3,
        8,
        "91fa80038001d087b38778e08808bd7870778688878877",
        (32, 19),
        "1ea30c111ea30c111ea30c111ea30c111ea30c111ea30c111ea30c111ea30c11",
    ),
]
HEADER = (6, 6, 6, 5, 1, 3, 6, 6, 1)


def pattern(width: int, height: int, kind: int) -> Image.Image:
    """RGBA; of odd kinds opaque."""
    data = bytearray()
    for y in range(height):
        for x in range(width):
            alpha = 255 if kind % 2 else min(255, x * 8 + y * 3)
            data += bytes(
                ((x * (kind + 3) + y) % 256, (y * 5 + kind * 20) % 256, (x * y + kind) % 256, alpha)
            )
    return Image.frombytes("RGBA", (width, height), bytes(data))


def fields(hashed: bytes) -> list[int]:
    """The header's fields and then every nibble."""
    value = int.from_bytes(hashed, "little")
    out = []
    for width in (*HEADER, *[4] * (2 * (len(hashed) - 5))):
        out.append(value & (1 << width) - 1)
        value >>= width
    return out


@pytest.mark.parametrize(("width", "height", "kind", "hashed", "size", "start"), REFERENCE)
def test_it_agrees_with_the_reference(
    width: int, height: int, kind: int, hashed: str, size: tuple[int, int], start: str
) -> None:
    reference = bytes.fromhex(hashed)
    ours = preview.encode(pattern(width, height, kind))
    assert len(ours) == len(reference)
    # A term that is zero but for rounding errors may fall on either side.
    assert max(abs(a - b) for a, b in zip(fields(ours), fields(reference), strict=True)) <= 1
    picture = preview.decode(reference)
    assert picture.size == size
    assert picture.mode == ("RGBA" if kind % 2 == 0 else "RGB")
    shown = picture.convert("RGBA").tobytes()[: len(start) // 2]
    # The reference cuts samples, we round them.
    assert max(abs(a - b) for a, b in zip(shown, bytes.fromhex(start), strict=True)) <= 1


def test_a_flat_picture_keeps_its_colour_and_form() -> None:
    picture = preview.decode(preview.encode(Image.new("RGB", (640, 320), (200, 100, 50))))
    assert picture.size == (32, 18)  # 7 terms by 4
    assert all(
        max(abs(a - b) for a, b in zip(pixel, (200, 100, 50), strict=True)) <= 6 for pixel in colours(picture)
    )


def colours(picture: Image.Image) -> set[tuple[int, ...]]:
    data = picture.tobytes()
    step = len(picture.mode)
    return {tuple(data[at : at + step]) for at in range(0, len(data), step)}


@given(
    st.integers(1, 300),
    st.integers(1, 300),
    st.sampled_from(["RGB", "RGBA", "L"]),
    st.binary(min_size=4, max_size=9),
)
@settings(max_examples=60, deadline=None)
def test_every_picture_has_a_preview(width: int, height: int, mode: str, part: bytes) -> None:
    size = {"RGB": 3, "RGBA": 4, "L": 1}[mode] * width * height
    picture = Image.frombytes(mode, (width, height), (part * (size // len(part) + 1))[:size])
    hashed = preview.encode(picture)
    assert 17 <= len(hashed) <= 25
    shown = preview.decode(hashed, 16)
    assert max(shown.size) == 16
    assert shown.width >= shown.height or width < height
    assert shown.height >= shown.width or height < width


@given(st.binary(max_size=40))
@settings(max_examples=500, deadline=None)
def test_random_bytes_give_a_picture_or_corrupt_error(data: bytes) -> None:
    try:
        picture = preview.decode(data, 8)
    except CorruptError as error:
        assert error.element == "verification.preview"
    else:
        assert max(picture.size) == 8
        assert len(data) <= 25


def test_every_truncation_and_tail_is_refused() -> None:
    for kind in (0, 1):
        hashed = preview.encode(pattern(20, 20, kind))
        for end in range(len(hashed)):
            with pytest.raises(CorruptError):
                preview.decode(hashed[:end])
        with pytest.raises(CorruptError, match="after its end"):
            preview.decode(hashed + b"\0")


@pytest.mark.parametrize("side", [0, 257])
def test_other_sides_are_refused(side: int) -> None:
    with pytest.raises(UsageError, match="1 to 256"):
        preview.decode(preview.encode(pattern(4, 4, 1)), side)
