"""The noise levels that a model was trained with, and how programs map them to timesteps and back.

sigma is the noise's standard deviation over the signal's scale: sigma² = (1 - a) / a, where a is the cumulative
product of 1 - beta (Karras et al. 2022, appendix C.3). A1111 reads timesteps between the table's entries, linearly
in log sigma (k-diffusion, external.py, DiscreteSchedule); ComfyUI takes the nearest entry (comfy/model_sampling.py,
ModelSamplingDiscrete); A1111's LCM has a table of every 20th entry (modules/sd_samplers_lcm.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aigif.errors import ModelError
from aigif.runtime.samplers.convention import Convention
from aigif.runtime.samplers.steps import root
from aigif.runtime.torchlib import require

__all__ = [
    "FlowLevels",
    "LcmLevels",
    "Levels",
    "NearestLevels",
    "cumulative_alphas",
    "is_flow",
    "model_levels",
]

LAST_ALPHA = 4.8973451890853435e-08
"""What A1111 and ComfyUI put for the last cumulative alpha, 0 in theory, of zero terminal SNR."""

LCM_SPACING = 20
"""Training timesteps between the steps that LCM was distilled for: 1000 over 50."""


class Levels:
    """A table of noise levels, rising, read between its entries linearly in log sigma: k-diffusion's, A1111's.

    Attributes:
        alphas: Cumulative alphas, falling, or None for a model that has none.
        sigmas: The noise levels, rising.
        log_sigmas: Their logarithms.
    """

    def __init__(self, alphas: Any, sigmas: Any, log_sigmas: Any) -> None:
        self.alphas, self.sigmas, self.log_sigmas = alphas, sigmas, log_sigmas

    @property
    def sigma_min(self) -> float:
        return float(self.sigmas[0].item())

    @property
    def sigma_max(self) -> float:
        return float(self.sigmas[-1].item())

    def sigma_to_t(self, sigma: Any) -> Any:
        """The timestep, a scalar float tensor, of the scalar `sigma`."""
        log_sigma = sigma.log()
        above = log_sigma - self.log_sigmas >= 0
        low = above.cumsum(dim=0).argmax(dim=0).clamp(max=len(self.log_sigmas) - 2)
        below, beyond = self.log_sigmas[low], self.log_sigmas[low + 1]
        weight = ((below - log_sigma) / (below - beyond)).clamp(0, 1)
        return (1 - weight) * low + weight * (low + 1)

    def t_to_sigma(self, t: Any) -> Any:
        """The noise levels of the timesteps `t`, a float tensor of any shape; beyond the table, its ends."""
        t = t.float().clamp(0, len(self.sigmas) - 1)
        low, high, weight = t.floor().long(), t.ceil().long(), t.frac()
        return ((1 - weight) * self.log_sigmas[low] + weight * self.log_sigmas[high]).exp()


class NearestLevels(Levels):
    """ComfyUI's: a noise level has the timestep of the nearest entry in log sigma."""

    def sigma_to_t(self, sigma: Any) -> Any:
        return (sigma.log() - self.log_sigmas).abs().argmin(dim=0).float()


class LcmLevels(Levels):
    """A1111's table for LCM: the last of every 20 training timesteps, the nearest entry."""

    def sigma_to_t(self, sigma: Any) -> Any:
        nearest = (sigma.log() - self.log_sigmas).abs().argmin(dim=0)
        return (nearest * LCM_SPACING + (LCM_SPACING - 1)).float()

    def t_to_sigma(self, t: Any) -> Any:
        return super().t_to_sigma((t - (LCM_SPACING - 1)) / LCM_SPACING)


class FlowLevels(Levels):
    """Times of a rectified flow, 0.001 to 1 before the shift; a time is its own noise level.

    Esser et al. 2024, equation 23, with the shift as ComfyUI's ModelSamplingDiscreteFlow has it; timesteps are
    times by 1000, which is what the pipelines of diffusers take.
    """

    def __init__(self, shift: float) -> None:
        torch = require("torch")
        self.shift = shift
        sigmas = self.t_to_sigma(torch.arange(1, 1001, dtype=torch.float32))
        super().__init__(None, sigmas, sigmas.log())

    def sigma_to_t(self, sigma: Any) -> Any:
        return sigma * 1000.0

    def t_to_sigma(self, t: Any) -> Any:
        time = t / 1000.0
        return self.shift * time / (1 + (self.shift - 1) * time)


def is_flow(config: Mapping[str, Any]) -> bool:
    """Whether a scheduler's configuration is that of a flow model."""
    return str(config.get("_class_name", "")).startswith("FlowMatch") or (
        config.get("prediction_type") == "flow_prediction"
    )


def model_levels(
    config: Mapping[str, Any],
    convention: Convention,
    *,
    shift: float = 0.0,
    zero_snr: bool = False,
    half: bool = False,
    lcm: bool = False,
) -> Levels:
    """The table of a model whose diffusers scheduler has the configuration `config`.

    `shift` replaces a flow model's own where it isn't 0; `zero_snr`, `half`: see `cumulative_alphas`; `lcm` asks
    for the table of A1111's LCM. Raises ModelError where the configuration holds no betas that this can read.
    """
    if is_flow(config):
        return FlowLevels(shift or float(config.get("shift") or 1.0))
    comfy = convention is Convention.COMFYUI
    alphas = cumulative_alphas(config, zero_snr=zero_snr, half=half, wide=comfy)
    if lcm:
        alphas = alphas.float()[LCM_SPACING - 1 :: LCM_SPACING]
    sigmas = ((1 - alphas) / alphas) ** 0.5
    logs = sigmas.log()
    if comfy:
        alphas, sigmas, logs = alphas.float(), sigmas.float(), logs.float()
    kind = LcmLevels if lcm else NearestLevels if comfy else Levels
    return kind(alphas, sigmas, logs)


def cumulative_alphas(
    config: Mapping[str, Any], *, zero_snr: bool = False, half: bool = False, wide: bool = False
) -> Any:
    """The cumulative alphas of a discrete schedule of betas, falling: float32, or float64 where `wide`.

    Betas are multiplied up in float64 and rounded once, as the original Stable Diffusion code does (diffusers
    multiplies in float32). `half` rounds the result to float16, as A1111 did before 1.8. `zero_snr`, or the
    configuration's `rescale_betas_zero_snr`, shifts and scales the square roots so that the last is 0 (Lin et al.
    2023, Algorithm 1), after which the last alpha is set to the programs' 4.9e-8.
    """
    torch = require("torch")
    alphas = torch.cumprod(1 - _betas(config), dim=0)
    alphas = alphas if wide else alphas.float()
    if half:
        alphas = alphas.half()
    if zero_snr or config.get("rescale_betas_zero_snr"):
        roots = alphas.sqrt()
        first, last = roots[0].clone(), roots[-1].clone()
        alphas = ((roots - last) * (first / (first - last))) ** 2
        alphas[-1] = LAST_ALPHA
    return alphas


def _betas(config: Mapping[str, Any]) -> Any:
    torch = require("torch")
    trained = config.get("trained_betas")
    if trained is not None:
        return torch.tensor(trained, dtype=torch.float64)
    count = int(config.get("num_train_timesteps", 1000))
    kind = config.get("beta_schedule", "linear")
    start, end = config.get("beta_start", 0.0001), config.get("beta_end", 0.02)
    if kind == "linear":
        return torch.linspace(start, end, count, dtype=torch.float64)
    if kind == "scaled_linear":
        return torch.linspace(root(start), root(end), count, dtype=torch.float64) ** 2
    if kind == "squaredcos_cap_v2":
        return require("diffusers.schedulers.scheduling_ddpm").betas_for_alpha_bar(count).double()
    raise ModelError(
        f"the model's scheduler has the beta schedule {kind!r}, which the samplers of A1111 and ComfyUI don't have"
    )
