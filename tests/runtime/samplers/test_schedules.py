"""Noise schedules against formulas written apart in float64, published tables and their own properties."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import beta

from aigif._gen.enums import SigmaSchedule
from aigif.errors import AigifError
from aigif.runtime.samplers.convention import Convention, Steps, Strength
from aigif.runtime.samplers.levels import cumulative_alphas, model_levels
from aigif.runtime.samplers.part import cut
from aigif.runtime.samplers.sigmas import SCHEDULES, Layout, lay_out
from tests.runtime.samplers.model import ALPHAS, LOG_SIGMAS, SD15

SIGMAS = np.exp(LOG_SIGMAS)
LOW, HIGH = SIGMAS[0], SIGMAS[-1]
LAMBDAS = 0.5 * np.log(ALPHAS / (1 - ALPHAS))
A1111, COMFYUI = Convention.A1111, Convention.COMFYUI


def made(
    schedule: SigmaSchedule, steps: int, convention: Convention = A1111, **changes: object
) -> np.ndarray:
    levels = model_levels(SD15, convention)
    layout = Layout(
        **{"levels": levels, "sigma_min": levels.sigma_min, "sigma_max": levels.sigma_max} | changes
    )
    return lay_out(schedule, steps, layout, convention).double().numpy()


def at(timesteps: np.ndarray) -> np.ndarray:
    return np.exp(np.interp(timesteps, np.arange(1000), LOG_SIGMAS))


EXPECTED = {
    (SigmaSchedule.MODEL, A1111): at(np.linspace(999, 0, 15)),
    (SigmaSchedule.MODEL, COMFYUI): at(np.linspace(999, 0, 15)),
    (SigmaSchedule.NORMAL, COMFYUI): at(np.linspace(999, 0, 15)),
    (SigmaSchedule.KARRAS, A1111): np.linspace(HIGH ** (1 / 7), LOW ** (1 / 7), 15) ** 7,
    (SigmaSchedule.EXPONENTIAL, A1111): np.geomspace(HIGH, LOW, 15),
    (SigmaSchedule.LU_LAMBDAS, A1111): np.exp(-np.linspace(LAMBDAS[-1], LAMBDAS[0], 15)),
    (SigmaSchedule.LU_LAMBDAS, COMFYUI): np.exp(-np.linspace(LAMBDAS[-1], LAMBDAS[0], 15)),
    (SigmaSchedule.POLYEXPONENTIAL, A1111): np.geomspace(HIGH, LOW, 15),
    (SigmaSchedule.SGM_UNIFORM, A1111): at(np.linspace(999, 0, 16)[:-1]),
    (SigmaSchedule.SGM_UNIFORM, COMFYUI): at(np.linspace(999, 0, 16)[:-1]),
    (SigmaSchedule.SIMPLE, A1111): SIGMAS[999 - np.floor(np.arange(15) * 1000 / 15).astype(int)],
    (SigmaSchedule.DDIM_UNIFORM, COMFYUI): SIGMAS[np.arange(1, 1000, 66)][::-1],
    (SigmaSchedule.KL_OPTIMAL, COMFYUI): np.tan(np.linspace(np.arctan(HIGH), np.arctan(LOW), 15)),
    (SigmaSchedule.BETA, COMFYUI): SIGMAS[
        np.rint(beta.ppf(1 - np.arange(15) / 15, 0.6, 0.6) * 999).astype(int)
    ],
    (SigmaSchedule.BETA, A1111): LOW + (HIGH - LOW) * beta.ppf(np.linspace(1, 0, 15), 0.6, 0.6),
    (SigmaSchedule.TURBO, A1111): SIGMAS[np.rint(np.arange(15, 0, -1) * 1000 / 15 - 1).astype(int)],
}


@pytest.mark.parametrize("key", EXPECTED, ids=lambda key: f"{key[1].value}-{key[0].name}")
def test_a_schedule_is_its_formula(key: tuple[SigmaSchedule, Convention]) -> None:
    found = made(key[0], 15, key[1])
    np.testing.assert_allclose(found[:-1], EXPECTED[key], rtol=2e-5)
    assert found[-1] == 0


@pytest.mark.parametrize("convention", list(Convention), ids=lambda convention: convention.value)
def test_schedules_fall_from_the_highest_level(convention: Convention) -> None:
    for schedule in SCHEDULES[convention]:
        for steps in (1, 2, 7, 10, 11, 30)[schedule == SigmaSchedule.BONG_TANGENT :]:
            sigmas = made(SigmaSchedule(schedule), steps, convention)
            assert (np.diff(sigmas) < 0).all(), (schedule, steps)
            assert sigmas[-1] >= 0


def test_a1111s_kl_optimal_ends_above_zero() -> None:
    sigmas = made(SigmaSchedule.KL_OPTIMAL, 12)
    assert len(sigmas) == 13
    np.testing.assert_allclose(sigmas[[0, -1]], [HIGH, LOW], rtol=2e-5)


def test_align_your_steps_are_the_published_tables() -> None:
    published = [14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029]
    np.testing.assert_allclose(made(SigmaSchedule.ALIGN_YOUR_STEPS, 11)[:-1], published, rtol=1e-6)
    ten = made(SigmaSchedule.ALIGN_YOUR_STEPS, 10, COMFYUI)
    np.testing.assert_allclose(ten[:-1], published[:-1], rtol=4e-3)  # the page rounds to three digits
    assert ten[-1] == 0
    from diffusers.schedulers import AysSchedules

    xl = made(SigmaSchedule.ALIGN_YOUR_STEPS, 11, sdxl=True)
    np.testing.assert_allclose(xl[:10], AysSchedules["StableDiffusionXLSigmas"][:10], rtol=1e-6)
    between = made(SigmaSchedule.ALIGN_YOUR_STEPS, 21)  # every other one is of the table: log-linear between
    np.testing.assert_allclose(between[:-1:2], published, rtol=1e-6)
    np.testing.assert_allclose(
        between[1:-2:2], np.sqrt(np.multiply(published[:-1], published[1:])), rtol=1e-6
    )


def test_karras_heeds_rho_and_bounds() -> None:
    sigmas = made(SigmaSchedule.KARRAS, 8, rho=3.0, sigma_min=0.1, sigma_max=10.0)
    np.testing.assert_allclose(sigmas[:-1], np.linspace(10 ** (1 / 3), 0.1 ** (1 / 3), 8) ** 3, rtol=1e-5)


def test_linear_quadratic_is_linear_then_quadratic_and_smooth() -> None:
    rise = 1 - made(SigmaSchedule.LINEAR_QUADRATIC, 20, COMFYUI) / HIGH
    np.testing.assert_allclose(np.diff(rise[:11]), 0.025 / 10, rtol=1e-3)
    np.testing.assert_allclose(np.diff(rise[10:], 3), 0, atol=1e-5)
    np.testing.assert_allclose(rise[[0, -1]], [0, 1], atol=1e-6)


@pytest.mark.parametrize("convention", list(Convention), ids=lambda convention: convention.value)
def test_bong_tangent_is_two_arctangents_whatever_the_model(convention: Convention) -> None:
    early, late = np.arctan(8 / 17 * np.arange(10, 0, -1)), -np.arctan(8 / 17 * np.arange(7))
    expected = [
        *np.interp(early, early[[-1, 0]], [0.5, 1.0])[:-1],
        *np.interp(late, late[[-1, 0]], [0.0, 0.5]),
    ]
    found = made(SigmaSchedule.BONG_TANGENT, 15, convention)
    assert len(found) == 16 and found[0] == 1
    np.testing.assert_allclose(found, expected, atol=1e-7)


def test_the_beta_schedule_heeds_its_parameters() -> None:
    changed = made(SigmaSchedule.BETA, 15, COMFYUI, alpha=1.0, beta=1.0)
    expected = SIGMAS[np.rint((1 - np.arange(15) / 15) * 999).astype(int)]
    np.testing.assert_allclose(changed[:-1], expected, rtol=2e-5)


def test_the_alphas_are_those_of_the_configuration() -> None:
    np.testing.assert_allclose(cumulative_alphas(SD15).double(), ALPHAS, rtol=1e-6)
    half = cumulative_alphas(SD15, half=True)
    assert 1e-5 < abs(half.double().numpy() / ALPHAS - 1).max() < 2e-3
    zero = cumulative_alphas(SD15, zero_snr=True, wide=True).numpy()
    roots = np.sqrt(ALPHAS)
    np.testing.assert_allclose(
        np.sqrt(zero[:-1]), ((roots - roots[-1]) * roots[0] / (roots[0] - roots[-1]))[:-1], rtol=1e-9
    )
    assert model_levels(SD15, COMFYUI, zero_snr=True).sigma_max == pytest.approx(4518.7, rel=1e-3)


def test_timesteps_are_between_entries_in_a1111_and_whole_in_comfyui() -> None:
    import torch

    sigma = torch.tensor(math.exp(0.75 * LOG_SIGMAS[500] + 0.25 * LOG_SIGMAS[501]))
    assert float(model_levels(SD15, A1111).sigma_to_t(sigma)) == pytest.approx(500.25, abs=1e-2)
    assert float(model_levels(SD15, COMFYUI).sigma_to_t(sigma)) == 500
    lcm = model_levels(SD15, A1111, lcm=True)
    assert float(lcm.sigma_to_t(torch.tensor(SIGMAS[999]))) == 999
    assert float(lcm.sigma_to_t(torch.tensor(SIGMAS[512]))) == 519


def test_flow_times_are_shifted_as_published() -> None:
    levels = model_levels({"_class_name": "FlowMatchEulerDiscreteScheduler", "shift": 3.0}, COMFYUI)
    t = np.arange(1, 1001) / 1000
    np.testing.assert_allclose(levels.sigmas, 3 * t / (1 + 2 * t), rtol=1e-5)


@pytest.mark.parametrize(
    ("part", "convention", "expected"),
    [
        (Strength(0.5), A1111, (40, 20)),
        (Strength(0.7), A1111, (28, 20)),
        (Strength(1.0), A1111, (20, 20)),
        (Strength(0.5, steps_are_run=False), A1111, (20, 11)),
        (Strength(0.75, steps_are_run=False), A1111, (20, 16)),
        (Strength(0.5), COMFYUI, (40, 20)),
        (Strength(0.6), COMFYUI, (33, 20)),
    ],
)
def test_a_strength_is_counted_as_the_program_counts(
    part: Strength, convention: Convention, expected: tuple[int, int]
) -> None:
    found = cut(20, part, convention)
    assert (found.total, found.run, found.from_noise) == (*expected, False)


def test_what_makes_no_schedule_is_refused() -> None:
    for wrong in (
        lambda: made(SigmaSchedule.FLOW, 10),
        lambda: made(SigmaSchedule.BONG_TANGENT, 1),
        lambda: made(SigmaSchedule.KARRAS, 0),
        lambda: cut(20, Strength(0.0), A1111),
        lambda: cut(20, Steps(20, 20), COMFYUI),
        lambda: model_levels(SD15 | {"beta_schedule": "other"}, A1111),
    ):
        with pytest.raises(AigifError):
            wrong()
