"""Every pipeline class of the table: recorded, and recreated bit for bit from its folder; and the few-step models."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import aigif
from aigif._gen.enums import Scheduler, TimestepSpacing
from aigif._gen.types import Aigif, Distilled, MicroConditioning, Prior, SamplerOptions
from aigif.errors import UnsupportedError
from aigif.runtime.families import ALLOWED, MODULES
from aigif.runtime.honour import NotHonouredError
from tests.runtime import tiny
from tests.runtime.tinymodels import BUILDERS, LACKING, SETTINGS, VARIANTS

Folders = Callable[[str], Path]


@pytest.fixture(scope="module", name="folders")
def _folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    made: dict[str, Path] = {}

    def folder(name: str) -> Path:
        if name not in made:
            build = BUILDERS.get(name) or VARIANTS[name]
            made[name] = build(tmp_path_factory.mktemp("families") / "model")
        return made[name]

    return folder


def test_the_whole_table_is_built() -> None:
    assert set(BUILDERS) == set(ALLOWED)


@pytest.mark.parametrize("name", [*BUILDERS, *VARIANTS])
def test_recorded_and_recreated_bit_for_bit(name: str, folders: Folders) -> None:
    skip_what_is_lacking(name)
    rules = ALLOWED.get(name)
    if rules is not None and rules.refines:
        pytest.skip("makes no picture by itself: test_a_refiner_alone, and test_passes for what it is for")
    folder = folders(name)
    made = make(folder, **SETTINGS.get(name, {}))
    again = through_a_file(made.aigif)
    recreated = aigif.recreate(again, model=folder)
    assert recreated.verdict is not None
    assert recreated.verdict.grade == aigif.Grade.BIT_EXACT
    assert recreated.image.tobytes() == made.image.tobytes()
    assert len(set(made.image.tobytes())) > 16  # a picture, not a plain
    data = again.data
    assert made.image.size == (data.width, data.height)
    other = aigif.recreate(again.replace(data=data.replace(seed=2)), model=folder)
    assert other.image.tobytes() != made.image.tobytes()


def test_a_refiner_alone(folders: Folders) -> None:
    with pytest.raises(UnsupportedError, match="no picture by itself"):
        make(folders("StableDiffusionXLImg2ImgPipeline"))


@pytest.mark.parametrize(
    ("name", "steps", "guidance", "scheduler", "options"),
    [
        ("StableDiffusionXLPipeline", 1, 0.0, Scheduler.EULER_A, trailing := SamplerOptions(timestep_spacing=TimestepSpacing.TRAILING)),  # noqa: E501
        ("StableDiffusionXLPipeline", 4, 1.0, Scheduler.EULER, trailing),
    ],
    ids=["SDXL-Turbo", "SDXL-Lightning"],
)
def test_few_steps(
    name: str, steps: int, guidance: float, scheduler: Scheduler, options: SamplerOptions, folders: Folders
) -> None:
    made = make(
        folders(name), steps=steps, guidance_scale=guidance, scheduler=scheduler, sampler_options=options
    )
    check_exact(made, folders(name))
