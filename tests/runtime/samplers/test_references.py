"""Every sampler gives what its published update formula gives in float64, at the speed that its order promises."""

from __future__ import annotations

import numpy as np
import pytest

from aigif._gen.enums import Scheduler, SigmaSchedule
from aigif._gen.types import SamplerOptions
from aigif.runtime.samplers import Convention, tool_scheduler
from aigif.runtime.samplers.multistep import _uneven
from tests.runtime.samplers import references, references_adams, references_more
from tests.runtime.samplers.cases import CASES, MORE, SHAPE, Case
from tests.runtime.samplers.model import Network, Stream, run
from tests.runtime.samplers.order import measured_order

TOLERANCE = 5e-5
"""Of the largest value: float32 over some 20 to 60 network calls."""

EVERY = [*CASES, *MORE]
OTHERS_IN_V = {"DDIM CFG++", "UniPC", "LCM"}
"""The unguided network of the first is defined on noise; A1111 reads v at whole timesteps in the second, and asks
the network at another level than the latent's in the third."""


@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.name)
def test_a_sampler_agrees_with_its_reference(case: Case) -> None:
    assert case.deviation() < TOLERANCE
    assert case.deviation(seed=11) < TOLERANCE


@pytest.mark.parametrize("case", [c for c in CASES if c.name not in OTHERS_IN_V], ids=lambda case: case.name)
def test_a_network_that_predicts_the_velocity_leads_to_the_same(case: Case) -> None:
    assert case.deviation(prediction="v_prediction") < 10 * TOLERANCE


ORDERS = {
    "Euler": 1,
    "Euler a": 1,
    "LMS": 4,
    "Heun": 2,
    "DPM2": 2,
    "DPM++ 2S a": 2,
    "DPM++ 2M": 2,
    "DPM++ 2M SDE": 2,
    "DPM fast": 3,
    "DEIS": 3,
    "DDIM": 1,
    "exp_heun_2_x0": 2,
    "res_multistep": 2,
    "sa_solver": 4,
    "sa_solver_pece": 4,
}


@pytest.mark.parametrize("name", ORDERS)
def test_the_error_falls_as_the_order_says(name: str) -> None:
    case = next(case for case in EVERY if case.name == name)
    assert measured_order(case.code, case.convention) == pytest.approx(ORDERS[name], abs=0.4)


def test_seeds_without_noise_have_their_orders() -> None:
    assert measured_order(Scheduler.SEEDS_2, Convention.COMFYUI) == pytest.approx(2, abs=0.2)
    assert measured_order(Scheduler.SEEDS_3, Convention.COMFYUI) == pytest.approx(3, abs=0.2)


@pytest.mark.parametrize("code", [Scheduler.SA_SOLVER, Scheduler.SA_SOLVER_PECE], ids=lambda code: code.name)
@pytest.mark.parametrize("shift", [1.0, 3.0])
def test_sa_solver_runs_flow_models(code: Scheduler, shift: float) -> None:
    """Over the signal's scale a flow's latent is unscaled noise of the level sigma / (1 - sigma)."""

    def unscaled(time: float) -> float:
        sigma = shift * time / (1 + (shift - 1) * time)
        return sigma / (1 - sigma)

    def denoise(x: np.ndarray, level: float) -> np.ndarray:
        sigma = level / (1 + level)
        scaled = x * (1 - sigma)
        return scaled - sigma * Network(flow=True).output(scaled, 1000 * sigma)

    config = {"_class_name": "FlowMatchEulerDiscreteScheduler", "shift": shift}
    scheduler = tool_scheduler(
        code, SigmaSchedule.SIMPLE, SamplerOptions(), config, 11, Convention.COMFYUI, Stream(6, SHAPE)
    )
    noise = Stream(5, SHAPE)()
    levels = [unscaled(0.9999), *(float(sigma / (1 - sigma)) for sigma in scheduler.sigmas.double()[1:])]
    again = code == Scheduler.SA_SOLVER_PECE
    reference = references_adams.sa_solver(again=again, low=unscaled(0.2), high=unscaled(0.8))
    start = noise * (1 + levels[0])
    expected = reference(start, levels, denoise, Stream(6, SHAPE))
    found = run(scheduler, Network(flow=True), noise)
    assert abs(found - expected).max() < 2 * TOLERANCE * abs(expected).max()


@pytest.mark.parametrize("code", [Scheduler.SA_SOLVER, Scheduler.SA_SOLVER_PECE], ids=lambda code: code.name)
def test_sa_solver_heeds_its_settings(code: Scheduler) -> None:
    case = next(case for case in MORE if case.code == code)
    start, quiet = Stream(5, SHAPE)(), Stream(6, SHAPE)
    still = run(case.scheduler(20, quiet, eta_ancestral=0.0), Network(nearest=True), start)
    assert quiet.drawn == 0
    noisy = Stream(6, SHAPE)
    half = run(case.scheduler(20, noisy, eta_ancestral=0.5, churn_noise=1.1), Network(nearest=True), start)
    assert 0 < noisy.drawn < 19
    scheduler = case.scheduler(20, None)
    levels = [float(level) for level in scheduler.sigmas]
    for found, tau, scale in ((still, 0.0, 1.0), (half, 0.5, 1.1)):
        again = code == Scheduler.SA_SOLVER_PECE
        reference = references_adams.sa_solver(again=again, tau=tau, noise_scale=scale)
        first = start * float(scheduler.init_noise_sigma)
        expected = reference(first, levels, Network(nearest=True).denoised, Stream(6, SHAPE))
        assert abs(found - expected).max() < TOLERANCE * abs(expected).max()


def test_churn_is_that_of_karras() -> None:
    options = {"churn": 12.0, "churn_tmin": 0.2, "churn_tmax": 8.0, "churn_noise": 1.01}
    case = next(case for case in CASES if case.name == "Heun")
    noise = Stream(5, SHAPE)()
    found = run(case.scheduler(20, Stream(6, SHAPE), **options), Network(), noise)
    reference = references.churned_heun(12.0, 0.2, 8.0, 1.01)
    scheduler = case.scheduler(20, None)
    levels = [float(level) for level in scheduler.sigmas]
    expected = reference(noise * levels[0], levels, Network().denoised, Stream(6, SHAPE))
    assert abs(found - expected).max() < TOLERANCE * abs(expected).max()
    assert (
        abs(found - references.heun(noise * levels[0], levels, Network().denoised, Stream(6, SHAPE))).max()
        > 0.1
    )


@pytest.mark.parametrize("eta", [0.3, 1.0])
def test_eta_is_that_of_ddim(eta: float) -> None:
    case = next(case for case in CASES if case.name == "DDIM")
    noise = Stream(5, SHAPE)()
    scheduler = case.scheduler(20, Stream(6, SHAPE), eta=eta)
    found = run(scheduler, Network(), noise)
    timesteps = [float(t) for t in scheduler.sigmas]
    expected = references_more.ddim(eta)(noise, timesteps, Network().output, Stream(6, SHAPE))
    assert abs(found - expected).max() < TOLERANCE * abs(expected).max()


@pytest.mark.parametrize(
    "name", ["Euler a", "DPM2 a", "DPM++ 2S a", "DPM++ SDE", "DPM++ 2M SDE", "DPM++ 3M SDE"]
)
def test_without_ancestral_eta_no_noise_is_drawn(name: str) -> None:
    case = next(case for case in CASES if case.name == name)
    start, quiet = Stream(5, SHAPE)(), Stream(6, SHAPE)
    still = run(case.scheduler(20, quiet, eta_ancestral=0.0), Network(), start)
    half = run(case.scheduler(20, Stream(6, SHAPE), eta_ancestral=0.5), Network(), start)
    whole = run(case.scheduler(20, Stream(6, SHAPE)), Network(), start)
    assert quiet.drawn == 0
    assert min(abs(a - b).max() for a, b in ((still, half), (half, whole))) > 1e-3


def test_the_noise_scale_counts() -> None:
    case = next(case for case in CASES if case.name == "DPM++ 2M SDE")
    start = Stream(5, SHAPE)()
    one = run(case.scheduler(20, Stream(6, SHAPE)), Network(), start)
    none = run(case.scheduler(20, Stream(6, SHAPE), churn_noise=0.5), Network(), start)
    assert abs(one - none).max() > 1e-2


def test_the_published_weights_of_ipndm_v() -> None:
    levels = [10.0, 9.5, 8.0, 7.0, 5.5, 5.0]
    for order in (1, 2):
        expected = references.lagrange_weights(levels[4 - order + 1 : 5][::-1], 5.5, 5.0, lambda _: 1.0)
        assert _uneven(levels, 4, order) == pytest.approx(expected)
    assert sum(_uneven(levels, 4, 3)) == pytest.approx(-0.5)
    even = [5.0, 4.0, 3.0, 2.0, 1.0]
    assert np.array(_uneven(even, 3, 3)) * -12 == pytest.approx([23, -16, 5])
    assert np.array(_uneven(even, 3, 4)) * -24 == pytest.approx([57, -65, 43, -11])
