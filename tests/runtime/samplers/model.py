"""A network whose every output is known: the score of a mixture of Gaussians, or of one, over independent numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

SD15: dict[str, Any] = {
    "_class_name": "PNDMScheduler",
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "num_train_timesteps": 1000,
    "prediction_type": "epsilon",
}
MIXTURE = ((0.35, -1.0, 0.25), (0.45, 0.6, 0.3), (0.2, 1.7, 0.15))
"""Weight, mean and standard deviation."""
GAUSSIAN = ((1.0, 0.4, 0.6),)

_BETAS = np.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2
ALPHAS = np.cumprod(1 - _BETAS)
LOG_SIGMAS = np.log(((1 - ALPHAS) / ALPHAS) ** 0.5)


@dataclass(frozen=True)
class Network:
    """Float64 throughout. `nearest`: whether timesteps are the nearest entries of the table, as ComfyUI's."""

    parts: tuple[tuple[float, float, float], ...] = MIXTURE
    prediction: str = "epsilon"
    nearest: bool = False
    flow: bool = False

    def timestep(self, sigma: float) -> float:
        if self.nearest:
            return float(np.abs(LOG_SIGMAS - np.log(sigma)).argmin())
        return float(np.interp(np.log(sigma), LOG_SIGMAS, np.arange(1000)))

    def output(self, scaled: np.ndarray, timestep: float) -> np.ndarray:
        """What the network says of its input at a timestep."""
        sigma = (
            timestep / 1000 if self.flow else float(np.exp(np.interp(timestep, np.arange(1000), LOG_SIGMAS)))
        )
        signal = 1 - sigma if self.flow else 1.0
        x = scaled if self.flow else scaled * (sigma**2 + 1) ** 0.5
        clean = posterior_mean(x, sigma, self.parts, signal)
        noise = (x - signal * clean) / sigma
        if self.flow:
            return noise - clean
        alpha = 1 / (sigma**2 + 1)
        if self.prediction == "v_prediction":
            return alpha**0.5 * noise - (1 - alpha) ** 0.5 * clean
        return clean if self.prediction == "sample" else noise

    def denoised(self, x: np.ndarray, sigma: float) -> np.ndarray:
        """The clean estimate that a program makes of the output (of an epsilon network)."""
        scaled = x / (sigma**2 + 1) ** 0.5
        return x - sigma * self.output(scaled, self.timestep(sigma))


def posterior_mean(
    x: np.ndarray, sigma: float, parts: tuple[tuple[float, float, float], ...], signal: float = 1.0
) -> np.ndarray:
    """E[clean | signal * clean + sigma * noise = x] of the mixture."""
    logs, means = [], []
    for weight, mean, std in parts:
        variance = (signal * std) ** 2 + sigma**2
        logs.append(np.log(weight) - 0.5 * np.log(variance) - (x - signal * mean) ** 2 / (2 * variance))
        means.append((mean * sigma**2 + signal * x * std**2) / variance)
    shares = np.exp(np.array(logs) - np.max(logs, axis=0))
    return (shares / shares.sum(0) * np.array(means)).sum(0)


def exact_end(x: np.ndarray, sigma: float, last: float = 0.0) -> np.ndarray:
    """Where the probability-flow ODE of GAUSSIAN leads from x at `sigma`."""
    _, mean, std = GAUSSIAN[0]
    return mean + (x - mean) * ((std**2 + last**2) / (std**2 + sigma**2)) ** 0.5


class Stream:
    """Seeded unit noise, as a NoiseStream of float32 tensors and, by `__call__`, as float64 arrays."""

    def __init__(self, seed: int, shape: tuple[int, ...]) -> None:
        self._random, self._shape, self.drawn = np.random.default_rng(seed), shape, 0

    def normal(self, shape: tuple[int, ...]) -> Any:
        import torch

        assert tuple(shape) == self._shape
        return torch.from_numpy(self().astype(np.float32))

    def __call__(self) -> np.ndarray:
        self.drawn += 1
        return self._random.standard_normal(self._shape).astype(np.float32).astype(np.float64)


def run(
    scheduler: Any,
    network: Network,
    noise: np.ndarray,
    weak: Callable[[np.ndarray], np.ndarray] | None = None,
) -> np.ndarray:
    """A pipeline's loop over `scheduler` with `network`, from unit noise; `weak` makes the unguided output."""
    import torch

    latents = torch.from_numpy(noise.astype(np.float32)) * scheduler.init_noise_sigma
    for timestep in scheduler.timesteps:
        given = scheduler.scale_model_input(torch.cat([latents] * 2), timestep)
        assert torch.equal(*given.chunk(2))
        output = network.output(given.chunk(2)[0].double().numpy(), float(timestep))
        if weak is not None:
            scheduler.note_unguided(torch.from_numpy(weak(output)).float())
        latents = scheduler.step(torch.from_numpy(output).float(), timestep, latents, return_dict=False)[0]
    return latents.double().numpy()
