"""The model that comes with the package."""

from __future__ import annotations

import pytest

import aigif
from aigif.runtime import registry


@pytest.mark.parametrize(("scheduler", "sigmas"), [(None, None), ("dpmpp-2m", "karras"), ("euler-a", None)])
def test_the_main_job(scheduler: str | None, sigmas: str | None) -> None:
    made = aigif.generate(
        "a red house", seed=7, steps=3, scheduler=scheduler, sigma_schedule=sigmas, device="cpu"
    )
    data = aigif.dumps(made.aigif)
    assert len(data) < 256
    recreated = aigif.recreate(aigif.loads(data))
    assert recreated.image.tobytes() == made.image.tobytes()
    assert recreated.verdict is not None
    assert recreated.verdict.grade == "bit-exact"
    assert recreated.warnings == ()


def test_it_is_listed_as_present() -> None:
    listed = {model.name: model for model in registry.models()}
    assert listed["aigif-embedded"].present == registry.embedded_folder()
    assert listed["aigif-embedded"].runnable


def test_the_few_step_variant_is_recreated_from_the_file_alone() -> None:
    made = aigif.generate("a red house", seed=7, few_step=True, device="cpu")
    assert (made.aigif.data.steps, made.aigif.data.guidance_scale) == (4, 1.0)
    assert made.aigif.model.adapters[0].name == registry.few_step_file().stem
    recreated = aigif.recreate(aigif.loads(aigif.dumps(made.aigif)))
    assert recreated.image.tobytes() == made.image.tobytes()
    assert recreated.verdict is not None and recreated.verdict.grade == "bit-exact"
    plain = aigif.generate("a red house", seed=7, steps=4, guidance_scale=1.0, device="cpu")
    assert plain.image.tobytes() != made.image.tobytes()


def test_the_few_step_variant_belongs_to_the_embedded_model() -> None:
    with pytest.raises(aigif.AigifError, match="belongs to the embedded model"):
        aigif.generate("a red house", few_step=True, adapter="other.safetensors")
