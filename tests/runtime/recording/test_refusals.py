"""Every reason not to record a call: named before the model runs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from aigif.errors import AigifError, UsageError
from aigif.runtime.recording import NotRecordableError, record
from tests.runtime.recording.pipes import PROMPT, assert_exact, load, recorded, refusal, seeded, settings


@pytest.fixture(name="pipe")
def _pipe(sd: Path) -> Any:
    return load(sd)


def used() -> Any:
    generator = seeded()
    torch.randn(1, generator=generator)
    return generator


def shared() -> list[Any]:
    return [seeded()] * 2


ARGUMENTS: list[tuple[dict[str, Callable[[], Any]], str, str]] = [
    ({"latents": lambda: torch.zeros(1, 4, 16, 16)}, "latents", "holds a seed"),
    ({"prompt_embeds": lambda: torch.zeros(1, 77, 32)}, "prompt_embeds", "in place of a text"),
    ({"ip_adapter_image": lambda: torch.zeros(3, 8, 8)}, "ip_adapter_image", "image input"),
    ({"timesteps": lambda: [900, 100]}, "timesteps", "schedule"),
    ({"sigmas": lambda: [9.0, 1.0]}, "sigmas", "schedule"),
    ({"callback_on_step_end": lambda: lambda *_: {}}, "callback_on_step_end", "callback"),
    ({"callback": lambda: lambda *_: None}, "callback", "callback"),
    ({"cross_attention_kwargs": lambda: {"scale": 0.5}}, "cross_attention_kwargs", "attention"),
    ({"output_type": lambda: "latent"}, "output_type", "latent"),
    ({"prompt": lambda: None}, "prompt", "texts"),
    ({"negative_prompt": lambda: ["a", "b"]}, "negative_prompt", "2 texts for 1 prompts"),
    ({"guidance_rescale": lambda: 1.5}, "data.guidance_rescale", "1.5"),
    ({"num_inference_steps": lambda: 0}, "data.steps", "at least one"),
    ({"num_inference_steps": lambda: "many"}, "data.steps", "many"),
    ({"clip_skip": lambda: 40}, "model.clip_skip", "41"),
    ({"clip_skip": lambda: 0}, "clip_skip", "a recreation would have None"),
    ({"generator": used}, "generator", "since it was seeded"),
    ({"generator": shared, "num_images_per_prompt": lambda: 2}, "generator", "each its own"),
    ({"generator": lambda: [seeded(), seeded(8)]}, "generator", "2 generators for 1 pictures"),
    ({"generator": lambda: 7}, "generator", "no torch.Generator"),
]


@pytest.mark.parametrize(("changes", "what", "why"), ARGUMENTS, ids=[what for _, what, _ in ARGUMENTS])
def test_an_argument(pipe: Any, changes: dict[str, Callable[[], Any]], what: str, why: str) -> None:
    made = {name: make() for name, make in changes.items()}
    prompt = made.pop("prompt", PROMPT)
    reasons = refusal(pipe, prompt, **made)
    assert list(reasons) == [what]
    assert why in reasons[what]


def test_arguments_of_other_families(sdxl: Path, sd3: Path) -> None:
    assert "denoising_end" in refusal(load(sdxl), denoising_end=0.8)
    assert "negative_original_size" in refusal(load(sdxl), negative_original_size=(32, 32))
    assert "skip_guidance_layers" in refusal(load(sd3), skip_guidance_layers=[0])


def test_all_reasons_come_at_once_and_the_call_names_them(pipe: Any) -> None:
    with pytest.raises(NotRecordableError) as caught, record(pipe):
        pipe(PROMPT, **settings(generator=used(), latents=torch.zeros(1, 4, 16, 16), clip_skip=0))
    assert set(caught.value.reasons) == {"generator", "latents", "clip_skip"}
    assert isinstance(caught.value, AigifError)
    assert all(reason in str(caught.value) for reason in caught.value.reasons.values())


def test_without_strict_the_call_goes_by_unrecorded(pipe: Any) -> None:
    plain = pipe(PROMPT, **settings(timesteps=None, generator=used())).images[0]
    with record(pipe, strict=False) as rec:
        image = pipe(PROMPT, **settings(generator=used())).images[0]
        pipe(PROMPT, **settings())
    assert image.tobytes() == plain.tobytes()
    assert len(rec.pictures) == 1
    assert [list(refused.reasons) for refused in rec.refused] == [["generator"]]


def test_attention_processors(pipe: Any) -> None:
    from diffusers.models.attention_processor import AttnProcessor, AttnProcessor2_0

    class Own(AttnProcessor2_0):  # type: ignore[misc]
        """A processor that may do anything."""

    pipe.unet.set_attn_processor(Own())
    assert list(refusal(pipe)) == ["pipe.unet.attn_processors"]
    pipe.unet.set_attn_processor(AttnProcessor())
    (one,) = recorded(pipe)
    assert "AttnProcessor" in one.warnings[0]
    assert one.aigif.platform.attention.name == "EAGER"
    pipe.enable_attention_slicing(1)
    (one,) = recorded(pipe)
    assert one.aigif.platform.attention.name == "SLICED"


def hook(pipe: Any) -> None:
    pipe.unet.conv_in.register_forward_hook(lambda *_: None)


def replace_forward(pipe: Any) -> None:
    pipe.vae.decoder.forward = lambda *_, **__: None


def free_u(pipe: Any) -> None:
    pipe.enable_freeu(s1=0.9, s2=0.2, b1=1.2, b2=1.4)


def cast(pipe: Any) -> None:
    pipe.vae.to(torch.bfloat16)


def circular(pipe: Any) -> None:
    pipe.unet.conv_in.padding_mode = "circular"


def change_weights(pipe: Any) -> None:
    with torch.no_grad():
        pipe.unet.conv_out.weight.mul_(1.01)


def other_vae(pipe: Any) -> None:
    from diffusers import AutoencoderKL

    config = {key: value for key, value in pipe.vae.config.items() if key != "_name_or_path"}
    pipe.vae = AutoencoderKL.from_config(config).eval()


def other_setting(pipe: Any) -> None:
    pipe.vae.register_to_config(scaling_factor=0.5)


def chunk(pipe: Any) -> None:
    for layer in pipe.unet.modules():
        if hasattr(layer, "set_chunk_feed_forward"):
            layer.set_chunk_feed_forward(1, 1)


def small_tiles(pipe: Any) -> None:
    pipe.vae.tile_sample_min_size = 32
    pipe.vae.enable_tiling()


CHANGES: list[tuple[Callable[[Any], Any], str, str]] = [
    (hook, "pipe.unet", "hook"),
    (replace_forward, "pipe.vae", "forward"),
    (free_u, "pipe.unet", "FreeU"),
    (cast, "model.data_type", "vae bfloat16"),
    (circular, "data.tiling", "circular"),
    (change_weights, "pipe.unet", "conv_out.weight"),
    (other_vae, "pipe.vae", "doesn't come from"),
    (other_setting, "pipe.vae.config.scaling_factor", "0.5"),
    (lambda pipe: pipe.unet.train(), "pipe.unet", "eval()"),
    (lambda pipe: pipe.unet.compile(backend="eager"), "pipe.unet", "compiled"),
    (lambda pipe: pipe.fuse_qkv_projections(), "pipe.unet", "fused"),
    (chunk, "pipe.unet", "chunks"),
    (lambda pipe: pipe.unet.to(torch.float8_e4m3fn), "model.data_type", "float8_e4m3fn"),
    (small_tiles, "pipe.vae", "tiles"),
    (lambda pipe: pipe.text_encoder.resize_token_embeddings(500), "pipe.text_encoder", "tokens"),
    (lambda pipe: setattr(pipe.unet, "is_quantized", True), "pipe.unet", "quantised"),
]


@pytest.mark.parametrize(("change", "what", "why"), CHANGES)
def test_a_changed_model(pipe: Any, change: Callable[[Any], Any], what: str, why: str) -> None:
    change(pipe)
    reasons = refusal(pipe)
    assert why in reasons[what]


def test_tiling_below_the_size_of_a_tile_changes_nothing(pipe: Any) -> None:
    pipe.vae.tile_sample_min_size = 64
    pipe.vae.enable_tiling()
    assert refusal(pipe) == {}


def test_a_compiled_model(pipe: Any) -> None:
    pipe.unet = torch.compile(pipe.unet, backend="eager")
    assert "compiled" in refusal(pipe)["pipe.unet"]


def test_offloading_is_recorded(sd: Path, pipe: Any) -> None:
    from accelerate.hooks import AlignDevicesHook, add_hook_to_module

    add_hook_to_module(pipe.unet, AlignDevicesHook(execution_device="cpu"))
    assert_exact(recorded(pipe), sd)


def test_global_settings(pipe: Any) -> None:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert "torch.autocast" in refusal(pipe)
    torch.set_default_dtype(torch.float64)
    try:
        assert "torch.get_default_dtype" in refusal(pipe)
    finally:
        torch.set_default_dtype(torch.float32)
    torch.set_float32_matmul_precision("medium")
    try:
        assert "reduced precision" in recorded(pipe)[0].warnings[0]
    finally:
        torch.set_float32_matmul_precision("highest")


def test_another_attention_backend(pipe: Any) -> None:
    from diffusers.models.attention_dispatch import AttentionBackendName, _AttentionBackendRegistry

    before = _AttentionBackendRegistry.get_active_backend()[0]
    _AttentionBackendRegistry.set_active_backend(AttentionBackendName.FLEX)
    try:
        assert "diffusers' attention backend" in refusal(pipe)
    finally:
        _AttentionBackendRegistry.set_active_backend(before)


def test_pipelines_that_are_not_on_the_list(sd: Path) -> None:
    from diffusers import StableDiffusionImg2ImgPipeline, StableDiffusionPipeline

    class Own(StableDiffusionPipeline):  # type: ignore[misc]
        """A pipeline whose call may do anything."""

    pictures = StableDiffusionImg2ImgPipeline.from_pretrained(str(sd), safety_checker=None)
    with pytest.raises(NotRecordableError, match="list of pipelines"), record(pictures):
        pictures(PROMPT)
    own = Own.from_pretrained(str(sd), safety_checker=None)
    assert "pipe" in refusal(own)


def test_the_watermark_of_sdxl(sdxl: Path) -> None:
    pipe = load(sdxl)
    pipe.watermark = object()
    assert list(refusal(pipe)) == ["pipe.watermark"]


def test_pictures_that_the_safety_checker_replaced(pipe: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        type(pipe), "run_safety_checker", lambda _self, image, _device, _dtype: (image, [False, True])
    )
    with record(pipe) as rec:
        pipe(PROMPT, **settings(num_images_per_prompt=2))
    assert [one.aigif.data.batch_position for one in rec.pictures] == [0]
    assert [(list(refused.reasons), refused.position) for refused in rec.refused] == [
        (["pipe.safety_checker"], 1)
    ]


def test_a_model_of_unknown_origin(sd: Path, pipe: Any) -> None:
    built = rebuilt(pipe, **pipe.components)
    assert refusal(built) == {}  # its parts know their folder
    copies = {name: copied(getattr(pipe, name)) for name in ("unet", "vae", "text_encoder")}
    unknown = rebuilt(pipe, **{**pipe.components, **copies})
    assert "name its folder" in refusal(unknown)["model"]
    assert refusal(unknown, options={"model": sd}) == {}


def rebuilt(pipe: Any, **parts: Any) -> Any:
    built = type(pipe)(**parts, requires_safety_checker=False)
    built.set_progress_bar_config(disable=True)
    return built


def copied(part: Any) -> Any:
    """The same weights in an object that doesn't know where they came from."""
    if hasattr(part, "name_or_path"):
        config = type(part.config).from_dict({**part.config.to_dict(), "_name_or_path": ""})
        fresh = type(part)(config)
    else:
        fresh = type(part).from_config({k: v for k, v in part.config.items() if k != "_name_or_path"})
    fresh.load_state_dict(part.state_dict())
    return fresh.eval()


def test_a_folder_that_is_not_the_models(sd: Path, sdxl: Path, tmp_path: Path, pipe: Any) -> None:
    assert "StableDiffusionXLPipeline" in refusal(pipe, options={"model": sdxl})["pipe"]
    assert list(refusal(pipe, options={"model": tmp_path})) == ["model"]
    assert "model.model_id" in refusal(pipe, options={"model": "no-such-model"})
    other = shutil.copytree(sd, tmp_path / "other")
    config = json.loads((other / "vae" / "config.json").read_text())
    (other / "vae" / "config.json").write_text(json.dumps({**config, "scaling_factor": 0.3}))
    assert list(refusal(pipe, options={"model": other})) == ["pipe.vae.config.scaling_factor"]


def test_what_is_no_pipeline(sd: Path, pipe: Any) -> None:
    with pytest.raises(UsageError, match="no pipeline"):
        record(object())
    with pytest.raises(UsageError, match="0 to 32"):
        record(pipe, hash_bytes=33)
    with record(pipe), pytest.raises(UsageError, match="already"), record(pipe):
        pass
