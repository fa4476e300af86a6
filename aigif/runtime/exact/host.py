"""Elementary functions of Python's numbers and of numpy's arrays, correctly rounded, in the place of a C library's.

Schedulers lay out their noise levels with `math.log`, `numpy.exp` and their kin, whose last bit differs between
systems. Here each is worked out with 60 digits by Python's own `decimal`, and rounded once. Python's `**` can't be
replaced; a file's digest of the schedule shows where it gave another number.
"""

from __future__ import annotations

import contextlib
import decimal
import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from aigif.runtime.noise.replace import replaced
from aigif.runtime.torchlib import require

__all__ = ["EXACT", "exact_host"]

_CONTEXT = decimal.Context(prec=60, Emax=999999, Emin=-999999)
_TINY = 1e-25
_PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803")


def _each(function: Callable[[Decimal], Decimal], low: float = -math.inf, high: float = math.inf) -> Any:
    """A function of a float; outside of low to high (and for what is no number) its C library's own is kept."""

    def run(x: float) -> float | None:
        if not math.isfinite(x) or not low < x < high:
            return None
        with decimal.localcontext(_CONTEXT):
            return float(function(Decimal(x)))

    return run


def _sine(x: Decimal) -> Decimal:
    turns = (x / (2 * _PI)).to_integral_value()
    left = x - turns * 2 * _PI
    total, term, n = Decimal(0), left, 1
    while abs(term) > Decimal("1e-60"):
        total += term
        term = -term * left * left / ((n + 1) * (n + 2))
        n += 2
    return total


def _arctangent(x: Decimal) -> Decimal:
    halvings = 0
    while abs(x) > Decimal("0.1"):
        x, halvings = x / (1 + (1 + x * x).sqrt()), halvings + 1
    total, power, n = Decimal(0), x, 1
    while abs(power) > Decimal("1e-62"):
        total += power / n
        power, n = -power * x * x, n + 2
    return total * Decimal(2**halvings)


EXACT: dict[str, Callable[[float], float | None]] = {
    "log": _each(lambda x: x.ln(), 0.0),
    "log2": _each(lambda x: x.ln() / Decimal(2).ln(), 0.0),
    "log10": _each(lambda x: x.log10(), 0.0),
    "log1p": _each(lambda x: (1 + x).ln() if abs(x) > _TINY else x, -1.0),
    "exp": _each(lambda x: x.exp(), -700.0, 700.0),
    "expm1": _each(lambda x: x.exp() - 1 if abs(x) > _TINY else x, -700.0, 700.0),
    "sin": _each(_sine, -1e15, 1e15),
    "cos": _each(lambda x: _sine(x + _PI / 2), -1e15, 1e15),
    "tan": _each(lambda x: _sine(x) / _sine(x + _PI / 2), -1e15, 1e15),
    "atan": _each(_arctangent),
}
"""Correctly rounded functions by Python's names; None where the number is outside of what they are for."""


def exact_power(x: float, y: float) -> float | None:
    """x**y for a positive x, or a whole y; None for others, and where the result has no 700 digits of exponent."""
    if not (math.isfinite(x) and math.isfinite(y)) or x == 0 or (x < 0 and y != int(y)):
        return None
    with decimal.localcontext(_CONTEXT):
        exponent = Decimal(abs(x)).ln() * Decimal(y)
        if abs(exponent) >= 700:
            return None
        return float(exponent.exp()) * (-1.0 if x < 0 and y % 2 else 1.0)


@contextlib.contextmanager
def exact_host() -> Iterator[None]:
    """While it is open, `math` and `numpy` give correctly rounded elementary functions in this thread."""
    numpy = require("numpy")
    with contextlib.ExitStack() as stack:
        for name in EXACT:
            stack.enter_context(replaced([math], name, _of_number(name, getattr(math, name))))
        stack.enter_context(replaced([math], "pow", _power_of_numbers(math.pow)))
        for name in EXACT:
            theirs = "arctan" if name == "atan" else name
            stack.enter_context(replaced([numpy], theirs, _of_array(name, getattr(numpy, theirs))))
        stack.enter_context(replaced([numpy], "power", _power_of_arrays(numpy.power)))
        stack.enter_context(replaced([numpy], "interp", _interp))
        stack.enter_context(replaced([numpy], "linspace", _watched(numpy.linspace)))
        yield


def _of_number(name: str, native: Callable[..., float]) -> Callable[..., float]:
    function = EXACT[name]

    def run(x: Any, *base: Any) -> float:
        found = function(float(x))
        if found is None or not base:
            return native(x, *base) if found is None else found
        below = function(float(base[0]))
        return native(x, *base) if below is None else found / below

    return run


def _power_of_numbers(native: Callable[[float, float], float]) -> Callable[[float, float], float]:
    def run(x: float, y: float) -> float:
        found = exact_power(float(x), float(y))
        return native(x, y) if found is None else found

    return run


def _of_array(name: str, native: Callable[..., Any]) -> Callable[..., Any]:
    function = EXACT[name]

    def run(x: Any, *rest: Any, **options: Any) -> Any:
        numpy = require("numpy")
        given = numpy.asarray(x)
        if rest or options or given.dtype.kind not in "fiu":
            return native(x, *rest, **options)
        flat = [float(value) for value in given.reshape(-1)]
        found = [function(value) for value in flat]
        plain = native(given)
        exact = [float(old) if new is None else new for old, new in zip(plain.reshape(-1), found, strict=True)]
        return _shaped(exact, plain, isinstance(x, _watching()))

    return run


def _power_of_arrays(native: Callable[..., Any]) -> Callable[..., Any]:
    def run(x: Any, y: Any, *rest: Any, **options: Any) -> Any:
        numpy = require("numpy")
        plain = numpy.asarray(native(numpy.asarray(x), numpy.asarray(y), *rest, **options))
        if rest or options or plain.dtype.kind != "f":
            return plain
        bases, powers = numpy.broadcast_arrays(numpy.asarray(x, "f8"), numpy.asarray(y, "f8"))
        pairs = zip(bases.reshape(-1), powers.reshape(-1), plain.reshape(-1), strict=True)
        exact = [
            float(old) if (new := exact_power(float(a), float(b))) is None else new for a, b, old in pairs
        ]
        return _shaped(exact, plain, isinstance(x, _watching()))

    return run


def _shaped(numbers: list[float], like: Any, watched: bool) -> Any:
    numpy = require("numpy")
    made = numpy.array(numbers, dtype=numpy.float64).astype(like.dtype).reshape(like.shape)
    if made.ndim == 0:
        return made[()]
    return made.view(_watching()) if watched else made


def _interp(x: Any, places: Any, values: Any, *_: Any, **__: Any) -> Any:
    """numpy.interp, one operation after the other: its compiled loop may fuse a product and a sum."""
    numpy = require("numpy")
    x, places, values = (numpy.asarray(each, dtype=numpy.float64) for each in (x, places, values))
    at = numpy.clip(numpy.searchsorted(places, x, side="right") - 1, 0, len(places) - 2)
    slope = (values[at + 1] - values[at]) / (places[at + 1] - places[at])
    between = slope * (x - places[at]) + values[at]
    found = numpy.where(x <= places[0], values[0], numpy.where(x >= places[-1], values[-1], between))
    return found if found.ndim else found[()]


def _watched(native: Callable[..., Any]) -> Callable[..., Any]:
    def run(*arguments: Any, **options: Any) -> Any:
        made = native(*arguments, **options)
        return made.view(_watching()) if hasattr(made, "view") and made.ndim else made

    return run


_KIND: list[Any] = []


def _watching() -> Any:
    """A kind of numpy array whose `**` and sum are exact, and rounded; what is computed from it is of its kind."""
    if _KIND:
        return _KIND[0]
    numpy = require("numpy")

    class Watched(numpy.ndarray):  # type: ignore[misc, name-defined]
        def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
            plain = [numpy.asarray(each) if isinstance(each, Watched) else each for each in inputs]
            if ufunc.__name__ == "power" and method == "__call__" and not options:
                made = _power_of_arrays(ufunc)(*plain)
            elif (ufunc.__name__, method) == ("add", "reduce") and plain[0].ndim == 1 and plain[0].dtype.kind == "f":
                made = plain[0].dtype.type(math.fsum(plain[0].tolist()))
            else:
                if "out" in options:
                    options["out"] = tuple(numpy.asarray(each) for each in options["out"])
                made = getattr(ufunc, method)(*plain, **options)
            return made.view(Watched) if isinstance(made, numpy.ndarray) and made.ndim else made

    _KIND.append(Watched)
    return Watched
