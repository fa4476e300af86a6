"""What exact arithmetic doesn't define is refused with its name and place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from aigif._gen.enums import Arithmetic
from aigif.runtime.exact import UnsupportedOperation, exactly

REFUSED: dict[str, Callable[[Any], Any]] = {
    "fft": lambda x: torch.fft.fft(x),
    "svd": lambda x: torch.linalg.svd(x),
    "out": lambda x: torch.sum(x, 0, out=torch.empty(4)),
    "half": lambda x: x.to(torch.float16) * 2,
    "prod": lambda x: x.prod(),
    "cdist": lambda x: torch.cdist(x, x),
    "few normal numbers": lambda x: torch.randn(3),
    "scattered products": lambda x: x[0].scatter_reduce(0, torch.zeros(4, dtype=torch.long), x[0], "prod"),
    "sums at indices": lambda x: x[0].index_put((torch.zeros(4, dtype=torch.long),), x[0], accumulate=True),
    "a singular matrix": lambda x: torch.linalg.solve(x[:2, :2] * 0.0, x[0, :2]),
    "windows of Lanczos": lambda x: torch.ops.aten._upsample_lanczos2d_aa(x[None, None], (2, 2), False),
    "a factor of no whole size": lambda x: torch.nn.functional.interpolate(x[None, None], scale_factor=1.3),
    "dropout": lambda x: torch.nn.functional.dropout(x, 0.5, True),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    x = torch.arange(16.0).reshape(4, 4)
    with exactly(Arithmetic.EXACT_1), pytest.raises(UnsupportedOperation, match="exact arithmetic has no definition"):
        REFUSED[name](x)


def test_the_place_in_the_model_is_named() -> None:
    class Odd(torch.nn.Module):
        def forward(self, x: Any) -> Any:
            return torch.special.bessel_j0(x)

    model = torch.nn.Sequential(torch.nn.Identity(), torch.nn.Sequential(Odd()))
    with exactly(Arithmetic.EXACT_1), pytest.raises(UnsupportedOperation) as caught:
        model(torch.zeros(3))
    assert caught.value.module == "Sequential.1.0"
    assert caught.value.operation == "aten.special_bessel_j0.default"


def test_native_arithmetic_changes_nothing() -> None:
    with exactly(Arithmetic.NATIVE) as run:
        assert run is None
        assert torch.fft.fft(torch.ones(4)).shape == (4,)
