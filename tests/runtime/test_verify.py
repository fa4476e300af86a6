"""Grades, figures and causes."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy
import pytest
from PIL import Image

import aigif
from aigif._gen.types import Aigif, CompressionOptions, Verification
from aigif.errors import FileAccessError, LimitError, UsageError
from aigif.file import with_section
from aigif.pixels import encode, pixel_hash
from aigif.runtime.compare import Difference, Expectation
from aigif.runtime.similarity import ms_ssim, psnr
from aigif.runtime.verify import BIT_EXACT, DIFFERENT, SAME_PICTURE

Plane = numpy.ndarray[Any, numpy.dtype[numpy.float64]]


def picture(side: int = 200, seed: int = 0) -> Image.Image:
    """A picture with structure at every scale: a random walk in both directions."""
    random = numpy.random.default_rng(seed)
    steps = random.normal(0, 4, (side, side, 3)).cumsum(0).cumsum(1)
    scaled = 40 + 170 * (steps - steps.min()) / (steps.max() - steps.min())
    return Image.fromarray(scaled.astype(numpy.uint8))


def shifted(image: Image.Image, by: int) -> Image.Image:
    return Image.fromarray(numpy.asarray(image) + numpy.uint8(by))


def noisy(image: Image.Image, sigma: float) -> Image.Image:
    samples = numpy.asarray(image) + numpy.random.default_rng(1).normal(0, sigma, numpy.asarray(image).shape)
    return Image.fromarray(samples.round().clip(0, 255).astype(numpy.uint8))


def of(image: Image.Image, length: int = 8) -> Aigif:
    return Aigif(verification=Verification(pixel_hash=pixel_hash(image)[:length]))


def test_psnr_is_the_textbook_formula() -> None:
    first, second = picture(), noisy(picture(), 5)
    error = numpy.mean((numpy.asarray(first, float) - numpy.asarray(second, float)) ** 2)
    assert psnr(first, second) == pytest.approx(10 * math.log10(255**2 / error), abs=1e-9)
    assert psnr(first, first) == math.inf
    assert psnr(first, shifted(first, 1)) == pytest.approx(20 * math.log10(255))
    with pytest.raises(ValueError, match="one size"):
        psnr(first, picture(100))


def test_ms_ssim_against_its_definition() -> None:
    # Wang, Simoncelli and Bovik 2003, in numpy and scipy, on one channel; 192 halves four times without a rest.
    from scipy.ndimage import correlate1d

    images = [image.convert("L").convert("RGB") for image in (picture(192), noisy(picture(192), 8))]
    planes = [numpy.asarray(image, float)[:, :, 0] for image in images]
    offsets = numpy.arange(11) - 5
    window = numpy.exp(-(offsets**2) / (2 * 1.5**2))
    window /= window.sum()

    def blur(plane: Plane) -> Plane:
        for axis in (0, 1):
            plane = correlate1d(plane, window, axis)
        return plane[5:-5, 5:-5]

    def half(plane: Plane) -> Plane:
        side = len(plane) // 2
        return numpy.asarray(plane.reshape(side, 2, side, 2).mean((1, 3)))

    result = 1.0
    for scale, weight in enumerate((0.0448, 0.2856, 0.3001, 0.2363, 0.1333)):
        first, second = planes
        means = blur(first), blur(second)
        variances = blur(first**2) - means[0] ** 2, blur(second**2) - means[1] ** 2
        covariance = blur(first * second) - means[0] * means[1]
        similarity = (2 * covariance + (0.03 * 255) ** 2) / (variances[0] + variances[1] + (0.03 * 255) ** 2)
        if scale == 4:
            luminance = (2 * means[0] * means[1] + (0.01 * 255) ** 2) / (
                means[0] ** 2 + means[1] ** 2 + (0.01 * 255) ** 2
            )
            similarity = similarity * luminance
        result *= float(similarity.mean()) ** weight
        if scale < 4:
            planes = [half(plane) for plane in planes]
    value, note = ms_ssim(images[0], images[1])
    assert note == ""
    assert value == pytest.approx(result, abs=1e-6)
    assert 0.5 < result < 0.999


@pytest.mark.parametrize(
    ("side", "window"), [(161, 11), (160, 9), (128, 7), (65, 5), (64, 3), (33, 3), (32, None), (8, None)]
)
def test_ms_ssim_of_small_pictures(side: int, window: int | None) -> None:
    value, note = ms_ssim(picture(side), picture(side))
    if window is None:
        assert value is None
        assert "more than 32 pixels" in note
        return
    assert value == pytest.approx(1.0)
    assert note == (
        "" if window == 11 else f"MS-SSIM with a window of {window} instead of 11: the picture is small"
    )


@pytest.mark.parametrize("length", [1, 8, 32])
def test_the_stored_hash_makes_it_bit_exact(length: int) -> None:
    verdict = aigif.verify(of(picture(), length), picture())
    assert (verdict.grade, verdict.exit_code, verdict.cause) == (BIT_EXACT, 0, "")
    assert f"{length} bytes" in verdict.details[0]


def test_another_hash_and_nothing_to_measure_against() -> None:
    verdict = aigif.verify(of(picture()), noisy(picture(), 0.5))
    assert (verdict.grade, verdict.exit_code, verdict.psnr_db, verdict.ms_ssim) == (DIFFERENT, 1, None, None)
    assert "can't be measured" in verdict.details[0]


def test_grades_by_measure() -> None:
    original = picture()
    one = original.copy()
    one.putpixel((0, 0), (1, 2, 3))
    for changed, grade in (
        (one, SAME_PICTURE),  # far above 50 dB
        (shifted(original, 2), SAME_PICTURE),  # 42 dB, but the structure is untouched
        (shifted(original, 3), DIFFERENT),  # 38.6 dB
        (noisy(original, 12), DIFFERENT),
        (picture(seed=4), DIFFERENT),
    ):
        verdict = aigif.verify(of(original), changed, reference=original)
        assert verdict.grade == grade
        assert verdict.psnr_db == pytest.approx(psnr(changed, original))
        assert verdict.ms_ssim is not None
        assert verdict.exit_code == (0 if grade == SAME_PICTURE else 1)
        assert verdict.cause
    strict = aigif.verify(of(original), one, reference=original, strict=True)
    assert (strict.grade, strict.exit_code) == (SAME_PICTURE, 1)
    assert aigif.verify(Aigif(), original, reference=original, strict=True).exit_code == 0


def test_saved_pixels_are_the_reference() -> None:
    original = picture(40)
    held = with_section(Aigif(compression=CompressionOptions(pixel_compressor=1)), 2, encode(original, 1))
    assert aigif.verify(held, original).grade == BIT_EXACT
    assert aigif.verify(held, shifted(original, 1)).psnr_db == pytest.approx(20 * math.log10(255))
    with pytest.raises(UsageError):
        aigif.verify(held, original, use_saved_pixels=False)


def test_a_reference_that_is_not_the_original_is_told() -> None:
    verdict = aigif.verify(of(picture()), picture(), reference=shifted(picture(), 1))
    assert verdict.grade == SAME_PICTURE
    assert "not the one whose hash" in verdict.details[0]


def test_sizes_and_modes() -> None:
    verdict = aigif.verify(Aigif(), picture(100), reference=picture(200))
    assert (verdict.grade, verdict.psnr_db) == (DIFFERENT, None)
    assert verdict.cause == "another size: 100 x 100 pixels instead of 200 x 200"
    opaque = picture(100).convert("RGBA")
    assert aigif.verify(Aigif(), opaque, reference=picture(100)).psnr_db == math.inf


def test_causes() -> None:
    def difference(element: str) -> Difference:
        return Difference(element, "old", "new", Expectation.SAME)

    original = picture()
    for elements, decibels_of, expected in (
        (
            ["platform.cpu", "platform.torch"],
            noisy(original, 0.6),
            "another CPU (new instead of old); another version",
        ),
        (["platform.torch", "model.data_type"], noisy(original, 0.6), "another model or setting (new"),
        (["platform.torch"], picture(seed=9), "not the platform alone (another version of torch"),
        ([], noisy(original, 0.6), "something of the platform that isn't recorded"),
        ([], picture(seed=9), "another model, prompt or seed"),
    ):
        verdict = aigif.verify(
            of(original), decibels_of, reference=original, differences=[difference(name) for name in elements]
        )
        assert verdict.cause.startswith(expected)


def test_pictures_from_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "picture.png"
    picture(40).save(path)
    assert aigif.verify(of(picture(40)), path, reference=str(path)).grade == BIT_EXACT
    with pytest.raises(FileAccessError):
        aigif.verify(of(picture(40)), tmp_path / "nothing.png")
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(FileAccessError):
        aigif.verify(of(picture(40)), tmp_path / "text.png")
    monkeypatch.setattr("aigif.runtime.verify.PIXELS", 100)
    with pytest.raises(LimitError):
        aigif.verify(of(picture(40)), path)


def test_nothing_to_compare_with() -> None:
    with pytest.raises(UsageError, match="neither a hash nor pixels"):
        aigif.verify(Aigif(), picture(40))
