"""What schedulers take of scipy and of numpy's LAPACK, in the place of compiled code that differs between systems.

The quantile of the beta distribution is correctly rounded, as host.py's functions are. Integrals are those of
polynomials, and systems of equations have few unknowns.
"""

from __future__ import annotations

import contextlib
import decimal
import importlib.util
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from aigif.runtime.exact.ops.linearsystems import solved
from aigif.runtime.noise.replace import replaced
from aigif.runtime.torchlib import require

__all__ = ["beta_quantile", "exact_schedules", "integral"]

_CONTEXT = decimal.Context(prec=60, Emax=999999, Emin=-999999)
_MOST_CORRECTIONS = 60
_ENOUGH = Decimal("1e-25")
"""Newton's next step would be this much, squared."""

NODES = (0.8611363115940526, 0.3399810435848563)
SHARES = (0.34785484513745385, 0.6521451548625461)
"""Gauss and Legendre's four points, the positive ones, and their weights: exact up to degree 7."""


def integral(function: Callable[..., Any], low: Any, high: Any, args: tuple[Any, ...] = (), **_: Any) -> Any:
    """scipy.integrate.quad for a polynomial, and 0 for the error: the outer pair of points, then the inner one."""
    low, high = float(low), float(high)
    middle, half = (low + high) / 2, (high - low) / 2
    total = 0.0
    for node, share in zip(NODES, SHARES, strict=True):
        pair = float(function(middle - half * node, *args)) + float(function(middle + half * node, *args))
        total += share * pair
    return half * total, 0.0


def beta_quantile(share: float, a: float, b: float, near: float) -> float:
    """The x, from 0 to 1, below which a share of the beta distribution lies, correctly rounded.

    `near` is an approximation of it. B(x; a, b) is x**a times the sum of (1-b)(2-b)...(n-b) x**n / (n! (a + n)), and
    Newton's rule is applied to it, or to 1 - x where x is above 1/2.
    """
    with decimal.localcontext(_CONTEXT):
        p, q = Decimal(a), Decimal(b)
        whole = _incomplete(Decimal("0.5"), p, q) + _incomplete(Decimal("0.5"), q, p)
        wanted, x, turned = Decimal(share) * whole, Decimal(near), near > 0.5
        if turned:
            wanted, x, p, q = whole - wanted, 1 - x, q, p
        for _ in range(_MOST_CORRECTIONS):
            slope = x ** (p - 1) * (1 - x) ** (q - 1)
            before, x = x, max(x - (_incomplete(x, p, q) - wanted) / slope, x / 16)
            if abs(x - before) < x * _ENOUGH:
                break
        return float(1 - x if turned else x)


def _incomplete(x: Decimal, a: Decimal, b: Decimal) -> Decimal:
    """The incomplete beta function, for x of at most about 1/2."""
    total, term, n = Decimal(0), Decimal(1), 0
    while abs(term) > Decimal("1e-58"):
        total += term / (a + n)
        n += 1
        term = term * (n - b) / n * x
    return total * x**a


def _quantiles(native: Callable[..., Any]) -> Callable[..., Any]:
    def run(distribution: Any, shares: Any, a: Any, b: Any) -> Any:
        numpy = require("numpy")
        near = numpy.asarray(native(distribution, shares, a, b))
        given = numpy.broadcast_arrays(
            numpy.asarray(shares, "f8"), numpy.asarray(a, "f8"), numpy.asarray(b, "f8")
        )
        rows = zip(*(each.reshape(-1).tolist() for each in given), near.reshape(-1).tolist(), strict=True)
        found = [beta_quantile(*row) if 0.0 < row[3] < 1.0 else row[3] for row in rows]
        return numpy.array(found).reshape(near.shape)

    return run


def _solve(native: Callable[..., Any]) -> Callable[..., Any]:
    def run(matrix: Any, right: Any) -> Any:
        numpy = require("numpy")
        a, b = numpy.asarray(matrix), numpy.asarray(right)
        if a.ndim != 2 or b.ndim != 1 or a.dtype.kind != "f":
            return native(matrix, right)
        return numpy.array(solved(a.tolist(), b.tolist()))

    return run


@contextlib.contextmanager
def exact_schedules() -> Iterator[None]:
    """While it is open, scipy.stats.beta.ppf, scipy.integrate.quad and numpy.linalg.solve are those of this file."""
    linalg = require("numpy").linalg
    with contextlib.ExitStack() as stack:
        stack.enter_context(replaced([linalg], "solve", _solve(linalg.solve)))
        if importlib.util.find_spec("scipy") is not None:
            stats, integrate = require("scipy.stats"), require("scipy.integrate")
            kind: Any = type(stats.beta)
            stack.enter_context(replaced([kind], "_ppf", _quantiles(kind._ppf)))
            stack.enter_context(replaced([integrate], "quad", integral))
        yield
