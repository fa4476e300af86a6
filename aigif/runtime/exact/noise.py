"""Noise that numpy computes (Philox as CUDA and AUTOMATIC1111 take it), by the exact functions of tensors."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from aigif.runtime.exact import functions as f
from aigif.runtime.noise import elementary
from aigif.runtime.noise.replace import replaced
from aigif.runtime.torchlib import require

__all__ = ["exact_noise"]


@contextlib.contextmanager
def exact_noise() -> Iterator[None]:
    """While it is open, `noise.elementary` gives the exact functions in this thread."""
    with contextlib.ExitStack() as stack:
        for name, function in (("log", f.log), ("sin", f.sine), ("cos", f.cosine)):
            stack.enter_context(replaced([elementary], name, _of_array(function)))
        yield


def _of_array(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def run(x: Any) -> Any:
        torch, numpy = require("torch"), require("numpy")
        with torch.utils._python_dispatch._disable_current_modes():
            given = numpy.ascontiguousarray(x, dtype=numpy.float64)
            return function(torch.from_numpy(given)).numpy()

    return run
