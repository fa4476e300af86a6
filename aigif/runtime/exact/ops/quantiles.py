"""The normal distribution's quantile: the number that a given share of normal numbers lies below.

M. J. Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution", Applied Statistics 37 (1988),
its variant for sixteen figures: three quotients of polynomials, evaluated by Horner's rule in float64. The
coefficients belong to the definition of the profile.
"""

from __future__ import annotations

import math
from typing import Any

from aigif.runtime.exact import functions as f
from aigif.runtime.exact.pieces import in_float64
from aigif.runtime.exact.table import Context, meaning
from aigif.runtime.torchlib import require

__all__ = ["normal_quantile"]

torch: Any = require("torch")

Polynomial = tuple[float, ...]
"""Coefficients from the constant one on."""

MIDDLE: tuple[Polynomial, Polynomial] = (
    (
        3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
        45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
    ),
    (
        1.0, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077,
        21213.794301586595867, 39307.895800092710610, 28729.085735721942674, 5226.4952788528545610,
    ),
)  # fmt: skip
TAIL: tuple[Polynomial, Polynomial] = (
    (
        1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
        1.27045825245236838258, 0.241780725177450611770, 0.0227238449892691845833, 7.74545014278341407640e-4,
    ),
    (
        1.0, 2.05319162663775882187, 1.67638483018380384940, 0.689767334985100004550,
        0.148103976427480074590, 0.0151986665636164571966, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
    ),
)  # fmt: skip
FAR: tuple[Polynomial, Polynomial] = (
    (
        6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 0.296560571828504891230,
        0.0265321895265761230930, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
    ),
    (
        1.0, 0.599832206555887937690, 0.136929880922735805310, 0.0148753612908506148525,
        7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
    ),
)  # fmt: skip


def normal_quantile(p: Any) -> Any:
    """The x with Phi(x) = p; -inf at 0, inf at 1, NaN outside. Takes and gives float64."""
    q = p - 0.5
    inner = q.abs() <= 0.425
    near = _quotient(MIDDLE, (q * q).neg_().add_(0.180625)).mul_(q)
    share = torch.where(q < 0, p, 1.0 - p)
    r = f.sqrt(f.log(share.masked_fill(inner | ~(share > 0), 0.0625)).neg_())
    size = torch.where(r <= 5.0, _quotient(TAIL, r - 1.6), _quotient(FAR, r - 5.0))
    result = torch.where(inner, near, torch.where(q < 0, size.neg(), size))
    result.masked_fill_(p == 0, -math.inf).masked_fill_(p == 1, math.inf)
    return result.masked_fill_((p < 0) | (p > 1) | p.isnan(), math.nan)


def _quotient(polynomials: tuple[Polynomial, Polynomial], x: Any) -> Any:
    above, below = polynomials
    return f.horner(x, above).div_(f.horner(x, below))


@meaning("special_ndtri")
def _ndtri(context: Context, x: Any) -> Any:
    return in_float64(normal_quantile, x if x.is_floating_point() else x.to(torch.get_default_dtype()))
