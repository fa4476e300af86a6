"""Programs and services that draw through ComfyUI: the executed graph first, then what their own texts add."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aigif._gen.enums import NoiseSource, PromptDialect, Scheduler, SigmaSchedule
from aigif.errors import AigifError
from aigif.grading import Grade
from tests.importers.told import basics, gaps, picture, program_name, strongest, told

GRAPH: dict[str, Any] = {
    "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "757279507095956705.safetensors"}},
    "2": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["1", 1], "text": "a lighthouse, "}},
    "3": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["1", 1], "text": "fog"}},
    "4": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 768, "batch_size": 1}},
    "5": {
        "class_type": "KSampler",
        "inputs": {
            "model": ["1", 0],
            "positive": ["2", 0],
            "negative": ["3", 0],
            "latent_image": ["4", 0],
            "seed": 42,
            "steps": 20,
            "cfg": 6.5,
            "sampler_name": "euler_ancestral",
            "scheduler": "karras",
            "denoise": 1.0,
        },
    },
    "6": {"class_type": "VAEDecode", "inputs": {"samples": ["5", 0], "vae": ["1", 2]}},
    "7": {"class_type": "SaveImage", "inputs": {"images": ["6", 0], "filename_prefix": "x"}},
}
TENSOR: dict[str, Any] = {
    "prompt": "a lighthouse, # typed",
    "negativePrompt": "fog",
    "width": 512,
    "height": 768,
    "imageCount": 1,
    "samplerName": "Euler a",
    "steps": 20,
    "cfgScale": 6.5,
    "seed": "-1",
    "clipSkip": 2,
    "baseModel": {"label": "Some", "modelFileName": "someModel", "hash": "AB" * 32},
    "models": [{"type": "LORA", "modelFileName": "ink.safetensors", "hash": "CD" * 32, "weight": 0.6}],
    "ksamplerName": "euler_ancestral",
    "schedule": "karras",
}


def test_tensorart_with_its_graph() -> None:
    texts = picture(("prompt", json.dumps(GRAPH)), ("generation_data", json.dumps(TENSOR) + "\0\0"))
    name, reading = strongest(texts)
    value = reading.aigif
    assert (name, program_name(reading)) == ("tensorart", "tensorart")
    assert basics(value) == (42, 20, 6.5, 512, 768)
    assert value.data.prompt == "a lighthouse, "
    assert (value.model.model_name, value.model.weight_hash) == ("someModel", b"\xab" * 32)
    assert (value.model.scheduler, value.model.sigma_schedule) == (Scheduler.EULER_A, SigmaSchedule.KARRAS)


def test_tensorart_without_its_graph() -> None:
    reading = told("generation_data", json.dumps(TENSOR) + "\0")
    value = reading.aigif
    assert (value.data.seed, value.data.steps, value.model.clip_skip) == (0, 20, 2)
    assert (value.model.adapters[0].name, value.model.adapters[0].weight) == ("ink", 0.6)
    assert value.model.adapters[0].weight_hash == b"\xcd" * 32
    assert gaps(reading) == {("seed", "seed")}
    assert reading.grade == Grade.NOT_RECREATABLE


INFOTEXT = (
    "a lighthouse, # typed\r\n\nNegative prompt: fog\r\n\n"
    "Steps: 20, Sampler: Euler Ancestral Karras, CFG scale: 6.5, Seed: 42, Size: 512x768, "
    f"Model hash: {'AB' * 32}, Model: someModel.safetensors"
)
PARAMETERS = {
    "PositivePrompt": "a lighthouse, # typed\r\n",
    "ModelHash": "AB" * 32,
    "ModelName": "someModel.safetensors",
}


def test_stability_matrix_with_its_graph() -> None:
    texts = picture(
        ("prompt", json.dumps(GRAPH)),
        ("parameters", INFOTEXT),
        ("parameters-json", json.dumps(PARAMETERS)),
        ("smproj", "{}"),
    )
    name, reading = strongest(texts)
    value = reading.aigif
    assert (name, program_name(reading)) == ("stability-matrix", "stability-matrix")
    assert value.data.prompt == "a lighthouse, "
    assert (value.model.model_name, value.model.weight_hash) == ("someModel", b"\xab" * 32)


def test_stability_matrix_without_its_graph() -> None:
    reading = strongest(picture(("parameters", INFOTEXT), ("parameters-json", json.dumps(PARAMETERS))))[1]
    value = reading.aigif
    assert (program_name(reading), value.data.seed) == ("stability-matrix", 42)
    assert (value.model.scheduler, value.model.sigma_schedule) == (Scheduler.EULER_A, SigmaSchedule.KARRAS)
    assert (value.platform.noise_source, value.model.prompt_dialect) == (
        NoiseSource.TORCH_CPU,
        PromptDialect.COMFYUI,
    )
    assert gaps(reading) == {("setting", "#")}


def test_stability_matrix_alone_is_refused() -> None:
    with pytest.raises(AigifError, match="are missing"):
        strongest(picture(("smproj", "{}")))


CIVITAI: dict[str, Any] = {
    "prompt": "a lighthouse",
    "negativePrompt": "fog",
    "cfgScale": 5,
    "sampler": "Euler a",
    "clipSkip": 2,
    "steps": 25,
    "quantity": 1,
    "baseModel": "Illustrious",
    "width": 512,
    "height": 768,
    "workflow": "txt2img",
    "seed": 42,
    "resources": [{"modelVersionId": 1, "strength": 1}, {"modelVersionId": 2, "strength": 0.5}],
}
UPSCALING: dict[str, Any] = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "https://example.org/a.jpeg"}},
    "2": {"class_type": "UpscaleModelLoader", "inputs": {"model_name": "urn:air:other:upscaler:civitai:1@2"}},
    "3": {"class_type": "ImageUpscaleWithModel", "inputs": {"upscale_model": ["2", 0], "image": ["1", 0]}},
    "4": {"class_type": "SaveImage", "inputs": {"images": ["3", 0], "filename_prefix": "x"}},
    "extra": {"airs": ["urn:air:other:upscaler:civitai:1@2"]},
}


def test_civitai_after_an_upscaling() -> None:
    extra = CIVITAI | {"transformations": [{"type": "upscale"}]}
    reading = told("UserComment", UPSCALING | {"extraMetadata": json.dumps(extra)}, carrier="EXIF")
    value = reading.aigif
    assert program_name(reading) == "civitai"
    assert basics(value) == (42, 25, 5.0, 512, 768)
    assert (value.model.scheduler, value.model.clip_skip) == (Scheduler.EULER_A, 2)
    assert value.model.model_name == "Illustrious civitai@1"
    assert [(one.name, one.weight) for one in value.model.adapters] == [("civitai@2", 0.5)]
    assert gaps(reading) == {("postprocess", "urn:air:other:upscaler:civitai:1@2")}


def test_civitai_with_the_graph_that_drew_it() -> None:
    extra = json.dumps(CIVITAI | {"seed": 7})
    reading = told("UserComment", GRAPH | {"extraMetadata": extra})
    assert (program_name(reading), reading.aigif.data.seed) == ("civitai", 42)


def test_civitai_hands_some_pictures_on() -> None:
    extra = json.dumps(CIVITAI | {"baseModel": "Imagen4"})
    reading = told("prompt", UPSCALING | {"extraMetadata": extra})
    assert ("closed_model", "Imagen4") in gaps(reading)
