"""How fast a sampler's error falls with its steps, on data whose probability-flow ODE has a known end."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from aigif._gen.enums import Scheduler
from aigif.runtime.samplers import Convention
from aigif.runtime.samplers.catalog import CATALOG
from aigif.runtime.samplers.levels import Levels
from aigif.runtime.samplers.protocol import Settings
from tests.runtime.samplers.model import ALPHAS, GAUSSIAN, exact_end, posterior_mean

HIGH, LOW = 14.6146, 0.0292
SIGMAS, TIMESTEPS = (32, 64, 128), (20, 40, 100)


def measured_order(code: Scheduler, convention: Convention) -> float:
    """Order of the sampler itself, in float64, with its noise off: the slope of log error over log steps."""
    entry = CATALOG[convention][code]
    counts = TIMESTEPS if entry.timesteps else SIGMAS
    errors = [
        _timestep_error(entry, n) if entry.timesteps else _sigma_error(entry, n, convention) for n in counts
    ]
    return -math.log(errors[-1] / errors[0]) / math.log(counts[-1] / counts[0])


def _sigma_error(entry: Any, count: int, convention: Convention) -> float:
    import torch

    levels = np.linspace(HIGH ** (1 / 7), LOW ** (1 / 7), count + 1) ** 7
    start = np.linspace(-2, 2, 9) * HIGH
    settings = Settings(noise=_no_noise, levels=None, convention=convention, eta=0.0)
    run = entry.sampler(torch.from_numpy(start), torch.from_numpy(levels), settings)
    end = _drive(run, lambda x, sigma: posterior_mean(x, sigma, GAUSSIAN))
    return float(abs(end - exact_end(start, HIGH, LOW)).max())


def _timestep_error(entry: Any, count: int) -> float:
    import torch

    alphas = torch.from_numpy(ALPHAS)
    timesteps = torch.from_numpy(np.arange(0, 1000, 1000 // count)[::-1] + 1.0)
    first, last = (math.sqrt(1 / ALPHAS[int(t)] - 1) for t in (timesteps[0], timesteps[-1]))
    start = np.linspace(-2, 2, 9)
    settings = Settings(noise=_no_noise, levels=Levels(alphas, alphas, alphas), eta=0.0)

    def predict(x: np.ndarray, timestep: float) -> np.ndarray:
        sigma = math.sqrt(1 / ALPHAS[int(timestep)] - 1)
        x = x * math.sqrt(1 + sigma**2)
        return (x - posterior_mean(x, sigma, GAUSSIAN)) / sigma

    end = _drive(entry.sampler(torch.from_numpy(start), timesteps, settings), predict) * math.sqrt(
        1 + last**2
    )
    return float(abs(end - exact_end(start * math.sqrt(1 + first**2), first, last)).max())


def _drive(run: Any, answer: Any) -> np.ndarray:
    import torch

    try:
        x, at = next(run)
        while True:
            x, at = run.send(torch.from_numpy(answer(x.numpy(), float(at))))
    except StopIteration as end:
        return end.value.numpy()


def _no_noise(sigma: Any, sigma_next: Any) -> Any:
    raise AssertionError("a deterministic run drew noise")
