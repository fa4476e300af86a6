"""Injected noise: diffusers draws from the stream meanwhile, and from its own generators afterwards."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from diffusers import DDPMScheduler, EulerAncestralDiscreteScheduler, LCMScheduler
from diffusers.schedulers import scheduling_euler_ancestral_discrete as module

from aigif.runtime.noise import TorchCpuStream, injected_noise

SHAPE = (1, 4, 8, 8)


@pytest.mark.parametrize("kind", [EulerAncestralDiscreteScheduler, DDPMScheduler, LCMScheduler])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.float64])
def test_torchs_stream_is_the_ordinary_generator_bit_for_bit(kind: Any, dtype: Any) -> None:
    ordinary = denoise(kind(), dtype, torch.Generator().manual_seed(5))
    scheduler = kind()
    with injected_noise(TorchCpuStream(5), scheduler):
        injected = denoise(scheduler, dtype, None)
    assert injected.dtype == dtype
    assert torch.equal(ordinary, injected)


def test_another_stream_gives_other_noise() -> None:
    results = []
    for seed in (1, 2):
        scheduler = EulerAncestralDiscreteScheduler()
        with injected_noise(TorchCpuStream(seed), scheduler):
            results.append(denoise(scheduler, torch.float32, None))
    assert not torch.equal(*results)


def test_the_function_is_put_back_also_on_an_error() -> None:
    before = module.randn_tensor
    with pytest.raises(KeyError), injected_noise(TorchCpuStream(1), EulerAncestralDiscreteScheduler()):
        assert module.randn_tensor is not before
        raise KeyError
    assert module.randn_tensor is before


def test_the_innermost_of_nested_streams_holds() -> None:
    before = module.randn_tensor
    scheduler = EulerAncestralDiscreteScheduler()
    with injected_noise(TorchCpuStream(1), scheduler):
        with injected_noise(TorchCpuStream(2), scheduler):
            inner = module.randn_tensor(SHAPE)
        outer = module.randn_tensor(SHAPE)
    assert torch.equal(inner, TorchCpuStream(2).normal(SHAPE))
    assert torch.equal(outer, TorchCpuStream(1).normal(SHAPE))
    assert module.randn_tensor is before


def test_other_threads_draw_from_their_own_generators() -> None:
    found = SimpleNamespace()

    def elsewhere() -> None:
        found.drawn = module.randn_tensor(SHAPE, generator=torch.Generator().manual_seed(8))

    with injected_noise(TorchCpuStream(1), EulerAncestralDiscreteScheduler()):
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
    assert torch.equal(found.drawn, torch.randn(SHAPE, generator=torch.Generator().manual_seed(8)))


def test_the_modules_of_bases_are_reached_too() -> None:
    own = type("Own", (EulerAncestralDiscreteScheduler,), {"__module__": __name__})()
    with injected_noise(TorchCpuStream(5), own):
        injected = denoise(own, torch.float32, None)
    ordinary = denoise(EulerAncestralDiscreteScheduler(), torch.float32, torch.Generator().manual_seed(5))
    assert torch.equal(injected, ordinary)


def denoise(scheduler: Any, dtype: Any, generator: Any) -> Any:
    """Five steps of a model that is no model, from fixed latents."""
    scheduler.set_timesteps(5)
    sample = torch.linspace(-1, 1, 256, dtype=dtype).reshape(SHAPE) * scheduler.init_noise_sigma
    for timestep in scheduler.timesteps:
        predicted = (scheduler.scale_model_input(sample, timestep) * 0.5).to(dtype)
        sample = scheduler.step(predicted, timestep, sample, generator=generator).prev_sample
    return sample
