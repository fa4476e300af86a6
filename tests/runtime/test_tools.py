"""Pictures as AUTOMATIC1111, ComfyUI and InvokeAI make them, from elements to pixels and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import aigif
from aigif._gen.enums import NoiseSource, PromptDialect, Scheduler, SigmaSchedule, UpscaleForm
from aigif._gen.types import Aigif, Hires, Refiner, SamplerOptions, Variation
from aigif.errors import RecreationError
from aigif.importers import a1111
from aigif.runtime import toolpasses
from aigif.runtime.generate import Generated
from aigif.runtime.noise import NvStream
from aigif.runtime.samplers import Convention, Whole, tool_scheduler
from aigif.runtime.similarity import psnr
from aigif.runtime.toolpasses import ToolPasses
from aigif.runtime.toolplan import Sampling, ToolPlan
from tests.runtime import tiny

PROMPT = "a (red:1.3) house, [dusk:no:0.5]"


def make(folder: Path, prompt: str = PROMPT, **options: Any) -> Generated:
    defaults: dict[str, Any] = {
        "seed": 7, "steps": 4, "height": 64, "width": 64, "device": "cpu", "threads": 1,
        "prompt_dialect": "a1111", "noise_source": "nv", "scheduler": "euler",
    }  # fmt: skip
    return aigif.generate(prompt, model=folder, **{**defaults, **options})


def again(made: Generated, folder: Path, **options: Any) -> Any:
    return aigif.recreate(aigif.loads(aigif.dumps(made.aigif)), model=folder, **options)


WAYS: dict[str, dict[str, Any]] = {
    "plain": {"prompt": "a red house"},
    "emphasis and edit": {},
    "composed": {"prompt": "a red house AND a lighthouse :0.6"},
    "alternating": {"prompt": "a [red|no] house"},
    "two chunks": {"prompt": "a red house BREAK at dusk", "negative_prompt": "blurry"},
    "clip skip": {"clip_skip": 2},
    "another source": {"noise_source": "cuda_philox"},
    "CPU": {"noise_source": "torch_cpu"},
    "variation": {"variation": Variation(seed=3, strength=0.4)},
    "resized seed": {"variation": Variation(resize_width=96, resize_height=48)},
    "ancestral": {"scheduler": "euler-a"},
    "ancestral, added seed": {
        "scheduler": "euler-a", "sampler_options": SamplerOptions(noise_seed_delta=31337),
    },
    "Brownian": {"scheduler": "dpmpp-sde", "sigma_schedule": "karras"},
    "Brownian, multistep": {"scheduler": "dpmpp-2m-sde", "sigma_schedule": "exponential"},
    "karras": {"scheduler": "dpmpp-2m", "sigma_schedule": "karras"},
    "restart": {"scheduler": "restart", "sigma_schedule": "karras", "steps": 8},
    "timesteps": {"scheduler": "ddim"},
    "CFG++": {"scheduler": "ddim-cfg-pp", "guidance_scale": 1.2},
    "no guidance": {"guidance_scale": 1.0},
    "second pass": {"hires": Hires(scale=1.5, denoising_strength=0.7)},
    "second pass on the picture": {
        "hires": Hires(scale=1.5, denoising_strength=0.5, steps=3, form=UpscaleForm.IMAGE, upscaler="Lanczos"),
    },
    "ComfyUI": {"prompt_dialect": "comfyui", "noise_source": "torch_cpu", "prompt": "a (red:1.3) house"},
    "ComfyUI, ancestral": {
        "prompt_dialect": "comfyui", "noise_source": "torch_cpu", "prompt": "a house",
        "scheduler": "euler-a", "sigma_schedule": "karras",
    },
    "InvokeAI": {"prompt_dialect": "compel", "noise_source": "torch_cpu", "prompt": "a (red)1.3 house"},
}  # fmt: skip


@pytest.fixture(scope="module", name="made")
def _made(sd: Path) -> dict[str, Generated]:
    return {name: make(sd, **options) for name, options in WAYS.items()}


@pytest.mark.parametrize("name", WAYS)
def test_it_is_recreated_bit_for_bit(sd: Path, made: dict[str, Generated], name: str) -> None:
    recreated = again(made[name], sd)
    assert recreated.image.tobytes() == made[name].image.tobytes()
    assert recreated.verdict.grade == "bit-exact"
    assert recreated.warnings == ()
    assert recreated.differences == ()


def test_each_way_gives_another_picture(made: dict[str, Generated]) -> None:
    # With a thread for every number CUDA's noise is NV's but for its rounding.
    near = psnr(made["another source"].image, made["emphasis and edit"].image)
    assert near > 50
    others = [one.image.tobytes() for name, one in made.items() if name != "another source"]
    assert len(set(others)) == len(others)


def test_the_euler_sampler_by_hand(sd: Path) -> None:
    """A1111's Euler on NV noise, written out: k-diffusion's formulas around the bare network."""
    from diffusers import StableDiffusionPipeline

    made = make(sd, "a red house", negative_prompt="no")
    torch.set_num_threads(1)
    pipe = StableDiffusionPipeline.from_pretrained(str(sd), safety_checker=None)
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    alphas = torch.cumprod(1 - betas, 0)
    table = ((1 - alphas) / alphas) ** 0.5
    logs = table.log()
    times = np.linspace(999, 0, 4)
    sigmas = [float(np.exp(np.interp(time, np.arange(1000), logs.numpy()))) for time in times] + [0.0]
    embeddings = torch.cat(pipe.encode_prompt("a red house", "cpu", 1, True, "no")[::-1])
    x = NvStream(7).normal((1, 4, 16, 16)) * sigmas[0]
    with torch.no_grad():
        for time, sigma, lower in zip(times, sigmas, sigmas[1:], strict=False):
            scaled = x / (sigma**2 + 1) ** 0.5
            output = pipe.unet(
                torch.cat([scaled] * 2),
                torch.tensor(time, dtype=torch.float32),
                embeddings,
                return_dict=False,
            )[0]
            without, with_prompt = output.chunk(2)
            noise = without + 7.0 * (with_prompt - without)
            x = x + noise * (lower - sigma)
        samples = pipe.vae.decode(x / pipe.vae.config.scaling_factor, return_dict=False)[0]
    by_hand = (255.0 * (samples / 2 + 0.5).clamp(0, 1)).permute(0, 2, 3, 1).numpy().astype("uint8")[0]
    difference = np.abs(by_hand.astype(int) - np.asarray(made.image, dtype=int))
    assert difference.max() <= 1 and (difference > 0).mean() < 0.01


def test_an_adaptive_sampler_that_does_not_end_is_stopped(sd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert again(made := make(sd, "a house", scheduler="dpm-adaptive"), sd).image == made.image
    monkeypatch.setattr("aigif.runtime.samplers.toolscheduler.MOST_CALLS_A_STEP", 1)
    with pytest.raises(RecreationError, match="has not come to its end"):
        make(sd, "a house", scheduler="dpm-adaptive")
    with pytest.raises(RecreationError, match="more steps"):
        make(sd, "a house", scheduler="dpm-adaptive", steps=1)


@pytest.mark.parametrize("save", [tiny.save_sdxl, tiny.save_sd3, tiny.save_flux])
def test_comfyui_on_other_families(save: Any, tmp_path: Path) -> None:
    folder = save(tmp_path / "model")
    made = make(
        folder, "a house", prompt_dialect="comfyui", noise_source="torch_cpu", sigma_schedule="simple", steps=3,
        guidance_scale=1.0,
    )  # fmt: skip
    assert again(made, folder).verdict.grade == "bit-exact"


@pytest.mark.parametrize(
    ("scheduler", "steps", "calls"),
    [
        ("euler", 20, 20),
        ("heun", 20, 40),
        ("dpm2", 20, 40),
        ("dpmpp-sde", 20, 40),
        ("ddim", 20, 20),
        ("restart", 20, 40),
    ],
)
def test_a_prompts_edits_count_the_web_uis_steps(scheduler: str, steps: int, calls: int) -> None:
    """A1111's `total_steps`: the steps, twice for samplers of second order, however often they call the network."""
    config = {
        "beta_start": 0.00085,
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "num_train_timesteps": 1000,
    }
    code = Scheduler[scheduler.upper().replace("-", "_")]
    schedule = SigmaSchedule.MODEL
    built = tool_scheduler(code, schedule, SamplerOptions(), config, steps, Convention.A1111)
    assert built.prompt_calls == calls


def test_the_refiner_of_a_picture_with_two_passes_acts_in_the_second(sd: Path) -> None:
    syntax = Aigif(data=aigif.Data(refiner=Refiner(), hires=Hires()))
    plan = ToolPlan(Convention.A1111, *(Sampling(Scheduler.EULER, 0, SamplerOptions(), Whole()),) * 2)

    class Pipe:
        unet = type("Net", (), {"dtype": torch.float32})()
        config = type("Config", (), {"requires_aesthetics_score": False})()

    config = {
        "beta_start": 0.00085,
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "num_train_timesteps": 1000,
    }
    passes = ToolPasses(plan, {}, config, "guidance_scale", {}, Pipe())
    assert toolpasses._Pass(Pipe(), syntax, passes, plan.first)._switch() is None


def test_an_infotext_gives_its_picture(sd: Path) -> None:
    text = (
        "a (red:1.2) house\nNegative prompt: blurry\nSteps: 4, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 7, "
        "Size: 64x64, Clip skip: 2, RNG: NV, Version: v1.6.0"
    )
    imported, _ = a1111.read_text(text)
    wanted = make(
        sd, "a (red:1.2) house", negative_prompt="blurry", scheduler="dpmpp-2m", sigma_schedule="karras", clip_skip=2,
        sampler_options=SamplerOptions(half_alphas=True),
    )  # fmt: skip
    complete = imported.replace(
        data=imported.data.replace(completeness=0, gaps=()), platform=imported.platform.replace(threads=1)
    )
    recreated = aigif.recreate(complete, model=sd)
    assert recreated.image.tobytes() == wanted.image.tobytes()


def test_the_way_can_be_told_from_the_file(made: dict[str, Generated]) -> None:
    syntax: Aigif = made["karras"].aigif
    assert (syntax.model.prompt_dialect, syntax.platform.noise_source) == (
        PromptDialect.A1111,
        NoiseSource.NV,
    )
    assert (syntax.model.scheduler, syntax.model.sigma_schedule) == (Scheduler.DPMPP_2M, SigmaSchedule.KARRAS)


def test_a_sampler_that_diffusers_lacks_runs_for_everyone(sd: Path) -> None:
    made = make(sd, "a house", prompt_dialect="plain", noise_source="torch_cpu", scheduler="dpmpp-2s-a")
    assert again(made, sd).verdict.grade == "bit-exact"


@pytest.mark.parametrize("source", ["cuda_philox", "nv", "numpy"])
def test_other_noise_under_diffusers(sd: Path, source: str) -> None:
    made = make(sd, "a house", prompt_dialect="plain", noise_source=source, scheduler="euler-a")
    plain = make(sd, "a house", prompt_dialect="plain", noise_source="torch_cpu", scheduler="euler-a")
    assert made.image.tobytes() != plain.image.tobytes()
    assert again(made, sd).verdict.grade == "bit-exact"
