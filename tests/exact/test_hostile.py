"""On a hostile platform nothing changes; without exact arithmetic, or with one loose operation, everything does."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from aigif.runtime.exact import exactly, selftest, table
from tests.exact.hostile import Hostile
from tests.exact.operations import as_hex, operations
from tests.exact.tinypipe import picture, pipeline
from tests.exact.vectors import PROFILES, frozen


@pytest.mark.parametrize("bits", PROFILES)
def test_operations_are_the_frozen_ones(bits: str) -> None:
    wanted = frozen("operations")[bits]
    hostile = Hostile(1)
    selftest.proven_engine("cpu")  # once in a process, and the hostile platform would not pass
    with torch.inference_mode(), hostile, exactly(PROFILES[bits]):
        found = {name: as_hex(run(None)) for name, run in operations().items()}
    assert [name for name in wanted if found[name] != wanted[name]] == []
    assert hostile.foreign == set()


@pytest.mark.parametrize(
    "scheduler", ["DDIMScheduler", "DPMSolverMultistepScheduler", "EulerAncestralDiscreteScheduler"]
)
def test_pictures_are_the_same(scheduler: str) -> None:
    pipe = pipeline(scheduler, gain=2.5)
    with exactly(PROFILES["24"]):
        wanted = picture(pipe)
    hostile = Hostile(2)
    with torch.inference_mode(), hostile, exactly(PROFILES["24"]):
        found = picture(pipe)
    assert found.tobytes() == wanted.tobytes()
    assert hostile.foreign == set()


def test_without_exact_arithmetic_pictures_change() -> None:
    pipe = pipeline(gain=2.5)
    with torch.inference_mode():
        plain = picture(pipe)
        with Hostile(2):
            other = picture(pipe)
    assert plain.tobytes() != other.tobytes()


def test_one_native_sum_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def loose(context: Any, x: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
        return x.mean(dim, keepdim)

    monkeypatch.setitem(table.MEANINGS, torch.ops.aten.mean.dim, loose)
    wanted = frozen("operations")["24"]["mean"]
    with torch.inference_mode(), Hostile(3), exactly(PROFILES["24"]):
        assert as_hex(operations()["mean"](None)) != wanted


@pytest.mark.parametrize("flaw", ["flushed", "fused", "reciprocal", "narrow"])
def test_a_flawed_device_is_refused(flaw: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from aigif.runtime.exact import InexactDevice

    monkeypatch.setattr(selftest, "_PROVEN", {})
    with pytest.raises(InexactDevice), _flawed(flaw):
        selftest.proven_engine("cpu")


def _flawed(flaw: str) -> Any:
    class Flawed(torch.utils._python_dispatch.TorchDispatchMode):
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            name = str(func._schema.name).partition("::")[2]
            floats = [x for x in args if isinstance(x, torch.Tensor) and x.is_floating_point()]
            if not floats:
                return func(*args, **(kwargs or {}))
            made = func(*args, **(kwargs or {}))
            if flaw == "flushed" and name == "mul":
                return torch.where(made.abs() < torch.finfo(made.dtype).tiny, 0.0, made)
            if flaw == "fused" and name == "add_" and made.dtype == torch.float64:
                return args[0].copy_(_fused(made))
            if flaw == "reciprocal" and name == "div":
                return args[0] * (1.0 / args[1])
            if flaw == "narrow" and name in ("matmul", "mm", "bmm"):
                return func(*(x.to(torch.float32).to(x.dtype) * (1 + 2.0**-12) for x in args)).to(made.dtype)
            return made

    def _fused(x: Any) -> Any:
        """As another rounding of the product before the sum would leave some results."""
        return torch.where(torch.arange(x.numel()).reshape(x.shape) % 7 == 0, torch.nextafter(x, x + 1), x)

    return Flawed()
