"""From syntax elements to diffusers schedulers: what is built, what is refused, nothing in between."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy
import pytest

from aigif._gen.enums import PredictionType, Scheduler, SigmaSchedule, TimestepSpacing
from aigif._gen.tables import scheduler as scheduler_table
from aigif._gen.types import GenerativeModel, SamplerOptions
from aigif.errors import MissingPackageError
from aigif.runtime.honour import NotHonouredError, Unhonoured
from aigif.runtime.schedulers import build_scheduler, describe_scheduler, plan_scheduler

SD15 = {
    "_class_name": "PNDMScheduler",
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "num_train_timesteps": 1000,
    "set_alpha_to_one": False,
    "skip_prk_steps": True,
    "steps_offset": 1,
    "trained_betas": None,
    "clip_sample": False,
}
FLUX = {"_class_name": "FlowMatchEulerDiscreteScheduler", "use_dynamic_shifting": True, "shift": 3.0}


def built(model: GenerativeModel, own: dict[str, Any] = SD15) -> Any:
    unhonoured = Unhonoured()
    plan = plan_scheduler(model, own, unhonoured)
    unhonoured.settle(False)
    return build_scheduler(plan, own)


def problems(model: GenerativeModel, own: dict[str, Any] = SD15) -> dict[str, str]:
    unhonoured = Unhonoured()
    build_scheduler(plan_scheduler(model, own, unhonoured), own)  # what is left must still be buildable
    return unhonoured.problems


@pytest.mark.parametrize("scheduler", Scheduler, ids=lambda member: member.name)
def test_every_code_is_built_as_the_table_says_or_refused(scheduler: Scheduler) -> None:
    name = scheduler_table.TABLE.attribute(scheduler, "diffusers")
    own = FLUX if str(name).startswith("FlowMatch") else SD15
    try:
        result = built(GenerativeModel(scheduler=scheduler), own)
    except NotHonouredError as error:
        assert set(error.problems) == {"model.scheduler"}
        assert error.element == "model.scheduler"
        return
    except MissingPackageError as error:
        assert scheduler == Scheduler.DPMPP_SDE
        assert "pip install torchsde" in str(error)
        return
    assert type(result).__name__ == name
    options = scheduler_table.TABLE.attribute(scheduler, "options")
    for key, value in (json.loads(str(options)) if options else {}).items():
        assert result.config[key] == value
    for key, value in own.items():
        if key in ("beta_start", "beta_end", "beta_schedule", "steps_offset"):
            assert result.config.get(key, value) == value


def test_a_code_that_no_table_lists() -> None:
    model = GenerativeModel(scheduler=200)
    with pytest.raises(NotHonouredError, match="code 200"):
        built(model)


def test_karras_sigmas_follow_the_published_formula() -> None:
    # Karras et al. 2022, equation 5, with rho 7 over the training sigmas' range.
    scheduler = built(GenerativeModel(scheduler=Scheduler.EULER, sigma_schedule=SigmaSchedule.KARRAS))
    scheduler.set_timesteps(8)
    betas = numpy.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=numpy.float64) ** 2
    alphas = numpy.cumprod(1 - betas)
    train = ((1 - alphas) / alphas) ** 0.5
    ramp = numpy.linspace(0, 1, 8)
    ends = train[-1] ** (1 / 7), train[0] ** (1 / 7)
    expected = (ends[0] + ramp * (ends[1] - ends[0])) ** 7
    assert numpy.allclose(scheduler.sigmas.numpy()[:-1], expected, rtol=1e-4)


@pytest.mark.parametrize(
    ("schedule", "switch"),
    [
        (SigmaSchedule.KARRAS, "use_karras_sigmas"),
        (SigmaSchedule.EXPONENTIAL, "use_exponential_sigmas"),
        (SigmaSchedule.BETA, "use_beta_sigmas"),
        (SigmaSchedule.LU_LAMBDAS, "use_lu_lambdas"),
    ],
)
def test_sigma_schedules(schedule: SigmaSchedule, switch: str) -> None:
    result = built(GenerativeModel(scheduler=Scheduler.DPMPP_2M, sigma_schedule=schedule))
    assert result.config[switch] is True
    others = ("use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas", "use_lu_lambdas")
    assert not any(result.config[name] for name in others if name != switch)


@pytest.mark.parametrize("code", [Scheduler.DPMPP_2M, Scheduler.EULER, Scheduler.UNIPC, Scheduler.SA_SOLVER])
def test_lu_lambdas_are_even_in_the_log_of_the_signal_to_noise_ratio(code: Scheduler) -> None:
    # Lu et al. 2022, DPM-Solver, section 3.4; most classes have it as their exponential schedule only.
    scheduler = built(GenerativeModel(scheduler=code, sigma_schedule=SigmaSchedule.LU_LAMBDAS))
    scheduler.set_timesteps(9)
    alphas = numpy.cumprod(1 - numpy.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2)
    lambdas = 0.5 * numpy.log(alphas / (1 - alphas))
    expected = numpy.exp(-numpy.linspace(lambdas[-1], lambdas[0], 9))
    assert numpy.allclose(scheduler.sigmas.numpy()[:9], expected, rtol=1e-4)


def test_lu_lambdas_are_refused_where_no_class_has_them() -> None:
    ancestral = GenerativeModel(scheduler=Scheduler.EULER_A, sigma_schedule=SigmaSchedule.LU_LAMBDAS)
    flow = GenerativeModel(scheduler=Scheduler.FLOW_MATCH_EULER, sigma_schedule=SigmaSchedule.LU_LAMBDAS)
    assert set(problems(ancestral)) == set(problems(flow, FLUX)) == {"model.sigma_schedule"}


def test_the_model_schedule_turns_the_pipelines_own_switch_off() -> None:
    own = {**SD15, "_class_name": "DPMSolverMultistepScheduler", "use_karras_sigmas": True}
    result = built(GenerativeModel(scheduler=Scheduler.DPMPP_2M), own)
    assert result.config["use_karras_sigmas"] is False


def test_options_reach_the_scheduler() -> None:
    options = SamplerOptions(
        timestep_spacing=TimestepSpacing.TRAILING,
        prediction_type=PredictionType.V_PREDICTION,
        zero_terminal_snr=True,
        solver_order=3,
    )
    config = built(GenerativeModel(scheduler=Scheduler.DPMPP_2M, sampler_options=options)).config
    assert config["timestep_spacing"] == "trailing"
    assert config["prediction_type"] == "v_prediction"
    assert config["rescale_betas_zero_snr"] is True
    assert config["solver_order"] == 3
    assert config["steps_offset"] == 1
    flow = GenerativeModel(scheduler=Scheduler.FLOW_MATCH_EULER, sampler_options=SamplerOptions(shift=2.0))
    assert (built(flow, FLUX).config["shift"], built(flow, FLUX).config["use_dynamic_shifting"]) == (
        2.0,
        False,
    )
    bounds = SamplerOptions(sigma_min=0.1, sigma_max=10.0)
    karras = GenerativeModel(
        scheduler=Scheduler.EULER, sigma_schedule=SigmaSchedule.KARRAS, sampler_options=bounds
    )
    result = built(karras)
    result.set_timesteps(5)
    assert [round(float(result.sigmas[place]), 4) for place in (0, -2)] == [10.0, 0.1]


@pytest.mark.parametrize(
    ("scheduler", "field", "value"),
    [
        (Scheduler.EULER, "eta", 0.5),
        (Scheduler.EULER_A, "eta_ancestral", 0.5),
        (Scheduler.EULER_A, "half_alphas", True),
        (Scheduler.EULER_A, "root_noise_scale", True),
        (Scheduler.EULER, "sigma_min", 0.1),
        (Scheduler.EULER, "sigma_max", 10.0),
        (Scheduler.EULER, "churn", 1.0),
        (Scheduler.EULER, "churn_noise", 1.1),
        (Scheduler.EULER, "shift", 3.0),
        (Scheduler.EULER, "solver_order", 2),
        (Scheduler.UNIPC, "discard_penultimate", True),
        (Scheduler.PLMS, "zero_terminal_snr", True),
        (Scheduler.DDIM, "start_step", 2),
        (Scheduler.DDIM, "end_step", 2),
        (Scheduler.DDIM, "prediction_type", PredictionType.FLOW),
        (Scheduler.DDIM, "prediction_type", 77),
        (Scheduler.DPMPP_2S, "timestep_spacing", TimestepSpacing.TRAILING),
        (Scheduler.DDIM, "timestep_spacing", 77),
    ],
)
def test_an_option_that_diffusers_lacks_is_named(scheduler: Scheduler, field: str, value: object) -> None:
    options = SamplerOptions().replace(**{field: value})
    assert set(problems(GenerativeModel(scheduler=scheduler, sampler_options=options))) == {
        f"model.sampler_options.{field}"
    }


@pytest.mark.parametrize("field", ["rho", "beta_alpha", "beta_beta"])
def test_built_in_constants_of_a_schedule_are_named(field: str) -> None:
    schedule = SigmaSchedule.KARRAS if field == "rho" else SigmaSchedule.BETA
    options = SamplerOptions().replace(**{field: 1.5})
    model = GenerativeModel(scheduler=Scheduler.EULER, sigma_schedule=schedule, sampler_options=options)
    assert set(problems(model)) == {f"model.sampler_options.{field}"}


@pytest.mark.parametrize(
    "schedule", [SigmaSchedule.POLYEXPONENTIAL, SigmaSchedule.SGM_UNIFORM, SigmaSchedule.ALIGN_YOUR_STEPS, 99]
)
def test_a_sigma_schedule_that_diffusers_lacks_is_named(schedule: int) -> None:
    assert set(problems(GenerativeModel(scheduler=Scheduler.EULER, sigma_schedule=schedule))) == {
        "model.sigma_schedule"
    }


def test_ancestral_euler_has_no_karras_sigmas() -> None:
    model = GenerativeModel(scheduler=Scheduler.EULER_A, sigma_schedule=SigmaSchedule.KARRAS)
    assert set(problems(model)) == {"model.sigma_schedule"}


def test_schedulers_of_the_wrong_kind_of_model() -> None:
    assert "model.scheduler" in problems(GenerativeModel(scheduler=Scheduler.FLOW_MATCH_EULER))
    assert "model.scheduler" in problems(GenerativeModel(scheduler=Scheduler.EULER), FLUX)
    assert "model.scheduler" in problems(GenerativeModel(scheduler=Scheduler.EDM_EULER))
    assert problems(GenerativeModel(scheduler=Scheduler.FLOW_MATCH_HEUN), FLUX) == {}


def test_the_own_scheduler_is_described(sd: Path) -> None:
    assert describe_scheduler(SD15) == (Scheduler.PLMS, SigmaSchedule.MODEL)
    multistep = {
        "_class_name": "DPMSolverMultistepScheduler",
        "algorithm_type": "dpmsolver++",
        "solver_order": 2,
        "solver_type": "midpoint",
        "use_karras_sigmas": True,
    }
    assert describe_scheduler(multistep) == (Scheduler.DPMPP_2M, SigmaSchedule.KARRAS)
    heun = {**multistep, "solver_type": "heun", "use_karras_sigmas": False}
    assert describe_scheduler(heun) == (Scheduler.DPMPP_2M_HEUN, SigmaSchedule.MODEL)
    assert describe_scheduler({"_class_name": "SomethingElse"}) is None
