"""Calls of every form are recorded, and recreated bit for bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import pytest
import torch

import aigif
from aigif._gen.enums import BatchGenerators, DataType, NoiseSource
from aigif._gen.types import Distilled, MicroConditioning
from aigif.runtime.recording import record
from tests.runtime.recording.pipes import PROMPT, assert_exact, load, recorded, seeded, settings


@pytest.fixture(scope="module", name="pipe")
def _pipe(sd: Path) -> Any:
    return load(sd)


@pytest.mark.parametrize("family", ["sd", "sdxl", "sd3", "flux"])
def test_a_plain_call(family: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(family)
    pipe = load(folder)
    images = pipe(PROMPT, **settings()).images
    pictures = recorded(pipe)
    assert pictures[0].image.tobytes() == images[0].tobytes()
    assert pictures[0].warnings == ()
    assert (pictures[0].aigif.data.seed, pictures[0].aigif.data.steps) == (7, 2)
    assert_exact(pictures, folder)


def test_positional_arguments(sd: Path, pipe: Any) -> None:
    with record(pipe) as rec:
        pipe("a lighthouse", 48, 64, 3, generator=seeded(9))
    data = rec.pictures[0].aigif.data
    assert (data.prompt, data.height, data.width, data.steps, data.seed) == ("a lighthouse", 48, 64, 3, 9)
    assert data.guidance_scale == 7.5  # the pipeline's own default
    assert_exact(rec.pictures, sd)


def test_a_list_of_prompts_with_two_pictures_each(sd: Path, pipe: Any) -> None:
    pictures = recorded(
        pipe, ["a red house", "a lighthouse"], negative_prompt=["blurry", "no"], num_images_per_prompt=2
    )
    assert [one.aigif.data.prompt for one in pictures] == ["a red house"] * 2 + ["a lighthouse"] * 2
    assert [one.aigif.data.negative_prompt for one in pictures] == ["blurry", "blurry", "no", "no"]
    assert [(one.aigif.data.batch_position, one.aigif.data.batch_size) for one in pictures] == [
        (place, 4) for place in range(4)
    ]
    assert len({one.image.tobytes() for one in pictures}) == 4
    assert_exact(pictures, sd)


def test_a_batch_of_one_generator_with_a_stochastic_scheduler(sd: Path) -> None:
    from diffusers import EulerAncestralDiscreteScheduler

    pipe = load(sd)
    pipe.scheduler = EulerAncestralDiscreteScheduler.from_config(pipe.scheduler.config)
    pictures = recorded(pipe, num_images_per_prompt=3)
    assert {one.aigif.data.batch_generators for one in pictures} == {BatchGenerators.SHARED}
    assert_exact(pictures, sd)


def test_a_generator_for_each_picture(sd: Path, pipe: Any) -> None:
    pictures = recorded(pipe, generator=[seeded(3), seeded(2**40 + 5)], num_images_per_prompt=2)
    assert [one.aigif.data.seed for one in pictures] == [3, 2**40 + 5]
    assert {one.aigif.data.batch_generators for one in pictures} == {BatchGenerators.SEPARATE}
    assert_exact(pictures, sd)


def test_a_generator_for_each_prompt_with_a_stochastic_scheduler(sd: Path) -> None:
    from diffusers import EulerAncestralDiscreteScheduler

    pipe = load(sd)
    pipe.scheduler = EulerAncestralDiscreteScheduler.from_config(pipe.scheduler.config)
    pictures = recorded(pipe, ["a red house", "a lighthouse"], generator=[seeded(3), seeded(4)])
    assert_exact(pictures, sd)


def test_a_list_of_one_generator_is_one_generator(sd: Path, pipe: Any) -> None:
    (one,) = recorded(pipe, generator=[seeded(5)])
    assert (one.aigif.data.seed, one.aigif.data.batch_generators) == (5, BatchGenerators.SHARED)
    assert_exact([one], sd)


def test_a_call_without_a_generator_is_seeded(sd: Path, pipe: Any) -> None:
    torch.manual_seed(1)
    state = torch.get_rng_state()
    first, second = (recorded(pipe, generator=None)[0] for _ in range(2))
    assert torch.equal(torch.get_rng_state(), state)
    assert first.aigif.data.seed != second.aigif.data.seed
    assert 0 <= first.aigif.data.seed < 2**32
    assert str(first.aigif.data.seed) in first.warnings[0]
    assert_exact([first], sd)


@pytest.mark.parametrize("form", ["np", "pt"])
def test_arrays_are_hashed_as_the_picture_that_they_are(sd: Path, pipe: Any, form: str) -> None:
    with record(pipe) as rec:
        made = pipe(PROMPT, **settings(output_type=form)).images
    picture = rec.pictures[0]
    array = made[0] if form == "np" else made[0].permute(1, 2, 0).numpy()
    expected = numpy.floor(array.astype(numpy.float64) * 255 + 0.5).astype(numpy.uint8)
    assert picture.image.tobytes() == expected.tobytes()
    assert_exact(rec.pictures, sd)


def test_a_tuple_in_place_of_an_object(sd: Path, pipe: Any) -> None:
    with record(pipe) as rec:
        images, _ = pipe(PROMPT, **settings(return_dict=False))
    assert rec.pictures[0].image is images[0]
    assert_exact(rec.pictures, sd)


def test_several_calls_in_one_context(sd: Path, pipe: Any) -> None:
    with record(pipe) as rec:
        for seed in (1, 2):
            pipe(PROMPT, **settings(generator=seeded(seed)))
    assert [one.aigif.data.seed for one in rec.pictures] == [1, 2]
    assert_exact(rec.pictures, sd)


@pytest.mark.parametrize(
    ("family", "changes"),
    [
        ("sd", {"guidance_rescale": 0.7, "negative_prompt": "blurry"}),
        ("sd", {"guidance_scale": 1}),
        ("sd", {"height": None, "width": None, "negative_prompt": ""}),
        ("sdxl", {"prompt_2": "a lighthouse", "negative_prompt": "blurry", "guidance_rescale": 0.3}),
        ("sdxl", {"original_size": (32, 48), "crops_coords_top_left": (16, 0), "target_size": (64, 64)}),
        ("sd3", {"prompt_3": "a lighthouse", "negative_prompt_2": "blurry", "max_sequence_length": 77}),
        ("flux", {"guidance_scale": 9.0, "max_sequence_length": 256}),
        ("flux", {"true_cfg_scale": 4.0, "negative_prompt": "blurry"}),
        ("flux", {"true_cfg_scale": 4.0, "negative_prompt": ""}),
        ("flux", {"true_cfg_scale": 4.0}),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_arguments_that_have_elements(
    family: str, changes: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    folder: Path = request.getfixturevalue(family)
    assert_exact(recorded(load(folder), **changes), folder)


def test_what_the_elements_of_some_families_say(sdxl: Path, flux: Path) -> None:
    sizes = {"original_size": (32, 48), "crops_coords_top_left": (16, 8), "target_size": (64, 64)}
    (sized,) = recorded(load(sdxl), **sizes)
    assert sized.aigif.data.micro_conditioning == MicroConditioning(
        original_height=32, original_width=48, crop_top=16, crop_left=8
    )
    (guided,) = recorded(load(flux), guidance_scale=9.0, true_cfg_scale=4.0)
    assert guided.aigif.data.distilled == Distilled(guidance=9.0)
    assert guided.aigif.data.guidance_scale == 1.0  # without a negative prompt FLUX gives no guidance


def test_an_empty_negative_prompt_is_not_a_missing_one(sdxl: Path) -> None:
    # SDXL puts zeros in the place of a missing one (force_zeros_for_empty_prompt).
    pipe = load(sdxl)
    (missing,), (empty,) = recorded(pipe), recorded(pipe, negative_prompt="")
    assert missing.image.tobytes() != empty.image.tobytes()
    assert_exact([missing, empty], sdxl)


@pytest.mark.parametrize(("family", "skip", "recorded_skip"), [("sd", 1, 2), ("sdxl", 1, 3), ("sd3", 2, 4)])
def test_clip_skip(family: str, skip: int, recorded_skip: int, request: pytest.FixtureRequest) -> None:
    from aigif.runtime.modelfolder import open_folder
    from aigif.runtime.pipelines import load_pipeline

    folder: Path = request.getfixturevalue(family)
    pipe = load_pipeline(
        open_folder(folder), "float32", "cpu"
    )  # mends what transformers 5 broke in diffusers
    (plain,), (skipped,) = recorded(pipe), recorded(pipe, clip_skip=skip)
    assert plain.image.tobytes() != skipped.image.tobytes()
    assert skipped.aigif.model.clip_skip == recorded_skip
    assert_exact([skipped], folder)


def test_data_type_platform_and_model_are_recorded(sd: Path) -> None:
    (one,) = recorded(load(sd, torch_dtype=torch.bfloat16))
    assert one.aigif.model.data_type == DataType.BFLOAT16
    assert one.aigif.platform.noise_source == NoiseSource.TORCH_CPU
    assert one.aigif.platform.threads == torch.get_num_threads()
    assert len(one.aigif.model.weight_hash) == 8
    assert one.aigif.model.model_name == sd.name
    assert_exact([one], sd)


def test_pixels_hash_and_preview_as_asked(pipe: Any) -> None:
    with record(pipe, save_pixels="png", hash_bytes=4, preview=True) as rec:
        pipe(PROMPT, **settings())
    file = rec.pictures[0].aigif
    assert aigif.recreate(file, use_saved_pixels=True).image.tobytes() == rec.pictures[0].image.tobytes()
    assert len(file.verification.pixel_hash) == 4
    assert file.verification.preview
