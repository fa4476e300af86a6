"""ComfyUI's graphs: one sampler, its prompts, its model, and values that come by links."""

from __future__ import annotations

import math
from typing import Any

import pytest

from aigif._gen.enums import (
    AdapterKind,
    DataType,
    GapKind,
    NoiseSource,
    PredictionType,
    PromptDialect,
    Scheduler,
    SigmaSchedule,
    StepNoise,
)
from aigif.grading import Grade
from aigif.importers.base import Strength
from aigif.importers.tools import comfyui
from tests.importers.graphs import link, node, picture, plain, read


def kinds(reading: Any) -> set[GapKind]:
    return {GapKind(gap.kind) for gap in reading.aigif.data.gaps}


def test_the_first_graph_is_read_as_a_whole() -> None:
    reading = read(plain())
    aigif = reading.aigif
    data, model = aigif.data, aigif.model
    assert (data.prompt, data.negative_prompt) == ("a red kite, \n", "blurry")
    assert (data.seed, data.steps, data.guidance_scale) == (8566257, 20, 7.5)
    assert (data.width, data.height) == (640, 448)
    assert (model.scheduler, model.sigma_schedule) == (Scheduler.EULER, SigmaSchedule.MODEL)
    assert (model.model_name, model.clip_skip, model.prompt_dialect) == ("paint_v2", 1, PromptDialect.COMFYUI)
    assert aigif.platform.noise_source == NoiseSource.TORCH_CPU
    assert reading.grade is Grade.EXACT and not reading.notes


def test_the_evidence_is_what_was_executed() -> None:
    found = comfyui.evidence(picture(plain()))
    assert found is not None and found.strength is Strength.EXECUTED and found.entry is not None
    assert comfyui.evidence(picture({"nodes": [], "links": []})) is None
    assert comfyui.evidence(picture('a "class_type" in a sentence')) is None


@pytest.mark.parametrize(
    ("name", "scheduler", "noise"),
    [
        ("dpmpp_2m", Scheduler.DPMPP_2M, StepNoise.FIRST),
        ("euler_ancestral", Scheduler.EULER_A, StepNoise.CUDA_PHILOX),
        ("lcm", Scheduler.LCM, StepNoise.CUDA_PHILOX),
        ("dpmpp_2m_sde", Scheduler.DPMPP_2M_SDE, StepNoise.FIRST),
        ("dpmpp_2m_sde_gpu", Scheduler.DPMPP_2M_SDE, StepNoise.CUDA_PHILOX),
        ("sample_dpmpp_2m", Scheduler.DPMPP_2M, StepNoise.FIRST),
    ],
)
def test_samplers_tell_where_their_fresh_noise_comes_from(
    name: str, scheduler: Scheduler, noise: StepNoise
) -> None:
    model = read(plain(sampler_name=name)).aigif.model
    assert model.scheduler == scheduler
    assert (model.sampler_options.step_noise if model.sampler_options else StepNoise.FIRST) == noise


def test_a_sampler_that_nobody_lists_is_a_gap() -> None:
    reading = read(plain(sampler_name="linear/ralston_2s", scheduler="bong"))
    assert reading.grade is Grade.APPROXIMATE
    assert {gap.name for gap in reading.aigif.data.gaps} == {"linear/ralston_2s", "bong"}


def test_values_come_by_links() -> None:
    graph = plain(seed=link("number"), steps=link("count"))
    graph["number"] = node("Seed (rgthree)", seed=2**53 + 1)
    graph["count"] = node("Reroute", **{"": link("primitive")})
    graph["primitive"] = node("PrimitiveInt", value=31)
    graph["wanted"]["inputs"]["text"] = link("whole")
    graph["whole"] = node("StringConcatenate", string_a=link("start"), string_b="two ", delimiter=", ")
    graph["start"] = node("ImpactWildcardProcessor", wildcard_text="__x__", populated_text="one")
    data = read(graph).aigif.data
    assert (data.seed, data.steps, data.prompt) == (2**53 + 1, 31, "one, two ")


def test_a_switch_gives_what_it_chooses() -> None:
    graph = plain()
    graph["wanted"]["inputs"]["text"] = link("chosen")
    graph["chosen"] = node("ImpactSwitch", select=2, input1=link("a"), input2=link("b"))
    graph["a"] = node("PrimitiveString", value="first")
    graph["b"] = node("PrimitiveString", value="second")
    assert read(graph).aigif.data.prompt == "second"
    graph["chosen"] = node("Any Switch (rgthree)", any_01=link("gone"), any_02=link("a"))
    assert read(graph).aigif.data.prompt == "first"


def test_what_an_unknown_node_gives_is_guessed_and_said() -> None:
    graph = plain(seed=link("odd"))
    graph["odd"] = node("SomebodysSeed", seed=77, mode="fixed")
    reading = read(graph)
    assert reading.aigif.data.seed == 77
    assert any("SomebodysSeed (odd)" in note for note in reading.notes)


def test_a_prompt_that_was_made_up_elsewhere_is_a_gap() -> None:
    graph = plain()
    graph["wanted"]["inputs"]["text"] = link("writer")
    graph["writer"] = node("LanguageModel", instruction=link("a"), temperature=0.7, extra=link("b"))
    reading = read(graph)
    assert reading.aigif.data.prompt == "" and GapKind.PROMPT in kinds(reading)
    assert reading.grade is Grade.NOT_RECREATABLE


def test_loras_stand_in_their_order_with_both_weights() -> None:
    graph = plain(model=link("last"))
    graph["first"] = node(
        "LoraLoader", lora_name="a/ink.safetensors", strength_model=0.5, strength_clip=0.25,
        model=link("file"), clip=link("file", 1),
    )  # fmt: skip
    graph["last"] = node(
        "LoraLoaderModelOnly", lora_name="speed.safetensors", strength_model=0.9, model=link("first")
    )
    graph["wanted"]["inputs"]["clip"] = graph["unwanted"]["inputs"]["clip"] = link("first", 1)
    adapters = read(graph).aigif.model.adapters
    assert [(a.name, a.weight, a.text_weight) for a in adapters] == [("ink", 0.5, 0.25), ("speed", 0.9, 0.0)]


def test_loras_of_lists_are_read() -> None:
    graph = plain(model=link("power"))
    graph["power"] = node(
        "Power Lora Loader (rgthree)",
        lora_1={"on": True, "lora": "one.safetensors", "strength": 0.7},
        lora_2={"on": False, "lora": "off.safetensors", "strength": 1},
        lora_3={"on": True, "lora": "two.safetensors", "strength": 0.6, "strengthTwo": 0.1},
        model=link("stack"),
        clip=link("stack", 1),
    )
    graph["stack"] = node(
        "CR Apply LoRA Stack", model=link("file"), clip=link("file", 1), lora_stack=link("slots")
    )
    graph["slots"] = node(
        "CR LoRA Stack", switch_1="On", lora_name_1="zero.safetensors", model_weight_1=1.0, clip_weight_1=0.5,
        switch_2="Off", lora_name_2="no.safetensors", model_weight_2=1.0, clip_weight_2=1.0,
    )  # fmt: skip
    graph["wanted"]["inputs"]["clip"] = graph["unwanted"]["inputs"]["clip"] = link("power", 1)
    adapters = read(graph).aigif.model.adapters
    assert [(a.name, a.weight, a.text_weight) for a in adapters] == [
        ("zero", 1.0, 0.5),
        ("one", 0.7, 0.7),
        ("two", 0.6, 0.1),
    ]


@pytest.mark.parametrize(("layer", "skip"), [(-1, 1), (-2, 2), (-24, 24)])
def test_the_text_models_last_layer_is_clip_skip(layer: int, skip: int) -> None:
    graph = plain()
    graph["layer"] = node("CLIPSetLastLayer", stop_at_clip_layer=layer, clip=link("file", 1))
    graph["wanted"]["inputs"]["clip"] = graph["unwanted"]["inputs"]["clip"] = link("layer")
    assert read(graph).aigif.model.clip_skip == skip


def test_texts_of_several_text_models_are_kept_apart() -> None:
    graph = plain()
    graph["wanted"] = node(
        "CLIPTextEncodeSDXL", text_l="near", text_g="far", width=2560, height=1792, crop_w=8, crop_h=0,
        target_width=640, target_height=448, clip=link("file", 1),
    )  # fmt: skip
    data = read(graph).aigif.data
    assert (data.prompt, data.prompt_2) == ("near", "far")
    sizes = data.micro_conditioning
    assert (sizes.original_width, sizes.original_height, sizes.crop_left, sizes.target_width) == (
        2560,
        1792,
        8,
        0,
    )


def test_distilled_guidance_shift_and_data_type() -> None:
    graph = plain(cfg=1.0, model=link("shifted"), positive=link("guided"))
    graph["net"] = node("UNETLoader", unet_name="flux1-dev.safetensors", weight_dtype="fp8_e4m3fn_fast")
    graph["shifted"] = node(
        "ModelSamplingFlux", max_shift=1.15, base_shift=0.5, width=1024, height=1024, model=link("net")
    )
    graph["guided"] = node("FluxGuidance", guidance=2.5, conditioning=link("wanted"))
    graph["texts"] = node(
        "DualCLIPLoader", clip_name1="clip_l.safetensors", clip_name2="t5xxl_q8.gguf", type="flux"
    )
    graph["vae"] = node("VAELoader", vae_name="flux/ae.safetensors")
    graph["wanted"]["inputs"]["clip"] = graph["unwanted"]["inputs"]["clip"] = link("texts")
    graph["seen"]["inputs"]["vae"] = link("vae")
    aigif = read(graph).aigif
    assert aigif.data.distilled.guidance == 2.5 and aigif.data.guidance_scale == 1.0
    # Flux's shift is e to an exponent that is 1.15 for 4096 patches (Esser et al. 2024; 1024 pixels a side).
    assert aigif.model.sampler_options.shift == pytest.approx(math.exp(1.15), rel=1e-12)
    assert aigif.model.data_type == DataType.FLOAT8_E4M3FN and aigif.model.vae_name == "ae"
    assert [part.name for part in aigif.model.text_encoders] == ["t5xxl_q8"]


def test_the_prediction_type_is_set() -> None:
    graph = plain(model=link("told"))
    graph["told"] = node("ModelSamplingDiscrete", sampling="v_prediction", zsnr=True, model=link("file"))
    options = read(graph).aigif.model.sampler_options
    assert options.prediction_type == PredictionType.V_PREDICTION and options.zero_terminal_snr


def test_a_custom_sampler_is_put_together() -> None:
    graph = plain()
    graph["run"] = node(
        "SamplerCustomAdvanced", noise=link("noise"), guider=link("guide"), sampler=link("method"),
        sigmas=link("levels"), latent_image=link("empty"),
    )  # fmt: skip
    graph["noise"] = node("RandomNoise", noise_seed=99)
    graph["guide"] = node(
        "CFGGuider", model=link("file"), positive=link("wanted"), negative=link("unwanted"), cfg=4.5
    )
    graph["method"] = node("SamplerEulerAncestral", eta=0.5, s_noise=1.0)
    graph["levels"] = node("KarrasScheduler", steps=12, sigma_max=14.5, sigma_min=0.03, rho=6.0)
    aigif = read(graph).aigif
    options = aigif.model.sampler_options
    assert (aigif.data.seed, aigif.data.steps, aigif.data.guidance_scale) == (99, 12, 4.5)
    assert (aigif.model.scheduler, aigif.model.sigma_schedule) == (Scheduler.EULER_A, SigmaSchedule.KARRAS)
    assert (options.eta_ancestral, options.sigma_max, options.sigma_min, options.rho) == (
        0.5,
        14.5,
        0.03,
        6.0,
    )
    graph["guide"] = node("BasicGuider", model=link("file"), conditioning=link("wanted"))
    data = read(graph).aigif.data
    assert (data.prompt, data.negative_prompt, data.guidance_scale) == ("a red kite, \n", "", 1.0)


def test_a_schedule_of_an_extension_is_known() -> None:
    reading = read(plain(sampler_name="sa_solver", scheduler="bong_tangent"))
    model = reading.aigif.model
    assert (model.scheduler, model.sigma_schedule) == (Scheduler.SA_SOLVER, SigmaSchedule.BONG_TANGENT)
    assert not reading.aigif.data.gaps


def _of_sa_solver(**changes: object) -> Any:
    graph = plain()
    graph["run"] = node(
        "SamplerCustomAdvanced", noise=link("noise"), guider=link("guide"), sampler=link("method"),
        sigmas=link("levels"), latent_image=link("empty"),
    )  # fmt: skip
    graph["noise"] = node("RandomNoise", noise_seed=1)
    graph["guide"] = node("BasicGuider", model=link("file"), conditioning=link("wanted"))
    graph["levels"] = node("BasicScheduler", model=link("file"), scheduler="simple", steps=8, denoise=1.0)
    usual = {
        "eta": 1.0, "sde_start_percent": 0.2, "sde_end_percent": 0.8, "s_noise": 1.0, "predictor_order": 3,
        "corrector_order": 4, "use_pece": False, "simple_order_2": False,
    }  # fmt: skip
    graph["method"] = node("SamplerSASolver", model=link("file"), **usual | changes)
    return read(graph)


def test_sa_solver_has_two_modes_and_settings_that_nothing_holds() -> None:
    for pece, code in ((False, Scheduler.SA_SOLVER), (True, Scheduler.SA_SOLVER_PECE)):
        reading = _of_sa_solver(use_pece=pece)
        assert reading.aigif.model.scheduler == code and not reading.aigif.data.gaps
    reading = _of_sa_solver(eta=0.5, predictor_order=2, simple_order_2=True)
    assert reading.aigif.model.sampler_options.eta_ancestral == 0.5
    assert {gap.name for gap in reading.aigif.data.gaps} == {"predictor_order", "simple_order_2"}


def test_two_guided_prompts_are_an_extension() -> None:
    graph = plain()
    graph["run"] = node(
        "SamplerCustomAdvanced", noise=link("noise"), guider=link("guide"), sampler=link("method"),
        sigmas=link("levels"), latent_image=link("empty"),
    )  # fmt: skip
    graph["noise"] = node("RandomNoise", noise_seed=1)
    graph["method"] = node("KSamplerSelect", sampler_name="euler")
    graph["levels"] = node("BasicScheduler", model=link("file"), scheduler="simple", steps=8, denoise=1.0)
    graph["guide"] = node(
        "DualCFGGuider", model=link("file"), cond1=link("wanted"), cond2=link("wanted"), negative=link("unwanted"),
        cfg_conds=5.0, cfg_cond2_negative=1.5, style="regular",
    )  # fmt: skip
    reading = read(graph)
    assert reading.aigif.data.guidance_scale == 5.0 and kinds(reading) == {GapKind.EXTENSION}


@pytest.mark.parametrize(
    ("kind", "inputs", "gap"),
    [
        ("ConditioningSetArea", {"width": 64, "height": 64, "x": 0, "y": 0, "strength": 1.0}, GapKind.REGION),
        ("ConditioningSetTimestepRange", {"start": 0.0, "end": 0.5}, GapKind.OPERATION),
        ("unCLIPConditioning", {"strength": 1.0}, GapKind.REFERENCE_IMAGE),
        ("NobodysConditioning", {}, GapKind.OPERATION),
    ],
)
def test_what_is_done_to_a_prompt_is_named(kind: str, inputs: dict[str, Any], gap: GapKind) -> None:
    graph = plain(positive=link("changed"))
    graph["changed"] = node(kind, conditioning=link("wanted"), **inputs)
    reading = read(graph)
    assert reading.aigif.data.prompt == "a red kite, \n"
    assert [(found.kind, found.name) for found in reading.aigif.data.gaps] == [(gap, kind)]


def test_prompts_that_are_combined_stand_a_line_each() -> None:
    graph = plain(positive=link("both"))
    graph["other"] = node("CLIPTextEncode", text="a blue sea", clip=link("file", 1))
    graph["both"] = node("ConditioningCombine", conditioning_1=link("wanted"), conditioning_2=link("other"))
    reading = read(graph)
    assert reading.aigif.data.prompt == "a red kite, \n\na blue sea" and kinds(reading) == {GapKind.REGION}


def test_a_controlnet_is_an_adapter_without_its_image() -> None:
    graph = plain(positive=link("held"), negative=link("held", 1))
    graph["net"] = node("ControlNetLoader", control_net_name="sd15\\scribble.pth")
    graph["lines"] = node("LoadImage", image="lines.png")
    graph["held"] = node(
        "ControlNetApplyAdvanced", strength=0.8, start_percent=0.1, end_percent=0.6, positive=link("wanted"),
        negative=link("unwanted"), control_net=link("net"), image=link("lines"),
    )  # fmt: skip
    reading = read(graph)
    (adapter,) = reading.aigif.model.adapters
    assert (adapter.kind, adapter.name) == (AdapterKind.CONTROLNET, "scribble")
    assert (adapter.weight, adapter.start, adapter.end) == (0.8, 0.1, 0.6)
    assert reading.aigif.data.negative_prompt == "blurry"
    assert kinds(reading) == {GapKind.CONTROL_IMAGE} and reading.grade is Grade.NOT_RECREATABLE


def test_an_image_prompt_is_an_adapter_without_its_image() -> None:
    graph = plain(model=link("seen_like"))
    graph["seen_like"] = node(
        "IPAdapterAdvanced", model=link("unified"), ipadapter=link("unified", 1), image=link("ref"), weight=0.5,
        start_at=0.0, end_at=0.7,
    )  # fmt: skip
    graph["unified"] = node("IPAdapterUnifiedLoader", model=link("file"), preset="PLUS")
    graph["ref"] = node("LoadImage", image="me.png")
    reading = read(graph)
    (adapter,) = reading.aigif.model.adapters
    assert (adapter.kind, adapter.name, adapter.end) == (AdapterKind.IP_ADAPTER, "PLUS", 0.7)
    assert reading.aigif.model.model_name == "paint_v2" and kinds(reading) == {GapKind.REFERENCE_IMAGE}


def test_an_input_image_is_named() -> None:
    graph = plain(latent_image=link("coded"), denoise=0.6)
    graph["photo"] = node("LoadImage", image="sub/photo.png")
    graph["coded"] = node("VAEEncode", pixels=link("photo"), vae=link("file", 2))
    reading = read(graph)
    assert reading.aigif.data.denoising_strength == 0.6
    assert (GapKind.INIT_IMAGE, "photo.png") in [(g.kind, g.name) for g in reading.aigif.data.gaps]
    assert reading.grade is Grade.NOT_RECREATABLE


def test_a_part_of_an_empty_latent_is_told_from_an_input_image() -> None:
    reading = read(plain(denoise=0.8))
    assert reading.aigif.data.denoising_strength == 0.8 and kinds(reading) == {GapKind.SETTING}


def test_zeros_for_a_prompt_matter_only_with_guidance() -> None:
    graph = plain(negative=link("nothing"), cfg=1.0)
    graph["nothing"] = node("ConditioningZeroOut", conditioning=link("wanted"))
    reading = read(graph)
    assert reading.aigif.data.negative_prompt == "" and reading.grade is Grade.EXACT
    graph["run"]["inputs"]["cfg"] = 3.0
    assert kinds(read(graph)) == {GapKind.OPERATION}


def test_a_merged_model_is_a_patch() -> None:
    graph = plain(model=link("merged"))
    graph["other"] = node("CheckpointLoaderSimple", ckpt_name="b.safetensors")
    graph["merged"] = node("ModelMergeSimple", model1=link("file"), model2=link("other"), ratio=0.5)
    reading = read(graph)
    assert reading.aigif.model.model_name == "paint_v2" and kinds(reading) == {GapKind.MODEL_PATCH}


def test_a_speed_up_is_no_gap() -> None:
    graph = plain(model=link("fast"))
    graph["fast"] = node("TorchCompileModel", backend="inductor", model=link("file"))
    assert read(graph).grade is Grade.EXACT


def test_a_service_closes_its_model() -> None:
    graph = {
        "made": node("FluxProUltraImageNode", prompt="a fox", seed=4, aspect_ratio="1:1"),
        "saved": node("SaveImage", images=link("made")),
    }
    reading = read(graph)
    assert (reading.aigif.data.prompt, reading.aigif.data.seed) == ("a fox", 4)
    assert GapKind.CLOSED_MODEL in kinds(reading)
