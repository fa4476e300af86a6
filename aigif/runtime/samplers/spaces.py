"""Between a sampler and the network: what the network is given, and what its output says.

The samplers in noise levels keep the latent unscaled: signal plus sigma times noise. The network of a discrete
schedule takes it divided by sqrt(sigma² + 1) (Karras et al. 2022, table 1, "VP"); that of a flow takes it as it is.
The samplers in timesteps keep it as the network takes it.
"""

from __future__ import annotations

from typing import Any, Protocol

from aigif.errors import ModelError
from aigif.runtime.samplers.levels import Levels

__all__ = ["FlowSpace", "LcmSpace", "SigmaSpace", "Space", "TimestepSpace"]

SIGMA_DATA = 0.5
TIMESTEP_SCALE = 10.0
"""LCM's boundary condition: c_skip and c_out of these (Luo et al. 2023, appendix; A1111, sd_samplers_lcm.py)."""


class Space(Protocol):
    """How one kind of sampler meets one kind of network. `at` is what the sampler yielded beside x."""

    def timestep(self, at: Any) -> Any:
        """The network's timestep, a scalar float tensor."""

    def model_input(self, x: Any, at: Any) -> Any:
        """x as the network takes it."""

    def answer(self, x: Any, at: Any, output: Any) -> Any:
        """What the sampler is sent for the network's `output`."""

    def denoised(self, x: Any, at: Any, output: Any) -> Any:
        """The latent without its noise."""


class SigmaSpace:
    """Noise levels of a discrete schedule. `prediction`: epsilon, v_prediction or sample."""

    def __init__(self, levels: Levels, prediction: str) -> None:
        if prediction not in ("epsilon", "v_prediction", "sample"):
            raise ModelError(f"the model predicts {prediction!r}, which these samplers can't use")
        self.levels, self.prediction = levels, prediction

    def timestep(self, at: Any) -> Any:
        return self.levels.sigma_to_t(at)

    def model_input(self, x: Any, at: Any) -> Any:
        return x * (1 / (at**2 + 1.0) ** 0.5)

    def denoised(self, x: Any, at: Any, output: Any) -> Any:
        if self.prediction == "epsilon":
            return x + output * -at
        if self.prediction == "sample":
            return output
        return output * (-at / (at**2 + 1.0) ** 0.5) + x * (1.0 / (at**2 + 1.0))

    answer = denoised


class LcmSpace(SigmaSpace):
    """A1111's LCM: the estimate is mixed with the input, which at small timesteps is nearly the picture."""

    def denoised(self, x: Any, at: Any, output: Any) -> Any:
        scaled = self.levels.sigma_to_t(at) * TIMESTEP_SCALE
        keep = SIGMA_DATA**2 / (scaled**2 + SIGMA_DATA**2)
        use = scaled / (scaled**2 + SIGMA_DATA**2) ** 0.5
        return use * super().denoised(x, at, output) + keep * x

    answer = denoised


class FlowSpace:
    """A rectified flow: the network predicts noise minus signal (Lipman et al. 2022; ComfyUI's CONST)."""

    def __init__(self, levels: Levels) -> None:
        self.levels = levels

    def timestep(self, at: Any) -> Any:
        return self.levels.sigma_to_t(at)

    def model_input(self, x: Any, at: Any) -> Any:
        return x

    def denoised(self, x: Any, at: Any, output: Any) -> Any:
        return x - output * at

    answer = denoised


class TimestepSpace:
    """Timesteps of a discrete schedule; the sampler is sent the predicted noise. A1111 turns a predicted velocity
    into noise with the table's entry at the timestep rounded down."""

    def __init__(self, levels: Levels, prediction: str) -> None:
        if prediction not in ("epsilon", "v_prediction"):
            raise ModelError(f"the model predicts {prediction!r}, which the samplers in timesteps can't use")
        self.levels, self.prediction = levels, prediction

    def timestep(self, at: Any) -> Any:
        return at

    def model_input(self, x: Any, at: Any) -> Any:
        return x

    def answer(self, x: Any, at: Any, output: Any) -> Any:
        if self.prediction == "epsilon":
            return output
        alpha = self._alpha(at)
        return alpha.sqrt() * output + (1 - alpha).sqrt() * x

    def denoised(self, x: Any, at: Any, output: Any) -> Any:
        alpha = self._alpha(at)
        return (x - (1 - alpha).sqrt() * self.answer(x, at, output)) / alpha.sqrt()

    def _alpha(self, at: Any) -> Any:
        return self.levels.alphas[int(at)]
