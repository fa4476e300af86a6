"""Every pipeline class of the table: recorded, and recreated bit for bit from its folder; and the few-step models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import aigif
from aigif._gen.enums import HashKind, Scheduler, TimestepSpacing
from aigif._gen.types import (
    Aigif,
    Data,
    Distilled,
    GenerativeModel,
    MicroConditioning,
    Prior,
    Refiner,
    SamplerOptions,
)
from aigif.errors import MissingPackageError, UnsupportedError
from aigif.runtime.arguments import call_arguments
from aigif.runtime.families import ALLOWED, MODULES, applies, families
from aigif.runtime.honour import NotHonouredError, Unhonoured
from aigif.runtime.modelfolder import open_folder
from aigif.runtime.store import scan
from aigif.runtime.store.index import read_index, write_index
from tests.runtime import tiny
from tests.runtime.tinymodels import BUILDERS, SETTINGS, VARIANTS, lacking

Folders = Callable[[str], Path]
TRAILING = SamplerOptions(timestep_spacing=TimestepSpacing.TRAILING)


@pytest.fixture(scope="module", name="folders")
def _folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    made: dict[str, Path] = {}

    def folder(name: str) -> Path:
        if reason := lacking(name):
            pytest.skip(reason)
        if name not in made:
            build = BUILDERS.get(name) or VARIANTS[name]
            made[name] = build(tmp_path_factory.mktemp("families") / "model")
        return made[name]

    return folder


@pytest.fixture(autouse=True)
def no_download_of_a_guardrail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cosmos' own safety checker is a large download, and its licence wants it to be there: here it is a stand-in."""
    from tests.runtime.tinymodels.more_flow import stand_in

    module = "diffusers.pipelines.cosmos.pipeline_cosmos2_text2image"
    monkeypatch.setattr(f"{module}.CosmosSafetyChecker", stand_in)


@pytest.fixture(name="store")
def _store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


def test_every_class_of_the_table_has_a_tiny_model() -> None:
    assert set(BUILDERS) == set(ALLOWED)


@pytest.mark.parametrize("name", [*(name for name, rules in ALLOWED.items() if not rules.refines), *VARIANTS])
def test_recorded_and_recreated_bit_for_bit(name: str, folders: Folders) -> None:
    folder = folders(name)
    made = make(folder, **SETTINGS.get(name, {}))
    again = through_a_file(made.aigif)
    data, rules = again.data, ALLOWED[open_folder(folder).pipeline]
    assert made.image.size == (data.width, data.height)
    assert len(set(made.image.tobytes())) > 16  # a picture, not a plain
    other = aigif.recreate(again.replace(data=data.replace(seed=2)), model=folder)
    assert other.image.tobytes() != made.image.tobytes()
    check_exact(made, folder)
    assert rules.name in (name, "StableDiffusionPipeline")


def test_a_refiner_makes_no_picture_by_itself(folders: Folders) -> None:
    with pytest.raises(UnsupportedError, match="no picture by itself"):
        make(folders("StableDiffusionXLImg2ImgPipeline"))


def test_a_refiner_goes_on_from_its_base(folders: Folders, sdxl: Path, store: Path) -> None:
    folder = folders("StableDiffusionXLImg2ImgPipeline")
    write_index(scan.scan(read_index(), [folder.parent])[0])
    record = Refiner(name="model", weight_hash=open_folder(folder).hash()[:8], hash_kind=HashKind.FOLDER)
    base = make(sdxl, steps=4)

    def refined(switch_at: float) -> bytes:
        data = base.aigif.data.replace(refiner=record.replace(switch_at=switch_at))
        again = through_a_file(base.aigif.replace(data=data))
        return aigif.recreate(again, model=sdxl).image.tobytes()

    assert refined(0.5) == refined(0.5)
    assert len({base.image.tobytes(), refined(0.5), refined(0.75)}) == 3


def test_a_combined_pipeline_runs_on_the_recorded_scheduler(folders: Folders) -> None:
    folder = folders("KandinskyCombinedPipeline")
    own = make(folder, steps=4)
    ddpm = make(folder, steps=4, scheduler=Scheduler.DDPM)
    assert own.image.tobytes() != ddpm.image.tobytes()
    check_exact(ddpm, folder)


def test_a_prior_has_its_own_settings(folders: Folders) -> None:
    folder = folders("KandinskyV22CombinedPipeline")
    made = make(folder, prior=Prior(steps=3, guidance_scale=2.0))
    check_exact(made, folder)
    data = made.aigif.data
    other = aigif.recreate(
        made.aigif.replace(data=data.replace(prior=Prior(steps=3, guidance_scale=6.0))), model=folder
    )
    assert other.image.tobytes() != made.image.tobytes()


@pytest.mark.parametrize(
    ("steps", "guidance", "scheduler"),
    [(1, 0.0, Scheduler.EULER_A), (4, 1.0, Scheduler.EULER), (4, 1.5, Scheduler.LCM)],
    ids=["SDXL-Turbo", "SDXL-Lightning", "LCM-SDXL"],
)
def test_few_steps(steps: int, guidance: float, scheduler: Scheduler, sdxl: Path) -> None:
    options = None if scheduler == Scheduler.LCM else TRAILING
    made = make(sdxl, steps=steps, guidance_scale=guidance, scheduler=scheduler, sampler_options=options)
    check_exact(made, sdxl)


@pytest.mark.parametrize(
    ("steps", "guidance", "scheduler", "options"),
    [
        (2, 1.0, Scheduler.DDIM, TRAILING),
        (1, 1.0, Scheduler.TCD, SamplerOptions(eta=1.0)),
        (4, 1.5, Scheduler.LCM, None),
    ],
    ids=["Hyper-SD", "Hyper-SD unified", "LCM-LoRA"],
)
def test_few_steps_by_an_adapter(
    steps: int,
    guidance: float,
    scheduler: Scheduler,
    options: SamplerOptions | None,
    sd: Path,
    tmp_path: Path,
) -> None:
    lora = tiny.save_lora(sd, tmp_path / "few_steps.safetensors")
    settings = {
        "steps": steps,
        "guidance_scale": guidance,
        "scheduler": scheduler,
        "sampler_options": options,
    }
    made = make(sd, adapter=lora, save_adapter="none", **settings)
    check_exact(made, sd)
    assert make(sd, **settings).image.tobytes() != made.image.tobytes()


def test_which_elements_a_family_has_comes_from_the_schema(sd: Path, flux: Path) -> None:
    for extra in ({"distilled": Distilled(guidance=2.0)}, {"prior": Prior(steps=2)}):
        with pytest.raises(
            NotHonouredError, match=f"data.{next(iter(extra))}: a model of the family sd1/sd2"
        ):
            make(sd, **extra)
    listed = GenerativeModel(model_id=5)
    assert families(listed, "any") == {"flux1"}
    assert applies("distilled", families(listed, "any"))
    assert not applies("micro_conditioning", families(listed, "any"))
    assert applies("prompt", frozenset())
    assert make(flux, distilled=Distilled(guidance=2.0)).aigif.data.distilled == Distilled(guidance=2.0)


def test_guidance_that_a_class_does_not_have(folders: Folders) -> None:
    folder = folders("Flux2Pipeline")
    with pytest.raises(NotHonouredError, match="has no classifier-free guidance"):
        make(folder, guidance_scale=3.0)
    stronger = make(folder, distilled=Distilled(guidance=9.0))
    assert stronger.image.tobytes() != make(folder).image.tobytes()
    check_exact(stronger, folder)


def test_every_element_reaches_the_argument_of_its_class() -> None:
    given = {
        name: arguments(name) for name in ("SanaSprintPipeline", "UnCLIPPipeline", "FluxKontextPipeline")
    }
    sprint, unclip, kontext = given.values()
    assert sprint["intermediate_timesteps"] is None and "guidance_scale" in sprint
    assert "intermediate_timesteps" not in arguments("SanaSprintPipeline", steps=2)
    assert unclip["decoder_num_inference_steps"] == 3 and "height" not in unclip
    assert unclip["decoder_guidance_scale"] == 1.0
    assert kontext["max_area"] == 64 * 96 and "negative_prompt" not in kontext
    guided = arguments("FluxKontextPipeline", guidance_scale=2.0)
    assert guided["true_cfg_scale"] == 2.0 and guided["negative_prompt"] == ""
    sized = arguments(
        "CogView4Pipeline", micro_conditioning=MicroConditioning(original_height=32, crop_top=8)
    )
    assert sized["original_size"] == (32, 96) and sized["crops_coords_top_left"] == (8, 0)


def test_a_batch_that_a_class_can_not_make() -> None:
    unhonoured = Unhonoured()
    arguments("LDMTextToImagePipeline", unhonoured, batch_size=2)
    assert set(unhonoured.problems) == {"data.batch_size"}


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, sd: Path) -> None:
    import diffusers

    from aigif.runtime.pipelines import pipeline_class

    class Dummy:
        _backends = ("no_such_package",)

    monkeypatch.setattr(diffusers, "StableDiffusionPipeline", Dummy)
    with pytest.raises(
        MissingPackageError, match="StableDiffusionPipeline needs the package no-such-package"
    ):
        pipeline_class(open_folder(sd))


def test_modules_of_the_table_are_in_diffusers() -> None:
    import diffusers.pipelines

    from aigif.runtime.components import name_moved_modules

    for name, rules in ALLOWED.items():
        if rules.modules and lacking(name) is None:
            name_moved_modules(rules)
            for folder, kind in rules.modules:
                assert hasattr(getattr(diffusers.pipelines, folder), kind), (folder, kind)
    assert ("wuerstchen", "WuerstchenPrior") in MODULES


def arguments(name: str, unhonoured: Unhonoured | None = None, **data: Any) -> dict[str, Any]:
    import diffusers

    found = unhonoured or Unhonoured()
    values = {"height": 64, "width": 96, "steps": 3, "guidance_scale": 1.0} | data
    kind = getattr(diffusers, name)
    given = call_arguments(kind, ALLOWED[name], GenerativeModel(model_id=1), Data(**values), 0.0, found)
    assert unhonoured is not None or not found.problems
    return given


def make(folder: Path, **settings: Any) -> aigif.Generated:
    usual = {"seed": 1, "height": 64, "width": 64, "steps": 2, "device": "cpu"}
    return aigif.generate("a red house", model=folder, **(usual | settings))


def through_a_file(syntax: Aigif) -> Aigif:
    return aigif.loads(aigif.dumps(syntax))


def check_exact(made: aigif.Generated, folder: Path) -> None:
    recreated = aigif.recreate(through_a_file(made.aigif), model=folder)
    assert recreated.verdict is not None
    assert recreated.verdict.grade == "bit-exact"
    assert recreated.image.tobytes() == made.image.tobytes()
