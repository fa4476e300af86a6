"""Elementary functions against mpmath's, and Python's own replaced by correctly rounded ones."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy
import pytest
import torch

from aigif.runtime.exact import functions as f
from aigif.runtime.exact.host import exact_host
from tests.exact.operations import shaped

CASES: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any], float]] = {
    "exp": (f.exp, mpmath.exp, 4e-15),
    "sine": (f.sine, mpmath.sin, 1e-12),
    "cosine": (f.cosine, mpmath.cos, 1e-12),
    "tanh": (f.tanh, mpmath.tanh, 1e-11),
    "sigmoid": (f.sigmoid, lambda x: 1 / (1 + mpmath.exp(-x)), 4e-15),
    "erf": (f.erf, mpmath.erf, 3e-9),
    "normal_tail": (lambda x: f.normal_tail(x.abs()), lambda x: mpmath.ncdf(-abs(x)), 5e-12),
    "expm1": (f.expm1, mpmath.expm1, 1e-13),
    "arctangent": (f.arctangent, mpmath.atan, 4e-15),
}


@pytest.mark.parametrize("name", CASES)
def test_near_the_truth(name: str) -> None:
    ours, theirs, error = CASES[name]
    x = shaped(400).to(torch.float64) * 1.25
    for given, found in zip(x.tolist(), ours(x).tolist(), strict=True):
        assert abs(found - float(theirs(given))) <= error * abs(float(theirs(given))) + 1e-300


def test_logarithms_and_powers() -> None:
    x = f.exp(shaped(400).to(torch.float64) * 20)
    for given, log, log1p, power in zip(
        x.tolist(), f.log(x).tolist(), f.log1p(x).tolist(), f.power(x, torch.full_like(x, 0.3)).tolist(), strict=True
    ):
        assert log == pytest.approx(float(mpmath.log(given)), rel=1e-15, abs=1e-15)
        assert log1p == pytest.approx(float(mpmath.log1p(given)), rel=1e-14)
        assert power == pytest.approx(float(mpmath.mpf(given) ** 0.3), rel=1e-13)


def test_the_short_polynomial_is_good_enough_for_float32() -> None:
    x = shaped(2000).to(torch.float64)
    assert float((f.exp(x, f.DEGREE) / f.exp(x) - 1).abs().max()) < 2.0**-26


def test_edges() -> None:
    edges = torch.tensor([0.0, -1.0, math.inf], dtype=torch.float64)
    assert f.log(edges).tolist()[0] == -math.inf
    assert math.isnan(f.log(edges).tolist()[1])
    assert f.power(torch.tensor([-2.0, 0.0, 0.0]).double(), torch.tensor([3.0, 2.0, 0.0]).double()).tolist() == [
        pytest.approx(-8.0), 0.0, 1.0
    ]  # fmt: skip
    assert f.sqrt(torch.tensor([2.0], dtype=torch.float64)).item() == math.sqrt(2.0)


def test_python_and_numpy_are_correctly_rounded_meanwhile() -> None:
    numbers = [0.1, 0.7, 1.0, 2.5, 31.4, 700.25]
    plain = math.log
    with exact_host():
        assert math.log is not plain
        for x in numbers:
            with mpmath.workdps(60):
                exact = mpmath.mpf(x)
                assert math.log(x) == float(mpmath.log(exact))
                assert math.sin(x) == float(mpmath.sin(exact))
                assert math.atan(x) == float(mpmath.atan(exact))
                assert math.exp(-x) == float(mpmath.exp(-exact))
                assert numpy.log(numpy.array([x]))[0] == float(mpmath.log(exact))
        ramp = numpy.linspace(0.1, 3.0, 7) ** 7.3
        for x, found in zip(numpy.linspace(0.1, 3.0, 7).tolist(), ramp.tolist(), strict=True):
            with mpmath.workdps(60):
                assert found == float(mpmath.mpf(x) ** mpmath.mpf(7.3))
        assert math.log(8, 2) == 3.0
    assert math.log is plain
