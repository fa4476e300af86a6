"""SwarmUI's parameters, alone and beside the graph that they became."""

from __future__ import annotations

import json
from typing import Any

from aigif._gen.enums import (
    AdapterKind,
    HashKind,
    NoiseSource,
    PromptDialect,
    Scheduler,
    SigmaSchedule,
    StepNoise,
    UpscaleForm,
)
from aigif.grading import Grade
from tests.importers.told import basics, gaps, picture, program_name, strongest, told

PARAMS: dict[str, Any] = {
    "prompt": "a lighthouse \n",
    "negativeprompt": "fog, ",
    "model": "folder/someModel",
    "seed": 18446744073709551615,
    "steps": 20,
    "cfgscale": 7.0,
    "aspectratio": "2:3",
    "width": 512,
    "height": 768,
    "sampler": "euler_ancestral",
    "scheduler": "karras",
    "automaticvae": True,
    "swarm_version": "0.9.7.4",
}
MODELS = [{"name": "folder/someModel.safetensors", "param": "model", "hash": "0x" + "ab" * 32}]


def record(models: Any = MODELS, **more: Any) -> dict[str, Any]:
    return {"sui_image_params": PARAMS | more, "sui_extra_data": {"date": "2026-01-03"}, "sui_models": models}


def test_the_parameters() -> None:
    reading = told("UserComment", json.dumps(record(), indent=2), carrier="EXIF")
    value = reading.aigif
    assert (program_name(reading), value.platform.program_version) == ("swarmui", "0.9.7.4")
    assert basics(value) == (2**64 - 1, 20, 7.0, 512, 768)
    assert (value.data.prompt, value.data.negative_prompt) == ("a lighthouse \n", "fog, ")
    assert (value.model.scheduler, value.model.sigma_schedule) == (Scheduler.EULER_A, SigmaSchedule.KARRAS)
    assert (value.model.model_name, value.model.hash_kind) == ("someModel", HashKind.AUTOV3)
    assert (value.platform.noise_source, value.model.prompt_dialect) == (
        NoiseSource.TORCH_CPU,
        PromptDialect.SWARMUI,
    )
    assert value.model.sampler_options is not None
    assert value.model.sampler_options.step_noise == StepNoise.CUDA_PHILOX
    assert reading.grade == Grade.EXACT


def test_the_parameters_go_before_the_graph_that_they_became() -> None:
    graph = {"1": {"class_type": "KSampler", "inputs": {"seed": 1}}}
    texts = picture(("prompt", json.dumps(graph)), ("parameters", json.dumps(record())))
    assert strongest(texts)[0] == "swarmui"


def test_they_may_stand_within_another_object() -> None:
    wrapped = {"prompt": {}, "parameters": json.dumps(record())}
    assert told("UserComment", wrapped).aigif.data.seed == 2**64 - 1


def test_a_second_pass_runs_the_last_steps_of_the_same_schedule() -> None:
    more = {
        "refinercontrolpercentage": 0.3,
        "refinermethod": "PostApply",
        "refinerupscale": 1.5,
        "refinerupscalemethod": "latent-bicubic",
        "refinercfgscale": 5,
        "refinersampler": "dpmpp_2m",
        "refinerscheduler": "normal",
    }
    reading = told("parameters", record(**more), width=768, height=1152)
    hires = reading.aigif.data.hires
    assert hires is not None
    assert (hires.scale, hires.steps, hires.denoising_strength, hires.guidance_scale) == (1.5, 6, 0.3, 5.0)
    assert (hires.form, hires.upscaler) == (UpscaleForm.LATENT, "bicubic")
    assert (hires.own_seed, hires.seed) == (True, 0)
    assert hires.scheduler is not None
    assert hires.scheduler.scheduler == Scheduler.DPMPP_2M
    assert hires.scheduler.sigma_schedule == SigmaSchedule.MODEL
    assert reading.grade == Grade.EXACT


def test_a_refiner_takes_over() -> None:
    more = {
        "refinercontrolpercentage": 0.25,
        "refinermethod": "StepSwap",
        "refinermodel": "second.safetensors",
    }
    refiner = told("parameters", record(**more)).aigif.data.refiner
    assert refiner is not None
    assert (refiner.name, refiner.switch_at) == ("second", 0.75)


def test_adapters_with_their_hashes() -> None:
    models = [*MODELS, {"name": "a/ink.safetensors", "param": "loras", "hash": "0x" + "cd" * 32}]
    more = {"loras": ["a/ink", "b"], "loraweights": ["0.5", "1"], "loratencweights": ["0.25", "1"]}
    ink, other = told("parameters", record(models, **more)).aigif.model.adapters
    assert (ink.kind, ink.name, ink.weight, ink.text_weight) == (AdapterKind.LORA, "ink", 0.5, 0.25)
    assert (ink.weight_hash, ink.hash_kind) == (b"\xcd" * 32, HashKind.AUTOV3)
    assert (other.name, other.weight, other.weight_hash) == ("b", 1.0, b"")


def test_variation_clip_skip_and_flow_settings() -> None:
    more = {
        "variationseed": 5,
        "variationseedstrength": 0.25,
        "clipstopatlayer": -2,
        "fluxguidancescale": 2.5,
    }
    value = told("parameters", record(**more, sigmashift=3)).aigif
    assert value.data.variation is not None
    assert (value.data.variation.seed, value.data.variation.strength) == (5, 0.25)
    assert value.model.clip_skip == 2
    assert value.data.distilled is not None
    assert value.data.distilled.guidance == 2.5
    assert value.model.sampler_options is not None
    assert value.model.sampler_options.shift == 3.0


def test_images_and_unknown_parameters_are_gaps() -> None:
    more = {"initimagecreativity": 0.6, "controlnetmodel": "canny", "freeuversion": "2", "sampler": None}
    reading = told("parameters", record(**more))
    assert {
        ("init_image", ""),
        ("control_image", "controlnetmodel"),
        ("setting", "freeuversion"),
        ("value", "scheduler"),
    } <= gaps(reading)


def test_names_of_the_first_versions() -> None:
    older = {key: value for key, value in PARAMS.items() if key not in ("sampler", "scheduler")}
    first = {"sui_image_params": older | {"comfyuisampler": "dpmpp_2m", "comfyuischeduler": "karras"}}
    model = told("parameters", first).aigif.model
    assert (model.scheduler, model.sigma_schedule) == (Scheduler.DPMPP_2M, SigmaSchedule.KARRAS)
    second = {"sui_image_params": older | {"autowebuisampler": "DPM++ 2M Karras"}}
    model = told("parameters", second).aigif.model
    assert (model.scheduler, model.sigma_schedule) == (Scheduler.DPMPP_2M, SigmaSchedule.KARRAS)
