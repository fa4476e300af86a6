"""Brownian noise: increments of one motion, and k-diffusion's numbers as diffusers has them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import torch
from diffusers.schedulers.scheduling_dpmsolver_sde import BrownianTreeNoiseSampler

from aigif._gen.enums import NoiseSource, PromptDialect, StepNoise
from aigif._gen.types import Aigif, Data, GenerativeModel, Platform, SamplerOptions
from aigif.runtime.noise import BrownianNoise, brownian_noise

SHAPE = (2, 4, 8, 8)
LEVELS = torch.tensor([14.6146, 7.0, 3.5, 1.2, 0.4, 0.0292])
LOWEST, HIGHEST = LEVELS[-1], LEVELS[0]


@pytest.mark.parametrize("seeds", [7, [7, 8]])
@pytest.mark.parametrize("transform", [None, lambda sigma: sigma.log().neg()])
def test_on_the_cpu_it_is_diffusers_sampler_bit_for_bit(seeds: Any, transform: Any) -> None:
    ours = BrownianNoise(SHAPE, LOWEST, HIGHEST, seeds, transform=transform)
    theirs = BrownianTreeNoiseSampler(
        torch.zeros(SHAPE), LOWEST, HIGHEST, seeds, transform=transform or (lambda sigma: sigma)
    )
    for high, low in pairwise(LEVELS):
        assert torch.equal(ours(high, low), theirs(high, low))
        assert torch.equal(ours(low, high), theirs(low, high))


@pytest.mark.parametrize("source", [NoiseSource.TORCH_CPU, NoiseSource.CUDA_PHILOX, NoiseSource.NV])
def test_increments_add_up_to_the_whole(source: NoiseSource) -> None:
    noise = BrownianNoise(SHAPE, LOWEST, HIGHEST, [1, 2], source)
    parts = [noise(high, low) * (high - low).sqrt() for high, low in pairwise(LEVELS)]
    whole = noise(HIGHEST, LOWEST) * (HIGHEST - LOWEST).sqrt()
    assert torch.allclose(sum(parts), whole, atol=1e-4)


def test_increments_are_normal_and_independent() -> None:
    noise = BrownianNoise((1, 4, 64, 64), LOWEST, HIGHEST, 3, NoiseSource.CUDA_PHILOX, 4096)
    first, second = noise(14.0, 5.0).flatten(), noise(5.0, 1.0).flatten()
    for drawn in (first, second):
        assert abs(drawn.mean()) < 0.03
        assert abs(drawn.std() - 1) < 0.03
    assert abs((first * second).mean()) < 0.03


def test_the_seed_alone_tells_not_the_order_of_questions() -> None:
    forwards, backwards = (BrownianNoise(SHAPE, LOWEST, HIGHEST, 5) for _ in range(2))
    pairs = list(pairwise(LEVELS))
    expected = [forwards(*pair) for pair in pairs]
    found = [backwards(*pair) for pair in reversed(pairs)]
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(expected, reversed(found), strict=True))
    assert not torch.equal(expected[0], BrownianNoise(SHAPE, LOWEST, HIGHEST, 6)(*pairs[0]))


def test_a1111s_pictures_have_motions_of_their_own_and_comfyuis_batch_has_one() -> None:
    webui = brownian_noise(_file(PromptDialect.A1111), SHAPE, LOWEST, HIGHEST)(7.0, 1.0)
    assert torch.equal(webui, BrownianNoise(SHAPE, LOWEST, HIGHEST, [7, 8])(7.0, 1.0))
    alone = brownian_noise(_file(PromptDialect.A1111), (1, *SHAPE[1:]), LOWEST, HIGHEST)(7.0, 1.0)
    assert torch.equal(alone, webui[:1])
    comfyui = brownian_noise(_file(PromptDialect.COMFYUI), SHAPE, LOWEST, HIGHEST)(7.0, 1.0)
    assert torch.equal(comfyui, BrownianNoise(SHAPE, LOWEST, HIGHEST, 7)(7.0, 1.0))


def test_each_source_draws_its_own_nodes() -> None:
    drawn = {
        source: brownian_noise(_file(PromptDialect.A1111, source), SHAPE, LOWEST, HIGHEST)(7.0, 1.0)
        for source in (NoiseSource.TORCH_CPU, NoiseSource.CUDA_PHILOX, NoiseSource.NV)
    }
    nv, cuda = drawn[NoiseSource.NV], drawn[NoiseSource.CUDA_PHILOX]
    assert 0 < (nv - cuda).abs().max() < 1e-5  # small tensors: the same numbers but for their rounding
    assert (nv - drawn[NoiseSource.TORCH_CPU]).abs().mean() > 0.5


def test_a_generator_of_the_samplers_own_is_honoured() -> None:
    made = _file(PromptDialect.COMFYUI, step_noise=StepNoise.CUDA_PHILOX)
    expected = BrownianNoise(SHAPE, LOWEST, HIGHEST, 7, NoiseSource.CUDA_PHILOX)(7.0, 1.0)
    assert torch.equal(brownian_noise(made, SHAPE, LOWEST, HIGHEST)(7.0, 1.0), expected)


def test_torchsde_is_left_as_it_was() -> None:
    from torchsde._brownian import brownian_interval

    before = brownian_interval._randn
    BrownianNoise(SHAPE, LOWEST, HIGHEST, 5, NoiseSource.NV)(7.0, 1.0)
    assert brownian_interval._randn is before


def _file(
    dialect: PromptDialect,
    source: NoiseSource = NoiseSource.TORCH_CPU,
    step_noise: StepNoise = StepNoise.FIRST,
) -> Aigif:
    return Aigif(
        platform=Platform(noise_source=source),
        model=GenerativeModel(prompt_dialect=dialect, sampler_options=SamplerOptions(step_noise=step_noise)),
        data=Data(seed=7),
    )
