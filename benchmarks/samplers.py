"""Prints the table of docs/samplers.md: the samplers against float64 reference formulas, and against diffusers.

Run in the repository: the references lie beside the tests.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from typing import Any

from aigif.runtime.torchlib import require
from tests.runtime.samplers.cases import CASES, MORE, SHAPE, Case
from tests.runtime.samplers.model import SD15, Network, Stream, run
from tests.runtime.samplers.order import measured_order

SEEDS = (3, 11, 29)

DIFFUSERS: dict[str, tuple[str, dict[str, Any]]] = {
    "Euler": ("EulerDiscreteScheduler", {}),
    "Euler a": ("EulerAncestralDiscreteScheduler", {}),
    "LMS": ("LMSDiscreteScheduler", {}),
    "Heun": ("HeunDiscreteScheduler", {}),
    "DPM2": ("KDPM2DiscreteScheduler", {"use_karras_sigmas": True}),
    "DPM2 a": ("KDPM2AncestralDiscreteScheduler", {"use_karras_sigmas": True}),
    "DPM++ 2M": ("DPMSolverMultistepScheduler", {"use_karras_sigmas": True}),
    "DPM++ 2M SDE": (
        "DPMSolverMultistepScheduler",
        {"algorithm_type": "sde-dpmsolver++", "use_exponential_sigmas": True},
    ),
    "DPM++ 2M SDE Heun": (
        "DPMSolverMultistepScheduler",
        {"algorithm_type": "sde-dpmsolver++", "solver_type": "heun", "use_exponential_sigmas": True},
    ),
}
"""The class of diffusers for the same sampler, and its options."""


def deviation(case: Case) -> float:
    """The largest over the seeds."""
    return max(case.deviation(seed) for seed in SEEDS)


def from_diffusers(case: Case) -> float | None:
    """Largest relative difference from diffusers' class on the same levels, both with the same network and noise;
    None where diffusers has no such class."""
    import torch

    if case.name not in DIFFUSERS:
        return None
    name, options = DIFFUSERS[case.name]
    theirs = getattr(require("diffusers"), name).from_config(SD15, **options)
    ours = case.scheduler(case.steps, Stream(4, SHAPE))
    # diffusers keeps the level that A1111 leaves out
    ours.plan = replace(ours.plan, entry=replace(ours.plan.entry, discards=False))
    ours.set_timesteps(case.steps)
    theirs.set_timesteps(case.steps)
    noise, network = Stream(3, SHAPE)(), Network()
    unscaled = "DPMSolver" not in name
    latents = torch.from_numpy(noise).float() * ours.init_noise_sigma
    latents = latents if unscaled else latents / (1 + ours.sigmas[0] ** 2) ** 0.5
    with _NoiseFrom(name, Stream(4, SHAPE)):
        for timestep, exact in zip(theirs.timesteps, ours.timesteps, strict=True):
            given = theirs.scale_model_input(latents, timestep)
            output = torch.from_numpy(network.output(given.double().numpy(), float(exact))).float()
            latents = theirs.step(output, timestep, latents).prev_sample
    found = run(ours, network, noise)
    return float(abs(found - latents.double().numpy()).max() / abs(found).max())


class _NoiseFrom:
    """Replaces the noise of a module of diffusers' schedulers, where it draws any."""

    def __init__(self, name: str, stream: Stream) -> None:
        self.module = sys.modules[getattr(require("diffusers"), name).__module__]
        self.stream = stream

    def __enter__(self) -> None:
        self.before: Callable[..., Any] | None = getattr(self.module, "randn_tensor", None)
        if self.before is not None:
            self.module.randn_tensor = lambda shape, **_: self.stream.normal(tuple(shape))

    def __exit__(self, *_: object) -> None:
        if self.before is not None:
            self.module.randn_tensor = self.before


def row(case: Case) -> str:
    """One line of the table."""
    order = f"{measured_order(case.code, case.convention):.2f}" if case.order and _measurable(case) else ""
    other = from_diffusers(case)
    cells = (
        case.name,
        case.convention.value,
        case.source,
        str(case.steps),
        str(len(case.scheduler(case.steps, None).timesteps)) if "adaptive" not in case.name else "as needed",
        f"{deviation(case):.1e}",
        order,
        "" if other is None else f"{other:.1e}",
    )
    return f"| {' | '.join(cells)} |"


def _measurable(case: Case) -> bool:
    return case.name != "UniPC"


def main() -> None:
    """Print both tables."""
    print(f"float32 samplers, torch {version('torch')}, diffusers {version('diffusers')}; seeds {SEEDS}")
    print("| sampler | as in | formula | steps | calls | from float64 | order | from diffusers |")
    print("|---|---|---|---|---|---|---|---|")
    for case in (*CASES, *MORE):
        print(row(case))


if __name__ == "__main__":
    main()
