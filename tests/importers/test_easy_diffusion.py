"""Easy Diffusion's one text for each setting, its JSON and its labels; and Dream Factory's command line."""

from __future__ import annotations

from typing import Any

import pytest

from aigif._gen.enums import AdapterKind, NoiseSource, PromptDialect, Scheduler, SigmaSchedule
from aigif.grading import Grade
from aigif.importers.tools.dream_factory import split
from tests.importers.told import basics, gaps, picture, program_name, strongest, told

SETTINGS: dict[str, Any] = {
    "prompt": "a lighthouse ",
    "negative_prompt": "fog",
    "seed": 42,
    "use_stable_diffusion_model": "C:\\models\\someModel.safetensors",
    "clip_skip": True,
    "use_vae_model": "vae/some.vae.pt",
    "sampler_name": "dpmpp_2m",
    "width": 512,
    "height": 768,
    "num_inference_steps": 25,
    "guidance_scale": 7.5,
    "use_lora_model": ["loras/ink", "other.safetensors"],
    "lora_alpha": [0.5, 1.0],
    "tiling": None,
    "use_face_correction": None,
}


def check(name: str, reading: Any) -> None:
    value = reading.aigif
    assert (name, program_name(reading)) == ("easy-diffusion", "easy-diffusion")
    assert basics(value) == (42, 25, 7.5, 512, 768)
    assert (value.data.prompt, value.data.negative_prompt) == ("a lighthouse ", "fog")
    assert (value.model.scheduler, value.model.sigma_schedule) == (Scheduler.DPMPP_2M, SigmaSchedule.KARRAS)
    assert (value.model.model_name, value.model.vae_name, value.model.clip_skip) == (
        "someModel",
        "some.vae.pt",
        2,
    )
    assert [(one.name, one.weight) for one in value.model.adapters] == [("ink", 0.5), ("other", 1.0)]
    assert value.platform.noise_source == NoiseSource.CUDA_PHILOX
    assert reading.grade == Grade.EXACT


def test_one_png_text_for_each_setting() -> None:
    texts = tuple((key, str(value)) for key, value in SETTINGS.items())
    check(*strongest(picture(*texts)))


def test_json_in_exif() -> None:
    check("easy-diffusion", told("UserComment", SETTINGS, carrier="EXIF"))


def test_labels_and_the_word_none() -> None:
    labels = {
        "Prompt": "a lighthouse",
        "Seed": "42",
        "Stable Diffusion model": "someModel",
        "Sampler": "euler_a",
        "Steps": "25",
        "Guidance Scale": "7.5",
        "LoRA model": "None",
        "VAE model": "None",
        "Clip Skip": "False",
        "Width": "512",
        "Height": "768",
    }
    value = strongest(picture(*labels.items()))[1].aigif
    assert basics(value) == (42, 25, 7.5, 512, 768)
    assert (value.model.adapters, value.model.vae_name, value.model.clip_skip) == ((), "", 1)
    assert value.model.scheduler == Scheduler.EULER_A


def test_what_can_not_be_had_again_is_named() -> None:
    more = {
        "prompt_strength": 0.5,
        "use_controlnet_model": "canny",
        "use_upscale": "RealESRGAN_x4plus",
        "upscale_amount": 4,
        "use_hypernetwork_model": "h",
        "use_embeddings_model": ["e.pt"],
        "tiling": "x",
        "sampler_name": "unipc_snr",
    }
    reading = told("UserComment", SETTINGS | more)
    assert gaps(reading) == {
        ("init_image", ""),
        ("control_image", "canny"),
        ("postprocess", "RealESRGAN_x4plus"),
        ("setting", "tiling"),
        ("value", "scheduler"),
    }
    kinds = [adapter.kind for adapter in reading.aigif.model.adapters]
    assert kinds[2:] == [AdapterKind.HYPERNETWORK, AdapterKind.TEXTUAL_INVERSION]


COMMAND = (
    '"a lighthouse, <lora:ink:0.5>" --ddim_steps 25 --scale 7.5 --seed 42 --W 512 --H 768 '
    '--sampler "DPM++ 2M Karras" --neg_prompt "fog, rain" --ckpt "folder\\some model.safetensors [0123456789]"'
)


def test_dream_factory() -> None:
    reading = told("UserComment", COMMAND, carrier="EXIF")
    value = reading.aigif
    assert program_name(reading) == "dream-factory"
    assert basics(value) == (42, 25, 7.5, 512, 768)
    assert (value.data.prompt, value.data.negative_prompt) == ("a lighthouse, <lora:ink:0.5>", "fog, rain")
    assert (value.model.model_name, value.model.weight_hash.hex()) == ("some model", "0123456789")
    assert (value.model.scheduler, value.model.sigma_schedule) == (Scheduler.DPMPP_2M, SigmaSchedule.KARRAS)
    assert value.model.prompt_dialect == PromptDialect.A1111
    assert [one.name for one in value.model.adapters] == ["ink"]
    assert reading.grade == Grade.EXACT


def test_dream_factory_names_what_it_did_besides() -> None:
    reading = told("XPComment", COMMAND + ' --strength 0.5 --init-img "../a.png" --novel 1 (upscaled 2x)')
    assert gaps(reading) == {("init_image", ""), ("postprocess", "upscale"), ("setting", "novel")}


@pytest.mark.parametrize(
    ("line", "prompt", "options"),
    [
        ('"a --b c" --ddim_steps 2', "a --b c", {"ddim_steps": "2"}),
        ('a "b" --ddim_steps 2 --flag', 'a "b"', {"ddim_steps": "2", "flag": "True"}),
        ('--prompt "a b" --ddim_steps 2', "a b", {"ddim_steps": "2"}),
        ('"a \\"b\\" c" --ddim_steps 2', 'a "b" c', {"ddim_steps": "2"}),
        ("nothing of it", "", {}),
    ],
)
def test_splitting(line: str, prompt: str, options: dict[str, str]) -> None:
    assert split(line) == (prompt, options)
