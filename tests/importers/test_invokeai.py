"""InvokeAI's three formats: the metadata of version 3 and later, sd-metadata, and the command line."""

from __future__ import annotations

import pytest

from aigif._gen.enums import HashKind, NoiseSource, PromptDialect, Scheduler, SigmaSchedule, StepNoise
from aigif.errors import AigifError
from aigif.grading import Grade
from aigif.importers import invokeai_dream
from aigif.importers.draft import Draft
from tests.importers.told import basics, gaps, picture, program_name, strongest, told

METADATA = {
    "generation_mode": "sdxl_txt2img",
    "positive_prompt": "a lighthouse++ at dusk \n",
    "negative_prompt": "fog, ",
    "width": 512,
    "height": 768,
    "seed": 4294967295,
    "rand_device": "cpu",
    "cfg_scale": 6.5,
    "cfg_rescale_multiplier": 0.7,
    "steps": 24,
    "scheduler": "dpmpp_2m_sde_k",
    "seamless_x": False,
    "seamless_y": False,
    "clip_skip": 1,
    "model": {
        "key": "a-b",
        "hash": "blake3:" + "ab" * 32,
        "name": "someModel",
        "base": "sd-1",
        "type": "main",
    },
    "loras": [{"model": {"name": "ink", "hash": "blake3:" + "cd" * 32}, "weight": 0.75}],
    "vae": {"name": "someVae", "hash": "blake3:" + "ef" * 32},
    "ref_images": [],
    "app_version": "5.6.0",
}


def test_the_metadata_of_version_3_and_later() -> None:
    name, reading = strongest(picture(("invokeai_metadata", _json(METADATA)), ("invokeai_graph", "{}")))
    value = reading.aigif
    assert (name, program_name(reading), value.platform.program_version) == ("invokeai", "invokeai", "5.6.0")
    assert basics(value) == (4294967295, 24, 6.5, 512, 768)
    assert (value.data.prompt, value.data.negative_prompt) == ("a lighthouse++ at dusk \n", "fog, ")
    assert value.data.guidance_rescale == 0.7
    assert (value.model.scheduler, value.model.sigma_schedule) == (
        Scheduler.DPMPP_2M_SDE,
        SigmaSchedule.KARRAS,
    )
    assert (value.model.model_name, value.model.hash_kind) == ("someModel", HashKind.BLAKE3)
    assert value.model.weight_hash == b"\xab" * 32
    assert (value.model.vae_name, value.model.vae_hash_kind) == ("someVae", HashKind.BLAKE3)
    assert value.model.clip_skip == 2
    assert value.model.prompt_dialect == PromptDialect.COMPEL
    assert (value.platform.noise_source, value.model.sampler_options.step_noise) == (  # type: ignore[union-attr]
        NoiseSource.TORCH_CPU,
        StepNoise.TORCH_CPU,
    )
    (ink,) = value.model.adapters
    assert (ink.name, ink.weight, ink.text_weight, ink.hash_kind) == ("ink", 0.75, 0.75, HashKind.BLAKE3)
    assert reading.grade == Grade.EXACT


def test_version_3_0_calls_models_otherwise_and_images_are_gaps() -> None:
    older = METADATA | {
        "model": {"model_name": "someModel", "base_model": "sdxl", "model_type": "main"},
        "loras": [{"lora": {"model_name": "ink"}, "weight": 1.5}],
        "rand_device": "cuda",
        "ipAdapters": [{"image": {"image_name": "1.png"}}],
        "strength": 0.4,
        "seamless_x": True,
        "unheard_of": "yes",
    }
    reading = told("invokeai_metadata", older)
    assert reading.aigif.model.model_name == "someModel"
    assert reading.aigif.model.adapters[0].weight == 1.5
    assert reading.aigif.platform.noise_source == NoiseSource.CUDA_PHILOX
    assert {("reference_image", "ipAdapters"), ("setting", "seamless"), ("setting", "unheard_of")} <= gaps(
        reading
    )
    assert ("init_image", "") in gaps(reading)
    assert reading.grade == Grade.NOT_RECREATABLE


@pytest.mark.parametrize(
    ("name", "base", "scheduler"),
    [
        ("euler_a", "sdxl", Scheduler.EULER_A),
        ("kdpm_2_a", "sd-1", Scheduler.DPM2_A),
        ("unipc", "sd-1", Scheduler.UNIPC_2_BH2),
        ("euler", "flux", Scheduler.FLOW_MATCH_EULER),
        ("lcm", "flux", Scheduler.FLOW_MATCH_LCM),
    ],
)
def test_schedulers(name: str, base: str, scheduler: Scheduler) -> None:
    record = METADATA | {"scheduler": name, "model": {"name": "m", "base": base}}
    assert told("invokeai_metadata", record).aigif.model.scheduler == scheduler


def test_a_scheduler_that_nobody_listed_is_a_gap() -> None:
    reading = told("invokeai_metadata", METADATA | {"scheduler": ["x"]})
    assert ("value", "scheduler") in gaps(reading)


SD_METADATA = {
    "model": "stable diffusion",
    "model_weights": "someModel",
    "model_hash": "ab" * 32,
    "app_id": "invoke-ai/InvokeAI",
    "app_version": "2.3.0",
    "image": {
        "prompt": [{"prompt": "a lighthouse [fog] at dusk [rain]", "weight": 1.0}],
        "steps": 50,
        "cfg_scale": 7.5,
        "threshold": 0,
        "perlin": 0,
        "height": 768,
        "width": 512,
        "seed": 42,
        "seamless": False,
        "hires_fix": False,
        "type": "txt2img",
        "postprocessing": None,
        "sampler": "k_euler_a",
        "variations": [],
    },
}


def test_sd_metadata_of_version_2() -> None:
    reading = told("sd-metadata", SD_METADATA)
    value = reading.aigif
    assert basics(value) == (42, 50, 7.5, 512, 768)
    assert (value.data.prompt, value.data.negative_prompt) == ("a lighthouse   at dusk", "fog rain")
    assert (value.model.scheduler, value.model.weight_hash) == (Scheduler.EULER_A, b"\xab" * 32)
    assert value.platform.noise_source == NoiseSource.CUDA_PHILOX
    assert reading.grade == Grade.EXACT


def test_what_version_2_did_to_the_picture_is_named() -> None:
    image = SD_METADATA["image"] | {  # type: ignore[operator]
        "postprocessing": [{"type": "esrgan", "scale": 2}],
        "perlin": 0.2,
        "type": "img2img",
        "hires_fix": True,
    }
    reading = told("sd-metadata", SD_METADATA | {"image": image, "app_version": "2.2.5"})
    assert gaps(reading) == {
        ("postprocess", "esrgan"),
        ("setting", "perlin"),
        ("init_image", "img2img"),
        ("passes", "hires_fix"),
        ("value", "karras_max"),
    }


def test_the_command_line() -> None:
    line = '"a \\"small\\" lighthouse [fog]" -s 50 -S 42 -W 512 -H 768 -C 7.5 -A k_lms -G 0.9 -U 4 0.95'
    reading = told("Dream", line)
    assert basics(reading.aigif) == (42, 50, 7.5, 512, 768)
    assert (reading.aigif.data.prompt, reading.aigif.data.negative_prompt) == ('a "small" lighthouse', "fog")
    assert reading.aigif.model.scheduler == Scheduler.LMS
    assert {("postprocess", "-G"), ("postprocess", "-U"), ("model", "")} <= gaps(reading)


@pytest.mark.parametrize(
    ("line", "prompt"),
    [
        ('"a b" -s50 -S1', "a b"),
        ("a b -s 50 -S 1", "a b"),
        ('a "b -s 50 -S 1', 'a "b'),
        ('"an astronaut\'s "hat"" -s 50 -S 1', "an astronaut's hat"),
    ],
)
def test_lines_as_people_have_them(line: str, prompt: str) -> None:
    draft = Draft({})
    invokeai_dream.read(line, draft)
    assert (draft.get("data.prompt"), draft.get("data.steps"), draft.get("data.seed")) == (prompt, 50, 1)


def test_the_newest_format_wins() -> None:
    both = picture(("Dream", '"x" -s 1 -S 2'), ("sd-metadata", _json(SD_METADATA)))
    assert strongest(both)[1].aigif.data.seed == 42


def test_what_is_no_json_is_refused_in_the_projects_own_words() -> None:
    with pytest.raises(AigifError, match="no JSON object"):
        told("invokeai_metadata", "{")


def _json(value: object) -> str:
    import json

    return json.dumps(value)
