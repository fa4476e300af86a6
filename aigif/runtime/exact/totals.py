"""Totals of exact pieces of a contraction, rounded once to float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aigif.runtime.torchlib import require

__all__ = ["SAFE", "Total", "safe_length", "summed"]

torch: Any = require("torch")

SAFE = 2.0**53 * (1.0 - 2.0**-20)
"""A bound of sums that was computed in float64 itself has to stay below this."""


def safe_length(bits: int) -> int:
    """How many products of a left and a right operand of a contraction stay within 2**53 units, whatever they are."""
    return 1 << max(0, 54 - 2 * bits)


class Total:
    """Carries of a running total in float64, whose numbers are whole multiples of `unit`, less than 2**77 of them."""

    def __init__(self, unit: Any) -> None:
        self._cut = unit * (1.5 * 2.0**78)
        self._upper: Any = None

    def carry(self, total: Any) -> None:
        """Take the multiples of 2**26 units out of `total`, so that it has room for another piece."""
        upper = total.add(self._cut).sub_(self._cut)
        total.sub_(upper)
        self._upper = upper if self._upper is None else self._upper.add_(upper)

    def rounded(self, total: Any) -> Any:
        """What is left in `total` and all that was taken, with one rounding."""
        return total if self._upper is None else total.add_(self._upper)


def summed(count: int, unit: Callable[[], Any], product: Callable[[int, Any], Any]) -> Any:
    """The exact sum of `count` products, each less than 2**53 units also in part, rounded once to float64.

    `product` makes a product by its number, as a new tensor (None) or added to the one that it is given.
    """
    made = product(0, None)
    if count == 2:
        return made.add_(product(1, None))
    if count > 2:
        total = Total(unit())
        for at in range(1, count):
            total.carry(made)
            product(at, made)
        made = total.rounded(made)
    return made
