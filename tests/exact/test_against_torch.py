"""Drawing, scattering, quantiles and windows: near torch's own, and what torch leaves to chance."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Callable
from typing import Any

import mpmath
import pytest
import torch

from aigif._gen.enums import Arithmetic
from aigif.runtime.exact import exactly
from aigif.runtime.exact.ops.quantiles import normal_quantile
from tests.exact.operations import shaped

F = torch.nn.functional


def both(run: Callable[[], Any]) -> tuple[Any, Any]:
    """The result of exact arithmetic, and torch's own."""
    with exactly(Arithmetic.EXACT_1):
        exact = run()
    return exact, run()


def seeded() -> Any:
    return torch.Generator().manual_seed(5)


@pytest.mark.parametrize("size", [(13, 17), (5, 6), (30, 40), (26, 3), (1, 9)])
@pytest.mark.parametrize("aligned", [False, True])
@pytest.mark.parametrize(("mode", "smooth"), [("bicubic", False), ("bicubic", True), ("bilinear", True)])
def test_windows(mode: str, smooth: bool, aligned: bool, size: tuple[int, int]) -> None:
    picture = shaped(2, 3, 13, 17)
    exact, plain = both(
        lambda: F.interpolate(picture, size=size, mode=mode, antialias=smooth, align_corners=aligned)
    )
    torch.testing.assert_close(exact, plain, rtol=0, atol=2e-5)


@pytest.mark.parametrize("size", [(5, 6), (30, 40), (13, 3), (1, 9)])
@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "area"])
def test_places_and_areas(mode: str, size: tuple[int, int]) -> None:
    exact, plain = both(lambda: F.interpolate(shaped(2, 3, 13, 17), size=size, mode=mode))
    torch.testing.assert_close(exact, plain, rtol=0, atol=1e-6)


def test_windows_by_a_factor() -> None:
    exact, plain = both(lambda: F.interpolate(shaped(1, 2, 6, 8), scale_factor=2.5, mode="bicubic"))
    torch.testing.assert_close(exact, plain, rtol=0, atol=2e-5)


def test_quantiles() -> None:
    shares = torch.cat(
        [shaped(300).abs().to(torch.float64) * 0.24 + 1e-9, 0.5 ** torch.arange(1.0, 900.0, 7.0).double()]
    )
    normal = statistics.NormalDist()
    for share, found in zip(shares.tolist(), normal_quantile(shares).tolist(), strict=True):
        assert found == pytest.approx(normal.inv_cdf(share), rel=2e-15, abs=1e-15)
        with mpmath.workdps(400):
            below = mpmath.erfc(-mpmath.mpf(found) / mpmath.sqrt(2)) / 2
            slope = mpmath.npdf(found)
            assert abs((below - mpmath.mpf(share)) / slope) <= 2e-15 * abs(found) + 1e-15


def test_quantiles_at_the_edges() -> None:
    found = normal_quantile(torch.tensor([0.0, 1.0, 0.5, -0.1, 1.1, math.nan], dtype=torch.float64)).tolist()
    assert found[:3] == [-math.inf, math.inf, 0.0]
    assert all(math.isnan(x) for x in found[3:])


@pytest.mark.parametrize("reduce", ["sum", "amax", "amin"])
@pytest.mark.parametrize("include", [True, False])
def test_scattered(reduce: str, include: bool) -> None:
    places = torch.randint(0, 7, (9, 4), generator=seeded())
    exact, plain = both(
        lambda: shaped(7, 6).scatter_reduce(0, places, shaped(9, 5, seed=2), reduce, include_self=include)
    )
    torch.testing.assert_close(exact, plain)


def test_added_at_indices() -> None:
    places = torch.tensor([3, 0, 3, 3])
    for run in (
        lambda: shaped(6, 5).index_add(1, places, shaped(6, 4, seed=2), alpha=0.3),
        lambda: shaped(5, 6).index_add_(0, places, shaped(4, 6, seed=2)),
        lambda: shaped(6, 5).scatter_add(-1, places.repeat(6, 1), shaped(6, 4, seed=2)),
        lambda: torch.tensor(1.0).scatter_add(0, torch.tensor(0), torch.tensor(2.0)),
        lambda: torch.ones(3).scatter_add(0, torch.tensor([], dtype=torch.int64), torch.ones(0)),
    ):
        torch.testing.assert_close(*both(run))


def test_sums_at_a_place_have_no_order() -> None:
    source = torch.tensor([1.0, 2.0**-15, -1.0, 2.0**-15, 2.0**15, -(2.0**15)])
    places = torch.zeros(6, dtype=torch.int64)
    with exactly(Arithmetic.EXACT_1):
        found = {float(torch.zeros(1).index_add(0, places, source.roll(by))) for by in range(6)}
    assert found == {2.0**-14}


def test_too_many_at_a_place_are_refused() -> None:
    from aigif.runtime.exact import UnsupportedOperation

    with exactly(Arithmetic.EXACT_1), pytest.raises(UnsupportedOperation, match="at one place"):
        torch.zeros(2).index_add(0, torch.zeros(2000, dtype=torch.int64), torch.ones(2000))


def test_exponential_numbers() -> None:
    found, _ = both(lambda: torch.empty(20000).exponential_(2.0, generator=seeded()))
    uniform = torch.empty(20000, dtype=torch.float64).uniform_(0, 1, generator=seeded())
    torch.testing.assert_close(found, (-torch.log1p(-uniform) / 2).float(), rtol=1e-6, atol=0)


def test_drawn_as_the_weights_say() -> None:
    weights = torch.tensor([1.0, 0.0, 3.0, 4.0])
    with exactly(Arithmetic.EXACT_1):
        one = torch.multinomial(weights.expand(8000, 4), 1, generator=seeded())
        again = torch.multinomial(weights, 8000, True, generator=seeded())
        distinct = torch.multinomial(weights.expand(50, 4), 3, generator=seeded())
    for drawn in (one, again):
        counts = Counter(drawn.reshape(-1).tolist())
        assert counts[1] == 0
        for place, share in ((0, 1 / 8), (2, 3 / 8), (3, 1 / 2)):
            assert counts[place] / 8000 == pytest.approx(share, abs=0.02)
    assert all(sorted(row) == [0, 2, 3] for row in distinct.tolist())


@pytest.mark.parametrize(("count", "replacement"), [(1, False), (7, False), (9, True)])
def test_drawn_from_uniform_numbers_in_their_order(count: int, replacement: bool) -> None:
    """As torch draws where no library of the processor's maker does it: worked out again, by torch's functions."""
    weights = shaped(20, 30).abs().to(torch.float64)
    with exactly(Arithmetic.EXACT_1):
        found = torch.multinomial(weights, count, replacement, generator=seeded())
    drawn = torch.empty((20, count if replacement else 30), dtype=torch.float64).uniform_(
        0, 1, generator=seeded()
    )
    if replacement:
        shares = weights.cumsum(1)
        wanted = torch.searchsorted(shares / shares[:, -1:], drawn)
    else:
        wanted = (weights / -torch.log1p(-drawn)).topk(count).indices
    assert torch.equal(found, wanted)
