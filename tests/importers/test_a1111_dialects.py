"""The A1111 family: each program's own settings, what their versions imply, and what a missing setting means."""

from __future__ import annotations

import pytest

from aigif import file
from aigif._gen.enums import (
    AdapterKind,
    BatchGenerators,
    Emphasis,
    NoiseSource,
    PromptDialect,
    Scheduler,
    SigmaSchedule,
    StepNoise,
    UpscaleForm,
)
from aigif.grading import Grade
from aigif.importers import a1111, samplers
from aigif.importers.base import Reading, Strength
from tests.importers.told import gaps, picture, program_name, strongest

WITH_SCHEDULE = (
    "Steps: 20, Sampler: Euler a, Schedule type: Automatic, CFG scale: 7, Seed: 42, Size: 512x768, "
    "Model hash: 0123456789, Model: m"
)
BASE = "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 42, Size: 512x768, Model hash: 0123456789, Model: m"


def reading_of(settings: str, prompt: str = "a lighthouse") -> Reading:
    """What a text becomes, after checking that it comes back from a file byte for byte."""
    text = f"{prompt}\nNegative prompt: fog \n{settings}"
    name, reading = strongest(picture(("parameters", text)))
    assert name == "a1111"
    assert a1111.write(file.loads(file.dumps(reading.aigif))) == text
    return reading


@pytest.mark.parametrize(
    "key", ["parameters", "UserComment", "ImageDescription", "XPComment", "comment", "stealth"]
)
def test_an_infotext_may_stand_anywhere(key: str) -> None:
    texts = picture((key, f"a\n{BASE}, Version: v1.10.1"))
    name, reading = strongest(texts)
    assert (name, reading.aigif.data.seed) == ("a1111", 42)


def test_a_text_that_names_its_program_is_stronger_evidence() -> None:
    named = a1111.evidence(picture(("parameters", f"a\n{BASE}, Version: v1.10.1")))
    other = a1111.evidence(picture(("parameters", f"a\n{BASE}")))
    assert named is not None
    assert other is not None
    assert (named.strength, other.strength) == (Strength.OWN, Strength.SHARED)


@pytest.mark.parametrize(
    ("version", "name"),
    [
        ("v1.10.1-amd-43", "a1111-directml"),
        ("f1.0.0-v1.10.1-previous-1", "reforge"),
        ("f2.0.1v1.10.1-previous-669-gdfdcbab6", "forge"),
        ("neo-2.28", "forge-neo"),
        ("classic", "forge-classic"),
        ("Fooocus v2.5.5", "fooocus"),
        ("RuinedFooocus", "ruined-fooocus"),
        ("ComfyUI", "comfyui"),
    ],
)
def test_programs(version: str, name: str) -> None:
    assert program_name(reading_of(f"{BASE}, Version: {version}")) == name


@pytest.mark.parametrize(
    ("version", "release"),
    [
        ("v1.5.2", (1, 5, 2, 0)),
        ("v1.7.0-224-gabc", (1, 7, 0, 224)),
        ("v1.7.0-225-gabc", (1, 7, 0, 225)),
        ("f2.0.1v1.10.1-previous-669-g1", (1, 10, 1, 0)),
        ("classic", None),
        ("", None),
    ],
)
def test_releases(version: str, release: tuple[int, int, int, int] | None) -> None:
    assert samplers.release_of(version) == release


@pytest.mark.parametrize(
    ("version", "old_edits", "half"),
    [
        ("v1.5.2", True, True),
        ("v1.6.1", False, True),
        ("v1.7.0-225-g1", False, False),
        ("v1.10.1", False, False),
    ],
)
def test_what_versions_imply(version: str, old_edits: bool, half: bool) -> None:
    value = reading_of(f"{BASE}, Version: {version}", "[a:b:0.5]").aigif
    options = value.model.sampler_options
    assert value.data.old_prompt_edits is old_edits
    assert (options is not None and options.half_alphas) is half


def test_no_edits_no_old_edits() -> None:
    assert reading_of(f"{BASE}, Version: v1.5.2").aigif.data.old_prompt_edits is False


def test_options_that_are_elements() -> None:
    more = (
        "Emphasis: No norm, SGM noise multiplier: True, Noise Schedule: Zero Terminal SNR, "
        "Old prompt editing timelines: True, Downcast alphas_cumprod: True, Version: v1.10.1"
    )
    reading = reading_of(f"{WITH_SCHEDULE}, {more}")
    model, options = reading.aigif.model, reading.aigif.model.sampler_options
    assert options is not None
    assert model.emphasis == Emphasis.NO_NORM
    assert (options.root_noise_scale, options.zero_terminal_snr, options.half_alphas) == (True, True, True)
    assert reading.aigif.data.old_prompt_edits is True
    assert reading.aigif.data.extra == ()
    assert reading.grade == Grade.EXACT


def test_an_edit_shows_in_the_text() -> None:
    value = reading_of(f"{BASE}, Emphasis: Ignore, Version: v1.10.1").aigif
    edited = value.replace(model=value.model.replace(emphasis=Emphasis.NONE))
    assert "Emphasis: None, Version" in a1111.write(edited)
    plain = value.replace(model=value.model.replace(emphasis=Emphasis.DIALECT))
    assert "Emphasis" not in a1111.write(plain)


def test_variants_of_unipc() -> None:
    text = WITH_SCHEDULE.replace("Euler a", "UniPC") + ", UniPC variant: bh2, Version: v1.10.1"
    reading = reading_of(text)
    assert reading.aigif.model.scheduler == Scheduler.UNIPC_BH2
    assert reading.aigif.data.extra == ()


def test_forge_with_flux() -> None:
    text = (
        "Steps: 20, Sampler: Euler, Schedule type: Simple, CFG scale: 1, Distilled CFG Scale: 3.5, Seed: 42, "
        "Size: 512x768, Model hash: 0123456789, Model: flux1-dev-fp8, Version: f2.0.1v1.10.1-previous-1, "
        "Module 1: ae, Module 2: clip_l, Module 3: t5xxl_fp8_e4m3fn"
    )
    value = reading_of(text).aigif
    assert value.data.distilled is not None
    assert value.data.distilled.guidance == 3.5
    assert value.model.vae_name == "ae"
    assert [encoder.name for encoder in value.model.text_encoders] == ["t5xxl_fp8_e4m3fn"]


def test_sd_next() -> None:
    text = (
        "Steps: 20, Size: 512x768, Sampler: DPM++ 2M, Seed: 42, CFG scale: 6, CFG rescale: 0.7, App: SD.Next, "
        "Version: 56a8aea, Pipeline: StableDiffusionXLPipeline, Operations: txt2img, Model: m, "
        "Model hash: 0123456789, Variation seed: 7, Variation strength: 0.25, Sampler spacing: trailing, "
        "Sampler sigma: karras, Sampler order: 3, Sampler shift: 3.0, "
        "Sampler type: v_prediction, Sampler rescale: True"
    )
    reading = reading_of(text)
    value, options = reading.aigif, reading.aigif.model.sampler_options
    assert options is not None
    assert (program_name(reading), value.model.prompt_dialect) == ("sd-next", PromptDialect.SDNEXT)
    assert (value.model.scheduler, value.model.sigma_schedule) == (Scheduler.DPMPP_2M, SigmaSchedule.KARRAS)
    assert (options.timestep_spacing.name, options.prediction_type.name) == ("TRAILING", "V_PREDICTION")  # type: ignore[union-attr]
    assert (options.solver_order, options.shift, options.zero_terminal_snr) == (3, 3.0, True)
    assert value.data.guidance_rescale == 0.7
    assert value.data.variation is not None
    assert (value.data.variation.seed, value.data.variation.strength) == (7, 0.25)
    assert value.data.batch_generators == BatchGenerators.SEPARATE
    assert "Sampler" not in [entry.key for entry in value.data.extra]
    assert reading.grade == Grade.EXACT


SD_NEXT_HIRES = (
    "Steps: 20, Size: 256x384, Sampler: Euler a, Seed: 42, CFG scale: 6, App: SD.Next, Version: 56a8aea, "
    "Operations: txt2img; hires, Model: m, Model hash: 0123456789, Refine: True, HiRes mode: 1, "
    "Hires upscaler: {upscaler}, Hires scale: 2, Hires size: 512x768{force}"
)


def test_sd_next_enlarges_or_runs_a_second_pass() -> None:
    forced = ", Hires force: True, Hires steps: 10, Hires strength: 0.3, Hires sampler: DPM++ 2M, Hires CFG scale: 5"
    hires = reading_of(SD_NEXT_HIRES.format(upscaler="ESRGAN 4x", force=forced)).aigif.data.hires
    assert hires is not None
    assert (hires.scale, hires.steps, hires.denoising_strength, hires.guidance_scale) == (2.0, 10, 0.3, 5.0)
    assert hires.form == UpscaleForm.IMAGE
    reading = reading_of(SD_NEXT_HIRES.format(upscaler="ESRGAN 4x", force=""))
    assert reading.aigif.data.hires is None
    assert ("postprocess", "ESRGAN 4x") in gaps(reading)


def test_civitai() -> None:
    text = (
        "Steps: 25, Sampler: DPM++ 2M Karras, CFG scale: 5, Seed: 42, Size: 512x768, Clip skip: 2, "
        "Created Date: 2025-01-01T00:00:00.1234567Z, "
        'Civitai resources: [{"type":"checkpoint","modelVersionId":1,"modelName":"Some, model"},'
        '{"type":"lora","weight":0.55,"modelVersionId":2}], Civitai metadata: {"remixOfId":3}'
    )
    reading = reading_of(text)
    value = reading.aigif
    assert (program_name(reading), value.platform.noise_source) == ("civitai", NoiseSource.TORCH_CPU)
    assert value.model.model_name == "Some, model"
    assert [(one.name, one.weight) for one in value.model.adapters] == [("civitai@2", 0.55)]
    assert (value.model.scheduler, value.model.prompt_dialect) == (Scheduler.DPMPP_2M, PromptDialect.COMFYUI)
    assert reading.grade == Grade.EXACT


def test_civitai_hands_some_pictures_on() -> None:
    text = "Steps: 0, Sampler: Undefined, Seed: -1, Size: 512x768, Created Date: x, Civitai resources: []"
    reading = reading_of(text)
    assert {"closed_model", "seed", "model", "value"} == {kind for kind, _ in gaps(reading)}


def test_texts_of_other_programs_have_their_noise() -> None:
    value = reading_of(f"{BASE}, Version: RuinedFooocus").aigif
    assert value.platform.noise_source == NoiseSource.TORCH_CPU
    assert value.model.sampler_options is not None
    assert value.model.sampler_options.step_noise == StepNoise.CUDA_PHILOX


def test_early_adapters() -> None:
    hypernet = reading_of(f"{BASE}, Hypernet: someNet, Hypernet strength: 0.5").aigif.model.adapters
    assert [(one.kind, one.name, one.weight) for one in hypernet] == [
        (AdapterKind.HYPERNETWORK, "someNet", 0.5)
    ]
    text = (
        f"{BASE}, AddNet Enabled: True, AddNet Module 1: LoRA, AddNet Model 1: ink(0123456789ab), "
        "AddNet Weight A 1: 0.5, AddNet Weight B 1: 0.25"
    )
    reading = reading_of(text)
    (ink,) = reading.aigif.model.adapters
    assert (ink.name, ink.weight, ink.text_weight, ink.weight_hash.hex()) == (
        "ink",
        0.5,
        0.25,
        "0123456789ab",
    )
    assert reading.grade == Grade.EXACT


def test_hashes_fill_what_has_none() -> None:
    hashes = '{"model": "0123456789", "lora:ink": "abcdef0123", "vae": "aabbccddee"}'
    text = f"{BASE}, Hashes: {hashes}, Version: v1.10.1"
    value = reading_of(text, "a <lora:ink:0.5>").aigif
    assert value.model.adapters[0].weight_hash.hex() == "abcdef0123"
    assert value.model.vae_hash.hex() == "aabbccddee"


@pytest.mark.parametrize(
    ("settings", "kind", "name"),
    [
        ("ADetailer model: a.pt, ADetailer confidence: 0.3", "extension", "ADetailer"),
        ('ControlNet 0: "Module: canny, Model: c_xl [0123], Weight: 1"', "control_image", "c_xl [0123]"),
        ("ControlNet-0 Enabled: True, ControlNet-0 Module: canny", "control_image", "ControlNet"),
        ("Denoising strength: 0.5", "init_image", ""),
        ("Mask blur: 4, Inpaint area: Only masked", "mask", "Mask"),
        ("Face restoration: CodeFormer", "postprocess", "Face restoration"),
        ("Postprocess upscale by: 2", "postprocess", "Postprocess"),
        ("Tiled Diffusion: {}", "extension", "Tiled Diffusion"),
        ("SD upscale overlap: 64", "passes", "SD upscale"),
        ("RP Active: True", "region", "RP"),
        ("Token merging ratio: 0.5", "setting", "Token merging ratio"),
        ("Refiner switch by sampling steps: True", "setting", "Refiner switch by sampling steps"),
    ],
)
def test_what_settings_mean_for_making_it_again(settings: str, kind: str, name: str) -> None:
    assert (kind, name) in gaps(reading_of(f"{BASE}, {settings}"))


@pytest.mark.parametrize(
    "settings",
    [
        "ControlNet Enabled: False, ControlNet Module: none",
        "Face restoration: None",
        "Refiner: None",
        "Styles: a",
    ],
)
def test_settings_that_did_nothing_are_no_gaps(settings: str) -> None:
    assert reading_of(f"{BASE}, {settings}").grade in (Grade.EXACT,)


def test_a_comfyui_text_is_no_record() -> None:
    assert ("record", "") in gaps(reading_of(f"{BASE}, Version: ComfyUI"))


def test_stable_diffusion_cpp() -> None:
    text = (
        "Steps: 20, CFG scale: 7, Seed: 42, Size: 512x768, Model: m.safetensors, RNG: cuda, Sampler: dpm++2m karras, "
        'Version: stable-diffusion.cpp, SDCPP: {"schema":"sdcpp.image.params/v1"}'
    )
    reading = reading_of(text)
    assert (program_name(reading), reading.aigif.platform.noise_source) == (
        "stable-diffusion-cpp",
        NoiseSource.NV,
    )
    model = reading.aigif.model
    assert (model.scheduler, model.sigma_schedule) == (Scheduler.DPMPP_2M, SigmaSchedule.KARRAS)
    assert ("setting", "SDCPP") in gaps(reading)


def test_lines_after_the_settings_are_no_part_of_them() -> None:
    """An extension added its templates there, before it quoted them."""
    text = f"{BASE}, Hashes: {{}}, Model: other\nTemplate: a __b__, c\nNegative Template: d\n"
    value = reading_of(text.replace(", Model: m", "")).aigif
    assert value.model.model_name == "other"
    ended = reading_of(f"{BASE}, Version: v1.10.1\r\n").aigif
    assert ended.platform.program_version == "v1.10.1"


@pytest.mark.parametrize("name", ["exif:UserComment", "dc:description"])
def test_an_infotext_that_was_moved_to_xmp(name: str) -> None:
    text = f"a <b> & c\nNegative prompt: fog\n{BASE}, Version: v1.10.1"
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "&#xA;")
    item = f'<rdf:Alt><rdf:li xml:lang="x-default">{escaped}</rdf:li></rdf:Alt>'
    packet = f"<x:xmpmeta><{name}>{item}</{name}></x:xmpmeta>"
    name_of_importer, reading = strongest(picture(("XMP", packet), carrier="XMP"))
    assert name_of_importer == "a1111"
    assert a1111.write(reading.aigif) == text
