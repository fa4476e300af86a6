"""Constants of the elementary functions, to the last bit: they belong to the definition of the profile.

Those of mathematics are the nearest float64 of ln 2, pi and their kin, or parts of them with few enough bits that a
product with a whole number is exact. `PHI` was fitted with mpmath (Chebyshev, 200 bits): it approximates
Phi(-a) e**(a**2 / 2) for t = 1 / (1 + a / 4), a from 0 to 12, within 2.5e-12 of the value.
"""

from __future__ import annotations

__all__ = [
    "ARCTANGENT",
    "COSINE",
    "EXP",
    "EXPM1",
    "EXP_FLOAT32",
    "EXP_SHORT",
    "HALF_PI",
    "LN2_HIGH",
    "LN2_LOW",
    "LOG",
    "LOG2_E",
    "PHI",
    "PHI_SHORT",
    "SINE",
    "SQRT_2",
    "TWO_OVER_PI",
    "TWO_OVER_SQRT_PI",
]


def _exactly(text: str) -> list[float]:
    return [float.fromhex(word) for word in text.split()]


def _quotients(*divisors: int, numerator: float = 1.0) -> list[float]:
    """numerator / divisor, each correctly rounded; a negative divisor gives a negative quotient."""
    return [numerator / divisor for divisor in divisors]


_FACTORIALS = [1]
for _n in range(1, 20):
    _FACTORIALS.append(_FACTORIALS[-1] * _n)

(LOG2_E,) = _exactly("0x1.71547652b82fep+0")
LN2_HIGH, LN2_LOW = _exactly("0x1.62e42fee00000p-1 0x1.a39ef35793c76p-33")
HALF_PI = _exactly("0x1.921fb54000000p+0 0x1.10b4610000000p-30 0x1.a62633145c06ep-58")
(TWO_OVER_PI,) = _exactly("0x1.45f306dc9c883p-1")
(SQRT_2,) = _exactly("0x1.6a09e667f3bcdp+0")
(TWO_OVER_SQRT_PI,) = _exactly("0x1.20dd750429b6dp+0")

EXP = _exactly(
    "0x1.0000000000000p+0 0x1.62e42fefa39efp-4 0x1.ebfbdff82c58fp-9 0x1.c6b08d704a0c0p-14 0x1.3b2ab6fba4e77p-19 "
    "0x1.5d87fe78a6731p-25 0x1.430912f86c787p-31 0x1.ffcbfc588b0c7p-38 0x1.62c0223a5c824p-44 0x1.b5253d395e7c4p-51"
)
"""(ln 2 / 8)**n / n!, for 2**(x / 8)."""
LOG = _quotients(*range(1, 24, 2), numerator=2.0)
SINE = _quotients(*((-1) ** n * _FACTORIALS[2 * n + 1] for n in range(9)))
COSINE = _quotients(*((-1) ** n * _FACTORIALS[2 * n] for n in range(10)))
EXPM1 = _quotients(*_FACTORIALS[1:10])
ARCTANGENT = _quotients(*((-1) ** n * (2 * n + 1) for n in range(14)))
PHI = _exactly(
    "-0x1.8c0336393083fp-22 0x1.9890d6b4f2a17p-4 0x1.97cc20f855097p-4 0x1.855e26df814a4p-4 0x1.25d1cb17db18bp-4 "
    "0x1.a5c37075e4c5fp-4 -0x1.448244cfd1b56p-4 0x1.37fb00a562dafp-2 -0x1.e119094a56b1ep-2 0x1.2ac66d5f27b73p-1 "
    "-0x1.042177cc8ef49p-1 0x1.11eb85d7d53eap-2 -0x1.3c02e7bcf4a65p-4 0x1.36bca09640659p-7"
)
PHI_SHORT = _exactly(
    "-0x1.0124574eda744p-15 0x1.9b3a1007c2554p-4 0x1.7ede22e852215p-4 0x1.05783e07e8901p-3 -0x1.345af08fd144dp-5 "
    "0x1.5827f01b5393dp-2 -0x1.7be54e2faf265p-2 0x1.b109efd947e15p-2 -0x1.a9ea9614eda64p-3 0x1.27cfa3d13dc47p-5"
)
"""The same with a relative error of at most 7.5e-9 (least squares, weighed)."""
EXP_SHORT = _exactly(
    "0x1.fffffffe6ca9ep-1 0x1.62e42c873c610p-3 0x1.ebfbeb01bd69bp-7 0x1.c6e7248b9ca78p-11 0x1.3b117b309e841p-15"
)
"""2**(x / 4) for x from -1/2 to 1/2: the relative error is at most 2.5e-9 (Remez, 200 bits)."""
EXP_FLOAT32 = _exactly("0x1.000000p+0 0x1.62e42ap-1 0x1.ebf9bcp-3 0x1.c6b752p-5 0x1.3cea88p-7 0x1.5bba34p-10")
"""2**x for x from -1/2 to 1/2, 1 for 0, in float32: the relative error is at most 1.9e-7 (least squares, weighed)."""
