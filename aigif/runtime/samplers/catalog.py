"""Which sampler a scheduler's code means in A1111 (and its forks) and in ComfyUI, and what each can be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aigif._gen.enums import Scheduler
from aigif.runtime.samplers import (
    deis,
    dpm2,
    dpm_solver,
    dpmpp,
    dpmpp_sde,
    er_sde,
    euler,
    exponential,
    gradient,
    heun,
    multistep,
    posterior,
    restart,
    sa_solver,
    timesteps,
    unipc,
)
from aigif.runtime.samplers.convention import Convention
from aigif.runtime.samplers.protocol import Sampler

__all__ = ["CATALOG", "Entry"]

CHURN = frozenset({"churn", "churn_tmin", "churn_tmax", "churn_noise"})
ANCESTRAL = frozenset({"eta_ancestral"})
NOISY = frozenset({"eta_ancestral", "churn_noise"})
ORDER = frozenset({"solver_order"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A sampler of a program.

    Attributes:
        sampler: The algorithm.
        options: Elements of SamplerOptions that it heeds, beside those of the schedule.
        eta: Weight of its noise where the options have no say; None takes eta_ancestral (eta, if that is heeded).
        brownian: Whether its noise is a Brownian path over the noise levels, rather than a stream.
        discards: Whether the next-to-last level is always left out.
        guided: Whether it needs the unguided estimate besides the guided one (CFG++).
        guidance: What the guidance scale is multiplied by.
        timesteps: Whether it works in timesteps, on latents as the network takes them.
        open_ended: Whether it takes only the ends of the schedule and its number of steps.
        adaptive: Whether the number of its steps is known only at its end.
        lcm: Whether it has LCM's noise levels and boundary condition.
        flow: Whether it runs flow models too.
        second_order: Whether A1111 counts two calls of the network a step for a prompt's edits
            (modules/sd_samplers_kdiffusion.py, `second_order` of `samplers_k_diffusion`).
    """

    sampler: Sampler
    options: frozenset[str] = field(default_factory=frozenset)
    eta: float | None = None
    brownian: bool = False
    discards: bool = False
    guided: bool = False
    guidance: float = 1.0
    timesteps: bool = False
    open_ended: bool = False
    adaptive: bool = False
    lcm: bool = False
    flow: bool = False
    second_order: bool = False


_WEB: dict[Scheduler, Entry] = {
    Scheduler.EULER_A: Entry(euler.euler_ancestral, ANCESTRAL),
    Scheduler.EULER: Entry(euler.euler, CHURN),
    Scheduler.LMS: Entry(multistep.lms),
    Scheduler.HEUN: Entry(heun.heun, CHURN, second_order=True),
    Scheduler.DPM2: Entry(dpm2.dpm2, CHURN, discards=True, second_order=True),
    Scheduler.DPM2_A: Entry(dpm2.dpm2_ancestral, NOISY, discards=True, second_order=True),
    Scheduler.DPMPP_2S_A: Entry(dpmpp.dpmpp_2s_ancestral, NOISY, second_order=True),
    Scheduler.DPMPP_2M: Entry(dpmpp.dpmpp_2m),
    Scheduler.DPMPP_SDE: Entry(dpmpp_sde.dpmpp_sde, NOISY, brownian=True, second_order=True),
    Scheduler.DPMPP_2M_SDE: Entry(dpmpp_sde.dpmpp_2m_sde, NOISY, brownian=True),
    Scheduler.DPMPP_2M_SDE_HEUN: Entry(dpmpp_sde.dpmpp_2m_sde_heun, NOISY, brownian=True),
    Scheduler.DPMPP_3M_SDE: Entry(dpmpp_sde.dpmpp_3m_sde, NOISY, brownian=True, discards=True),
    Scheduler.DPM_FAST: Entry(dpm_solver.dpm_fast, NOISY, open_ended=True),
    Scheduler.DPM_ADAPTIVE: Entry(dpm_solver.dpm_adaptive, ANCESTRAL, open_ended=True, adaptive=True),
    Scheduler.RESTART: Entry(restart.restart, second_order=True),
    Scheduler.HEUNPP2: Entry(heun.heunpp2),
    Scheduler.IPNDM: Entry(multistep.ipndm),
    Scheduler.IPNDM_V: Entry(multistep.ipndm_v),
    Scheduler.DEIS: Entry(deis.deis),
    Scheduler.DDIM: Entry(timesteps.ddim, frozenset({"eta"}), timesteps=True),
    Scheduler.DDIM_CFG_PP: Entry(
        timesteps.ddim_cfg_pp, frozenset({"eta"}), timesteps=True, guided=True, guidance=1 / 12.5
    ),
    Scheduler.PLMS: Entry(timesteps.plms, timesteps=True),
    Scheduler.UNIPC: Entry(unipc.webui_unipc_bh1, ORDER, timesteps=True),
    Scheduler.UNIPC_BH2: Entry(unipc.webui_unipc_bh2, ORDER, timesteps=True),
    Scheduler.LCM: Entry(posterior.lcm, lcm=True),
    Scheduler.DDPM: Entry(posterior.ddpm),
    Scheduler.TCD: Entry(posterior.tcd),
    Scheduler.EULER_CFG_PP: Entry(euler.euler_cfg_pp, eta=0.0, guided=True),
    Scheduler.EULER_A_CFG_PP: Entry(euler.euler_cfg_pp, ANCESTRAL, guided=True),
    Scheduler.DPMPP_2M_CFG_PP: Entry(dpmpp.dpmpp_2m_cfg_pp, guided=True),
    Scheduler.RES_MULTISTEP: Entry(exponential.res_multistep, eta=0.0),
    Scheduler.ER_SDE: Entry(er_sde.er_sde),
    Scheduler.SA_SOLVER: Entry(sa_solver.sa_solver, eta=1.0),
    Scheduler.SA_SOLVER_PECE: Entry(sa_solver.sa_solver_pece, eta=1.0),
}

_COMFY: dict[Scheduler, Entry] = {
    Scheduler.DDIM: Entry(euler.euler, flow=True),
    Scheduler.EULER: Entry(euler.euler, CHURN, flow=True),
    Scheduler.FLOW_MATCH_EULER: Entry(euler.euler, CHURN, flow=True),
    Scheduler.EULER_A: Entry(euler.euler_ancestral, NOISY, flow=True),
    Scheduler.EULER_CFG_PP: Entry(euler.euler_cfg_pp, eta=0.0, guided=True),
    Scheduler.EULER_A_CFG_PP: Entry(euler.euler_cfg_pp, NOISY, guided=True),
    Scheduler.HEUN: Entry(heun.heun, CHURN, flow=True),
    Scheduler.HEUNPP2: Entry(heun.heunpp2, CHURN, flow=True),
    Scheduler.DPM2: Entry(dpm2.dpm2, CHURN, discards=True, flow=True),
    Scheduler.DPM2_A: Entry(dpm2.dpm2_ancestral, NOISY, discards=True),
    Scheduler.LMS: Entry(multistep.lms, flow=True),
    Scheduler.DPM_FAST: Entry(dpm_solver.dpm_fast, eta=0.0, open_ended=True),
    Scheduler.DPM_ADAPTIVE: Entry(dpm_solver.dpm_adaptive, eta=0.0, open_ended=True, adaptive=True),
    Scheduler.DPMPP_2S_A: Entry(dpmpp.dpmpp_2s_ancestral, NOISY),
    Scheduler.DPMPP_2S_A_CFG_PP: Entry(dpmpp.dpmpp_2s_ancestral_cfg_pp, NOISY, guided=True),
    Scheduler.DPMPP_SDE: Entry(dpmpp_sde.dpmpp_sde, NOISY, brownian=True),
    Scheduler.DPMPP_2M: Entry(dpmpp.dpmpp_2m, flow=True),
    Scheduler.DPMPP_2M_CFG_PP: Entry(dpmpp.dpmpp_2m_cfg_pp, guided=True),
    Scheduler.DPMPP_2M_SDE: Entry(dpmpp_sde.dpmpp_2m_sde, NOISY, brownian=True),
    Scheduler.DPMPP_2M_SDE_HEUN: Entry(dpmpp_sde.dpmpp_2m_sde_heun, NOISY, brownian=True),
    Scheduler.DPMPP_3M_SDE: Entry(dpmpp_sde.dpmpp_3m_sde, NOISY, brownian=True),
    Scheduler.DDPM: Entry(posterior.ddpm),
    Scheduler.LCM: Entry(posterior.lcm),
    Scheduler.TCD: Entry(posterior.tcd),
    Scheduler.IPNDM: Entry(multistep.ipndm, flow=True),
    Scheduler.IPNDM_V: Entry(multistep.ipndm_v, flow=True),
    Scheduler.DEIS: Entry(deis.deis, flow=True),
    Scheduler.RES_MULTISTEP: Entry(exponential.res_multistep, eta=0.0, flow=True),
    Scheduler.RES_MULTISTEP_A: Entry(exponential.res_multistep, NOISY),
    Scheduler.RES_MULTISTEP_CFG_PP: Entry(exponential.res_multistep_cfg_pp, eta=0.0, guided=True),
    Scheduler.RES_MULTISTEP_A_CFG_PP: Entry(exponential.res_multistep_cfg_pp, NOISY, guided=True),
    Scheduler.GRADIENT_ESTIMATION: Entry(gradient.gradient_estimation, flow=True),
    Scheduler.GRADIENT_ESTIMATION_CFG_PP: Entry(gradient.gradient_estimation_cfg_pp, guided=True),
    Scheduler.ER_SDE: Entry(er_sde.er_sde, frozenset({"churn_noise"})),
    Scheduler.SEEDS_2: Entry(exponential.seeds_2, NOISY),
    Scheduler.SEEDS_3: Entry(exponential.seeds_3, NOISY),
    Scheduler.EXP_HEUN_2_X0: Entry(exponential.exp_heun_2_x0, eta=0.0),
    Scheduler.EXP_HEUN_2_X0_SDE: Entry(exponential.exp_heun_2_x0, NOISY),
    Scheduler.UNIPC: Entry(unipc.comfy_unipc_bh1, discards=True),
    Scheduler.UNIPC_BH2: Entry(unipc.comfy_unipc_bh2, discards=True),
    Scheduler.SA_SOLVER: Entry(sa_solver.sa_solver, NOISY, flow=True),
    Scheduler.SA_SOLVER_PECE: Entry(sa_solver.sa_solver_pece, NOISY, flow=True),
}

CATALOG: Mapping[Convention, Mapping[Scheduler, Entry]] = {
    Convention.A1111: _WEB,
    Convention.COMFYUI: _COMFY,
}
"""By program and code. A1111's HeunPP2, IPNDM, DEIS, DDPM, TCD, SA-Solver and CFG++ are its forks' and
extensions'."""
