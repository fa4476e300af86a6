"""The levels, or timesteps, that a sampler is run over, and the noise that its latent starts with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aigif._gen.enums import SigmaSchedule
from aigif._gen.types import SamplerOptions
from aigif.errors import ElementError
from aigif.runtime.samplers.catalog import Entry
from aigif.runtime.samplers.convention import Convention, Part
from aigif.runtime.samplers.levels import FlowLevels, Levels
from aigif.runtime.samplers.part import Cut, cut
from aigif.runtime.samplers.sigmas import Layout, lay_out
from aigif.runtime.samplers.unipc import webui_unipc_bh1, webui_unipc_bh2
from aigif.runtime.torchlib import require

__all__ = ["Plan", "Route", "route"]


@dataclass(frozen=True, slots=True)
class Plan:
    """All that fixes a run but its number of steps.

    Attributes:
        entry: The sampler.
        schedule: How its noise levels are laid out.
        options: Settings of the file.
        levels: The model's noise levels.
        convention: The program.
        part: The part of the schedule that runs.
        prediction: What the network predicts, as diffusers calls it.
        sdxl: Whether the model is of the SDXL kind.
        config: The configuration that the scheduler shows to pipelines.
    """

    entry: Entry
    schedule: SigmaSchedule | int
    options: SamplerOptions
    levels: Levels
    convention: Convention
    part: Part
    prediction: str
    sdxl: bool
    config: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Route:
    """Where a run leads.

    Attributes:
        levels: Falling noise levels (or timesteps), one more than steps: what the sampler is given.
        signal: Scale of the clean latent at the start.
        noise: Scale of the noise at the start.
        from_noise: Whether it starts from noise alone.
        spread: The levels that a Brownian path is drawn over: A1111 takes the whole schedule's for a part too.
    """

    levels: Any
    signal: Any
    noise: Any
    from_noise: bool
    spread: Any


def route(plan: Plan, steps: int) -> Route:
    """The route of `steps` steps, as the program counts them."""
    part = cut(steps, plan.part, plan.convention)
    return _timestep_route(plan, part) if plan.entry.timesteps else _sigma_route(plan, part)


def _sigma_route(plan: Plan, part: Cut) -> Route:
    torch, levels = require("torch"), plan.levels
    discard = plan.entry.discards or plan.options.discard_penultimate
    sigmas = lay_out(plan.schedule, part.total + discard, _layout(plan), plan.convention)
    if discard:
        sigmas = torch.cat([sigmas[:-2], sigmas[-1:]])
    whole = sigmas
    if part.start is None:
        assert part.run is not None
        sigmas = sigmas[-(part.run + 1) :]
    else:
        sigmas = sigmas[part.start :][: None if part.run is None else part.run + 1]
    first = sigmas[0]
    if isinstance(levels, FlowLevels):
        return Route(sigmas, 1 - first, first, part.from_noise, sigmas)
    noise = (1.0 + first**2.0).sqrt() if _rooted(plan, first, part) else first
    if plan.entry.open_ended and plan.convention is Convention.A1111 and len(sigmas) == len(whole):
        # A1111 gives these the model's own ends, whatever schedule scaled the first noise
        sigmas = lay_out(SigmaSchedule.MODEL, part.total, Layout(levels, 0, 0), plan.convention)
    spread = whole if plan.convention is Convention.A1111 else sigmas
    return Route(sigmas, torch.tensor(1.0), noise, part.from_noise, spread)


def _rooted(plan: Plan, first: Any, part: Cut) -> bool:
    if plan.convention is Convention.A1111:
        return bool(plan.options.root_noise_scale and part.from_noise)
    highest = plan.levels.sigma_max
    return (
        plan.options.root_noise_scale or math.isclose(highest, first, rel_tol=1e-5) or float(first) > highest
    )


def _layout(plan: Plan) -> Layout:
    options, levels = plan.options, plan.levels
    return Layout(
        levels,
        options.sigma_min or levels.sigma_min,
        options.sigma_max or levels.sigma_max,
        options.rho,
        options.beta_alpha,
        options.beta_beta,
        plan.sdxl,
    )


def _timestep_route(plan: Plan, part: Cut) -> Route:
    """A1111, modules/sd_samplers_timesteps.py: every (1000 // steps)-th timestep from 1 on. A partial run is noised
    to the timestep above the one it starts at, as it is there."""
    torch, alphas = require("torch"), plan.levels.alphas
    total = part.total + plan.options.discard_penultimate
    if total > 1000:
        raise ElementError(
            [f"the samplers in timesteps have at most 1000 steps, not {total}"], element="data.steps"
        )
    rising = torch.arange(0, 1000, 1000 // total).add(1).clip(0, 999)
    signal, noise = torch.tensor(0.0), torch.tensor(1.0)
    if part.start is None:
        assert part.run is not None
        encoded = min(part.run - 1, len(rising) - 1)
        alpha = alphas[rising[encoded]].float()
        signal, noise = alpha.sqrt(), (1 - alpha).sqrt()
        rising = rising[:encoded]
    elif part.start or part.run is not None:
        raise ElementError(
            ["the samplers in timesteps run the whole schedule, or its end by a denoising strength"],
            element="model.sampler_options.start_step",
        )
    if plan.entry.sampler in (webui_unipc_bh1, webui_unipc_bh2):
        top = float(rising[-1]) / 1000 + 1 / 1000 if part.start is None else 1.0
        times = torch.linspace(top, 1 / 1000, len(rising) + 1)
        return Route(times, signal, noise, part.from_noise, times)
    # the lowest timestep is only where the run ends
    return Route(rising.flip(0).float(), signal, noise, part.from_noise, rising)
