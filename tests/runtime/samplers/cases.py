"""The samplers, each with its reference: what the tests check and the benchmark prints."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from aigif._gen.enums import Scheduler as S
from aigif._gen.enums import SigmaSchedule
from aigif._gen.types import SamplerOptions
from aigif.runtime.samplers import Convention, tool_scheduler
from tests.runtime.samplers import references as r
from tests.runtime.samplers import references_adams as adams
from tests.runtime.samplers import references_more as m
from tests.runtime.samplers.model import ALPHAS, SD15, Network, Stream, run

SHAPE = (1, 4, 8, 8)
A1111, COMFYUI = Convention.A1111, Convention.COMFYUI
KARRAS, EXPONENTIAL, MODEL = SigmaSchedule.KARRAS, SigmaSchedule.EXPONENTIAL, SigmaSchedule.MODEL


@dataclass(frozen=True)
class Case:
    """A sampler run against its reference.

    `reference` takes the unscaled start, the scheduler's levels as floats, the network and the noise.
    """

    name: str
    code: S
    reference: Callable[[np.ndarray, list[float], Network, Stream], np.ndarray]
    source: str
    schedule: SigmaSchedule = MODEL
    convention: Convention = A1111
    steps: int = 20
    options: SamplerOptions = field(default_factory=SamplerOptions)
    order: bool = True
    """Whether it solves the ODE where its noise is off, so that an order can be measured."""

    def deviation(self, seed: int = 3, prediction: str = "epsilon") -> float:
        """Largest difference from the reference over the reference's largest value."""
        noise = Stream(seed, SHAPE)()
        network = Network(nearest=self.convention is COMFYUI, prediction=prediction)
        config = SD15 | {"prediction_type": prediction}
        scheduler = self.scheduler(self.steps, Stream(seed + 1, SHAPE), config)
        found = run(scheduler, network, noise, weak if scheduler.needs_unguided else None)
        start = noise * float(scheduler.init_noise_sigma)
        levels = [float(level) for level in scheduler.sigmas]
        expected = self.reference(
            start, levels, replace(network, prediction="epsilon"), Stream(seed + 1, SHAPE)
        )
        return float(abs(found - expected).max() / abs(expected).max())

    def scheduler(self, steps: int, noise: Any, config: Mapping[str, Any] = SD15, **changes: Any) -> Any:
        options = SamplerOptions(
            **{name: getattr(self.options, name) for name in self.options.__slots__} | changes
        )
        return tool_scheduler(self.code, self.schedule, options, config, steps, self.convention, noise)


def weak(output: np.ndarray) -> np.ndarray:
    """The unguided output: another network's, here."""
    return 0.7 * output + 0.1


def over_sigmas(reference: r.Reference) -> Callable[..., np.ndarray]:
    return lambda x, levels, network, noise: reference(x, levels, network.denoised, noise)


def over_timesteps(reference: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    return lambda x, levels, network, noise: reference(x, levels, network.output, noise)


def guided(reference: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    def sample(x: np.ndarray, levels: list[float], network: Network, noise: Stream) -> np.ndarray:
        def unguided(x: np.ndarray, sigma: float) -> np.ndarray:
            scaled = x / math.sqrt(sigma**2 + 1)
            return x - sigma * weak(network.output(scaled, network.timestep(sigma)))

        return reference(x, levels, network.denoised, unguided, noise)

    return sample


def ddim_cfg_pp(x: np.ndarray, levels: list[float], network: Network, noise: Stream) -> np.ndarray:
    def plain(x: np.ndarray, t: float) -> np.ndarray:
        return weak(network.output(x, t))

    def mixed(x: np.ndarray, t: float) -> np.ndarray:
        return plain(x, t) + (network.output(x, t) - plain(x, t)) / 12.5

    return m.ddim_cfg_pp(x, levels, mixed, plain)


def webui_unipc(x: np.ndarray, times: list[float], network: Network, noise: Stream) -> np.ndarray:
    """The levels at A1111's times, log alpha between the entries of the table; the network at the same places."""
    logs = np.interp(times, np.arange(1, 1001) / 1000, np.log(ALPHAS))
    sigmas = [math.sqrt(math.expm1(-log)) for log in logs]
    asked = {sigma: 1000 * time - 1 for sigma, time in zip(sigmas, times, strict=True)}

    def denoise(x: np.ndarray, sigma: float) -> np.ndarray:
        return x - sigma * network.output(x / math.sqrt(sigma**2 + 1), asked[sigma])

    x = m.unipc(3, "bh1")(x * math.sqrt(sigmas[0] ** 2 + 1), sigmas, denoise)
    return x / math.sqrt(sigmas[-1] ** 2 + 1)


def comfy_unipc(flavour: str) -> Callable[..., np.ndarray]:
    return lambda x, levels, network, noise: m.unipc(3, flavour)(x, [*levels[:-1], 0.001], network.denoised)


PLAIN = over_sigmas
CASES: tuple[Case, ...] = (
    Case("Euler", S.EULER, PLAIN(r.euler), "Karras 2022, Alg. 2"),
    Case("Euler a", S.EULER_A, PLAIN(r.euler_ancestral), "Song 2020, eq. 16"),
    Case("LMS", S.LMS, PLAIN(r.lms), "Adams-Bashforth, uneven steps"),
    Case("Heun", S.HEUN, PLAIN(r.heun), "Karras 2022, Alg. 2"),
    Case("DPM2", S.DPM2, PLAIN(r.dpm2), "Lu 2022a, Alg. 1", KARRAS),
    Case("DPM2 a", S.DPM2_A, PLAIN(r.dpm2_ancestral), "Lu 2022a, Alg. 1; Song 2020", KARRAS),
    Case("DPM++ 2S a", S.DPMPP_2S_A, PLAIN(r.dpmpp_2s_ancestral), "Lu 2022b, Alg. 1; Song 2020", KARRAS),
    Case("DPM++ 2M", S.DPMPP_2M, PLAIN(r.dpmpp_2m), "Lu 2022b, Alg. 2", KARRAS),
    Case("DPM++ SDE", S.DPMPP_SDE, PLAIN(r.dpmpp_sde), "Lu 2022b, SDE", KARRAS),
    Case("DPM++ 2M SDE", S.DPMPP_2M_SDE, PLAIN(r.sde_multistep("midpoint")), "Lu 2022b, SDE", EXPONENTIAL),
    Case(
        "DPM++ 2M SDE Heun", S.DPMPP_2M_SDE_HEUN, PLAIN(r.sde_multistep("heun")), "Lu 2022b, SDE", EXPONENTIAL
    ),
    Case("DPM++ 3M SDE", S.DPMPP_3M_SDE, PLAIN(r.sde_multistep("3m")), "Lu 2022b, SDE", EXPONENTIAL),
    Case("DPM fast", S.DPM_FAST, PLAIN(m.dpm_fast(1.0)), "Lu 2022a, Alg. 1, 2"),
    Case("DPM adaptive", S.DPM_ADAPTIVE, PLAIN(m.dpm_adaptive(1.0)), "Lu 2022a, app. C", order=False),
    Case("Restart", S.RESTART, PLAIN(m.restart), "Xu 2023, Alg. 1", KARRAS, order=False),
    Case("HeunPP2", S.HEUNPP2, PLAIN(m.heunpp2), "Heun++ (Carzit)"),
    Case("IPNDM", S.IPNDM, PLAIN(r.ipndm), "Zhang 2022, sec. 3.3"),
    Case("DEIS", S.DEIS, PLAIN(r.deis), "Zhang 2022, eq. 15"),
    Case("DDIM", S.DDIM, over_timesteps(m.ddim(0.0)), "Song 2020, eq. 12"),
    Case("DDIM CFG++", S.DDIM_CFG_PP, ddim_cfg_pp, "Chung 2024, Alg. 2", order=False),
    Case("PLMS", S.PLMS, over_timesteps(m.plms), "Liu 2022, sec. 3.4"),
    Case("UniPC", S.UNIPC, webui_unipc, "Zhao 2023, Alg. 1, 2"),
    Case(
        "LCM",
        S.LCM,
        over_timesteps(m.lcm),
        "Luo 2023, Alg. 3",
        SigmaSchedule.SGM_UNIFORM,
        steps=5,
        order=False,
    ),
    Case("DDPM", S.DDPM, PLAIN(m.ddpm), "Ho 2020, eq. 7", order=False),
    Case("TCD", S.TCD, PLAIN(m.tcd), "Zheng 2024, Alg. 4", SigmaSchedule.SIMPLE, steps=8, order=False),
)
"""The 25 samplers that A1111 and its forks list."""

MORE: tuple[Case, ...] = (
    Case("uni_pc", S.UNIPC, comfy_unipc("bh1"), "Zhao 2023", convention=COMFYUI),
    Case("uni_pc_bh2", S.UNIPC_BH2, comfy_unipc("bh2"), "Zhao 2023", convention=COMFYUI),
    Case(
        "euler_cfg_pp", S.EULER_CFG_PP, guided(m.cfg_pp(0.0)), "Chung 2024", convention=COMFYUI, order=False
    ),
    Case(
        "euler_ancestral_cfg_pp",
        S.EULER_A_CFG_PP,
        guided(m.cfg_pp(1.0)),
        "Chung 2024",
        convention=COMFYUI,
        order=False,
    ),
    Case("res_multistep", S.RES_MULTISTEP, PLAIN(m.res_multistep), "Zhang 2023", KARRAS, COMFYUI),
    Case(
        "gradient_estimation",
        S.GRADIENT_ESTIMATION,
        PLAIN(m.gradient_estimation),
        "Permenter 2024",
        MODEL,
        COMFYUI,
    ),
    Case(
        "exp_heun_2_x0", S.EXP_HEUN_2_X0, PLAIN(m.exponential_heun), "exponential Runge-Kutta", MODEL, COMFYUI
    ),
    Case("dpmpp_2m", S.DPMPP_2M, PLAIN(r.dpmpp_2m), "Lu 2022b, Alg. 2", SigmaSchedule.SGM_UNIFORM, COMFYUI),
    Case("dpm_fast", S.DPM_FAST, PLAIN(m.dpm_fast(0.0)), "Lu 2022a, Alg. 1, 2", MODEL, COMFYUI),
    Case(
        "dpm_adaptive",
        S.DPM_ADAPTIVE,
        PLAIN(m.dpm_adaptive(0.0)),
        "Lu 2022a, app. C",
        MODEL,
        COMFYUI,
        order=False,
    ),
    Case("sa_solver", S.SA_SOLVER, PLAIN(adams.sa_solver()), "Xue 2023, Alg. 1", MODEL, COMFYUI),
    Case(
        "sa_solver_pece",
        S.SA_SOLVER_PECE,
        PLAIN(adams.sa_solver(again=True)),
        "Xue 2023, Alg. 1, PECE",
        KARRAS,
        COMFYUI,
    ),
)
"""Samplers of ComfyUI that differ from those, or have no A1111 name."""
