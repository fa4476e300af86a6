"""ComfyUI's graphs of several samplers, of composite nodes, and of several saved pictures."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aigif._gen.enums import GapKind, Scheduler, SigmaSchedule, StepNoise, UpscaleForm
from aigif.grading import Grade
from aigif.importers.tools import comfyui
from tests.importers.graphs import Graph, advanced, link, node, picture, plain, read


def names(reading: Any) -> list[tuple[GapKind, str]]:
    return [(GapKind(gap.kind), gap.name) for gap in reading.aigif.data.gaps]


def second(**sampler: Any) -> Graph:
    """A second pass on a latent of twice the size."""
    graph = plain()
    again = {**graph["run"]["inputs"], "latent_image": link("larger"), "denoise": 0.5, **sampler}
    graph["larger"] = node(
        "LatentUpscale",
        upscale_method="nearest-exact",
        width=1280,
        height=896,
        crop="disabled",
        samples=link("run"),
    )
    graph["again"] = node("KSampler", **again)
    graph["seen"]["inputs"]["samples"] = link("again")
    return graph


def test_a_second_pass_on_the_latent() -> None:
    reading = read(second(seed=3, steps=9, cfg=5.0), 1280, 896)
    hires = reading.aigif.data.hires
    assert (reading.aigif.data.seed, reading.aigif.data.steps) == (8566257, 20)
    assert (hires.scale, hires.steps, hires.denoising_strength) == (2.0, 9, 0.5)
    assert (hires.form, hires.upscaler) == (UpscaleForm.LATENT, "nearest-exact")
    assert (hires.own_seed, hires.seed, hires.guidance_scale, hires.scheduler) == (True, 3, 5.0, None)
    assert (reading.aigif.verification.picture_width, reading.grade) == (1280, Grade.EXACT)


def test_a_second_pass_like_the_first_says_nothing_twice() -> None:
    hires = read(second(), 1280, 896).aigif.data.hires
    assert not hires.own_seed and hires.steps == 0 and hires.guidance_scale == 0.0


def test_a_second_sampler_and_its_noise() -> None:
    aigif = read(second(sampler_name="euler_ancestral", scheduler="karras"), 1280, 896).aigif
    own = aigif.data.hires.scheduler
    assert (own.scheduler, own.sigma_schedule) == (Scheduler.EULER_A, SigmaSchedule.KARRAS)
    assert aigif.model.sampler_options.step_noise == StepNoise.CUDA_PHILOX


def test_a_second_pass_on_the_picture_through_an_upscaler() -> None:
    graph = second()
    del graph["larger"]
    graph["first"] = node("VAEDecode", samples=link("run"), vae=link("file", 2))
    graph["net"] = node("UpscaleModelLoader", model_name="4x_sharp.pth")
    graph["big"] = node("ImageUpscaleWithModel", upscale_model=link("net"), image=link("first"))
    graph["fit"] = node(
        "ImageScale", upscale_method="lanczos", width=960, height=672, crop="disabled", image=link("big")
    )
    graph["coded"] = node("VAEEncode", pixels=link("fit"), vae=link("file", 2))
    graph["again"]["inputs"]["latent_image"] = link("coded")
    reading = read(graph, 960, 672)
    hires = reading.aigif.data.hires
    assert (hires.form, hires.upscaler, hires.scale) == (UpscaleForm.IMAGE, "4x_sharp.pth", 1.5)
    assert names(reading) == [(GapKind.SETTING, "lanczos")]


def test_the_last_steps_of_a_longer_schedule_are_a_share() -> None:
    graph = second()
    graph["again"] = advanced(
        start_at_step=14, steps=20, cfg=7.5, noise_seed=8566257, latent_image=link("larger")
    )
    hires = read(graph, 1280, 896).aigif.data.hires
    assert (hires.steps, hires.denoising_strength) == (6, 0.3)
    assert int(hires.steps / hires.denoising_strength) == 20


def test_a_refiner_takes_over() -> None:
    graph = plain()
    graph["run"] = advanced(end_at_step=20, return_with_leftover_noise="enable")
    graph["finer"] = node("CheckpointLoaderSimple", ckpt_name="sd_xl_refiner_1.0.safetensors")
    graph["fine"] = node(
        "CLIPTextEncodeSDXLRefiner", text="a red kite, \n", ascore=7.0, clip=link("finer", 1)
    )
    graph["coarse"] = node("CLIPTextEncodeSDXLRefiner", text="blurry", ascore=2.0, clip=link("finer", 1))
    graph["after"] = advanced(
        add_noise="disable", start_at_step=20, model=link("finer"), positive=link("fine"),
        negative=link("coarse"), latent_image=link("run"),
    )  # fmt: skip
    graph["seen"]["inputs"]["samples"] = link("after")
    reading = read(graph)
    refiner = reading.aigif.data.refiner
    assert reading.grade is Grade.EXACT and reading.aigif.data.hires is None
    assert (refiner.switch_at, refiner.steps) == (0.8, 0)
    assert (refiner.aesthetic_score, refiner.negative_aesthetic_score) == (7.0, 2.0)


def test_a_run_in_two_parts_is_one_run_unless_something_changes() -> None:
    graph = plain()
    graph["run"] = advanced(end_at_step=10, return_with_leftover_noise="enable")
    graph["after"] = advanced(add_noise="disable", start_at_step=10, latent_image=link("run"))
    graph["seen"]["inputs"]["samples"] = link("after")
    assert read(graph).aigif.data.refiner is None and read(graph).grade is Grade.EXACT
    graph["after"]["inputs"]["cfg"] = 2.0
    assert names(read(graph)) == [(GapKind.PASSES, "KSamplerAdvanced")]


def test_a_third_pass_is_a_gap() -> None:
    graph = second()
    graph["third"] = {**graph["again"], "inputs": {**graph["again"]["inputs"], "latent_image": link("again")}}
    graph["seen"]["inputs"]["samples"] = link("third")
    reading = read(graph, 1280, 896)
    assert reading.aigif.data.hires is not None and reading.grade is Grade.NOT_RECREATABLE
    assert (GapKind.PASSES, "KSampler") in names(reading)


def test_an_enlarged_picture_is_finished_afterwards() -> None:
    graph = plain()
    graph["net"] = node("UpscaleModelLoader", model_name="2x.pth")
    graph["big"] = node("ImageUpscaleWithModel", upscale_model=link("net"), image=link("seen"))
    graph["saved"]["inputs"]["images"] = link("big")
    reading = read(graph, 1280, 896)
    assert names(reading) == [(GapKind.POSTPROCESS, "2x.pth")] and reading.grade is Grade.APPROXIMATE
    assert reading.aigif.verification.picture_width == 1280 and reading.aigif.data.width == 640


def test_of_several_saved_pictures_the_size_tells() -> None:
    graph = second(seed=3)
    graph["small"] = node("VAEDecode", samples=link("run"), vae=link("file", 2))
    graph["saved small"] = node("SaveImage", images=link("small"))
    assert read(graph, 640, 448).aigif.data.hires is None
    assert read(graph, 1280, 896).aigif.data.hires is not None


def test_two_pictures_of_one_graph_are_told_apart_or_named() -> None:
    graph = plain()
    graph["other"] = {**graph["run"], "inputs": {**graph["run"]["inputs"], "seed": 1}}
    graph["seen other"] = node("VAEDecode", samples=link("other"), vae=link("file", 2))
    graph["saved other"] = node("SaveImage", images=link("seen other"))
    assert names(read(graph)) == [(GapKind.RECORD, "output")]


def test_a_saver_that_nobody_lists_is_found() -> None:
    graph = plain()
    graph["saved"] = node("SomebodysSaver", folder="x", pictures=link("seen"))
    assert read(graph).aigif.data.seed == 8566257


@pytest.mark.parametrize("batch", [node("EmptyLatentImage", width=640, height=448, batch_size=4)])
def test_the_place_in_a_batch_is_not_recorded(batch: dict[str, Any]) -> None:
    graph = plain()
    graph["empty"] = batch
    reading = read(graph)
    assert reading.aigif.data.batch_size == 4 and names(reading) == [(GapKind.VALUE, "batch_position")]


def test_a_loader_of_everything_is_taken_apart() -> None:
    graph = {
        "all": node(
            "Efficient Loader", ckpt_name="m.safetensors", vae_name="Baked VAE", clip_skip=-2,
            lora_name="l.safetensors",
            lora_model_strength=0.5, lora_clip_strength=0.4, positive=link("words"), negative="bad",
            token_normalization="none", weight_interpretation="comfy", empty_latent_width=640,
            empty_latent_height=448, batch_size=1,
        ),
        "words": node("PrimitiveString", value="good"),
        "run": node(
            "KSampler (Efficient)", seed=11, steps=15, cfg=6.0, sampler_name="dpmpp_2m", scheduler="karras",
            denoise=1.0, preview_method="auto", vae_decode="true", model=link("all"), positive=link("all", 1),
            negative=link("all", 2), latent_image=link("all", 3), optional_vae=link("all", 4),
        ),
        "saved": node("SaveImage", images=link("run", 5)),
    }  # fmt: skip
    reading = read(graph)
    data, model = reading.aigif.data, reading.aigif.model
    assert (data.prompt, data.negative_prompt, data.seed, data.width) == ("good", "bad", 11, 640)
    assert (model.model_name, model.clip_skip, model.vae_name) == ("m", 2, "")
    assert [(a.name, a.weight, a.text_weight) for a in model.adapters] == [("l", 0.5, 0.4)]
    assert reading.grade is Grade.EXACT


def test_what_a_bundle_carries_is_found() -> None:
    graph = plain()
    graph["bundle"] = node(
        "ToBasicPipe", model=link("file"), clip=link("file", 1), vae=link("file", 2), positive=link("wanted"),
        negative=link("unwanted"),
    )  # fmt: skip
    graph["run"] = node(
        "ImpactKSamplerBasicPipe", seed=7, steps=10, cfg=5.0, sampler_name="euler", scheduler="normal", denoise=1.0,
        basic_pipe=link("bundle"), latent_image=link("empty"),
    )  # fmt: skip
    graph["seen"]["inputs"] = {"samples": link("run", 1), "vae": link("run", 2)}
    aigif = read(graph).aigif
    assert (aigif.data.prompt, aigif.data.negative_prompt) == ("a red kite, \n", "blurry")
    assert (aigif.model.model_name, aigif.data.seed) == ("paint_v2", 7)


def test_tags_in_a_prompt_load_loras_where_the_node_does_so() -> None:
    graph = plain(model=link("wild"), positive=link("wild", 2))
    graph["wild"] = node(
        "ImpactWildcardEncode", wildcard_text="x", populated_text="a fox <lora:ink:0.5>", model=link("file"),
        clip=link("file", 1), seed=1, mode="populate",
    )  # fmt: skip
    aigif = read(graph).aigif
    assert aigif.data.prompt == "a fox "
    assert [(a.name, a.weight) for a in aigif.model.adapters] == [("ink", 0.5)]


@pytest.mark.parametrize(
    ("carrier", "key", "wrap"),
    [
        ("PNG tEXt", "prompt", "{}"),
        ("EXIF", "Model", "prompt:{}"),
        ("EXIF", "Make", "Prompt: {}"),
        ("EXIF", "UserComment", '{{"prompt": {}, "workflow": {{"nodes": []}}}}'),
        ("EXIF", "UserComment", "{}"),
    ],
)
def test_the_graph_is_found_where_savers_put_it(carrier: str, key: str, wrap: str) -> None:
    seen = picture(wrap.format(json.dumps(plain())), key=key, carrier=carrier)
    found = comfyui.evidence(seen)
    assert found is not None and comfyui.read(seen).aigif.data.seed == 8566257


def test_a_graph_that_was_written_as_text_twice() -> None:
    seen = picture(json.dumps({"prompt": json.dumps(plain())}), key="UserComment", carrier="EXIF")
    assert comfyui.evidence(seen) is not None
    assert comfyui.read(seen).aigif.data.seed == 8566257


def test_the_draft_is_there_for_other_importers() -> None:
    draft = comfyui.read_graph(plain())
    assert draft is not None and draft.get("data.seed") == 8566257
    assert comfyui.read_graph(json.dumps(plain()), 640, 448) is not None
    assert comfyui.read_graph("{}") is None and comfyui.read_graph("no json") is None
