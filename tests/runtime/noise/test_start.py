"""Starting latents and fresh noise by each tool's rules, against those rules written out with torch."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy
import pytest
import torch

from aigif._gen.enums import BatchGenerators, NoiseSource, PromptDialect, StepNoise
from aigif._gen.tables import program as program_table
from aigif._gen.types import Aigif, Data, GenerativeModel, Platform, SamplerOptions, Variation
from aigif.runtime.noise import NvStream, PhiloxStream, start_noise
from aigif.runtime.noise.start import slerp

SHAPE = (1, 4, 8, 12)
ONE = SHAPE[1:]


def file(
    dialect: PromptDialect = PromptDialect.PLAIN,
    source: NoiseSource = NoiseSource.TORCH_CPU,
    program: str = "unspecified",
    step_noise: StepNoise = StepNoise.FIRST,
    delta: int = 0,
    **data: Any,
) -> Aigif:
    data.setdefault("seed", 11)
    return Aigif(
        platform=Platform(noise_source=source, program=program_table.TABLE.code_of(program) or 0),
        model=GenerativeModel(
            prompt_dialect=dialect,
            sampler_options=SamplerOptions(step_noise=step_noise, noise_seed_delta=delta),
        ),
        data=Data(**data),
    )


def draws(seed: int, *shapes: tuple[int, ...]) -> list[Any]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, generator=generator) for shape in shapes]


def test_diffusers_has_one_generator_for_the_batch_and_its_steps() -> None:
    shape = (3, *ONE)
    latents, steps = start_noise(file(batch_size=3, batch_position=1), shape)
    first, second = draws(11, shape, shape)
    assert torch.equal(latents, first)
    assert torch.equal(steps.normal(shape), second)


def test_separate_generators_give_each_picture_its_own_numbers() -> None:
    made = file(batch_size=3, batch_position=1, batch_generators=BatchGenerators.SEPARATE)
    latents, steps = start_noise(made, (3, *ONE))
    first, second = draws(11, ONE, ONE)
    assert torch.equal(latents[1], first)
    assert torch.equal(steps.normal((3, *ONE))[1], second)
    assert torch.equal(latents[0], draws(10, ONE)[0])
    alone, _ = start_noise(made, SHAPE)
    assert torch.equal(alone[0], first)


def test_a1111_draws_each_picture_alone_whatever_its_batch() -> None:
    latents, steps = start_noise(file(PromptDialect.A1111, batch_size=4, batch_position=2), (4, *ONE))
    assert torch.equal(latents[2], draws(11, ONE)[0])
    assert torch.equal(latents[3], draws(12, ONE)[0])
    assert torch.equal(steps.normal((4, *ONE))[2], draws(11, ONE, ONE)[1])


@pytest.mark.parametrize("source", [NoiseSource.TORCH_CPU, NoiseSource.NV, NoiseSource.CUDA_PHILOX])
def test_ensd_makes_the_generators_anew(source: NoiseSource) -> None:
    latents, steps = start_noise(file(PromptDialect.A1111, source, delta=31337), SHAPE)
    plain, first_steps = start_noise(file(PromptDialect.A1111, source), SHAPE)
    shifted, _ = start_noise(file(PromptDialect.A1111, source, seed=11 + 31337), SHAPE)
    assert torch.equal(latents, plain)
    fresh = steps.normal(SHAPE)
    assert torch.equal(fresh, shifted)
    assert not torch.equal(fresh, first_steps.normal(SHAPE))


def test_a_variation_is_the_spherical_mean_of_two_noises() -> None:
    made = file(PromptDialect.A1111, variation=Variation(seed=99, strength=0.3))
    latents, steps = start_noise(made, SHAPE)
    first, second = draws(11, ONE)[0].double().numpy(), draws(99, ONE)[0].double().numpy()
    expected = numpy.empty_like(first)
    for channel in range(ONE[0]):
        for column in range(ONE[2]):
            expected[channel, :, column] = _arc(first[channel, :, column], second[channel, :, column], 0.3)
    assert numpy.abs(latents[0].numpy() - expected).max() < 1e-5
    assert torch.equal(steps.normal(SHAPE)[0], draws(11, ONE, ONE)[1])


@pytest.mark.parametrize(("strength", "seed"), [(1e-7, 11), (1.0, 99)])
def test_a_variations_ends_are_its_seeds(strength: float, seed: int) -> None:
    made = file(PromptDialect.A1111, variation=Variation(seed=99, strength=strength))
    latents, _ = start_noise(made, SHAPE)
    assert (latents[0] - draws(seed, ONE)[0]).abs().max() < 1e-4


def test_in_a_variation_neighbours_have_the_next_variation_seed() -> None:
    made = file(
        PromptDialect.A1111, batch_size=2, batch_position=0, variation=Variation(seed=99, strength=0.5)
    )
    latents, _ = start_noise(made, (2, *ONE))
    next_one = dataclasses.replace(made.data, variation=Variation(seed=100, strength=0.5), batch_size=1)
    assert torch.equal(latents[1:], start_noise(made.replace(data=next_one), SHAPE)[0])


def test_parallel_noises_are_mixed_linearly_with_shares_swapped() -> None:
    noise = draws(1, ONE)[0]
    assert torch.allclose(slerp(0.25, noise, noise * 2), noise * 0.25 + noise * 2 * 0.75)


@pytest.mark.parametrize(
    ("height", "width", "inner", "outer"),
    [
        (32, 48, (slice(0, 4), slice(0, 6)), (slice(2, 6), slice(3, 9))),  # smaller: in the middle
        (128, 192, (slice(4, 12), slice(6, 18)), (slice(0, 8), slice(0, 12))),  # larger: its middle
        (32, 192, (slice(0, 4), slice(6, 18)), (slice(2, 6), slice(0, 12))),
    ],
)
def test_noise_of_another_size_is_put_into_the_middle(
    height: int, width: int, inner: tuple[slice, slice], outer: tuple[slice, slice]
) -> None:
    made = file(PromptDialect.A1111, variation=Variation(resize_height=height, resize_width=width))
    latents, steps = start_noise(made, SHAPE)
    small = draws(11, (4, height // 8, width // 8))[0]
    expected, later = draws(11, ONE, ONE)
    expected[:, outer[0], outer[1]] = small[:, inner[0], inner[1]]
    assert torch.equal(latents[0], expected)
    assert torch.equal(steps.normal(SHAPE)[0], later)


def test_noise_of_the_same_size_is_no_resize() -> None:
    made = file(PromptDialect.A1111, variation=Variation(resize_height=64, resize_width=96))
    latents, steps = start_noise(made, SHAPE)
    assert torch.equal(latents[0], draws(11, ONE)[0])
    assert torch.equal(steps.normal(SHAPE)[0], draws(11, ONE, ONE)[1])


def test_a_resized_noise_of_odd_difference_loses_a_row_on_both_sides() -> None:
    made = file(PromptDialect.A1111, variation=Variation(resize_height=72, resize_width=96))
    latents, _ = start_noise(made, SHAPE)
    large = draws(11, (4, 9, 12))[0]
    around = draws(11, ONE)[0]
    assert torch.equal(latents[0, :, :7], large[:, 1:8])
    assert torch.equal(latents[0, :, 7], around[:, 7])


def test_comfyui_draws_the_batch_at_once_and_fresh_noise_from_its_own_generator() -> None:
    shape = (2, *ONE)
    made = file(PromptDialect.COMFYUI, step_noise=StepNoise.TORCH_CPU, batch_size=2)
    latents, steps = start_noise(made, shape)
    assert torch.equal(latents, draws(11, shape)[0])
    assert torch.equal(steps.normal(shape), draws(12, shape)[0])
    on_gpu = file(PromptDialect.COMFYUI, step_noise=StepNoise.CUDA_PHILOX, batch_size=2)
    latents, steps = start_noise(on_gpu, shape)
    assert torch.equal(latents, draws(11, shape)[0])
    assert torch.equal(steps.normal(shape), PhiloxStream(11).normal(shape))


def test_invokeai_flips_the_seeds_low_bits_for_fresh_noise() -> None:
    made = file(PromptDialect.COMPEL, program="invokeai", step_noise=StepNoise.TORCH_CPU)
    latents, steps = start_noise(made, SHAPE)
    assert torch.equal(latents, draws(11, SHAPE)[0])
    assert torch.equal(steps.normal(SHAPE), draws(4294967284, SHAPE)[0])


def test_the_program_tells_where_the_dialect_does_not() -> None:
    latents, _ = start_noise(file(program="forge", batch_size=2, batch_position=1), (2, *ONE))
    assert torch.equal(latents[1], draws(11, ONE)[0])


def test_the_source_is_the_files() -> None:
    latents, steps = start_noise(file(PromptDialect.A1111, NoiseSource.NV), SHAPE)
    stream = NvStream(11)
    assert torch.equal(latents[0], stream.normal(ONE))
    assert torch.equal(steps.normal(SHAPE)[0], stream.normal(ONE))


def test_diffusers_draws_in_the_pipelines_type_and_comfyui_in_float32() -> None:
    shape = (1, 4, 3, 5)  # 60 numbers: torch draws the last 16 anew, in half precision from other bits
    half = torch.randn(shape, generator=torch.Generator().manual_seed(11), dtype=torch.float16)
    assert torch.equal(start_noise(file(), shape, torch.float16)[0].half(), half)
    comfyui, _ = start_noise(file(PromptDialect.COMFYUI), shape, torch.float16)
    assert torch.equal(comfyui, draws(11, shape)[0])


def test_an_approximation_draws_from_torchs_cpu_generator() -> None:
    latents, _ = start_noise(file(source=NoiseSource.MPS), SHAPE)
    assert torch.equal(latents, draws(11, SHAPE)[0])


def _arc(first: Any, second: Any, share: float) -> Any:
    """Shoemake 1985: rotate from one vector's direction to the other's, each with its own length."""
    angle = numpy.arccos(first @ second / numpy.linalg.norm(first) / numpy.linalg.norm(second))
    return (numpy.sin((1 - share) * angle) * first + numpy.sin(share * angle) * second) / numpy.sin(angle)
