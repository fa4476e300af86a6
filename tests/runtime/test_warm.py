"""Models that stay loaded: each once, given back as they were."""

from __future__ import annotations

from pathlib import Path

import pytest

import aigif
from aigif._gen.enums import DataType
from aigif.runtime import warm
from aigif.runtime.registry import choose
from aigif.runtime.series import by_model, recreate_all
from aigif.runtime.similarity import psnr
from tests.runtime import tiny


def make(folder: Path, **options: object) -> aigif.runtime.generate.Generated:
    return aigif.generate("a house", model=folder, steps=2, height=64, width=64, device="cpu", **options)  # type: ignore[arg-type]


def test_a_pipeline_is_loaded_once_and_the_oldest_goes(sd: Path, tmp_path: Path) -> None:
    models = warm.Models()
    others = tiny.save_sd(tmp_path / "b", seed=1), tiny.save_sd(tmp_path / "c")
    chosen = [choose(folder)[1] for folder in (sd, *others)]
    first, second = (models.pipeline(model, DataType.FLOAT32, "cpu") for model in chosen[:2])
    assert models.pipeline(chosen[0], DataType.FLOAT32, "cpu") is first
    assert models.pipeline(chosen[0], DataType.BFLOAT16, "cpu") is not first
    assert models.pipeline(chosen[0], DataType.FLOAT32, "cpu") is first
    assert models.pipeline(chosen[1], DataType.FLOAT32, "cpu") is not second


def test_what_changes_a_model_is_gone_with_the_picture(sd: Path, tmp_path: Path) -> None:
    lora = tiny.save_lora(sd, tmp_path / "style.safetensors")
    models = warm.Models()
    plain = make(sd, seed=1, models=models)
    for options in (
        {"adapter": lora},
        {"scheduler": "euler"},
        {"tiling": True},
        {"save_model": "int8"},
        {"hires": aigif.Hires(scale=1.5)},
    ):
        assert make(sd, seed=1, models=models, **options).image.tobytes() != plain.image.tobytes()
        assert make(sd, seed=1, models=models).image.tobytes() == plain.image.tobytes()


def test_many_pictures_are_grouped_by_model(sd: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tiny.save_sd(tmp_path / "other", seed=1)
    made = [make(folder, seed=at) for at, folder in enumerate((sd, other, sd, other))]
    files = [one.aigif for one in made]
    assert by_model(files) == [0, 2, 1, 3]
    path = tmp_path / "broken.aigif"
    path.write_bytes(b"no")
    found = dict(recreate_all([files[0], path, files[2]], model=sd))
    assert {at: getattr(one, "verdict", None) and one.verdict.grade for at, one in found.items()} == {  # type: ignore[union-attr]
        0: "bit-exact",
        1: None,
        2: "bit-exact",
    }
    assert isinstance(found[1], aigif.AigifError) and found[1].file == str(path)


def test_low_memory_gives_the_same_picture(sd: Path) -> None:
    plain, low = (make(sd, seed=1, low_memory=low) for low in (False, True))
    assert low.image.tobytes() == plain.image.tobytes()
    whole, sliced = (
        make(sd, seed=1, low_memory=low, batch_size=2, batch_position=1).image for low in (False, True)
    )
    assert whole.tobytes() == sliced.tobytes() or psnr(whole, sliced) > 60
