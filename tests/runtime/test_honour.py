"""What can't be honoured is refused in one error that names everything, or reported when asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

import aigif
from aigif._gen.enums import (
    AdapterKind,
    Arithmetic,
    Completeness,
    DataType,
    NoiseSource,
    PromptDialect,
    Scheduler,
)
from aigif._gen.support import Unknown
from aigif._gen.types import (
    Adapter,
    Aigif,
    Hires,
    Refiner,
    SamplerOptions,
)
from aigif.errors import ElementError, RecreationError, UnsupportedError
from aigif.runtime.honour import NotHonouredError


@pytest.fixture(scope="module", name="made")
def _made(sd: Path) -> Aigif:
    return aigif.generate("a house", model=sd, seed=1, steps=2, height=64, width=64, device="cpu").aigif


def impossible(made: Aigif) -> Aigif:
    return made.replace(
        platform=made.platform.replace(noise_source=NoiseSource.MPS),
        model=made.model.replace(
            prompt_dialect=PromptDialect.NOVELAI,
            scheduler=Scheduler.KOHAKU_LONYU_YOG,
            data_type=DataType.NF4,
            adapters=(Adapter(kind=AdapterKind.HYPERNETWORK, name="style"),),
            vae_name="other",
            sampler_options=SamplerOptions(start_step=3),
        ),
        data=made.data.replace(
            denoising_strength=0.5,
            prompt="a {house}",
            hires=Hires(scale=1.5, upscaler="4x-UltraSharp"),
            refiner=Refiner(),
            completeness=Completeness.PARTIAL,
            prompt_3="third",
        ),
        unknown=Unknown(3, 5, ()),
    )


EXPECTED = {
    "platform.noise_source",
    "model.prompt_dialect",
    "model.scheduler",
    "model.data_type",
    "model.adapters[0]",
    "model.vae_name",
    "model.sampler_options.start_step",
    "data.denoising_strength",
    "data.hires.upscaler",
    "data.refiner",
    "data.completeness",
    "data.prompt_3",
    "unknown elements",
}


def test_one_error_names_every_element(sd: Path, made: Aigif, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aigif.runtime.warm.load_pipeline", _never)
    with pytest.raises(NotHonouredError) as caught:
        aigif.recreate(impossible(made), model=sd)
    assert set(caught.value.problems) == EXPECTED
    assert all(element in str(caught.value) for element in EXPECTED)
    assert "--approximate" in str(caught.value)
    assert caught.value.exit_code == 1


def test_an_approximation_runs_and_warns_of_each(sd: Path, made: Aigif) -> None:
    syntax = impossible(made)
    recreated = aigif.recreate(syntax.replace(data=syntax.data.replace(seed=2)), model=sd, approximate=True)
    assert {warning.partition(" is not")[0] for warning in recreated.warnings} == EXPECTED
    assert recreated.image.size == (64, 64)
    assert {d.element for d in recreated.differences if d.here == "not honoured"} == EXPECTED
    assert recreated.expectation.startswith("The picture may differ visibly: ")
    assert "upscaler not honoured" in recreated.expectation
    assert recreated.verdict is not None
    assert recreated.verdict.cause.startswith("data.completeness not honoured; ")


def test_other_arithmetic_is_refused(sd: Path, made: Aigif) -> None:
    exact = made.replace(platform=made.platform.replace(arithmetic=7))
    assert 7 not in set(Arithmetic)
    with pytest.raises(NotHonouredError) as caught:
        aigif.recreate(exact, model=sd)
    assert caught.value.element == "platform.arithmetic"


def test_values_that_no_model_can_have(sd: Path, made: Aigif) -> None:
    for element, data in (
        ("data.steps", made.data.replace(steps=0)),
        ("data.batch_position", made.data.replace(batch_position=2, batch_size=2)),
    ):
        with pytest.raises(ElementError) as caught:
            aigif.recreate(made.replace(data=data), model=sd, approximate=True)
        assert caught.value.element == element


def test_generation_refuses_alike(sd: Path) -> None:
    with pytest.raises(NotHonouredError, match="no argument prompt_2"):
        aigif.generate("a", model=sd, prompt_2="b", steps=1, device="cpu")
    with pytest.raises(ElementError):
        aigif.generate("a", model=sd, seed=-1, device="cpu")


def test_a_size_that_the_model_refuses(sd: Path, made: Aigif) -> None:
    odd = made.replace(data=made.data.replace(width=61))
    with pytest.raises(RecreationError, match="divisible by 8"):
        aigif.recreate(odd, model=sd)


def test_text_of_an_unknown_coder_is_not_guessed(sd: Path, made: Aigif) -> None:
    from aigif._gen.support import UnreadableText

    unreadable = made.replace(data=made.data.replace(prompt=UnreadableText()))
    with pytest.raises(UnsupportedError) as caught:
        aigif.recreate(unreadable, model=sd, approximate=True)
    assert caught.value.element == "compression.text_compressor"


def _never(*_: object, **__: object) -> None:
    raise AssertionError("no weights may be loaded for a file that is refused")
