"""Second passes under exact arithmetic: every way to enlarge a latent or a picture, on a hostile platform."""

from __future__ import annotations

from typing import Any

import pytest

import aigif
from aigif._gen.enums import Scheduler, UpscaleForm
from aigif._gen.types import Hires
from aigif.runtime.upscale import LATENT_MODES
from aigif.runtime.warm import Models
from tests.exact.hostile import Hostile
from tests.runtime import tiny


@pytest.fixture(scope="module", name="model")
def _model(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tiny.save_sd(tmp_path_factory.mktemp("models") / "sd")
    return {"model": folder, "models": Models()}


@pytest.mark.parametrize("upscaler", [*LATENT_MODES, "Lanczos"])
def test_the_second_pass_is_the_same_elsewhere(upscaler: str, model: dict[str, Any]) -> None:
    form = UpscaleForm.LATENT if upscaler in LATENT_MODES else UpscaleForm.IMAGE
    hires = Hires(scale=1.5, steps=3, denoising_strength=0.7, form=form, upscaler=upscaler)
    dialect = "comfyui" if upscaler[:1].islower() else "a1111"
    made = aigif.generate(
        "a red house",
        **model,
        seed=1,
        steps=3,
        scheduler=Scheduler.EULER,
        device="cpu",
        exact=True,
        hires=hires,
        prompt_dialect=dialect,
    )
    with Hostile(4):
        again = aigif.recreate(aigif.loads(aigif.dumps(made.aigif)), **model)
    assert again.image.tobytes() == made.image.tobytes()
