"""What a sampler can't do is refused or named, with the element's path."""

from __future__ import annotations

import pytest

from aigif._gen.enums import Scheduler, SigmaSchedule
from aigif._gen.types import SamplerOptions
from aigif.errors import RecreationError
from aigif.runtime.honour import NotHonouredError
from aigif.runtime.samplers import Convention, unsupported
from tests.runtime.samplers.model import Network, Stream, run
from tests.runtime.samplers.test_protocol import SHAPE, built

A1111, COMFYUI = Convention.A1111, Convention.COMFYUI


def test_a_changed_latent_and_missing_things_are_refused() -> None:
    import torch

    scheduler = built(Scheduler.EULER)
    x = Stream(1, SHAPE).normal(SHAPE)
    scheduler.scale_model_input(x, scheduler.timesteps[0])
    x = scheduler.step(x, scheduler.timesteps[0], x).prev_sample
    with pytest.raises(RecreationError, match="changed"):
        scheduler.step(x, scheduler.timesteps[1], x + 1)
    plus = built(Scheduler.DDIM_CFG_PP)
    plus.scale_model_input(x, None)
    with pytest.raises(RecreationError, match="without the prompt"):
        plus.step(x, None, x)
    noiseless = built(Scheduler.EULER_A, noise=None)
    with pytest.raises(RecreationError, match="noise"):
        run(noiseless, Network(), torch.zeros(SHAPE).numpy())


def test_what_cant_be_honoured_is_named() -> None:
    plain = SamplerOptions()
    assert unsupported(Scheduler.EULER, SigmaSchedule.KARRAS, plain, A1111) == {}
    assert set(unsupported(Scheduler.SCM, SigmaSchedule.KARRAS, plain, A1111)) == {"model.scheduler"}
    assert set(unsupported(9999, SigmaSchedule.KARRAS, plain, A1111)) == {"model.scheduler"}
    assert set(unsupported(Scheduler.EULER, 77, plain, A1111)) == {"model.sigma_schedule"}
    assert set(unsupported(Scheduler.DDIM, SigmaSchedule.KARRAS, plain, A1111)) == {"model.sigma_schedule"}
    told = SamplerOptions(churn=1.0, eta=0.5, rho=5.0)
    assert set(unsupported(Scheduler.EULER_A, SigmaSchedule.EXPONENTIAL, told, A1111)) == {
        "model.sampler_options.churn",
        "model.sampler_options.eta",
        "model.sampler_options.rho",
    }
    with pytest.raises(NotHonouredError, match="churn"):
        built(Scheduler.EULER_A, options=told)


def test_levels_that_only_nodes_of_comfyui_bound_are_named_there() -> None:
    told = SamplerOptions(sigma_min=0.1, sigma_max=10.0)
    assert unsupported(Scheduler.EULER, SigmaSchedule.SIMPLE, told, A1111) == {}
    assert unsupported(Scheduler.EULER, SigmaSchedule.KARRAS, told, COMFYUI) == {}
    assert set(unsupported(Scheduler.EULER, SigmaSchedule.SIMPLE, told, COMFYUI)) == {
        "model.sampler_options.sigma_min",
        "model.sampler_options.sigma_max",
    }


def test_a_flow_model_takes_only_samplers_that_run_it() -> None:
    flow = {"_class_name": "FlowMatchEulerDiscreteScheduler", "shift": 3.0}
    plain = SamplerOptions()
    assert unsupported(Scheduler.EULER, SigmaSchedule.SIMPLE, plain, COMFYUI, flow) == {}
    assert "model.scheduler" in unsupported(Scheduler.DPMPP_SDE, SigmaSchedule.SIMPLE, plain, COMFYUI, flow)
    assert "model.scheduler" in unsupported(Scheduler.EULER, SigmaSchedule.SIMPLE, plain, A1111, flow)
    assert set(unsupported(Scheduler.EULER, SigmaSchedule.LU_LAMBDAS, plain, COMFYUI, flow)) == {
        "model.sigma_schedule"
    }
