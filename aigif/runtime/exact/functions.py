"""Elementary functions of float64 tensors from additions, products, quotients, square roots and bits.

Each operation is one kernel, so that no compiler can fuse two of them into one with another rounding. Degrees and
constants belong to the definition (docs/exact-arithmetic.md, section 5): changing one is another profile. The
functions take float64 tensors and give new ones.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from aigif.runtime.exact import constants as c
from aigif.runtime.exact.grids import PLACE_OF_ONE, scalar
from aigif.runtime.torchlib import require

__all__ = [
    "DEGREE",
    "FULL_DEGREE",
    "arccosine",
    "arctangent",
    "cosine",
    "erf",
    "exp",
    "exp2",
    "expm1",
    "gelu",
    "log",
    "log1p",
    "normal_tail",
    "power",
    "reciprocal",
    "rsqrt",
    "sigmoid",
    "silu",
    "sine",
    "softplus",
    "sqrt",
    "tangent",
    "tanh",
]

torch: Any = require("torch")
_numpy: Any = require("numpy")

DEGREE, FULL_DEGREE = 4, 9
"""Of the polynomial of `exp`: for results in float32 (relative error 1e-8), and in float64 (2e-15)."""
_EXP = {DEGREE: (c.EXP_SHORT, 2), FULL_DEGREE: (c.EXP, 3)}
"""Coefficients, and how often the result is squared."""


PLACE = PLACE_OF_ONE + 1023.0
"""What is added to it counts in its low bits, as an exponent does."""


def horner(x: Any, coefficients: Sequence[float]) -> Any:
    """The polynomial c0 + c1 x + ...: from the last coefficient on, a product and a sum in turn."""
    total = x * coefficients[-1]
    for coefficient in coefficients[-2:0:-1]:
        total.add_(coefficient).mul_(x)
    return total.add_(coefficients[0])


def exp2(y: Any, degree: int = FULL_DEGREE) -> Any:
    """2**y; y is clamped to -1000 to 1000. Overwrites `y`."""
    placed = y.clamp_(-1000.0, 1000.0) + PLACE
    coefficients, squarings = _EXP[degree]
    result = horner(y.sub_(placed - PLACE), coefficients)
    for _ in range(squarings):
        result.mul_(result)
    return result.mul_(placed.view(torch.int64).bitwise_left_shift_(52).view(torch.float64))


def exp(x: Any, degree: int = FULL_DEGREE) -> Any:
    """e**x as 2**(x log2 e)."""
    return exp2(x * c.LOG2_E, degree)


def log(x: Any) -> Any:
    """The natural logarithm; -inf at 0, NaN below, infinity and NaN as they are."""
    bits = x.contiguous().view(torch.int64)
    m = ((bits & 0x000FFFFFFFFFFFFF) | 0x3FF0000000000000).view(torch.float64)
    big = m > 1.4142135623730951
    m = torch.where(big, m * 0.5, m)
    n = ((bits >> 52) - 1023 + big.to(torch.int64)).to(torch.float64)
    s = (m - 1.0).div_(m + 1.0)
    result = horner(s * s, c.LOG).mul_(s).add_(n * c.LN2_LOW).add_(n * c.LN2_HIGH)
    result = torch.where(torch.isfinite(x), result, x)
    result.masked_fill_(x == 0, -math.inf)
    return result.masked_fill_(x < 0, math.nan)


def sqrt(x: Any) -> Any:
    """The square root as IEEE 754 has it: correctly rounded to float64.

    On the CPU it is numpy's, which is the processor's own instruction, where torch's may be a library's
    approximation. Elsewhere it is torch's, which the self-test proves.
    """
    if x.device.type != "cpu":
        return x.sqrt()
    found = x.contiguous().reshape(-1).numpy()
    return torch.from_numpy(_numpy.sqrt(found)).reshape(x.shape)


def reciprocal(x: Any) -> Any:
    """1 / x, a division."""
    return torch.ones_like(x).div_(x)


def rsqrt(x: Any) -> Any:
    """1 / sqrt(x), two roundings."""
    return reciprocal(sqrt(x))


def sigmoid(x: Any, degree: int = FULL_DEGREE) -> Any:
    """1 / (1 + e**-x)."""
    return reciprocal(exp2(x * -c.LOG2_E, degree).add_(1.0))


def silu(x: Any, degree: int = FULL_DEGREE) -> Any:
    """x / (1 + e**-x)."""
    return x.div(exp2(x * -c.LOG2_E, degree).add_(1.0))


def tanh(x: Any) -> Any:
    """1 - 2 / (e**(2 x) + 1); x - x**3 / 3 where |x| < 2**-10."""
    far = scalar(2.0, x).div(exp2(x * (2.0 * c.LOG2_E)).add_(1.0)).neg_().add_(1.0)
    return torch.where(x.abs() < 2.0**-10, _cubic(x), far)


def softplus(x: Any, degree: int = FULL_DEGREE) -> Any:
    """log(1 + e**x) as max(x, 0) + log(1 + e**-|x|)."""
    return log(exp(x.abs().neg_(), degree).add_(1.0)).add_(x.clamp(min=0.0))


def expm1(x: Any) -> Any:
    """e**x - 1; the series to x**9 where |x| < 2**-6."""
    near = horner(x, c.EXPM1).mul_(x)
    return torch.where(x.abs() < 2.0**-6, near, exp(x).sub_(1.0))


def log1p(x: Any) -> Any:
    """log(1 + x) as log(u) x / (u - 1) with u = 1 + x, and x where u is 1 (Kahan's way)."""
    u = x + 1.0
    step = u - 1.0
    same = step == 0
    scaled = log(u).mul_(x).div_(step.masked_fill_(same, 1.0))
    return torch.where(same, x, scaled)


def sine(x: Any) -> Any:
    """sin x, meant for |x| below 2**25."""
    quarter, s, co = _reduced(x)
    result = torch.where((quarter & 1) == 1, co, s)
    return torch.where(quarter >= 2, result.neg(), result)


def cosine(x: Any) -> Any:
    """cos x, meant for |x| below 2**25."""
    quarter, s, co = _reduced(x)
    result = torch.where((quarter & 1) == 1, s, co)
    return torch.where((quarter == 1) | (quarter == 2), result.neg(), result)


def tangent(x: Any) -> Any:
    """sin x / cos x."""
    return sine(x).div_(cosine(x))


def arctangent(x: Any) -> Any:
    """atan x: halved three times by x / (1 + sqrt(1 + x**2)), then the odd series to the power 27."""
    r = x.clamp(-1e150, 1e150)
    for _ in range(3):
        r = r.div(sqrt((r * r).add_(1.0)).add_(1.0))
    return horner(r * r, c.ARCTANGENT).mul_(r).mul_(8.0)


def arccosine(x: Any) -> Any:
    """acos x as 2 atan(sqrt((1 - x) / (1 + x)))."""
    return arctangent(sqrt((1.0 - x).div_(x + 1.0))).mul_(2.0)


def normal_tail(a: Any, degree: int = FULL_DEGREE) -> Any:
    """Phi(-a), the normal distribution: P(t) e**(-a**2 / 2) with t = 1 / (1 + a / 4) and a from 0 to 12.

    `a` is overwritten.
    """
    a.clamp_(max=12.0)
    tail = horner(reciprocal((a * 0.25).add_(1.0)), c.PHI_SHORT if degree == DEGREE else c.PHI)
    return tail.mul_(exp2(a.mul_(a).mul_(-0.5 * c.LOG2_E), degree))


def gelu(x: Any, degree: int = FULL_DEGREE) -> Any:
    """x Phi(x) as max(x, 0) - |x| Phi(-|x|)."""
    a = x.abs()
    return x.clamp(min=0.0).sub_(normal_tail(a.clone(), degree).mul_(a))


def erf(x: Any) -> Any:
    """1 - 2 Phi(-sqrt(2) |x|) with the sign of x; 2 / sqrt(pi) (x - x**3 / 3) where |x| < 2**-10."""
    tail = normal_tail(x.abs().mul_(c.SQRT_2)).mul_(-2.0).add_(1.0)
    far = torch.where(x < 0, tail.neg(), tail)
    return torch.where(x.abs() < 2.0**-10, _cubic(x).mul_(c.TWO_OVER_SQRT_PI), far)


def power(x: Any, y: Any) -> Any:
    """x**y as e**(y log |x|), with the sign of a negative x for odd y; NaN for a negative x and y not whole."""
    result = exp(log(x.abs()).mul_(y))
    below = x < 0
    odd = torch.fmod(y.abs(), torch.full_like(y, 2.0)) == 1.0
    result = torch.where(below & odd, result.neg(), result)
    result.masked_fill_(below & (y != y.round()), math.nan)
    result.masked_fill_((x == 0) & (y > 0), 0.0).masked_fill_((x == 0) & (y < 0), math.inf)
    return result.masked_fill_((y == 0) | (x == 1.0), 1.0)


def _reduced(x: Any) -> tuple[Any, Any, Any]:
    """Which quarter turn x is nearest to (mod 4), and sine and cosine of what is left."""
    n = (x * c.TWO_OVER_PI).round_()
    r = x - n * c.HALF_PI[0]
    r.sub_(n * c.HALF_PI[1]).sub_(n * c.HALF_PI[2])
    z = r * r
    return n.to(torch.int64) & 3, horner(z, c.SINE).mul_(r), horner(z, c.COSINE)


def _cubic(x: Any) -> Any:
    """x - x**3 / 3."""
    return x - (x * x).mul_(x).mul_(1.0 / 3.0)
