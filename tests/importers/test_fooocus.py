"""Fooocus in both of its schemes, and RuinedFooocus."""

from __future__ import annotations

import pytest

from aigif._gen.enums import HashKind, NoiseSource, PromptDialect, Scheduler, SigmaSchedule, StepNoise
from aigif.grading import Grade
from aigif.importers import a1111
from tests.importers.told import basics, gaps, picture, program_name, strongest, told

OWN = {
    "adm_guidance": "(1.5, 0.8, 0.3)",
    "base_model": "someModel",
    "base_model_hash": "0123456789",
    "clip_skip": 2,
    "full_negative_prompt": ["fog, rain", "blurry"],
    "full_prompt": ["cinematic still a lighthouse", "a lighthouse, intricate"],
    "guidance_scale": 4,
    "loras": [["ink", 0.5, "abcdef0123"]],
    "lora_combined_1": "ink : 0.5",
    "metadata_scheme": "fooocus",
    "negative_prompt": "fog, rain",
    "performance": "Speed",
    "prompt": "a lighthouse",
    "refiner_model": "None",
    "refiner_switch": 0.5,
    "resolution": "(512, 768)",
    "sampler": "dpmpp_2m_sde_gpu",
    "scheduler": "karras",
    "seed": "9223372036854775807",
    "sharpness": 2,
    "steps": 30,
    "styles": "['Fooocus V2', 'Fooocus Enhance']",
    "vae": "Default (model)",
    "version": "Fooocus v2.5.5",
}


def test_the_own_scheme_in_png() -> None:
    texts = picture(("parameters", _json(OWN)), ("fooocus_scheme", "fooocus"))
    name, reading = strongest(texts)
    value = reading.aigif
    assert (name, program_name(reading), value.platform.program_version) == (
        "fooocus",
        "fooocus",
        "Fooocus v2.5.5",
    )
    assert basics(value) == (2**63 - 1, 30, 4.0, 512, 768)
    assert value.data.prompt == "cinematic still a lighthouse, a lighthouse, intricate"
    assert value.data.negative_prompt == "fog, rain, blurry"
    assert (value.model.scheduler, value.model.sigma_schedule) == (
        Scheduler.DPMPP_2M_SDE,
        SigmaSchedule.KARRAS,
    )
    assert (value.model.model_name, value.model.vae_name) == ("someModel", "")
    assert (value.model.clip_skip, value.model.prompt_dialect) == (2, PromptDialect.FOOOCUS)
    assert (value.platform.noise_source, value.model.sampler_options.step_noise) == (  # type: ignore[union-attr]
        NoiseSource.TORCH_CPU,
        StepNoise.CUDA_PHILOX,
    )
    (ink,) = value.model.adapters
    assert (ink.name, ink.weight, ink.weight_hash.hex()) == ("ink", 0.5, "abcdef0123")
    assert {("extension", "sharpness"), ("extension", "adm_guidance"), ("setting", "full_prompt")} <= gaps(
        reading
    )
    assert reading.grade == Grade.APPROXIMATE


def test_the_own_scheme_in_exif() -> None:
    texts = picture(
        ("UserComment", _json(OWN)), ("MakerNote", "fooocus"), ("Software", "Fooocus v2.5.5"), carrier="EXIF"
    )
    assert strongest(texts)[1].aigif.data.seed == 2**63 - 1


def test_without_the_full_prompt_nobody_knows_what_was_encoded() -> None:
    older = {key: value for key, value in OWN.items() if not key.startswith("full_")}
    reading = told("parameters", older)
    assert reading.aigif.data.prompt == "a lighthouse"
    assert ("prompt", "full_prompt") in gaps(reading)


@pytest.mark.parametrize(
    "resolution", ["__import__('os').getcwd()", "(1, 2, 3)", "", "(a, b)", [1], {}, "(1e9, 2)"]
)
def test_nothing_is_evaluated(resolution: object) -> None:
    reading = told("parameters", OWN | {"resolution": resolution})
    assert (reading.aigif.data.width, reading.aigif.data.height) == (512, 768)
    assert ("value", "size") in gaps(reading)


def test_a_refiner() -> None:
    reading = told("parameters", OWN | {"refiner_model": "second", "refiner_model_hash": "aabbccddee"})
    refiner = reading.aigif.data.refiner
    assert refiner is not None
    assert (refiner.name, refiner.weight_hash.hex(), refiner.switch_at) == ("second", "aabbccddee", 0.5)


INFOTEXT = (
    "cinematic still a lighthouse, a lighthouse, intricate\nNegative prompt: fog\n"
    "Steps: 30, Sampler: DPM++ 2M SDE Karras, Seed: 42, Size: 512x768, CFG scale: 4, Sharpness: 2, "
    'ADM Guidance: "(1.5, 0.8, 0.3)", Model: someModel, Model hash: 0123456789, Performance: Speed, '
    "Scheduler: karras, VAE: Default (model), Raw prompt: a lighthouse, Raw negative prompt: , "
    'Lora hashes: "ink: abcdef0123", Lora weights: "ink: 0.5", Version: Fooocus v2.5.5'
)


def test_the_a1111_scheme() -> None:
    name, reading = strongest(picture(("parameters", INFOTEXT), ("fooocus_scheme", "a1111")))
    value = reading.aigif
    assert (name, program_name(reading)) == ("a1111", "fooocus")
    assert (value.model.scheduler, value.model.sigma_schedule) == (
        Scheduler.DPMPP_2M_SDE,
        SigmaSchedule.KARRAS,
    )
    assert (value.model.prompt_dialect, value.platform.noise_source) == (
        PromptDialect.FOOOCUS,
        NoiseSource.TORCH_CPU,
    )
    assert [(one.name, one.weight) for one in value.model.adapters] == [("ink", 0.5)]
    assert a1111.write(value) == INFOTEXT
    assert reading.grade == Grade.APPROXIMATE


RUINED = {
    "Prompt": "a lighthouse",
    "Negative": "fog",
    "steps": 30,
    "cfg": 8.5,
    "width": 512,
    "height": 768,
    "seed": 42,
    "sampler_name": "dpmpp_2m_sde_gpu",
    "scheduler": "karras",
    "base_model_name": "someModel.safetensors",
    "base_model_hash": "be9edd61",
    "loras": [["4852686128", "0.1 - folder\\ink.safetensors"]],
    "start_step": 0,
    "denoise": None,
    "clip_skip": 1,
    "software": "RuinedFooocus",
}


def test_ruined_fooocus() -> None:
    reading = told("parameters", RUINED)
    value = reading.aigif
    assert program_name(reading) == "ruined-fooocus"
    assert basics(value) == (42, 30, 8.5, 512, 768)
    assert (value.model.model_name, value.model.hash_kind) == ("someModel", HashKind.LEGACY)
    (ink,) = value.model.adapters
    assert (ink.name, ink.weight, ink.weight_hash.hex()) == ("ink", 0.1, "4852686128")
    assert reading.grade == Grade.EXACT


def test_older_ruined_fooocus() -> None:
    older = RUINED | {
        "loras": "Loras:<ink.safetensors:0.5>,<None:1>",
        "refiner_model_name": "second",
        "switch": 24,
    }
    value = told("parameters", older).aigif
    assert [(one.name, one.weight) for one in value.model.adapters] == [("ink", 0.5)]
    assert value.data.refiner is not None
    assert value.data.refiner.switch_at == 0.8


def _json(value: object) -> str:
    import json

    return json.dumps(value)


LABELS = {
    "Prompt": "a lighthouse",
    "Negative Prompt": "fog",
    "Fooocus V2 Expansion": "a lighthouse, intricate",
    "Styles": "['Fooocus V2']",
    "Performance": "Extreme Speed",
    "Resolution": "(512, 768)",
    "Sharpness": 0.0,
    "Guidance Scale": 1.0,
    "ADM Guidance": "(1.0, 1.0, 0.0)",
    "Base Model": "someModel.safetensors",
    "Refiner Model": "None",
    "Refiner Switch": 1.0,
    "Sampler": "lcm",
    "Scheduler": "sgm_uniform",
    "Seed": 42,
    "LoRA 1": "ink.safetensors : 0.65",
    "Version": "v2.1.860",
}


def test_labels_of_version_2_1_and_older() -> None:
    reading = told("parameters", LABELS)
    value = reading.aigif
    assert basics(value) == (42, 8, 1.0, 512, 768)
    assert (value.model.scheduler, value.model.model_name) == (Scheduler.LCM, "someModel")
    assert [(one.name, one.weight) for one in value.model.adapters] == [("ink", 0.65)]
    assert gaps(reading) == {("prompt", "full_prompt")}


def test_labels_of_fooocusplus() -> None:
    more = {
        "Backend Engine": "SDXL-Fooocus",
        "Base Model Hash": "79fd29ab43",
        "CLIP Skip": 2,
        "Full Prompt": ["a lighthouse"],
        "Full Negative Prompt": ["fog"],
        "LoRAs": [],
        "Metadata Scheme": "Fooocus",
        "Steps": 30,
        "VAE": "Default (model)",
        "User": "FooocusPlus",
        "Version": "FooocusPlus 1.0.0",
        "styles_definition": "",
    }
    reading = told("Comment", LABELS | more)
    value = reading.aigif
    assert (program_name(reading), value.data.steps, value.model.clip_skip) == ("fooocusplus", 30, 2)
    assert (value.data.prompt, value.model.weight_hash.hex()) == ("a lighthouse", "79fd29ab43")
    assert reading.grade == Grade.EXACT


def test_fooocus_mre() -> None:
    record = {
        "prompt": "a lighthouse",
        "negative_prompt": "fog",
        "real_prompt": ["cinematic a lighthouse"],
        "real_negative_prompt": ["fog, blurry"],
        "style": "cinematic",
        "performance": "Speed",
        "width": 512,
        "height": 768,
        "sharpness": 0,
        "base_model": "someModel.safetensors",
        "sampler": "dpmpp_2m",
        "scheduler": "karras",
        "steps": 30,
        "cfg": 7.0,
        "base_clip_skip": 1,
        "seed": 42,
        "software": "Fooocus-MRE v2.0.78.5",
    }
    reading = told("Comment", record)
    assert program_name(reading) == "fooocus-mre"
    assert basics(reading.aigif) == (42, 30, 7.0, 512, 768)
    assert reading.aigif.data.prompt == "cinematic a lighthouse"
