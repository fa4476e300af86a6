"""Schedulers that the user set: said by elements, or refused by the setting that none says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from aigif._gen.enums import PredictionType, Scheduler, SigmaSchedule, TimestepSpacing
from aigif._gen.types import SamplerOptions
from tests.runtime.recording.pipes import assert_exact, load, recorded, refusal

SAID: list[tuple[str, dict[str, Any], Scheduler, SigmaSchedule, SamplerOptions | None]] = [
    (
        "DPMSolverMultistepScheduler",
        {"use_karras_sigmas": True},
        Scheduler.DPMPP_2M,
        SigmaSchedule.KARRAS,
        None,
    ),
    (
        "EulerDiscreteScheduler",
        {"timestep_spacing": "trailing"},
        Scheduler.EULER,
        SigmaSchedule.MODEL,
        SamplerOptions(timestep_spacing=TimestepSpacing.TRAILING),
    ),
    (
        "DDIMScheduler",
        {"prediction_type": "v_prediction", "rescale_betas_zero_snr": True, "timestep_spacing": "trailing"},
        Scheduler.DDIM,
        SigmaSchedule.MODEL,
        SamplerOptions(
            timestep_spacing=TimestepSpacing.TRAILING,
            prediction_type=PredictionType.V_PREDICTION,
            zero_terminal_snr=True,
        ),
    ),
    (
        "DPMSolverMultistepScheduler",
        {"solver_order": 1},
        Scheduler.DPMPP_2M,
        SigmaSchedule.MODEL,
        SamplerOptions(solver_order=1),
    ),
    (
        "DPMSolverMultistepScheduler",
        {"algorithm_type": "sde-dpmsolver++", "use_exponential_sigmas": True},
        Scheduler.DPMPP_2M_SDE,
        SigmaSchedule.EXPONENTIAL,
        None,
    ),
    ("UniPCMultistepScheduler", {}, Scheduler.UNIPC_2_BH2, SigmaSchedule.MODEL, None),
    ("LCMScheduler", {}, Scheduler.LCM, SigmaSchedule.MODEL, None),
    (
        "EulerDiscreteScheduler",
        {"use_karras_sigmas": True, "sigma_max": 10.0},
        Scheduler.EULER,
        SigmaSchedule.KARRAS,
        SamplerOptions(sigma_max=10.0),
    ),
]


@pytest.mark.parametrize(("name", "options", "code", "sigmas", "settings"), SAID)
def test_a_scheduler_of_the_users(
    sd: Path,
    name: str,
    options: dict[str, Any],
    code: Scheduler,
    sigmas: SigmaSchedule,
    settings: SamplerOptions | None,
) -> None:
    (one,) = recorded(with_scheduler(sd, name, **options))
    model = one.aigif.model
    assert (model.scheduler, model.sigma_schedule, model.sampler_options) == (code, sigmas, settings)
    assert_exact([one], sd)


def test_shift_of_a_flow(sd3: Path, flux: Path) -> None:
    for folder, shift in ((sd3, 5.0), (flux, 2.0)):
        pipe = with_scheduler(
            folder, "FlowMatchEulerDiscreteScheduler", shift=shift, use_dynamic_shifting=False
        )
        (one,) = recorded(pipe)
        assert one.aigif.model.sampler_options == SamplerOptions(shift=shift)
        assert_exact([one], folder)


def test_eta_counts_where_the_scheduler_takes_it(sd: Path) -> None:
    (noisy,) = recorded(with_scheduler(sd, "DDIMScheduler"), eta=1.0)
    assert noisy.aigif.model.sampler_options == SamplerOptions(eta=1.0)
    (dropped,) = recorded(load(sd), eta=1.0)  # diffusers doesn't hand it to PNDM
    assert dropped.aigif.model.sampler_options is None
    assert_exact([noisy, dropped], sd)


@pytest.mark.parametrize(
    ("name", "options", "setting"),
    [
        ("DDIMScheduler", {"beta_end": 0.02}, "beta_end"),
        ("DDIMScheduler", {"num_train_timesteps": 500}, "num_train_timesteps"),
        ("DDIMScheduler", {"thresholding": True}, "thresholding"),
        ("EulerDiscreteScheduler", {"steps_offset": 0}, "steps_offset"),
        ("DPMSolverMultistepScheduler", {"euler_at_final": True}, "euler_at_final"),
        ("DPMSolverMultistepScheduler", {"lower_order_final": False}, "lower_order_final"),
    ],
)
def test_a_setting_without_an_element(sd: Path, name: str, options: dict[str, Any], setting: str) -> None:
    reasons = refusal(with_scheduler(sd, name, **options))
    assert list(reasons) == [f"pipe.scheduler.config.{setting}"]
    assert repr(options[setting]) in reasons[f"pipe.scheduler.config.{setting}"]


def test_what_was_changed_beside_the_configuration(sd: Path, sd3: Path) -> None:
    shifted = load(sd3)
    shifted.scheduler.set_shift(6.0)
    assert "pipe.scheduler.shift" in refusal(shifted)
    pipe = load(sd)
    pipe.scheduler.alphas_cumprod = pipe.scheduler.alphas_cumprod * torch.tensor(0.5)
    assert list(refusal(pipe)) == ["pipe.scheduler.alphas_cumprod"]


def test_a_scheduler_without_a_code(sd: Path) -> None:
    from diffusers import DDIMInverseScheduler, DDIMScheduler

    class Own(DDIMScheduler):  # type: ignore[misc]
        """A scheduler that diffusers doesn't have."""

    for kind in (Own, DDIMInverseScheduler):
        pipe = load(sd)
        pipe.scheduler = kind.from_config(pipe.scheduler.config)
        assert list(refusal(pipe)) == ["pipe.scheduler"]


def test_noise_from_the_global_generator(sd: Path) -> None:
    reasons = refusal(with_scheduler(sd, "DPMSolverSDEScheduler"))
    assert "global generator" in reasons["pipe.scheduler"]


def with_scheduler(folder: Path, name: str, **options: Any) -> Any:
    import diffusers

    pipe = load(folder)
    pipe.scheduler = getattr(diffusers, name).from_config(pipe.scheduler.config, **options)
    return pipe
