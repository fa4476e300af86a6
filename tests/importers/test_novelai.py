"""NovelAI in all the places where its settings stand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aigif._gen.enums import Device, NoiseSource, PromptDialect, Scheduler, SigmaSchedule
from aigif.errors import AigifError
from aigif.grading import Grade
from tests.importers.told import basics, gaps, picture, program_name, strongest, told

COMMENT: dict[str, Any] = {
    "prompt": "1girl, -0.8::feet::",
    "steps": 23,
    "height": 768,
    "width": 512,
    "scale": 5.5,
    "uncond_scale": 0.0,
    "cfg_rescale": 0.2,
    "seed": 4294967295,
    "n_samples": 1,
    "noise_schedule": "karras",
    "sampler": "k_euler_ancestral",
    "v4_prompt": {"caption": {"base_caption": "1girl, -0.8::feet::", "char_captions": []}},
    "v4_negative_prompt": {"caption": {"base_caption": "fog", "char_captions": []}},
    "uc": "fog",
    "reference_strength_multiple": [],
    "skip_cfg_above_sigma": None,
    "request_type": "PromptGenerateRequest",
    "signed_hash": "abc==",
}
AROUND = {
    "Software": "NovelAI",
    "Source": "NovelAI Diffusion V4.5 C02D4F98",
    "Description": "1girl, -0.8::feet::",
}


def check(name: str, reading: Any) -> None:
    value = reading.aigif
    assert (name, program_name(reading)) == ("novelai", "novelai")
    assert basics(value) == (4294967295, 23, 5.5, 512, 768)
    assert (value.data.prompt, value.data.negative_prompt) == ("1girl, -0.8::feet::", "fog")
    assert value.data.guidance_rescale == 0.2
    assert (value.model.scheduler, value.model.sigma_schedule) == (Scheduler.EULER_A, SigmaSchedule.KARRAS)
    assert value.model.prompt_dialect == PromptDialect.NOVELAI
    assert (value.platform.device, value.platform.noise_source) == (Device.SERVICE, NoiseSource.SERVICE)
    assert reading.grade == Grade.NOT_RECREATABLE
    assert "closed_model" in {kind for kind, _ in gaps(reading)}


def test_png_texts() -> None:
    texts = picture(("Title", "NovelAI generated image"), *AROUND.items(), ("Comment", json.dumps(COMMENT)))
    name, reading = strongest(texts)
    check(name, reading)
    assert reading.aigif.model.model_name == "NovelAI Diffusion V4.5 C02D4F98"
    assert gaps(reading) == {("closed_model", "NovelAI Diffusion V4.5 C02D4F98")}


def test_the_alpha_channel_has_them_all_in_one() -> None:
    hidden = json.dumps(AROUND | {"Comment": json.dumps(COMMENT)})
    name, reading = strongest(picture(("stealth", hidden), carrier="stealth alpha"))
    check(name, reading)
    assert reading.aigif.model.model_name == "NovelAI Diffusion V4.5 C02D4F98"


def test_exif_of_webp() -> None:
    texts = picture(
        ("DocumentName", "NovelAI generated image"),
        ("ImageDescription", "1girl, -0.8::feet::"),
        ("Software", "NovelAI"),
        ("UserComment", json.dumps({"Comment": json.dumps(COMMENT)} | AROUND)),
        carrier="EXIF",
    )
    check(*strongest(texts))


def test_the_first_version_wrote_less() -> None:
    old = {
        "steps": 50,
        "sampler": "plms",
        "seed": 1,
        "strength": 0.4,
        "noise": 0.0,
        "scale": 10.0,
        "uc": "fog",
    }
    texts = picture(
        ("Software", "NovelAI"),
        ("Source", "Stable Diffusion 1D44365E"),
        ("Description", "a cat"),
        ("Comment", json.dumps(old)),
    )
    reading = strongest(texts)[1]
    assert reading.aigif.data.prompt == "a cat"
    assert reading.aigif.model.scheduler == Scheduler.PLMS
    assert ("init_image", "") in gaps(reading)


def test_characters_references_and_settings_of_its_own_are_named() -> None:
    characters = [{"char_caption": "girl, red", "centers": [{"x": 0.5, "y": 0.5}]}]
    prompt = {"caption": {"base_caption": "2girls", "char_captions": characters}}
    more = {"v4_prompt": prompt, "reference_strength_multiple": [0.6], "skip_cfg_above_sigma": 58.0}
    reading = told("Comment", COMMENT | more)
    assert reading.aigif.data.prompt == "2girls"
    assert {
        ("region", "v4_prompt"),
        ("reference_image", "references"),
        ("setting", "skip_cfg_above_sigma"),
    } <= gaps(reading)


@pytest.mark.parametrize("comment", ["{}", '{"Comment": "{"}', "{"])
def test_a_comment_without_settings_is_refused(comment: str) -> None:
    with pytest.raises(AigifError, match="no settings"):
        strongest(picture(("Software", "NovelAI"), ("Comment", comment)))
