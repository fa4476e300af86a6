"""Draw Things' settings in XMP, in EXIF and in PNG's comment; and properties of XMP packets."""

from __future__ import annotations

import json
from html import escape
from typing import Any

import pytest

from aigif._gen.enums import NoiseSource, PromptDialect, Scheduler, SigmaSchedule, TimestepSpacing
from aigif.grading import Grade
from aigif.importers import xmp
from tests.importers.told import basics, gaps, picture, program_name, strongest, told

RECORD: dict[str, Any] = {
    "c": "a lighthouse \n",
    "uc": "fog & rain",
    "model": "sd_v1.5_f16.ckpt",
    "sampler": "DPM++ 2M Karras",
    "scale": 7.5,
    "seed": 4294967295,
    "size": "512x768",
    "steps": 20,
    "strength": 1,
    "seed_mode": "Torch CPU Compatible",
    "mask_blur": 1.5,
    "lora": [{"model": "ink_lora_f16.ckpt", "weight": 0.6}],
    "v2": {"anything": [1, 2]},
}


def packet(record: Any = RECORD) -> str:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description rdf:about="">'
        "<dc:description><rdf:Alt><rdf:li>a lighthouse&#xA;-fog</rdf:li></rdf:Alt></dc:description>"
        "<xmp:CreatorTool>Draw Things</xmp:CreatorTool>"
        '<exif:UserComment><rdf:Alt><rdf:li xml:lang="x-default">'
        f"{escape(json.dumps(record))}</rdf:li></rdf:Alt></exif:UserComment>"
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def check(name: str, reading: Any) -> None:
    value = reading.aigif
    assert (name, program_name(reading)) == ("draw-things", "draw-things")
    assert basics(value) == (4294967295, 20, 7.5, 512, 768)
    assert (value.data.prompt, value.data.negative_prompt) == ("a lighthouse \n", "fog & rain")
    assert (value.model.scheduler, value.model.sigma_schedule) == (Scheduler.DPMPP_2M, SigmaSchedule.KARRAS)
    assert (value.model.model_name, value.model.prompt_dialect) == ("sd_v1.5_f16", PromptDialect.DRAW_THINGS)
    assert [(one.name, one.weight) for one in value.model.adapters] == [("ink_lora_f16.ckpt", 0.6)]
    assert value.platform.noise_source == NoiseSource.TORCH_CPU
    assert reading.grade == Grade.EXACT


def test_xmp() -> None:
    check(*strongest(picture(("XMP", packet()), carrier="XMP")))


def test_png_texts() -> None:
    check(*strongest(picture(("Software", "Draw Things"), ("Comment", json.dumps(RECORD)))))


def test_exif() -> None:
    check(*strongest(picture(("UserComment", json.dumps(RECORD)), carrier="EXIF")))


@pytest.mark.parametrize(
    ("mode", "source", "known"),
    [
        ("NVIDIA GPU Compatible", NoiseSource.CUDA_PHILOX, True),
        ("Nvidia GPU Compatible", NoiseSource.CUDA_PHILOX, True),
        ("Scale Alike", NoiseSource.UNSPECIFIED, False),
        ("Legacy", NoiseSource.UNSPECIFIED, False),
        (None, NoiseSource.UNSPECIFIED, False),
    ],
)
def test_seed_modes(mode: str | None, source: NoiseSource, known: bool) -> None:
    reading = told("UserComment", RECORD | {"seed_mode": mode})
    assert reading.aigif.platform.noise_source == source
    assert (reading.grade == Grade.EXACT) is known


@pytest.mark.parametrize(
    ("name", "scheduler", "schedule", "spacing"),
    [
        ("Euler A Trailing", Scheduler.EULER_A, SigmaSchedule.MODEL, TimestepSpacing.TRAILING),
        ("DPM++ 2M AYS", Scheduler.DPMPP_2M, SigmaSchedule.ALIGN_YOUR_STEPS, TimestepSpacing.SCHEDULER),
        ("UniPC", Scheduler.UNIPC, SigmaSchedule.MODEL, TimestepSpacing.SCHEDULER),
    ],
)
def test_samplers(name: str, scheduler: Scheduler, schedule: SigmaSchedule, spacing: TimestepSpacing) -> None:
    model = told("UserComment", RECORD | {"sampler": name}).aigif.model
    assert (model.scheduler, model.sigma_schedule) == (scheduler, schedule)
    assert (model.sampler_options.timestep_spacing if model.sampler_options else 0) == spacing


def test_a_second_pass_and_size_conditions() -> None:
    more = {
        "hires_fix": True,
        "first_stage_size": "256x384",
        "second_stage_strength": 0.7,
        "original_size": "1024x1024",
        "target_size": "512x768",
        "crop_top": 8,
        "crop_left": 0,
    }
    data = told("UserComment", RECORD | more).aigif.data
    assert (data.width, data.height) == (256, 384)
    assert data.hires is not None
    assert (data.hires.scale, data.hires.width, data.hires.height) == (0.0, 512, 768)
    assert data.hires.denoising_strength == 0.7
    assert data.micro_conditioning is not None
    assert (data.micro_conditioning.original_width, data.micro_conditioning.crop_top) == (1024, 8)


def test_what_can_not_be_had_again_is_named() -> None:
    more = {"strength": 0.4, "control": [{"file": "c"}], "upscaler": "up.ckpt", "sampler": "Euler A Substep"}
    assert {
        ("init_image", ""),
        ("control_image", "control"),
        ("postprocess", "up.ckpt"),
        ("setting", "sampler"),
    } <= gaps(told("UserComment", RECORD | more))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("<a:B>x &amp; y</a:B>", "x & y"),
        ("<a:BC>no</a:BC><a:B\n>yes</a:B>", "yes"),
        ('<d a:B="x &lt; y" />', "x < y"),
        ("<d a:B='x'/>", "x"),
        ("<a:B><rdf:Seq><rdf:li>1</rdf:li><rdf:li>2</rdf:li></rdf:Seq></a:B>", "1"),
        ("<a:B><![CDATA[<x>]]></a:B>", "<x>"),
        ("<a:B>never closed", None),
        ('<d a:B="never closed', None),
        ("<a:B", None),
        ("", None),
    ],
)
def test_xmp_properties(text: str, value: str | None) -> None:
    assert xmp.property_of(text, "a:B") == value
