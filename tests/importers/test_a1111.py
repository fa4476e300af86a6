"""What becomes what: settings of the web UI and its kin to elements, and the text back again."""

from __future__ import annotations

from pathlib import Path

import pytest

import aigif
from aigif import file, importers
from aigif._gen.enums import (
    AdapterKind,
    Completeness,
    HashKind,
    NoiseSource,
    PromptDialect,
    Scheduler,
    SigmaSchedule,
    UpscaleForm,
)
from aigif._gen.tables import model, program
from aigif.errors import ImportMetadataError, LimitError
from aigif.importers import a1111, samplers
from aigif.importers.a1111_dialects import READ_ONLY
from aigif.importers.a1111_keys import BY_CODE, BY_KEY, SETTINGS
from tests.importers.pictures import compressed, international, plain, png, with_infotext

TYPICAL = (
    "a lighthouse, (dusk:1.2) \nsecond line  \n"
    "Negative prompt: blurry, \n"
    "Steps: 25, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 6.3, Seed: 18446744073709551615, "
    "Size: 512x768, Model hash: 0123456789, Model: someModel_v2, VAE hash: 63aeecb90f, VAE: sd.vae.pt, "
    "Clip skip: 2, RNG: CPU, Version: v1.10.1"
)


def parsed(settings: str, prompt: str = "p", **picture: int) -> aigif.Aigif:
    """The value of an infotext, after checking that the text comes back and that a file can hold it."""
    text = f"{prompt}\n{settings}" if prompt else settings
    value, _ = a1111.read_text(text, **picture)
    assert a1111.write(value) == text
    assert file.loads(file.dumps(value)) == value
    return value


def extra_of(value: aigif.Aigif) -> dict[str, str]:
    return {entry.key: entry.value for entry in value.data.extra}


def test_a_typical_picture() -> None:
    imported = importers.read(with_infotext(TYPICAL))
    value = imported.aigif
    assert (imported.tool, imported.width, imported.height, imported.notes) == ("a1111", 512, 768, ())
    assert imported.metadata_bytes == len(TYPICAL)
    assert value.data.prompt == "a lighthouse, (dusk:1.2) \nsecond line  "
    assert value.data.negative_prompt == "blurry, "
    assert (value.data.steps, value.data.guidance_scale, value.data.seed) == (25, 6.3, 2**64 - 1)
    assert (value.data.width, value.data.height) == (512, 768)
    assert (value.model.scheduler, value.model.sigma_schedule) == (Scheduler.DPMPP_2M, SigmaSchedule.KARRAS)
    assert (value.model.model_id, value.model.model_name) == (1, "someModel_v2")
    assert (value.model.weight_hash.hex(), value.model.hash_kind) == ("0123456789", HashKind.SHA256)
    assert (value.model.vae_name, value.model.vae_hash.hex()) == ("sd.vae.pt", "63aeecb90f")
    assert (value.model.clip_skip, value.model.prompt_dialect) == (2, PromptDialect.A1111)
    assert value.platform.noise_source == NoiseSource.TORCH_CPU
    assert program.TABLE.name_of(value.platform.program) == "automatic1111"
    assert value.platform.program_version == "v1.10.1"
    assert (value.data.completeness, value.data.extra) == (Completeness.COMPLETE, ())
    assert value.verification == aigif.Verification()
    assert a1111.write(file.loads(file.dumps(value))) == TYPICAL


@pytest.mark.parametrize("put", [compressed, international, plain])
def test_any_text_chunk_will_do(put: object) -> None:
    entry = put("parameters", TYPICAL if put is international else TYPICAL.encode())  # type: ignore[operator]
    for data in (png(entry), png(after=(entry,))):
        assert a1111.write(importers.read(data).aigif) == TYPICAL


@pytest.mark.parametrize(
    ("version", "name"),
    [
        ("v1.10.1-92-g6685e532d", "automatic1111"),
        ("f2.0.1v1.10.1-previous-669-gdfdcbab6", "forge"),
        ("f1.0.0v2-v1.10.1RC-latest-2498-g5120e679", "reforge"),
        ("classic", "forge-classic"),
        ("neo-2.28", "forge-neo"),
        ("ComfyUI", "comfyui"),
        ("56a8aea", "unspecified"),
    ],
)
def test_the_version_tells_the_program(version: str, name: str) -> None:
    value = parsed(f"Steps: 1, Version: {version}")
    assert program.TABLE.name_of(value.platform.program) == name
    assert value.platform.program_version == version


@pytest.mark.parametrize(
    ("sampler", "schedule", "version", "scheduler", "sigmas"),
    [
        ("DPM++ 2M Karras", None, None, "DPMPP_2M", "KARRAS"),
        ("DPM++ 2M", None, "v1.8.0", "DPMPP_2M", "MODEL"),
        ("DPM++ 2M", None, None, "DPMPP_2M", "MODEL"),
        ("DPM++ 2M", None, "v1.9.0", "DPMPP_2M", "KARRAS"),
        ("DPM++ 2M", "Automatic", "v1.9.0", "DPMPP_2M", "KARRAS"),
        ("DPM++ 2M", "Uniform", "v1.9.0", "DPMPP_2M", "MODEL"),
        ("DPM++ 2M SDE", "Automatic", "neo", "DPMPP_2M_SDE", "EXPONENTIAL"),
        ("DPM++ 2M SDE Heun Exponential", None, "v1.6.0", "DPMPP_2M_SDE_HEUN", "EXPONENTIAL"),
        ("Euler a", "Automatic", "v1.10.0", "EULER_A", "MODEL"),
        ("Euler", "SGM Uniform", "v1.10.0", "EULER", "SGM_UNIFORM"),
        ("Euler Ancestral Karras", None, None, "EULER_A", "KARRAS"),
        ("euler_ancestral_karras", None, "ComfyUI", "EULER_A", "KARRAS"),
        ("dpmpp_2m_sde", None, "ComfyUI", "DPMPP_2M_SDE", "MODEL"),
    ],
)
def test_samplers(
    sampler: str, schedule: str | None, version: str | None, scheduler: str, sigmas: str
) -> None:
    settings = f"Steps: 1, Sampler: {sampler}"
    settings += f", Schedule type: {schedule}" if schedule else ""
    settings += f", Version: {version}" if version else ""
    value = parsed(settings)
    assert value.model.scheduler == Scheduler[scheduler]
    assert value.model.sigma_schedule == SigmaSchedule[sigmas]


def test_every_sampler_of_the_table_is_read_by_its_name() -> None:
    named = [code for code in Scheduler if samplers.sampler_name(code)]
    assert len(named) > 20
    for code in named:
        assert samplers.sampler_of(str(samplers.sampler_name(code))) == (code, None)


@pytest.mark.parametrize(
    ("settings", "model_name", "listed"),
    [
        ("Model hash: 6ce0161689, Model: v1-5-pruned-emaonly", "", "stable-diffusion-v1-5"),
        ("Model hash: cc6cb27103, Model: renamed", "", "stable-diffusion-v1-5"),
        ("Model: sd_xl_base_1.0", "", "stable-diffusion-xl-base-1-0"),
        ("Model hash: 81761151, Model: v1-5-pruned-emaonly", "v1-5-pruned-emaonly", "unlisted"),
        ("Model hash: ffffffffff, Model: sd_xl_base_1.0", "sd_xl_base_1.0", "unlisted"),
        ("Model hash: unreadable, Model: sd_xl_base_1.0", "sd_xl_base_1.0", "unlisted"),
        ('Model: "a, b: c"', "a, b: c", "unlisted"),
    ],
)
def test_a_model_is_listed_only_where_that_is_certain(settings: str, model_name: str, listed: str) -> None:
    value = parsed(f"Steps: 1, {settings}")
    assert (model.TABLE.name_of(value.model.model_id), value.model.model_name) == (listed, model_name)


@pytest.mark.parametrize(
    ("digest", "kind"),
    [("81761151", HashKind.LEGACY), ("0123456789", HashKind.SHA256), ("AB" * 32, HashKind.SHA256)],
)
def test_model_hashes(digest: str, kind: HashKind) -> None:
    value = parsed(f"Steps: 1, Model hash: {digest}")
    assert (value.model.weight_hash, value.model.hash_kind) == (bytes.fromhex(digest), kind)
    assert "Model hash" not in extra_of(value)


def test_second_pass_variation_refiner_and_options() -> None:
    value = parsed(
        "Steps: 20, Sampler: Euler, Schedule type: Automatic, CFG scale: 7, Seed: 5, Size: 512x512, Model: m, "
        "Variation seed: 9, Variation seed strength: 0.25, Seed resize from: 640x512, Denoising strength: 0.4, "
        'ENSD: 31337, RNG: NV, Tiling: True, Hires sampler: DPM++ 2M, Hires prompt: "a, b", '
        "Hires schedule type: Beta, Hires CFG Scale: 5.5, Hires upscale: 1.5, Hires steps: 10, "
        "Hires upscaler: R-ESRGAN 4x+, Refiner: sd_xl_refiner_1.0 [7440042bbd], Refiner switch at: 0.8, "
        "Schedule rho: 5, Discard penultimate sigma: True, Eta: 0.67, Version: v1.10.1",
        width=768,
        height=768,
    )
    assert value.data.extra == ()
    assert value.data.completeness == Completeness.COMPLETE
    assert value.data.variation == aigif.Variation(seed=9, strength=0.25, resize_width=640, resize_height=512)
    assert value.data.hires == aigif.Hires(
        scale=1.5,
        steps=10,
        denoising_strength=0.4,
        form=UpscaleForm.IMAGE,
        upscaler="R-ESRGAN 4x+",
        guidance_scale=5.5,
        scheduler=aigif.HiresScheduler(Scheduler.DPMPP_2M, SigmaSchedule.BETA),
        prompt="a, b",
    )
    refiner = value.data.refiner
    assert refiner is not None and model.TABLE.name_of(refiner.model) == "stable-diffusion-xl-refiner-1-0"
    assert (refiner.weight_hash.hex(), refiner.switch_at) == ("7440042bbd", 0.8)
    assert value.model.sampler_options == aigif.SamplerOptions(
        eta_ancestral=0.67, noise_seed_delta=31337, rho=5.0, discard_penultimate=True
    )
    assert (value.data.tiling, value.platform.noise_source) == (True, NoiseSource.NV)
    assert (value.verification.picture_width, value.verification.picture_height) == (768, 768)


def test_resize_and_latent_second_pass() -> None:
    value = parsed("Steps: 20, Denoising strength: 0.7, Hires resize: 1024x0, Hires upscaler: Latent")
    hires = value.data.hires
    assert hires is not None
    assert (hires.scale, hires.width, hires.height) == (0.0, 1024, 0)
    assert (hires.form, hires.upscaler, hires.denoising_strength) == (UpscaleForm.LATENT, "", 0.7)


def test_adapters_stay_in_the_prompt_and_become_elements() -> None:
    prompt = "x <lora:one:0.8> <lora:two:0.5:0.25> <lyco:three> <lora:four:te=0.1:unet=0.2> <lora:one:1>"
    value = parsed(
        'Steps: 1, Lora hashes: "one: 0123456789ab, two: 0123456789", TI hashes: "neg: ffffffffff"', prompt
    )
    assert value.data.prompt == prompt
    assert value.data.extra[:-1] == ()
    assert value.model.adapters == (
        aigif.Adapter(
            name="one", weight=0.8, text_weight=0.8,
            weight_hash=b"\1\x23\x45\x67\x89\xab", hash_kind=HashKind.AUTOV3,
        ),
        aigif.Adapter(name="two", weight=0.25, text_weight=0.5, weight_hash=b"\1\x23\x45\x67\x89"),
        aigif.Adapter(kind=AdapterKind.LYCORIS, name="three"),
        aigif.Adapter(name="four", weight=0.2, text_weight=0.1),
        aigif.Adapter(kind=AdapterKind.TEXTUAL_INVERSION, name="neg", weight_hash=b"\xff" * 5),
    )  # fmt: skip


@pytest.mark.parametrize(
    "settings",
    [
        'Lora hashes: "one: e3b0c44298fc"',
        'Lora hashes: "other: 0123456789"',
        'Lora hashes: "one: 01234567"',
        "Lora hashes: x",
    ],
)
def test_hashes_that_identify_nothing_are_kept_as_text(settings: str) -> None:
    value = parsed(f"Steps: 1, {settings}", "x <lora:one>")
    assert value.model.adapters == (aigif.Adapter(name="one"),)
    assert "Lora hashes" in extra_of(value)
    assert value.data.completeness == Completeness.PARTIAL


@pytest.mark.parametrize(
    "tag", ["<lora:a:b>", "<lora:a:1:2:3>", "<lora::1>", "<lora:a:1e9>", "<lora:a:dyn=4>"]
)
def test_tags_that_are_not_understood(tag: str) -> None:
    value = parsed("Steps: 1", f"x {tag}")
    assert (value.model.adapters, value.data.completeness) == ((), Completeness.PARTIAL)


def test_too_many_adapters() -> None:
    value, notes = a1111.read_text("".join(f"<lora:n{n}>" for n in range(300)) + "\nSteps: 1")
    assert len(value.model.adapters) == 256
    assert any("256 of 300" in note for note in notes)
    assert file.loads(file.dumps(value)) == value


@pytest.mark.parametrize(
    ("key", "raw"),
    [
        ("Steps", "99999999"),
        ("Steps", "many"),
        ("Steps", "1_0"),
        ("CFG scale", "nan"),
        ("CFG scale", "1e999"),
        ("CFG scale", "-1e9"),
        ("Seed", "-1"),
        ("Seed", "18446744073709551616"),
        ("Seed", "9" * 5000),
        ("Size", "0x512"),
        ("Size", "512*512"),
        ("Clip skip", "99"),
        ("Denoising strength", "1.5"),
        ("RNG", "dice"),
        ("Model hash", "xyz"),
        ("Sampler", "Undefined"),
        ("Schedule type", "Odd"),
        ("ENSD", "99999999999"),
        ("Tiling", "perhaps"),
        ("Refiner", "a [zz]"),
        ("VAE hash", "123"),
    ],
)
def test_what_cannot_be_read_is_kept_and_makes_it_partial(key: str, raw: str) -> None:
    value = parsed(f"Steps: 1, {key}: {raw}" if key != "Steps" else f"Steps: {raw}, Seed: 1")
    assert extra_of(value)[key] == raw
    assert value.data.completeness == Completeness.PARTIAL


@pytest.mark.parametrize(
    ("key", "raw", "path", "held"),
    [
        ("CFG scale", "7.0", "guidance_scale", 7.0),
        ("CFG scale", "-0.0", "guidance_scale", 0.0),
        ("CFG scale", "1e1", "guidance_scale", 10.0),
        ("CFG Scale", "6.5", "guidance_scale", 6.5),
        ("Seed", "+5", "seed", 5),
        ("Denoising strength", "1", "denoising_strength", 1.0),
    ],
)
def test_an_unusual_spelling_is_an_element_and_kept(key: str, raw: str, path: str, held: float) -> None:
    value = parsed(f"Steps: 1, {key}: {raw}")
    assert getattr(value.data, path) == held
    assert str(getattr(value.data, path)) != "-0.0"


def test_unknown_settings_are_kept_in_their_places() -> None:
    value = parsed('Steps: 1, Zeta: 1, Sampler: Euler, Alpha: "a, b", Zeta: 2, Steps: 3')
    assert [(e.key, e.value) for e in value.data.extra[:-1]] == [
        ("Zeta", "1"), ("Alpha", '"a, b"'), ("Zeta", "2"), ("Steps", "3"),
    ]  # fmt: skip
    assert value.data.completeness == Completeness.PARTIAL
    assert value.data.steps == 1


def test_an_input_image_and_an_odd_size_make_it_partial() -> None:
    full = "Steps: 1, Sampler: Euler, CFG scale: 7, Seed: 1, Size: 64x64, Model: m"
    assert parsed(full, width=64, height=64).data.completeness == Completeness.COMPLETE
    assert parsed(full + ", Denoising strength: 0.5").data.completeness == Completeness.PARTIAL
    cropped = parsed(full, width=64, height=32)
    assert cropped.data.completeness == Completeness.PARTIAL
    assert (cropped.verification.picture_width, cropped.verification.picture_height) == (64, 32)


def test_a_size_that_is_not_recorded_is_the_pictures() -> None:
    value = parsed("Steps: 1, Seed: 2", width=640, height=448)
    assert (value.data.width, value.data.height) == (640, 448)
    assert (value.verification, value.data.completeness) == (aigif.Verification(), Completeness.PARTIAL)


def test_a_text_that_its_parts_do_not_give_back_is_kept_whole() -> None:
    for text in ("\nSteps: 1, Seed: 2", "a\nNegative prompt:b\nSteps: 1", "\nNegative prompt: x"):
        value, _ = a1111.read_text(text)
        assert extra_of(value) == {a1111.TEXT_KEY: text}
        assert a1111.write(value) == text
    many = "a\nSteps: 1, " + ", ".join(f"k{n}: {n}" for n in range(300))
    value, _ = a1111.read_text(many)
    assert list(extra_of(value)) == [a1111.TEXT_KEY]
    assert a1111.write(file.loads(file.dumps(value))) == many


def test_a_changed_value_is_not_written_as_it_was_read() -> None:
    value = parsed("Zeta: 1, Steps: 1, Seed: -1, CFG scale: 7.0, Size: 8x8, Sampler: Euler")
    changed = value.replace(data=value.data.replace(seed=77))
    text = a1111.write(changed)
    assert "Seed: 77" in text and "Zeta: 1" in text and "CFG scale: 7," in text and "-1" not in text
    assert a1111.read_text(text)[0].data.seed == 77


def test_a_value_of_our_own_is_written_as_an_infotext() -> None:
    text = a1111.write(aigif.Aigif(data=aigif.Data(prompt="a cat", steps=4)))
    settings = (
        "Steps: 4, Sampler: DDIM, CFG scale: 7, Seed: 0, Size: 512x512, Model: v1-5-pruned-emaonly, RNG: CPU"
    )
    assert text == f"a cat\n{settings}"


def test_too_much_text_is_over_a_limit() -> None:
    for text in (
        "x" * 40_000 + "\nSteps: 1",
        "é" * 16_384 + "\nSteps: 1",
    ):
        with pytest.raises(LimitError, match="32768"):
            importers.read(png(international("parameters", text)))
    longest = "x" * 32_700 + "\nSteps: 1"
    assert a1111.write(importers.read(with_infotext(longest)).aigif) == longest


def test_settings_too_long_for_a_file_do_not_keep_the_others_from_it() -> None:
    text = f"{TYPICAL}, Note: {'x' * 40_000}"
    imported = importers.read(png(international("parameters", text)))
    assert (imported.aigif.data.seed, imported.aigif.data.extra) == (2**64 - 1, ())
    assert any("too long to be kept" in note for note in imported.notes)
    odd = "a\nNegative prompt:" + "x" * 20_000 + "\nSteps: 1"
    assert importers.read(png(international("parameters", odd))).aigif.data.steps == 1


def test_pictures_without_metadata(tmp_path: Path) -> None:
    for data in (png(), png(plain("Title", b"x")), png(plain("parameters", b'{"steps": 3}'))):
        with pytest.raises(ImportMetadataError, match="no generation metadata") as refused:
            importers.read(data)
        assert refused.value.exit_code == 1
        assert refused.value.hint
    with pytest.raises(ImportMetadataError):
        a1111.read_text("just a prompt")
    (tmp_path / "bare.png").write_bytes(png())
    with pytest.raises(ImportMetadataError, match=r"^.*bare\.png: no generation metadata"):
        importers.read(tmp_path / "bare.png")


def test_a_whole_text_that_is_no_longer_true_is_not_written() -> None:
    value, _ = a1111.read_text("a\nNegative prompt:b\nSteps: 1, Seed: 2")
    assert list(extra_of(value)) == [a1111.TEXT_KEY]
    changed = value.replace(data=value.data.replace(prompt="c"))
    assert a1111.write(changed).startswith("c\nNegative prompt: b\nSteps: 1, ")


def test_a_schedule_of_the_second_pass_alone() -> None:
    value = parsed(
        "Steps: 1, Sampler: Euler, Hires schedule type: Karras, Hires upscale: 2, Version: v1.10.1"
    )
    assert value.data.hires is not None
    assert value.data.hires.scheduler == aigif.HiresScheduler(Scheduler.EULER, SigmaSchedule.KARRAS)


def test_the_first_infotext_wins() -> None:
    first, second = plain("parameters", b"a\nSteps: 1"), plain("parameters", b"b\nSteps: 2")
    imported = importers.read(png(plain("parameters", b"{}"), first, second))
    assert imported.aigif.data.prompt == "a"
    assert any("more than one" in note for note in imported.notes)


def test_codes_are_unique() -> None:
    """They are in files: none may be another's, the mark of an extra entry, or that of an empty line."""
    assert len(BY_CODE) == len(SETTINGS)
    assert len(BY_KEY) == len(SETTINGS) + len(READ_ONLY)
    assert all(len(code) == 1 and code.isalnum() for code in BY_CODE)
    released = "SMTCcEZhmaAvVzDkNRtHipnjgursUFfLlwWobBqxXydOIePY"
    assert "".join(setting.code for setting in SETTINGS if setting.code in released) == released
