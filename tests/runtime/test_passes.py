"""Second passes, tiling, batches with a generator for each picture, and adapters that act for part of the steps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

import aigif
from aigif._gen.enums import BatchGenerators, PromptDialect, Scheduler, SigmaSchedule, UpscaleForm
from aigif._gen.types import Hires, HiresScheduler, Variation
from aigif.runtime.generate import Generated
from aigif.runtime.honour import NotHonouredError
from aigif.runtime.upscale import Enlargement, cut_latent, enlargement, second_size
from tests.runtime import tiny


def make(folder: Path, **options: Any) -> Generated:
    defaults: dict[str, Any] = {
        "seed": 7,
        "steps": 4,
        "height": 64,
        "width": 64,
        "device": "cpu",
        "threads": 1,
    }
    return aigif.generate("a red house", model=folder, **{**defaults, **options})


def again(made: Generated, folder: Path, **options: Any) -> Any:
    return aigif.recreate(aigif.loads(aigif.dumps(made.aigif)), model=folder, **options)


HIRES = Hires(scale=1.5, steps=3, denoising_strength=0.7)
OTHER = HiresScheduler(scheduler=Scheduler.EULER, sigma_schedule=SigmaSchedule.KARRAS)
SECOND = {
    "latent": HIRES,
    "nearest-exact": HIRES.replace(upscaler="Latent (nearest-exact)"),
    "antialiased": HIRES.replace(upscaler="Latent (bicubic antialiased)"),
    "image": HIRES.replace(form=UpscaleForm.IMAGE),
    "nearest image": HIRES.replace(form=UpscaleForm.IMAGE, upscaler="Nearest"),
    "own scheduler": HIRES.replace(scheduler=OTHER),
    "own guidance": HIRES.replace(guidance_scale=3.0),
    "own prompt": HIRES.replace(prompt="a lighthouse"),
    "given sides": HIRES.replace(scale=0.0, width=96, height=80),
}


@pytest.fixture(name="one_thread")
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module", name="second")
def _second(sd: Path) -> dict[str, Generated]:
    return {name: make(sd, hires=hires) for name, hires in SECOND.items()}


@pytest.mark.parametrize("name", SECOND)
def test_a_second_pass_is_recreated(sd: Path, second: dict[str, Generated], name: str) -> None:
    made = second[name]
    assert made.image.size == second_size(made.aigif.data, SECOND[name])
    assert (made.aigif.verification.picture_width, made.aigif.verification.picture_height) == made.image.size
    recreated = again(made, sd)
    assert recreated.image.tobytes() == made.image.tobytes()
    assert recreated.verdict.grade == "bit-exact"


def test_every_second_pass_is_another_picture(second: dict[str, Generated]) -> None:
    assert len({made.image.tobytes() for made in second.values()}) == len(SECOND)


def test_the_second_pass_is_that_of_diffusers(
    sd: Path, second: dict[str, Generated], one_thread: None
) -> None:
    from diffusers import StableDiffusionImg2ImgPipeline, StableDiffusionPipeline

    first = StableDiffusionPipeline.from_pretrained(str(sd), safety_checker=None)
    first.scheduler.register_to_config(skip_prk_steps=True)
    latent = first(
        "a red house", num_inference_steps=4, guidance_scale=7.0, output_type="latent", height=64, width=64,
        generator=torch.Generator().manual_seed(7),
    ).images  # fmt: skip
    larger = torch.nn.functional.interpolate(latent, size=(24, 24), mode="bilinear")
    pipe = StableDiffusionImg2ImgPipeline(**first.components, requires_safety_checker=False)
    picture = pipe(
        "a red house", image=larger, strength=0.7, num_inference_steps=3, guidance_scale=7.0,
        generator=torch.Generator().manual_seed(7),
    ).images[0]  # fmt: skip
    assert picture.tobytes() == second["latent"].image.tobytes()


@pytest.mark.parametrize("save", [tiny.save_sdxl, tiny.save_sd3, tiny.save_flux])
def test_other_families_make_a_second_pass(save: Any, tmp_path: Path) -> None:
    folder = save(tmp_path / "model")
    made = make(folder, hires=HIRES.replace(form=UpscaleForm.IMAGE), steps=2)
    assert made.image.size == (96, 96)
    assert again(made, folder).verdict.grade == "bit-exact"


def test_what_a_second_pass_lacks_is_refused(sd: Path, second: dict[str, Generated]) -> None:
    made = second["latent"].aigif
    for hires, element in (
        (HIRES.replace(upscaler="4x-UltraSharp"), "data.hires.upscaler"),
        (HIRES.replace(model_name="other"), "data.hires.model_name"),
    ):
        changed = made.replace(data=made.data.replace(hires=hires))
        with pytest.raises(NotHonouredError) as caught:
            aigif.recreate(changed, model=sd)
        assert list(caught.value.problems) == [element]
        assert aigif.recreate(changed, model=sd, approximate=True).image.size == (64, 64)


def test_a_size_in_proportion() -> None:
    data = aigif.Data(width=512, height=768)
    assert second_size(data, Hires(scale=1.7)) == (864, 1304)
    assert second_size(data, Hires(scale=0.0, width=1024)) == (1024, 1536)
    assert second_size(data, Hires(scale=0.0, height=1000)) == (664, 1000)


def test_both_sides_given_are_covered_and_cut() -> None:
    """By A1111's formula 512 x 512 to 1024 x 768 is enlarged to 1024 x 1024, and loses 128 above and below."""
    sides = enlargement(aigif.Data(width=512, height=512), Hires(scale=0.0, width=1024, height=768))
    assert sides == Enlargement(1024, 768, 1024, 1024, 0, 16)
    rows = torch.arange(128.0).reshape(1, 1, 128, 1).expand(1, 1, 128, 128)
    cut = cut_latent(rows, sides, 8)
    assert cut.shape[-2:] == (96, 128)
    assert (cut[0, 0, 0, 0], cut[0, 0, -1, 0]) == (16, 111)
    tall = enlargement(aigif.Data(width=512, height=768), Hires(scale=0.0, width=1024, height=1024))
    assert (tall.wide, tall.tall, tall.top) == (1024, 1536, 32)


def test_a_scheduler_that_the_second_pass_lacks_is_named(sd: Path) -> None:
    odd = HiresScheduler(scheduler=Scheduler.DDIM, sigma_schedule=SigmaSchedule.POLYEXPONENTIAL)
    with pytest.raises(NotHonouredError) as caught:
        make(sd, hires=HIRES.replace(scheduler=odd))
    assert list(caught.value.problems) == ["data.hires.scheduler.sigma_schedule"]


def test_the_second_guidance_of_flux_is_the_classifier_free_one(tmp_path: Path) -> None:
    folder = tiny.save_flux(tmp_path / "flux")
    image = HIRES.replace(form=UpscaleForm.IMAGE)
    plain, guided = (make(folder, steps=2, hires=one) for one in (image, image.replace(guidance_scale=2.0)))
    assert plain.image.tobytes() != guided.image.tobytes()
    distilled = make(folder, steps=2, hires=image, distilled=aigif.Distilled(guidance=2.0))
    assert distilled.image.tobytes() != guided.image.tobytes()


@pytest.mark.parametrize(
    "changes",
    [
        {"hires": Hires(scale=0.001)},
        {"hires": Hires(denoising_strength=1e-9, steps=1000)},
        {"variation": Variation(strength=0.5, resize_width=4294967288, resize_height=4294967288)},
        {"variation": Variation(strength=0.5, resize_width=1 << 17, resize_height=1 << 17)},
    ],
)
@pytest.mark.parametrize("dialect", [PromptDialect.PLAIN, PromptDialect.A1111])
def test_hostile_sizes_end_in_one_error_and_stop_no_other_file(
    sd: Path, changes: dict[str, Any], dialect: PromptDialect
) -> None:
    good = make(sd).aigif
    bad = good.replace(data=good.data.replace(**changes), model=good.model.replace(prompt_dialect=dialect))
    found = dict(aigif.recreate_all([bad, good], model=sd))
    if changes.get("hires") == Hires(denoising_strength=1e-9, steps=1000) and dialect == PromptDialect.PLAIN:
        assert not isinstance(found[0], aigif.AigifError)  # diffusers runs one step of it
    else:
        assert isinstance(found[0], aigif.AigifError)
    assert found[1].verdict.grade == "bit-exact"  # type: ignore[union-attr]


def test_a_tiling_picture_wraps_around(sd: Path) -> None:
    plain, tiled = make(sd), make(sd, tiling=True)
    assert tiled.image.tobytes() != plain.image.tobytes()
    assert again(tiled, sd).verdict.grade == "bit-exact"
    assert make(sd).image.tobytes() == plain.image.tobytes()


@pytest.mark.parametrize("generators", ["shared", "separate"])
def test_each_picture_of_a_batch(sd: Path, generators: str) -> None:
    separate = generators == "separate"
    made = [
        make(sd, batch_size=3, batch_position=at, batch_generators=generators, seed=7 + at * separate)
        for at in range(3)
    ]
    assert len({one.image.tobytes() for one in made}) == 3
    assert {one.aigif.data.batch_generators for one in made} == {BatchGenerators[generators.upper()]}
    assert all(again(one, sd).verdict.grade == "bit-exact" for one in made)


def test_a_separate_generator_gives_the_picture_of_the_batch_of_diffusers(sd: Path, one_thread: None) -> None:
    from diffusers import StableDiffusionPipeline

    pipe = StableDiffusionPipeline.from_pretrained(str(sd), safety_checker=None)
    pipe.scheduler.register_to_config(skip_prk_steps=True)
    pictures = pipe(
        ["a", "a red house", "b"], num_inference_steps=4, guidance_scale=7.0, height=64, width=64,
        generator=[torch.Generator().manual_seed(seed) for seed in (3, 7, 9)],
    ).images  # fmt: skip
    made = make(sd, batch_size=3, batch_position=1, batch_generators="separate")
    assert made.image.tobytes() == pictures[1].tobytes()


def test_several_adapters(sd: Path, tmp_path: Path) -> None:
    one = tiny.save_lora(sd, tmp_path / "one.safetensors", seed=3)
    two = tiny.save_lora(sd, tmp_path / "two.safetensors", seed=4)
    plain = make(sd)
    both = make(sd, adapter=[one, two], adapter_weight=[0.7, 0.4])
    assert [adapter.name for adapter in both.aigif.model.adapters] == ["one", "two"]
    pictures = {made.image.tobytes() for made in (plain, both, make(sd, adapter=one), make(sd, adapter=two))}
    assert len(pictures) == 4
    for given in ([one, two], [two, one]):
        assert again(both, sd, adapter=given).verdict.grade == "bit-exact"
    assert make(sd).image.tobytes() == plain.image.tobytes()


def test_an_adapter_for_part_of_the_steps(sd: Path, tmp_path: Path) -> None:
    lora = tiny.save_lora(sd, tmp_path / "one.safetensors")
    whole = make(sd, adapter=lora).aigif
    adapter = whole.model.adapters[0].replace(text_weight=0.0)

    def drawn(start: float, end: float, weight: float = 1.0) -> bytes:
        record = adapter.replace(start=start, end=end, weight=weight)
        syntax = whole.replace(model=whole.model.replace(adapters=(record,)))
        return bytes(aigif.recreate(syntax, model=sd, adapter=lora).image.tobytes())

    pictures = [drawn(0, 1), drawn(0, 0.5), drawn(0.5, 1), drawn(0, 1, weight=0.0)]
    assert len(set(pictures)) == 4
    assert drawn(0.5, 0.5) == pictures[3]
    assert drawn(0, 0.5) == pictures[1]
