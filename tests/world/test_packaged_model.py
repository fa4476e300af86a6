"""The packaged folder: unmodified diffusers load it, and it paints with any scheduler and any prompt."""

from __future__ import annotations

import json

import diffusers
import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline
from safetensors.torch import load_file

from benchmarks.world.export import BYTES_ALLOWED, PACKAGED, folder_bytes
from benchmarks.world.painting import paint

PROMPT = "a big red ball in the centre, in a meadow by day, flat style"


@pytest.fixture(scope="module")
def pipeline() -> StableDiffusionPipeline:
    loaded = StableDiffusionPipeline.from_pretrained(
        str(PACKAGED), safety_checker=None, local_files_only=True
    )
    loaded.set_progress_bar_config(disable=True)
    return loaded


def test_the_folder_is_small_and_holds_no_code() -> None:
    assert folder_bytes(PACKAGED) <= BYTES_ALLOWED
    assert {path.suffix for path in PACKAGED.rglob("*") if path.is_file()} <= {
        ".json",
        ".txt",
        ".safetensors",
    }


def test_weights_are_half_precision() -> None:
    for path in PACKAGED.rglob("*.safetensors"):
        for name, tensor in load_file(path).items():
            assert tensor.dtype == torch.float16, (path.name, name)


def test_it_is_a_plain_stable_diffusion_pipeline(pipeline: StableDiffusionPipeline) -> None:
    index = json.loads((PACKAGED / "model_index.json").read_text())
    assert index["_class_name"] == "StableDiffusionPipeline"
    assert {value[0] for key, value in index.items() if isinstance(value, list)} <= {
        "diffusers",
        "transformers",
        None,
    }
    assert pipeline.unet.dtype == pipeline.vae.dtype == pipeline.text_encoder.dtype == torch.float32


def test_the_same_seed_gives_the_same_picture(pipeline: StableDiffusionPipeline) -> None:
    first, again, other = paint(pipeline, [PROMPT] * 3, [1, 1, 2], steps=8, batch=1)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_prompt_in_the_world_comes_out_as_asked(pipeline: StableDiffusionPipeline) -> None:
    picture = paint(pipeline, [PROMPT], [1])[0].astype(int)
    middle, corner = picture[56:72, 56:72].mean(axis=(0, 1)), picture[4:20, 4:20].mean(axis=(0, 1))
    assert middle[0] > 150 > 100 > max(middle[1], middle[2])
    assert corner[2] > corner[0]


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        " ",
        "an astronaut riding a horse",
        "日本語のプロンプト 🦊",
        "\x00\x01\x7f",
        "word " * 300,
        "((red:1.3)) [x] {y}",
    ],
)
def test_any_prompt_gives_a_picture(pipeline: StableDiffusionPipeline, prompt: str) -> None:
    picture = paint(pipeline, [prompt], [3], steps=12)[0]
    assert picture.shape == (128, 128, 3)
    assert picture.std() > 5


@pytest.mark.parametrize(
    "name",
    [
        "DDIMScheduler", "DDPMScheduler", "DPMSolverMultistepScheduler", "DPMSolverSinglestepScheduler",
        "EulerDiscreteScheduler", "EulerAncestralDiscreteScheduler", "HeunDiscreteScheduler",
        "KDPM2DiscreteScheduler", "LMSDiscreteScheduler", "PNDMScheduler", "DEISMultistepScheduler",
        "UniPCMultistepScheduler",
    ],
)  # fmt: skip
def test_other_schedulers_stay_sane(pipeline: StableDiffusionPipeline, name: str) -> None:
    original = pipeline.scheduler
    try:
        pipeline.scheduler = getattr(diffusers, name).from_config(original.config)
        latents = pipeline(
            PROMPT, num_inference_steps=25, generator=torch.Generator().manual_seed(1), output_type="latent"
        ).images
        assert torch.isfinite(latents).all()
        assert 0.3 < latents.std() < 3
        assert latents.abs().max() < 12
    finally:
        pipeline.scheduler = original
