"""Demos on Spaces and scripts that save the arguments of diffusers' pipelines."""

from __future__ import annotations

from typing import Any

import pytest

from aigif._gen.enums import NoiseSource, PromptDialect, Scheduler, SigmaSchedule
from aigif._gen.tables import model as model_table
from aigif.grading import Grade
from tests.importers.told import basics, gaps, picture, program_name, strongest, told

SPACE: dict[str, Any] = {
    "prompt": "a lighthouse, \n",
    "negative_prompt": "fog",
    "resolution": "512 x 768",
    "guidance_scale": 5.5,
    "num_inference_steps": 24,
    "style_preset": "(None)",
    "seed": 42,
    "sampler": "DPM++ 2M Karras",
    "Model": "Some Model v16",
    "Model hash": "AB" * 32,
    "use_upscaler": None,
}


def test_a_space() -> None:
    reading = told("parameters", SPACE)
    value = reading.aigif
    assert program_name(reading) == "hugging-face-space"
    assert basics(value) == (42, 24, 5.5, 512, 768)
    assert value.data.prompt == "a lighthouse, \n"
    assert (value.model.scheduler, value.model.sigma_schedule) == (Scheduler.DPMPP_2M, SigmaSchedule.KARRAS)
    assert (value.model.model_name, value.model.weight_hash) == ("Some Model v16", b"\xab" * 32)
    assert (value.model.prompt_dialect, value.platform.noise_source) == (
        PromptDialect.PLAIN,
        NoiseSource.TORCH_CPU,
    )
    assert reading.grade == Grade.EXACT


def test_a_space_with_its_model_in_an_object_and_a_second_pass() -> None:
    more = {
        "Model": {"Model": "Other", "Model hash": "e3c47aedb0"},
        "use_upscaler": {"upscale_method": "nearest-exact", "upscaler_strength": 0.55, "upscale_by": 1.5},
    }
    reading = told("parameters", SPACE | more, width=768, height=1152)
    assert (reading.aigif.model.model_name, reading.aigif.model.weight_hash.hex()) == ("Other", "e3c47aedb0")
    hires = reading.aigif.data.hires
    assert hires is not None
    assert (hires.scale, hires.denoising_strength, hires.upscaler) == (1.5, 0.55, "nearest-exact")
    assert reading.grade == Grade.EXACT


def test_weights_in_brackets_are_the_demos_own() -> None:
    assert ("setting", "prompt weights") in gaps(told("parameters", SPACE | {"prompt": "(a:1.2)"}))


SCRIPT: dict[str, Any] = {
    "prompt": "a lighthouse",
    "negative_prompt": "fog",
    "num_inference_steps": 30,
    "guidance_scale": 7.5,
    "height": 768,
    "width": 512,
    "seed": 42,
    "model_id": "stabilityai/stable-diffusion-xl-base-1.0",
    "scheduler": "EulerDiscreteScheduler",
    "generator_device": "cuda:0",
    "torch_version": "2.5.1",
}


def test_a_script_with_json() -> None:
    reading = told("metadata", SCRIPT)
    value = reading.aigif
    assert program_name(reading) == "diffusers"
    assert basics(value) == (42, 30, 7.5, 512, 768)
    assert model_table.TABLE.attribute(value.model.model_id, "hub") == SCRIPT["model_id"]
    assert value.model.scheduler == Scheduler.EULER
    assert value.platform.noise_source == NoiseSource.CUDA_PHILOX
    assert reading.grade == Grade.EXACT


def test_a_script_with_one_png_text_for_each_argument() -> None:
    texts = picture(*((key, str(value)) for key, value in SCRIPT.items()))
    name, reading = strongest(texts)
    assert name == "diffusers"
    assert basics(reading.aigif) == (42, 30, 7.5, 512, 768)


def test_what_scripts_seldom_tell_is_a_gap() -> None:
    reading = told("metadata", {"prompt": "a", "num_inference_steps": 3, "clip_skip": 1, "strength": 0.5})
    assert {kind for kind, _ in gaps(reading)} == {"seed", "model", "noise", "value", "init_image"}
    assert reading.aigif.model.clip_skip == 2
    assert reading.grade == Grade.NOT_RECREATABLE


@pytest.mark.parametrize(
    ("name", "scheduler"),
    [
        ("DDIMScheduler", Scheduler.DDIM),
        ("Euler a", Scheduler.EULER_A),
        ("euler_ancestral", Scheduler.EULER_A),
    ],
)
def test_names_of_schedulers(name: str, scheduler: Scheduler) -> None:
    assert told("metadata", SCRIPT | {"scheduler": name}).aigif.model.scheduler == scheduler
