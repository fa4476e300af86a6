"""What schedulers take of scipy and numpy, made exact: against mpmath, and not what the system's libraries give."""

from __future__ import annotations

import math
from typing import Any

import mpmath
import numpy
import pytest
import scipy.integrate
import scipy.stats
import torch

from aigif._gen.enums import Arithmetic
from aigif.runtime.exact import exactly
from aigif.runtime.exact.hostschedules import NODES, SHARES, beta_quantile
from tests.exact.operations import shaped


@pytest.mark.parametrize(("a", "b"), [(0.6, 0.6), (1.0, 3.0), (2.5, 0.4)])
def test_quantiles_of_the_beta_distribution_are_correctly_rounded(a: float, b: float) -> None:
    for share in (1e-6, 0.01, 0.3, 0.5, 0.77, 0.999):
        near = float(scipy.stats.beta.ppf(share, a, b))
        found = beta_quantile(share, a, b, near)
        assert found == beta_quantile(share, a, b, near + 1e-3 * min(near, 1 - near))
        with mpmath.workdps(50):
            x = mpmath.mpf(found)
            above = mpmath.betainc(a, b, 0, x, regularized=True) - mpmath.mpf(share)
            slope = x ** (a - 1) * (1 - x) ** (b - 1) / mpmath.beta(a, b)
            assert abs(above / slope) <= 0.5 * math.ulp(found)


def test_numpy_and_scipy_are_replaced_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: Any, **__: Any) -> Any:
        return numpy.float64(0.25)

    kind = type(scipy.stats.beta)
    monkeypatch.setattr(kind, "_ppf", wrong)
    monkeypatch.setattr(scipy.integrate, "quad", wrong)
    monkeypatch.setattr(numpy.linalg, "solve", wrong)
    with exactly(Arithmetic.EXACT_1):
        assert scipy.stats.beta.ppf(0.5, 0.6, 0.6) == 0.5
        assert scipy.stats.beta.ppf([0.0, 1.0], 0.6, 0.6).tolist() == [0.0, 1.0]
        assert scipy.integrate.quad(lambda t, k: t**3 - k * t, 1.0, 3.0, args=(2,))[0] == pytest.approx(12.0)
        found = numpy.linalg.solve(numpy.array([[1.0, 2.0], [3.0, 5.0]]), numpy.array([1.0, 1.0]))
        assert found == pytest.approx([-3.0, 2.0])
    assert kind._ppf is wrong
    assert numpy.linalg.solve is wrong


def test_points_of_integrals() -> None:
    points, weights = numpy.polynomial.legendre.leggauss(4)
    assert points[2:][::-1] == pytest.approx(NODES, abs=2e-16)
    assert weights[2:][::-1] == pytest.approx(SHARES, abs=1e-15)


def test_sums_of_a_ramp_have_no_order() -> None:
    with exactly(Arithmetic.EXACT_1):
        ramp = numpy.exp(numpy.linspace(0.0, 3.0, 1001) * -1.3)
        assert ramp.sum() == ramp[::-1].sum() == math.fsum(ramp.tolist())


def test_whole_powers_of_negative_numbers() -> None:
    with exactly(Arithmetic.EXACT_1):
        assert (math.pow(-2.5, 3), math.pow(-2.5, 2), math.pow(0.0, 0.5)) == (-15.625, 6.25, 0.0)
        assert math.pow(-1.1, 3) == pytest.approx(-1.331)


def test_few_equations() -> None:
    matrix = torch.tensor([[0.0, 2.0, 1.0], [1.0, -1.0, 3.0], [2.0, 5.0, -4.0]])
    for right in (torch.tensor([1.0, 2.0, 3.0]), shaped(3, 2)):
        with exactly(Arithmetic.EXACT_1):
            found = torch.linalg.solve(matrix, right)
        torch.testing.assert_close(found, torch.linalg.solve(matrix, right))
