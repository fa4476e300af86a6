"""Engines and grids against Python's whole numbers; other orders, pieces and batches give the same bits."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch

from aigif._gen.enums import Arithmetic
from aigif.runtime.exact import engines, exactly, weights
from aigif.runtime.exact.engines import ENGINES
from aigif.runtime.exact.grids import OnGrid, exact_mean, exact_sum, to_grid
from tests.exact.operations import shaped

F: Any = torch.nn.functional

ONE = torch.full((1, 1), 1.5 * 2.0**52, dtype=torch.float64)
"""The place of a grid with the unit 1."""


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("bits", "length"), [(24, 1), (24, 64), (24, 129), (24, 3001), (20, 3001)])
@pytest.mark.parametrize("kind", ["mixed", "largest", "alternating"])
def test_products_are_those_of_whole_numbers(engine: str, bits: int, length: int, kind: str) -> None:
    most = 2**bits
    mixed = torch.arange(4 * length, dtype=torch.int64) * 2654435761 % (2 * most + 1) - most
    a, b = mixed[: 2 * length].reshape(2, length), mixed[2 * length :].reshape(length, 2) // 2
    if kind != "mixed":
        a = torch.full_like(a, most)
        b = torch.full_like(b, most // 2)
    if kind == "alternating":
        a[:, ::2] *= -1
        b[0] = 1
    wanted = [[float(_dot(row, column)) for column in b.t().tolist()] for row in a.tolist()]
    left, right = OnGrid(a.to(torch.float64), ONE), OnGrid(b.to(torch.float64), ONE, -2)
    found = ENGINES[engine](left, right, bits)
    assert found.tolist() == wanted


def _dot(row: list[int], column: list[int]) -> int:
    return sum(x * y for x, y in zip(row, column, strict=True))


def test_units_are_powers_of_two_and_halves_go_to_even() -> None:
    x = torch.tensor([[1.0, 2.0**-7 + 2.0**-8, 2.0**-8, -(2.0**-7) * 1.5, 0.0]])
    found = to_grid(x, 7, 1)
    assert found.unit.tolist() == [[2.0**-6]]  # 1 <= 1 < 2: e is 1
    assert found.numbers.tolist() == [[1.0, 2.0**-6, 0.0, -(2.0**-6), 0.0]]
    assert to_grid(torch.zeros(1, 3), 24, 1).numbers.tolist() == [[0.0] * 3]


def test_sums_do_not_depend_on_the_order_and_are_near_the_truth() -> None:
    x = shaped(4, 20001).to(torch.float64) * torch.tensor([[1.0], [1e-9], [1e12], [3.7]], dtype=torch.float64)
    order = torch.randperm(20001, generator=torch.Generator().manual_seed(1))
    assert torch.equal(exact_sum(x, (1,)), exact_sum(x[:, order], (1,)))
    for row, total, mean in zip(x.tolist(), exact_sum(x, (1,)), exact_mean(x, (1,)), strict=True):
        scale = max(abs(value) for value in row)
        assert abs(float(total) - math.fsum(row)) < scale * 1e-6
        assert float(mean) == float(total) / 20001


def test_a_batch_gives_what_its_pictures_give_alone() -> None:
    F: Any = torch.nn.functional
    x, weight, q = shaped(3, 4, 9, 7), shaped(5, 4, 3, 3, seed=2), shaped(3, 2, 300, 8)
    with exactly(Arithmetic.EXACT_1):
        for run in (
            lambda x, q: F.conv2d(x, weight, padding=1),
            lambda x, q: F.conv2d(x, weight, padding=1, stride=2),
            lambda x, q: F.group_norm(x, 2),
            lambda x, q: F.scaled_dot_product_attention(q, q, q),
        ):
            together = run(x, q)
            alone = torch.cat([run(x[at : at + 1], q[at : at + 1]) for at in range(3)])
            assert torch.equal(together, alone)
            last = run(x.to(memory_format=torch.channels_last), q)
            assert torch.equal(last.contiguous(), together)


@pytest.mark.parametrize("engine", ENGINES)
def test_engines_give_the_same_bits(engine: str) -> None:
    F: Any = torch.nn.functional
    x, weight, q = shaped(2, 16, 9, 7), shaped(5, 16, 3, 3, seed=2), shaped(1, 2, 400, 8)
    with exactly(Arithmetic.EXACT_1, engine="float64"):
        wanted = (F.conv2d(x, weight, padding=1), F.scaled_dot_product_attention(q, q, q), x @ x.transpose(-1, -2))
    with exactly(Arithmetic.EXACT_1, engine=engine):
        found = (F.conv2d(x, weight, padding=1), F.scaled_dot_product_attention(q, q, q), x @ x.transpose(-1, -2))
    assert all(torch.equal(a, b) for a, b in zip(wanted, found, strict=True))


def test_results_are_near_those_of_float64() -> None:
    F: Any = torch.nn.functional
    x, weight, q = shaped(2, 16, 9, 7), shaped(5, 16, 3, 3, seed=2), shaped(1, 2, 400, 8)
    with exactly(Arithmetic.EXACT_1):
        found = (F.conv2d(x, weight, padding=1), F.scaled_dot_product_attention(q, q, q), F.group_norm(x, 4))
    x, weight, q = (each.to(torch.float64) for each in (x, weight, q))
    wanted = (F.conv2d(x, weight, padding=1), F.scaled_dot_product_attention(q, q, q), F.group_norm(x, 4))
    for a, b in zip(found, wanted, strict=True):
        assert float((a - b).abs().max() / b.abs().max()) < 3e-7


LARGE: dict[str, tuple[Callable[..., Any], list[tuple[int, ...]]]] = {
    "convolution": (lambda x, w: F.conv2d(x, w, padding=1), [(2, 300, 5, 6), (7, 300, 3, 3)]),
    "convolution of one place": (F.conv2d, [(2, 3000, 2, 3), (7, 3000, 1, 1)]),
    "convolution in space": (lambda x, w: F.conv3d(x, w, dilation=(1, 1, 2)), [(1, 200, 3, 4, 5), (3, 200, 2, 3, 2)]),
    "convolution by steps": (lambda x, w: F.conv2d(x, w, stride=2), [(1, 300, 5, 6), (7, 300, 3, 3)]),
    "linear": (F.linear, [(3, 5000), (4, 5000)]),
    "product": (torch.matmul, [(2, 3, 200), (2, 200, 5)]),
    "attention": (F.scaled_dot_product_attention, [(1, 2, 9, 8), (1, 2, 900, 8), (1, 2, 900, 8)]),
}
"""Contractions of numbers near the largest, which no product of float64 holds in one piece."""


def near(name: str) -> list[Any]:
    """Numbers from 0.9 to 1 without visible order."""
    return [
        torch.nn.Parameter(shaped(*shape, seed=at) * 0.0125 + 0.95, requires_grad=False)
        for at, shape in enumerate(LARGE[name][1])
    ]


@pytest.mark.parametrize("bits", [Arithmetic.EXACT_1, Arithmetic.EXACT_1_20])
@pytest.mark.parametrize("name", LARGE)
def test_engines_agree_where_pieces_are_needed(name: str, bits: Arithmetic) -> None:
    found = {}
    for engine in ENGINES:
        given = near(name)
        with exactly(bits, engine=engine):
            found[engine] = LARGE[name][0](*given)
    assert torch.equal(found["float64"], found["float32"])
    assert torch.equal(found["float64"], found["int8"])


@pytest.mark.parametrize("name", LARGE)
def test_the_cut_of_a_contraction_does_not_matter(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given = near(name)
    with exactly(Arithmetic.EXACT_1):
        usual = LARGE[name][0](*given)
    for module, attribute, value in ((engines, "_SHORT", 0), (engines, "_SHORT", 10**9), (weights, "_MOST_WIDE", 0)):
        with monkeypatch.context() as changed:
            changed.setattr(module, attribute, value)
            changed.setattr(weights, "_HELD", {})
            with exactly(Arithmetic.EXACT_1):
                assert torch.equal(LARGE[name][0](*given), usual)


def test_weights_are_rounded_once_for_a_model_and_anew_when_they_change() -> None:
    layer, x = torch.nn.Linear(9, 5), shaped(2, 9)
    layer.requires_grad_(False)
    results = []
    kept = []
    for change in (None, None, "data", "in place"):
        if change == "data":
            layer.weight.data[0, 0] += 1.0  # torch does not count this
        elif change == "in place":
            layer.weight.mul_(2.0)
        with exactly(Arithmetic.EXACT_1):
            results.append(layer(x))
        kept.append(weights._HELD[id(layer.weight), 23].made)
    assert kept[0] is kept[1]
    assert torch.equal(results[0], results[1])
    for before, after in ((1, 2), (2, 3)):
        assert kept[before] is not kept[after]
        assert not torch.equal(results[before], results[after])
    key = (id(layer.weight), 23)
    del layer
    assert key not in weights._HELD
