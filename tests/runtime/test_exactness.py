"""The same machine gives the same pixels: made, written, read and made again, whatever torch's state is."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

import aigif
from aigif._gen.types import Distilled, MicroConditioning, SamplerOptions
from aigif.runtime.generate import Generated

REPOSITORY = Path(__file__).parent.parent.parent

SCHEDULERS: list[tuple[str, str | None]] = [
    ("ddim", None),
    ("dpmpp-2m", "karras"),
    ("euler", None),
    ("euler", "beta"),
    ("euler-a", None),
    ("dpmpp-2m-sde", "exponential"),
    ("unipc-2-bh2", None),
    ("heun", None),
    ("plms", None),
    ("lcm", None),
    ("dpm2-a", None),
]


def make(folder: Path, **options: Any) -> Generated:
    defaults: dict[str, Any] = {"seed": 7, "steps": 3, "height": 64, "width": 64, "device": "cpu"}
    return aigif.generate("a red house at dusk", model=folder, **{**defaults, **options})


def again(made: Generated, folder: Path, **options: Any) -> Any:
    return aigif.recreate(aigif.loads(aigif.dumps(made.aigif)), model=folder, **options)


@pytest.mark.parametrize(("scheduler", "sigmas"), SCHEDULERS)
def test_recreation_has_the_same_bits(sd: Path, scheduler: str, sigmas: str | None) -> None:
    made = make(sd, scheduler=scheduler, sigma_schedule=sigmas)
    torch.manual_seed(99)
    recreated = again(made, sd)
    assert recreated.image.tobytes() == made.image.tobytes()
    assert recreated.verdict.grade == "bit-exact"
    assert (recreated.source, recreated.differences, recreated.warnings) == ("model", (), ())
    assert recreated.expectation.endswith("bit for bit.")


def test_every_scheduler_of_the_list_gives_another_picture(sd: Path) -> None:
    pictures = {
        make(sd, scheduler=name, sigma_schedule=sigmas).image.tobytes() for name, sigmas in SCHEDULERS
    }
    assert len(pictures) == len(SCHEDULERS)


@pytest.fixture(scope="module", name="plain")
def _plain(sd: Path) -> Generated:
    return make(sd, scheduler="ddim", threads=1)


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 8},
        {"steps": 4},
        {"guidance_scale": 3.0},
        {"negative_prompt": "blurry"},
        {"clip_skip": 2},
        {"clip_skip": 3},
        {"guidance_rescale": 0.7},
        {"width": 48},
        {"dtype": "bfloat16"},
        {"batch_size": 2, "batch_position": 1},
        {"sampler_options": SamplerOptions(eta=1.0), "scheduler": "ddim"},
        {"seed": 2**64 - 1},
    ],
    ids=lambda change: "-".join(change),
)
def test_every_element_matters_and_is_recreated(sd: Path, plain: Generated, change: dict[str, Any]) -> None:
    made = make(sd, **{"scheduler": "ddim", **change})
    assert made.image.tobytes() != plain.image.tobytes()
    assert again(made, sd).image.tobytes() == made.image.tobytes()


@pytest.mark.parametrize("family", ["sdxl", "sd3", "flux"])
def test_other_families(family: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(family)
    made = make(folder, prompt_2="a lighthouse", negative_prompt="blurry", guidance_scale=4.0)
    recreated = again(made, folder)
    assert recreated.image.tobytes() == made.image.tobytes()
    assert recreated.verdict.grade == "bit-exact"
    assert make(folder, guidance_scale=4.0).image.tobytes() != made.image.tobytes()


def test_elements_of_one_family_only(sdxl: Path, flux: Path) -> None:
    # The table's own models, in the folders of the tiny ones: unlisted models can't carry these groups.
    named = make(sdxl).aigif
    sized = named.replace(
        model=named.model.replace(model_id=3, weight_hash=b"", model_name=""),
        data=named.data.replace(micro_conditioning=MicroConditioning(original_height=32, crop_top=16)),
    )
    assert again(Generated(None, sized), sdxl).verdict.grade == "different"  # type: ignore[arg-type]
    distilled = make(flux).aigif
    guided = distilled.replace(
        model=distilled.model.replace(model_id=5, weight_hash=b"", model_name=""),
        data=distilled.data.replace(distilled=Distilled(guidance=9.0)),
    )
    assert again(Generated(None, guided), flux).verdict.grade == "different"  # type: ignore[arg-type]
    same = guided.replace(data=guided.data.replace(distilled=Distilled()))
    assert again(Generated(None, same), flux).verdict.grade == "bit-exact"  # type: ignore[arg-type]


def test_a_plain_call_of_diffusers_gives_the_same_pixels(sd: Path) -> None:
    from diffusers import DPMSolverMultistepScheduler, StableDiffusionPipeline

    made = make(sd, scheduler="dpmpp-2m", sigma_schedule="karras", negative_prompt="blurry")
    pipe = StableDiffusionPipeline.from_pretrained(str(sd), safety_checker=None)
    pipe.scheduler = DPMSolverMultistepScheduler.from_config(pipe.scheduler.config, use_karras_sigmas=True)
    image = pipe(
        "a red house at dusk",
        negative_prompt="blurry",
        height=64,
        width=64,
        num_inference_steps=3,
        guidance_scale=7.0,
        generator=torch.Generator().manual_seed(7),
    ).images[0]
    assert image.tobytes() == made.image.tobytes()


def test_clip_skip_counts_layers_from_the_end(sd: Path) -> None:
    from diffusers import DDIMScheduler, StableDiffusionPipeline

    made = make(sd, scheduler="ddim", clip_skip=2)
    pipe = StableDiffusionPipeline.from_pretrained(str(sd), safety_checker=None)

    def encode(text: str) -> Any:
        ids = pipe.tokenizer(text, padding="max_length", max_length=77, return_tensors="pt").input_ids
        return pipe.text_encoder(ids, output_hidden_states=True)

    pipe.scheduler = DDIMScheduler.from_config(pipe.scheduler.config)
    with torch.no_grad():
        penultimate = encode("a red house at dusk").hidden_states[-2]
        image = pipe(
            prompt_embeds=pipe.text_encoder.final_layer_norm(penultimate),
            negative_prompt_embeds=encode("").last_hidden_state,  # diffusers skips no layer of this one
            height=64,
            width=64,
            num_inference_steps=3,
            guidance_scale=7.0,
            generator=torch.Generator().manual_seed(7),
        ).images[0]
    assert image.tobytes() == made.image.tobytes()


def test_a_batch_shares_one_generator(sd: Path) -> None:
    pictures = [make(sd, batch_size=3, batch_position=place, scheduler="euler-a").image for place in range(3)]
    assert len({picture.tobytes() for picture in pictures}) == 3
    direct = _direct_batch(sd)
    batch = [make(sd, scheduler="ddim", batch_size=2, batch_position=place).image for place in range(2)]
    assert [picture.tobytes() for picture in batch] == [picture.tobytes() for picture in direct]


def _direct_batch(folder: Path) -> list[Any]:
    from diffusers import DDIMScheduler, StableDiffusionPipeline

    pipe = StableDiffusionPipeline.from_pretrained(str(folder), safety_checker=None)
    pipe.scheduler = DDIMScheduler.from_config(pipe.scheduler.config)
    images: list[Any] = pipe(
        "a red house at dusk",
        height=64,
        width=64,
        num_inference_steps=3,
        guidance_scale=7.0,
        num_images_per_prompt=2,
        generator=torch.Generator().manual_seed(7),
    ).images
    return images


def test_ambient_state_changes_nothing_and_is_restored(sd: Path) -> None:
    made = make(sd, scheduler="euler-a", threads=2)
    before = torch.get_num_threads()
    try:
        torch.manual_seed(123)
        torch.set_num_threads(3)
        torch.set_default_dtype(torch.float64)
        torch.set_float32_matmul_precision("medium")
        torch.backends.cuda.enable_math_sdp(False)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            recreated = again(made, sd)
        assert torch.get_num_threads() == 3
        assert torch.get_default_dtype() is torch.float64
        assert torch.get_float32_matmul_precision() == "medium"
        assert not torch.backends.cuda.math_sdp_enabled()
        assert not torch.are_deterministic_algorithms_enabled()
    finally:
        torch.set_num_threads(before)
        torch.set_default_dtype(torch.float32)
        torch.set_float32_matmul_precision("highest")
        torch.backends.cuda.enable_math_sdp(True)
    assert made.aigif.platform.threads == 2
    assert recreated.image.tobytes() == made.image.tobytes()
    assert recreated.verdict.grade == "bit-exact"
    assert recreated.differences == ()


def test_the_global_generator_is_left_alone(sd: Path) -> None:
    torch.manual_seed(5)
    state = torch.get_rng_state()
    make(sd, scheduler="euler-a")
    assert torch.equal(torch.get_rng_state(), state)


def test_a_fresh_process_gives_the_same_pixels(sd: Path, tmp_path: Path) -> None:
    expected = []
    for number, (scheduler, sigmas) in enumerate(SCHEDULERS[:5]):
        made = make(sd, scheduler=scheduler, sigma_schedule=sigmas, threads=2 if number == 0 else 1)
        aigif.save(made.aigif, tmp_path / f"{number}.aigif")
        expected.append(hashlib.sha256(made.image.tobytes()).hexdigest())
    script = (
        "import sys, hashlib, torch, aigif\n"
        "torch.manual_seed(1)\n"
        "for path in sys.argv[2:]:\n"
        "    made = aigif.recreate(path, model=sys.argv[1])\n"
        "    print(made.verdict.grade, hashlib.sha256(made.image.tobytes()).hexdigest())\n"
    )
    paths = [str(tmp_path / f"{number}.aigif") for number in range(5)]
    ran = subprocess.run(
        [sys.executable, "-c", script, str(sd), *paths],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.splitlines() == [f"bit-exact {digest}" for digest in expected]
    assert ran.stderr == ""
