"""Arguments that recreation sets one way: let pass where they change nothing, made into a size, or refused."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from aigif.runtime.families import ALLOWED
from aigif.runtime.recording.call import Call
from aigif.runtime.recording.inert import of_area, unbinned, uncleaned
from tests.runtime.recording.pipes import assert_exact, load, recorded, refusal
from tests.runtime.tinymodels import BUILDERS


def call(**arguments: Any) -> Call:
    return Call({"prompt": "A red  house", **arguments}, {}, 1, 1)


def binned(name: str, size: tuple[int, int], sample: int) -> tuple[int, int] | None:
    import diffusers
    from diffusers.image_processor import PixArtImageProcessor

    pipe = SimpleNamespace(
        transformer=SimpleNamespace(config=SimpleNamespace(sample_size=sample)),
        vae_scale_factor=8,
        image_processor=PixArtImageProcessor(vae_scale_factor=8),
    )
    return unbinned(pipe, getattr(diffusers, name), call(use_resolution_binning=True), ALLOWED[name], size)


def test_a_size_that_binning_keeps() -> None:
    # Sizes from the bins that PixArt was trained on (Chen et al. 2023, appendix): 1.0 and 0.5 at 1024.
    assert binned("PixArtAlphaPipeline", (1024, 1024), 128) == (1024, 1024)
    assert binned("PixArtAlphaPipeline", (704, 1408), 128) == (704, 1408)
    assert binned("PixArtAlphaPipeline", (512, 512), 64) == (512, 512)


def test_a_size_that_is_scaled_afterwards() -> None:
    assert binned("PixArtAlphaPipeline", (1000, 1000), 128) is None
    assert binned("PixArtAlphaPipeline", (64, 64), 16) is None  # no bins of that size


def test_hunyuan_makes_the_binned_size() -> None:
    assert binned("HunyuanDiTPipeline", (768, 1280), 128) == (768, 1280)
    height, width = binned("HunyuanDiTPipeline", (1000, 1010), 128) or (0, 0)
    assert (height, width) == (1024, 1024)


def test_an_area_of_kontext() -> None:
    pipe, rules = SimpleNamespace(vae_scale_factor=8), ALLOWED["FluxKontextPipeline"]
    height, width = of_area(pipe, call(max_area=1024**2), rules, (512, 1024))
    assert (height % 16, width % 16) == (0, 0)
    assert abs(height * width / 1024**2 - 1) < 0.03
    assert of_area(pipe, call(max_area=height * width), rules, (height, width)) == (height, width)


@pytest.mark.parametrize(("cleaned", "same"), [("a red  house", True), ("a red house", False)])
def test_a_caption_that_cleaning_changes(cleaned: str, same: bool) -> None:
    def preprocess(texts: list[str], clean_caption: bool) -> list[str]:
        return [cleaned if clean_caption else text.lower().strip() for text in texts]

    pipe = SimpleNamespace(_text_preprocessing=preprocess)
    rules = ALLOWED["PixArtAlphaPipeline"]
    assert uncleaned(pipe, call(clean_caption=True), rules) is same
    assert uncleaned(pipe, call(clean_caption=False), rules)


def test_a_pipeline_with_both(tmp_path: Path) -> None:
    folder = BUILDERS["PixArtAlphaPipeline"](tmp_path / "pixart")
    pipe = load(folder)
    assert list(refusal(pipe, use_resolution_binning=True)) == ["use_resolution_binning"]
    assert_exact(recorded(pipe, use_resolution_binning=False, clean_caption=True), folder)
