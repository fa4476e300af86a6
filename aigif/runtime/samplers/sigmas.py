"""Noise schedules by name, as A1111 and ComfyUI lay them out: falling float32 tensors of steps + 1 noise levels.

Sources: k-diffusion, sampling.py (Karras, exponential, polyexponential); A1111, modules/sd_schedulers.py; ComfyUI,
comfy/samplers.py; Forge, modules/sd_schedulers.py (Turbo). The programs work in float32, and so does this.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from aigif._gen.enums import SigmaSchedule
from aigif.errors import ElementError
from aigif.runtime.options import label_of
from aigif.runtime.samplers.convention import Convention
from aigif.runtime.samplers.levels import FlowLevels, LcmLevels, Levels
from aigif.runtime.samplers.tables import ALIGN_YOUR_STEPS, ALIGN_YOUR_STEPS_LONG
from aigif.runtime.torchlib import require

__all__ = ["Layout", "SCHEDULES", "lay_out"]

KARRAS_RHO = 7.0


@dataclass(frozen=True, slots=True)
class Layout:
    """What a schedule is laid out from.

    Attributes:
        levels: The model's noise levels.
        sigma_min: Smallest noise level above 0.
        sigma_max: Largest noise level.
        rho: Exponent of the Karras and polyexponential schedules; 7, the Karras default, is 1 for the latter.
        alpha: Alpha of the beta schedule.
        beta: Beta of the beta schedule.
        sdxl: Whether the model is of the SDXL kind (Align Your Steps has a table for each).
    """

    levels: Levels
    sigma_min: float
    sigma_max: float
    rho: float = KARRAS_RHO
    alpha: float = 0.6
    beta: float = 0.6
    sdxl: bool = False


def lay_out(schedule: SigmaSchedule | int, steps: int, layout: Layout, convention: Convention) -> Any:
    """The noise levels of `steps` steps: float32, falling, `steps` + 1 of them (the beta and DDIM schedules may give
    a few more or fewer, as in the programs), the last 0 but for A1111's KL Optimal.

    Raises ElementError for a schedule that the program hasn't, and for steps below 1.
    """
    made = SCHEDULES[convention].get(schedule)
    if made is None:
        raise ElementError(
            [f"{convention.value} has no schedule {label_of(SigmaSchedule, schedule)}"],
            element="model.sigma_schedule",
        )
    if steps < 1:
        raise ElementError([f"a schedule has at least 1 step, not {steps}"], element="data.steps")
    return made(steps, layout)


def _ended(sigmas: Any) -> Any:
    torch = require("torch")
    sigmas = torch.as_tensor(sigmas, dtype=torch.float32)
    return torch.cat([sigmas, sigmas.new_zeros([1])])


def _uniform(steps: int, layout: Layout) -> Any:
    torch, levels = require("torch"), layout.levels
    if isinstance(levels, LcmLevels):
        first, last = (levels.sigma_to_t(levels.sigmas[place]).item() for place in (-1, 0))
        return _ended(levels.t_to_sigma(torch.linspace(first, last, steps)))
    return _ended(levels.t_to_sigma(torch.linspace(len(levels.sigmas) - 1, 0, steps)))


def _karras(steps: int, layout: Layout) -> Any:
    rho = layout.rho or KARRAS_RHO
    ramp = require("torch").linspace(0, 1, steps)
    low, high = math.pow(layout.sigma_min, 1 / rho), math.pow(layout.sigma_max, 1 / rho)
    return _ended((high + ramp * (low - high)) ** rho)


def _exponential(steps: int, layout: Layout) -> Any:
    torch = require("torch")
    return _ended(torch.linspace(math.log(layout.sigma_max), math.log(layout.sigma_min), steps).exp())


def _lu_lambdas(steps: int, layout: Layout) -> Any:
    """Lu et al. 2022 (DPM-Solver, section 3.4): even steps of lambda, half the log signal-to-noise ratio. On unscaled
    latents lambda is -log sigma, so that these are the exponential schedule's levels."""
    if isinstance(layout.levels, FlowLevels):
        raise ElementError(
            ["a flow model's highest level has no signal, and so no lambda"], element="model.sigma_schedule"
        )
    return _exponential(steps, layout)


def _polyexponential(steps: int, layout: Layout) -> Any:
    rho = layout.rho if layout.rho not in (0.0, KARRAS_RHO) else 1.0
    low, high = math.log(layout.sigma_min), math.log(layout.sigma_max)
    return _ended((require("torch").linspace(1, 0, steps) ** rho * (high - low) + low).exp())


def _between(steps: int, layout: Layout, *, without_last: bool) -> Any:
    torch, levels = require("torch"), layout.levels
    first = float(levels.sigma_to_t(torch.tensor(layout.sigma_max)))
    last = float(levels.sigma_to_t(torch.tensor(layout.sigma_min)))
    times = torch.linspace(first, last, steps + without_last)
    return _ended(levels.t_to_sigma(times[:steps]))


def _normal(steps: int, layout: Layout) -> Any:
    return _between(steps, layout, without_last=False)


def _sgm_uniform(steps: int, layout: Layout) -> Any:
    return _between(steps, layout, without_last=True)


def _simple(steps: int, layout: Layout) -> Any:
    table = layout.levels.sigmas
    return _ended([float(table[-(1 + int(step * (len(table) / steps)))]) for step in range(steps)])


def _ddim_uniform(steps: int, layout: Layout) -> Any:
    table = layout.levels.sigmas
    return _ended(table[1 :: max(len(table) // steps, 1)].flip(0).float())


def _beta_of_sigmas(steps: int, layout: Layout) -> Any:
    quantile = require("scipy.stats", "the beta schedule").beta.ppf
    ramp = 1 - require("numpy").linspace(0, 1, steps)
    spread = layout.sigma_max - layout.sigma_min
    return _ended([layout.sigma_min + quantile(place, layout.alpha, layout.beta) * spread for place in ramp])


def _beta_of_timesteps(steps: int, layout: Layout) -> Any:
    numpy, table = require("numpy"), layout.levels.sigmas
    quantile = require("scipy.stats", "the beta schedule").beta.ppf
    ramp = 1 - numpy.linspace(0, 1, steps, endpoint=False)
    times = numpy.rint(quantile(ramp, layout.alpha, layout.beta) * (len(table) - 1)).astype(int)
    return _ended([float(table[time]) for time in dict.fromkeys(times.tolist())])


def _kl_optimal_open(steps: int, layout: Layout) -> Any:
    torch = require("torch")
    low, high = torch.tensor(layout.sigma_min).arctan(), torch.tensor(layout.sigma_max).arctan()
    share = torch.arange(steps + 1) / steps
    return (share * low + (1.0 - share) * high).tan()


def _kl_optimal(steps: int, layout: Layout) -> Any:
    share = require("torch").arange(steps).float() / max(steps - 1, 1)
    return _ended((share * math.atan(layout.sigma_min) + (1 - share) * math.atan(layout.sigma_max)).tan())


def _log_linear(table: tuple[float, ...], count: int) -> Any:
    numpy = require("numpy")
    places, wanted = numpy.linspace(0, 1, len(table)), numpy.linspace(0, 1, count)
    return numpy.exp(numpy.interp(wanted, places, numpy.log(table)))


def _align_your_steps(steps: int, layout: Layout) -> Any:
    table = ALIGN_YOUR_STEPS[layout.sdxl]
    return _ended(table if steps == len(table) else _log_linear(table, steps))


def _align_your_steps_node(steps: int, layout: Layout) -> Any:
    table = ALIGN_YOUR_STEPS_LONG[layout.sdxl]
    return _ended((table if steps + 1 == len(table) else _log_linear(table, steps + 1))[:-1])


def _turbo(steps: int, layout: Layout) -> Any:
    torch = require("torch")
    times = (torch.arange(1, steps + 1) * float(1000.0 / steps) - 1).flip(0).round().clip(0, 999)
    return _ended(layout.levels.t_to_sigma(times))


def _turbo_node(steps: int, layout: Layout) -> Any:
    torch = require("torch")
    return _ended(layout.levels.t_to_sigma((torch.arange(1, 11).float() * 100 - 1).flip(0)[:steps]))


def _linear_quadratic(steps: int, layout: Layout) -> Any:
    """Half of the steps linear down to 1 - 0.025, the others quadratic, joined smoothly (genmo's Mochi)."""
    threshold = 0.025
    if steps == 1:
        return _ended([layout.levels.sigma_max])
    linear = steps // 2
    rest = steps - linear
    bend = (linear - threshold * steps) / (linear * rest**2)
    slope = threshold / linear - 2 * (linear - threshold * steps) / rest**2
    rising = [threshold * step / linear for step in range(linear)]
    rising += [bend * step**2 + slope * step + bend * linear**2 for step in range(linear, steps)]
    torch = require("torch")
    return _ended(torch.tensor([1.0 - value for value in rising]) * layout.levels.sigma_max)


def _bong_tangent(steps: int, layout: Layout) -> Any:
    """Two arctangents, from 1 to a half and from there to 0, whatever the model's levels are (ClownsharkBatwing's
    RES4LYF, sigmas.py, `bong_tangent_scheduler`; Forge Neo has it too). They turn at 3/5 of the points, with a slope
    of 8 over their number, and share the point where they meet. One step would divide by zero there."""
    if steps < 2:
        raise ElementError(["bong_tangent has at least 2 steps, not 1"], element="data.steps")
    points = steps + 2
    turn = int(points * 0.6)
    slope = 0.2 / (points / 40)
    early = _arctangent(turn, slope, turn, 1.0, 0.5)
    late = _arctangent(points - turn, slope, 0, 0.5, 0.0)
    return require("torch").tensor(early[:-1] + late, dtype=require("torch").float32)


def _arctangent(count: int, slope: float, turn: int, first: float, last: float) -> list[float]:
    """`count` values from `first` to `last` that fall as an arctangent does around place `turn`."""
    curve = [math.atan(slope * (turn - place)) for place in range(count)]
    return [last + (first - last) * (value - curve[-1]) / (curve[0] - curve[-1]) for value in curve]


_Maker: TypeAlias = Callable[[int, Layout], Any]

_SHARED: dict[SigmaSchedule | int, _Maker] = {
    SigmaSchedule.KARRAS: _karras,
    SigmaSchedule.EXPONENTIAL: _exponential,
    SigmaSchedule.LU_LAMBDAS: _lu_lambdas,
    SigmaSchedule.POLYEXPONENTIAL: _polyexponential,
    SigmaSchedule.SGM_UNIFORM: _sgm_uniform,
    SigmaSchedule.SIMPLE: _simple,
    SigmaSchedule.DDIM_UNIFORM: _ddim_uniform,
    SigmaSchedule.NORMAL: _normal,
}

SCHEDULES: Mapping[Convention, Mapping[SigmaSchedule | int, _Maker]] = {
    Convention.A1111: {
        **_SHARED,
        SigmaSchedule.MODEL: _uniform,
        SigmaSchedule.BETA: _beta_of_sigmas,
        SigmaSchedule.KL_OPTIMAL: _kl_optimal_open,
        SigmaSchedule.ALIGN_YOUR_STEPS: _align_your_steps,
        SigmaSchedule.TURBO: _turbo,
        SigmaSchedule.BONG_TANGENT: _bong_tangent,
    },
    Convention.COMFYUI: {
        **_SHARED,
        SigmaSchedule.MODEL: _normal,
        SigmaSchedule.BETA: _beta_of_timesteps,
        SigmaSchedule.KL_OPTIMAL: _kl_optimal,
        SigmaSchedule.ALIGN_YOUR_STEPS: _align_your_steps_node,
        SigmaSchedule.TURBO: _turbo_node,
        SigmaSchedule.LINEAR_QUADRATIC: _linear_quadratic,
        SigmaSchedule.BONG_TANGENT: _bong_tangent,
    },
}
"""The schedules that a program has. Forge's Turbo stands for A1111's; lu_lambdas is SD.Next's, whose pictures take a
sampler that diffusers lacks from A1111."""
