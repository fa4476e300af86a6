"""The scheduler inside real pipelines, and what of the protocol can go wrong."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aigif._gen.enums import PredictionType, Scheduler, SigmaSchedule
from aigif._gen.types import SamplerOptions
from aigif.errors import RecreationError
from aigif.runtime.samplers import (
    Convention,
    Steps,
    Strength,
    tool_scheduler,
)
from aigif.runtime.samplers.catalog import CATALOG
from tests.runtime.samplers.model import LOG_SIGMAS, SD15, Network, Stream, run
from tests.runtime.tiny import save_sd, save_sd3, save_sdxl

A1111, COMFYUI = Convention.A1111, Convention.COMFYUI
SHAPE = (1, 4, 16, 16)
STEPS = 6


@pytest.fixture(scope="module")
def sd(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return loaded("StableDiffusionPipeline", save_sd(tmp_path_factory.mktemp("sd")))


def loaded(name: str, folder: Path) -> Any:
    import diffusers

    pipe = getattr(diffusers, name).from_pretrained(str(folder))
    pipe.set_progress_bar_config(disable=True)
    return pipe


def built(code: Scheduler, schedule: SigmaSchedule = SigmaSchedule.MODEL, **changes: Any) -> Any:
    settings: dict[str, Any] = {
        "steps": STEPS,
        "convention": A1111,
        "config": SD15,
        "options": SamplerOptions(),
    }
    settings |= {"noise": Stream(2, SHAPE)} | changes
    return tool_scheduler(
        code,
        schedule,
        settings["options"],
        settings["config"],
        settings["steps"],
        settings["convention"],
        settings["noise"],
        settings.get("part"),
    )


def picture(pipe: Any, scheduler: Any, **options: Any) -> np.ndarray:
    pipe.scheduler = scheduler
    start = Stream(1, SHAPE).normal(SHAPE)
    network = getattr(pipe, "unet", None) or pipe.transformer
    forward = network.forward

    def told(*given: Any, **more: Any) -> Any:
        output = forward(*given, **more)
        if getattr(scheduler, "needs_unguided", False):
            scheduler.note_unguided(output[0].chunk(2)[0])
        return output

    network.forward = told
    result = pipe("a red house", num_inference_steps=STEPS, latents=start, output_type="latent", **options)
    del network.forward
    return result.images.double().numpy()


@pytest.mark.parametrize("code", list(CATALOG[A1111]), ids=lambda code: code.name)
def test_every_sampler_runs_in_a_real_pipeline_and_repeats_to_the_bit(sd: Any, code: Scheduler) -> None:
    pictures = []
    for _ in range(2):
        scheduler = built(code)
        pictures.append(picture(sd, scheduler))
        assert scheduler.finished
        assert scheduler.calls == len(list(scheduler.timesteps)) or CATALOG[A1111][code].adaptive
    assert np.isfinite(pictures[0]).all()
    np.testing.assert_array_equal(pictures[0], pictures[1])


def test_the_pipelines_picture_is_the_loops(sd: Any) -> None:
    """Guidance off: the pipeline's network, called by hand in the unscaled form of k-diffusion."""
    import torch

    prompt = sd.encode_prompt("a red house", "cpu", 1, False)[0]
    scheduler = built(Scheduler.EULER, SigmaSchedule.KARRAS)
    found = picture(sd, scheduler, guidance_scale=1.0)
    sigmas = [float(sigma) for sigma in scheduler.sigmas]
    x = Stream(1, SHAPE)() * sigmas[0]
    for sigma, lower in pairwise(sigmas):
        timestep = np.interp(np.log(sigma), LOG_SIGMAS, np.arange(1000))
        given = torch.from_numpy(x / (sigma**2 + 1) ** 0.5).float()
        with torch.no_grad():
            eps = sd.unet(given, torch.tensor(timestep).float(), prompt).sample
        x = x + (lower - sigma) * eps.double().numpy()
    np.testing.assert_allclose(found, x, atol=2e-4 * abs(x).max())


def test_sdxl_and_a_flow_pipeline_run(tmp_path: Path) -> None:
    xl = loaded("StableDiffusionXLPipeline", save_sdxl(tmp_path / "xl"))
    first, again = (picture(xl, built(Scheduler.DPMPP_2M, SigmaSchedule.KARRAS)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    flow = loaded("StableDiffusion3Pipeline", save_sd3(tmp_path / "sd3"))
    own = picture(flow, flow.scheduler)
    config = dict(flow.scheduler.config) | {"_class_name": "FlowMatchEulerDiscreteScheduler"}
    ours = built(Scheduler.EULER, SigmaSchedule.SIMPLE, convention=COMFYUI, config=config)
    with_ours = picture(flow, ours)
    assert np.isfinite(with_ours).all() and abs(with_ours - own).max() < abs(own).max()
    assert float(ours.timesteps[0]) == 1000


@pytest.mark.parametrize(
    ("name", "code", "options"),
    [
        ("EulerDiscreteScheduler", Scheduler.EULER, {}),
        ("HeunDiscreteScheduler", Scheduler.HEUN, {}),
        ("DPMSolverMultistepScheduler", Scheduler.DPMPP_2M, {}),
        ("LMSDiscreteScheduler", Scheduler.LMS, {}),
    ],
)
def test_diffusers_own_class_on_karras_levels_agrees(
    name: str, code: Scheduler, options: dict[str, Any]
) -> None:
    import diffusers
    import torch

    theirs = getattr(diffusers, name).from_config(SD15, use_karras_sigmas=True, **options)
    theirs.set_timesteps(STEPS)
    ours = built(code, SigmaSchedule.KARRAS)
    np.testing.assert_allclose(theirs.sigmas.unique(), ours.sigmas.unique(), rtol=1e-5)
    start = Stream(1, SHAPE)()
    network = Network()
    expected = torch.from_numpy(start).float() * ours.init_noise_sigma
    if name == "DPMSolverMultistepScheduler":  # works on the variance-preserving latent
        expected = expected / (1 + ours.sigmas[0] ** 2) ** 0.5
    for timestep, exact in zip(theirs.timesteps, ours.timesteps, strict=True):
        given = theirs.scale_model_input(expected, timestep)
        output = torch.from_numpy(network.output(given.double().numpy(), float(exact))).float()
        expected = theirs.step(output, timestep, expected).prev_sample
    found = run(ours, network, start)
    np.testing.assert_allclose(found, expected.double().numpy(), atol=2e-4 * abs(found).max())


@pytest.mark.parametrize(
    ("code", "calls"),
    [(Scheduler.EULER, 6), (Scheduler.HEUN, 11), (Scheduler.DPMPP_SDE, 11), (Scheduler.DPM_FAST, 6)],
)
def test_timesteps_are_one_for_each_call(code: Scheduler, calls: int) -> None:
    scheduler = built(code)
    assert len(scheduler.timesteps) == calls
    run(scheduler, Network(), Stream(1, SHAPE)())
    assert scheduler.calls == calls


def test_restart_spends_steps_on_restarting() -> None:
    assert len(built(Scheduler.RESTART, SigmaSchedule.KARRAS, steps=20).timesteps) == 2 * 20 - 1
    assert len(built(Scheduler.RESTART, SigmaSchedule.KARRAS, steps=36).timesteps) == 2 * 36 - 1


def test_the_adaptive_sampler_ends_by_itself_and_only_then() -> None:
    scheduler = built(Scheduler.DPM_ADAPTIVE)
    found = run(scheduler, Network(), Stream(1, SHAPE)())
    assert scheduler.finished and scheduler.calls % 3 == 0
    assert scheduler.calls >= 9 and abs(found).max() < 3
    with pytest.raises(RecreationError, match="over"):
        scheduler.scale_model_input(Stream(1, SHAPE).normal(SHAPE), None)


@pytest.mark.parametrize("convention", [A1111, COMFYUI])
def test_a_partial_run_continues_the_whole_one(convention: Convention) -> None:
    """Steps 0 to 3 and then 3 to the end, of a sampler without memory, are the whole run."""
    whole = run(built(Scheduler.EULER, convention=convention), Network(), Stream(1, SHAPE)())
    first = built(Scheduler.EULER, convention=convention, part=Steps(0, 3))
    middle = run(first, Network(), Stream(1, SHAPE)())
    second = built(Scheduler.EULER, convention=convention, part=Steps(3))
    assert float(second.init_noise_sigma) == 1
    assert float(first.sigmas[-1]) == float(second.sigmas[0])
    np.testing.assert_array_equal(run(second, Network(), middle), whole)


@pytest.mark.parametrize("code", [Scheduler.DPMPP_2M, Scheduler.DDIM, Scheduler.DPM_FAST, Scheduler.UNIPC])
def test_a_second_pass_starts_from_a_noised_latent(code: Scheduler) -> None:
    import torch

    latent, noise = Stream(8, SHAPE).normal(SHAPE), Stream(9, SHAPE).normal(SHAPE)
    scheduler = built(code, steps=10, part=Strength(0.4))
    start = scheduler.noised(latent, noise)
    if code == Scheduler.DPMPP_2M:
        whole = built(code, steps=25)
        assert len(scheduler.sigmas) == 11 and torch.equal(scheduler.sigmas, whole.sigmas[-11:])
        assert torch.equal(start, latent + noise * scheduler.sigmas[0])
    else:
        assert float(start.var()) > 0
    assert np.isfinite(run(scheduler, Network(), start.double().numpy())).all()


def test_ddims_second_pass_is_scaled_by_alpha() -> None:
    latent, noise = Stream(8, SHAPE).normal(SHAPE), Stream(9, SHAPE).normal(SHAPE)
    scheduler = built(Scheduler.DDIM, steps=20, part=Strength(0.5, steps_are_run=False))
    alpha = 1 / (1 + np.exp(LOG_SIGMAS[501]) ** 2)  # timesteps 1, 51 …: the eleventh is 501
    expected = latent.numpy() * alpha**0.5 + noise.numpy() * (1 - alpha) ** 0.5
    np.testing.assert_allclose(scheduler.noised(latent, noise), expected, atol=1e-5)
    assert [int(t) for t in scheduler.timesteps] == list(range(451, 1, -50))


def test_the_first_noise_is_scaled_as_the_program_does() -> None:
    top = float(np.exp(LOG_SIGMAS[-1]))
    plain, rooted = (
        built(Scheduler.EULER),
        built(Scheduler.EULER, options=SamplerOptions(root_noise_scale=True)),
    )
    assert float(plain.init_noise_sigma) == pytest.approx(top, rel=1e-5)
    assert float(rooted.init_noise_sigma) == pytest.approx((top**2 + 1) ** 0.5, rel=1e-5)
    comfy = built(Scheduler.EULER, convention=COMFYUI)
    assert float(comfy.init_noise_sigma) == pytest.approx(float(rooted.init_noise_sigma), rel=1e-6)
    assert float(built(Scheduler.DDIM).init_noise_sigma) == 1


def test_dpm2_leaves_out_the_next_to_last_level() -> None:
    sigmas, plain = built(Scheduler.DPM2).sigmas, built(Scheduler.HEUN, steps=STEPS + 1).sigmas
    assert len(sigmas) == STEPS + 1
    assert sigmas.tolist() == [*plain[:-2].tolist(), 0.0]
    told = built(Scheduler.EULER, options=SamplerOptions(discard_penultimate=True))
    assert told.sigmas.tolist() == sigmas.tolist()


def test_half_precision_latents_keep_a_float32_run() -> None:
    import torch

    scheduler, exact = built(Scheduler.EULER), built(Scheduler.EULER)
    latents = (Stream(1, SHAPE).normal(SHAPE) * scheduler.init_noise_sigma).half()
    wide = latents.float()
    for timestep in scheduler.timesteps:
        given = scheduler.scale_model_input(torch.cat([latents] * 2), timestep)
        assert given.dtype == torch.float16
        exact.scale_model_input(wide, timestep)
        output = given[:1] * 0.5
        latents = scheduler.step(output, timestep, latents).prev_sample
        wide = exact.step(output.float(), timestep, wide).prev_sample
    assert latents.dtype == torch.float16
    assert torch.equal(latents, wide.half())


def test_brownian_noise_is_asked_for_between_levels() -> None:
    asked = []

    def noise(sigma: Any, sigma_next: Any) -> Any:
        asked.append((float(sigma), float(sigma_next)))
        return Stream(len(asked), SHAPE).normal(SHAPE)

    scheduler = built(Scheduler.DPMPP_SDE, SigmaSchedule.KARRAS, noise=noise)
    assert scheduler.wants_brownian
    run(scheduler, Network(), Stream(1, SHAPE)())
    low, high = scheduler.brownian_range
    assert len(asked) == 2 * (STEPS - 1)
    assert all(high * 1.001 >= above > below >= low * 0.999 for above, below in asked)
    middle, whole = asked[0], asked[1]
    assert middle[1] == pytest.approx((whole[0] * whole[1]) ** 0.5, rel=1e-5)


def test_the_prediction_type_of_the_file_comes_before_the_models() -> None:
    v = built(Scheduler.EULER, options=SamplerOptions(prediction_type=PredictionType.V_PREDICTION))
    assert v.config.prediction_type == "v_prediction"
    found = run(v, Network(prediction="v_prediction"), Stream(1, SHAPE)())
    np.testing.assert_allclose(found, run(built(Scheduler.EULER), Network(), Stream(1, SHAPE)()), atol=2e-4)


@pytest.mark.parametrize(
    "options", [SamplerOptions(half_alphas=True), SamplerOptions(zero_terminal_snr=True)]
)
@pytest.mark.parametrize("code", [Scheduler.EULER_A, Scheduler.DPMPP_2M, Scheduler.DDIM, Scheduler.UNIPC])
def test_other_alphas_change_the_picture(code: Scheduler, options: SamplerOptions) -> None:
    plain, changed = (built(code, options=chosen) for chosen in (SamplerOptions(), options))
    ends = [run(scheduler, Network(), Stream(1, SHAPE)()) for scheduler in (plain, changed)]
    assert np.isfinite(ends[1]).all()
    assert abs(ends[0] - ends[1]).max() > 1e-6


def test_a_parts_brownian_path_is_the_wholes_in_a1111_and_its_own_in_comfyui() -> None:
    ends = {}
    for convention in (A1111, COMFYUI):
        part = built(Scheduler.DPMPP_SDE, SigmaSchedule.KARRAS, convention=convention, part=Strength(0.5))
        ends[convention] = part.brownian_range[1], float(part.sigmas[0])
    assert ends[A1111][0] > 2 * ends[A1111][1]
    assert ends[COMFYUI][0] == ends[COMFYUI][1]


def test_a_real_brownian_path_runs_and_repeats() -> None:
    from aigif.runtime.noise.brownian import BrownianNoise

    found = []
    for seed in (7, 7, 8):
        scheduler = built(Scheduler.DPMPP_2M_SDE, SigmaSchedule.EXPONENTIAL, noise=None)
        scheduler.noise = BrownianNoise(SHAPE, *scheduler.brownian_range, [seed])
        found.append(run(scheduler, Network(), Stream(1, SHAPE)()))
    np.testing.assert_array_equal(found[0], found[1])
    assert abs(found[0] - found[2]).max() > 1e-2
