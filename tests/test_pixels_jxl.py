"""JPEG XL payloads are walked over before libjxl sees them: every form that is not ours is refused."""

from __future__ import annotations

import sys
from io import BytesIO

import pytest
from PIL import Image, ImageDraw

from aigif import pixels
from aigif._gen.enums import PixelCompressor
from aigif.errors import CorruptError, LimitError, MissingPackageError
from aigif.pixels import jxl_frames, jxl_header

JXL = PixelCompressor.JXL
Field = tuple[int, int]  # width in bits, value

SIZE: list[Field] = [(1, 0), (2, 0), (9, 9), (3, 0), (2, 0), (9, 19)]  # height 10, width 20
IMAGE: list[Field] = [(1, 0), (1, 0), (1, 0), (2, 0), (1, 1), (2, 0), (1, 0), (1, 1), (2, 0), (1, 1)]
# The frame of an RGB picture that fills one group.
PICTURE: list[Field] = [
    (1, 0),  # 0: not all default
    (2, 0),  # 1: a regular frame
    (1, 1),  # 2: modular
    (2, 0),  # 3: no flags
    (1, 0),  # 4: not YCbCr
    (2, 0),  # 5: not enlarged
    (2, 1),  # 6: groups of 256
    (2, 0),  # 7: one pass
    (1, 0),  # 8: of the picture's size
    (2, 0),  # 9: replaces what is there
    (1, 1),  # 10: the last one
    (2, 0),  # 11: no name
    (1, 0),  # 12: a loop filter that is not the default,
    (1, 0),  # 13: without Gabor
    (2, 0),  # 14: and edge-preserving filter
    (2, 0),  # 15: no filter extensions
    (2, 0),  # 16: no extensions
]


def pack(fields: list[Field]) -> bytes:
    value = width = 0
    for bits, number in fields:
        value |= number << width
        width += bits
    return value.to_bytes((width + 7) // 8, "little")


def codestream(image: list[Field], frames: bytes = b"") -> bytes:
    return b"\xff\x0a" + pack(SIZE + image) + frames


def frame(fields: list[Field], sections: int = 1, permuted: int = 0) -> bytes:
    """A frame whose sections are empty."""
    return pack([*fields, (1, permuted)]) + pack([(2, 0), (10, 0)] * sections)


def changed(fields: list[Field], at: int, value: int) -> list[Field]:
    return [*fields[:at], (fields[at][0], value), *fields[at + 1 :]]


def writing() -> Image.Image:
    image = Image.new("RGB", (256, 128), "white")
    pen = ImageDraw.Draw(image)
    for line in range(0, 128, 12):
        pen.text((2, line), "aigif aigif aigif aigif", fill="black")
    return image


def walk(payload: bytes) -> None:
    shape, bits = jxl_header.read_shape(payload)
    jxl_frames.check_frames(payload, bits, shape)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("effort", [1, 3, 5, 7, 9])
def test_what_libjxl_writes_at_any_effort_is_read(effort: int, mode: str) -> None:
    import pillow_jxl  # noqa: F401 - registers the format

    for picture in (writing().convert(mode), Image.effect_noise((300, 280), 60).convert(mode)):
        file = BytesIO()
        picture.save(file, "JXL", lossless=True, effort=effort)
        assert pixels.decode(file.getvalue(), JXL, 1 << 20).tobytes() == picture.tobytes()


def test_writing_is_stored_with_a_frame_of_patches(monkeypatch: pytest.MonkeyPatch) -> None:
    counts: list[int] = []
    count = jxl_frames._count

    def counted(width: int, height: int, group: int) -> int:
        counts.append(width * height)
        return count(width, height, group)

    monkeypatch.setattr(jxl_frames, "_count", counted)
    payload = pixels.encode(writing(), JXL)
    counts.clear()
    assert pixels.decode(payload, JXL, 1 << 20).tobytes() == writing().tobytes()
    assert len(counts) == 2


def test_the_walk_ends_where_the_hand_made_codestream_ends() -> None:
    walk(codestream(IMAGE, frame(PICTURE)))
    with pytest.raises(CorruptError, match="bytes after the end"):
        walk(codestream(IMAGE, frame(PICTURE) + b"\0"))


@pytest.mark.parametrize(
    ("at", "value", "message"),
    [
        (0, 1, "XYB"),
        (1, 1, "orientation, preview and animation"),
        (2, 1, "not integers"),
        (3, 1, "not of 8 bits"),
        (5, 2, "channels other than"),
        (6, 1, "XYB"),
        (7, 0, "not sRGB"),
        (8, 1, "extensions"),
        (9, 0, "transforms"),
    ],
)
def test_headers_of_other_forms_are_refused(at: int, value: int, message: str) -> None:
    with pytest.raises(CorruptError, match=message):
        walk(codestream(changed(IMAGE, at, value), frame(PICTURE)))


@pytest.mark.parametrize(
    ("at", "value", "message"),
    [
        (0, 1, "XYB"),
        (1, 1, "neither the picture nor patches"),
        (1, 3, "neither the picture nor patches"),
        (2, 0, "VarDCT"),
        (3, 1, "noise, splines"),
        (4, 1, "YCbCr"),
        (5, 1, "enlarged"),
        (7, 1, "passes"),
        (8, 1, "not of the picture's size"),
        (9, 1, "blended"),
        (10, 0, "more than one frame"),
        (11, 1, "name"),
        (12, 1, "filtered"),
        (13, 1, "filtered"),
        (14, 2, "filtered"),
        (15, 1, "filter has extensions"),
        (16, 1, "a frame has extensions"),
    ],
)
def test_frames_of_other_forms_are_refused(at: int, value: int, message: str) -> None:
    with pytest.raises(CorruptError, match=message):
        walk(codestream(IMAGE, frame(changed(PICTURE, at, value))))


def test_permuted_sections_are_refused() -> None:
    with pytest.raises(CorruptError, match="permuted"):
        walk(codestream(IMAGE, frame(PICTURE, permuted=1)))


def patches(side: int) -> bytes:
    """A frame that is only referred to, of `side` by `side` pixels, 18688 or more."""
    crop: list[Field] = [(1, 1), (2, 3), (30, side - 18688), (2, 3), (30, side - 18688)]
    return frame([(1, 0), (2, 2), *PICTURE[2:7], *crop, (3, 0), *PICTURE[11:]])


def test_a_small_picture_with_a_huge_frame_is_refused() -> None:
    with pytest.raises(CorruptError, match="a frame of patches is 100000 by 100000 pixels"):
        pixels.decode(codestream(IMAGE, patches(100_000) + frame(PICTURE)), JXL, 1 << 20)


def test_more_frames_than_libjxl_keeps_are_refused() -> None:
    plain = frame([(1, 0), (2, 2), *PICTURE[2:7], (1, 0), (3, 0), *PICTURE[11:]])
    walk(codestream(IMAGE, plain * 3 + frame(PICTURE)))
    with pytest.raises(CorruptError, match="more than 3 frames"):
        walk(codestream(IMAGE, plain * 4 + frame(PICTURE)))


def test_a_huge_picture_is_refused_by_its_header() -> None:
    wide = [(1, 0), (2, 3), (30, (1 << 30) - 1), (3, 1)]
    with pytest.raises(LimitError, match="1073741824 by 1073741824"):
        pixels.decode(b"\xff\x0a" + pack(wide + IMAGE), JXL, 1 << 24)


def test_containers_are_refused() -> None:
    import pillow_jxl  # noqa: F401 - registers the format

    file = BytesIO()
    writing().save(file, "JXL", lossless=True, use_container=True)
    with pytest.raises(CorruptError, match="not a bare JPEG XL codestream"):
        pixels.decode(file.getvalue(), JXL, 1 << 20)


@pytest.mark.parametrize(
    "options", [{"lossless": False, "quality": 90}, {"lossless": True, "exif": b"MM\0*xxxx"}]
)
def test_lossy_files_and_metadata_are_refused(options: dict[str, object]) -> None:
    import pillow_jxl  # noqa: F401 - registers the format

    file = BytesIO()
    writing().save(file, "JXL", **options)
    with pytest.raises(CorruptError):
        pixels.decode(file.getvalue(), JXL, 1 << 20)


def test_without_the_package_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    payload = pixels.encode(writing(), JXL)
    monkeypatch.setitem(sys.modules, "pillow_jxl.JpegXLImagePlugin", None)
    for attempt in (lambda: pixels.encode(writing(), JXL), lambda: pixels.decode(payload, JXL, 1 << 20)):
        with pytest.raises(
            MissingPackageError, match=r'pillow-jxl-plugin; pip install "aigif\[jxl\]"'
        ) as caught:
            attempt()
        assert caught.value.exit_code == 5
