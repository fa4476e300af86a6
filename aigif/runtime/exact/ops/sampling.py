"""Meanings of drawing at random: exponential numbers, and places by their weights.

The uniform numbers are whole multiples of 2**-53 from torch's generator on the CPU, the same everywhere. torch's own
kernels draw them in the same layout where no other library does it for them (aten/src/ATen/native/Distributions.cpp
and cpu/MultinomialKernel.cpp).
"""

from __future__ import annotations

from typing import Any

from aigif.runtime.exact import functions as f
from aigif.runtime.exact.errors import UnsupportedOperation
from aigif.runtime.exact.grids import scalar
from aigif.runtime.exact.ops.reductions import running, stable_sort
from aigif.runtime.exact.table import Context, meaning
from aigif.runtime.torchlib import require

__all__: list[str] = []

torch: Any = require("torch")

_LEAST = 2.0**-53
"""In the place of an exponential number of 0, by which a weight couldn't be divided."""


def _uniform(shape: Any, generator: Any, device: Any, name: str) -> Any:
    """Uniform numbers from 0 to 1 in float64, on the CPU: one for each place, in the order of the places."""
    if (torch.device(device) if generator is None else generator.device).type != "cpu":
        raise UnsupportedOperation(f"aten::{name}", "numbers of another device's generator")
    return torch.empty(tuple(shape), dtype=torch.float64).uniform_(0, 1, generator=generator)


def _exponential(shape: Any, generator: Any, device: Any, name: str) -> Any:
    """-log(1 - u); 1 - u is exact."""
    return f.log(1.0 - _uniform(shape, generator, device, name)).neg_()


@meaning("exponential_")
def _exponential_(context: Context, x: Any, lambd: float = 1.0, *, generator: Any = None) -> Any:
    drawn = _exponential(x.shape, generator, x.device, "exponential_")
    return drawn.div_(scalar(float(lambd), drawn)).to(device=x.device, dtype=x.dtype)


@meaning("multinomial")
def _multinomial(
    context: Context, weights: Any, count: int, replacement: bool = False, *, generator: Any = None
) -> Any:
    """Without replacement, or for one place: the largest of weight / exponential number (rounded to the carrier).

    This is the race of exponential clocks, whose first ones ring with the weights' probabilities.
    """
    if replacement and count > 1:
        return _replaced(weights, count, generator)
    clocks = _exponential(weights.shape, generator, weights.device, "multinomial").clamp_(min=_LEAST)
    race = weights.div(clocks.to(device=weights.device, dtype=weights.dtype))
    return stable_sort(race, -1, True)[1].narrow(-1, 0, count)


def _replaced(weights: Any, count: int, generator: Any) -> Any:
    """For each of `count` uniform numbers the first place whose share, with all before it, is not less."""
    totals = running(weights.to(torch.float64), weights.ndim - 1)
    shares = totals.div_(totals[..., -1:].clone())
    shares[..., -1:] = scalar(1.0, shares)
    drawn = _uniform((*weights.shape[:-1], count), generator, weights.device, "multinomial")
    return torch.searchsorted(shares, drawn.to(weights.device))
