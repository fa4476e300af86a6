"""Makes diffusers' schedulers and pipelines draw from a noise stream."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

from aigif.runtime.noise.replace import replaced
from aigif.runtime.noise.streams import NoiseStream
from aigif.runtime.torchlib import require

__all__ = ["injected_noise"]

_FUNCTION = "randn_tensor"


@contextlib.contextmanager
def injected_noise(stream: NoiseStream, *drawing: object) -> Iterator[None]:
    """While it is open, what `drawing` (a scheduler, a pipeline) draws with `randn_tensor` comes from `stream`.

    The function is replaced in the modules of their classes and of all bases, and put back afterwards, also on
    errors; other threads keep drawing from their own generators. The generator of a call is ignored; its shape,
    device and data type are honoured.

    Not reached: schedulers that draw in another way (DPMSolverSDEScheduler and CosineDPMSolverMultistepScheduler
    have a Brownian tree, `scheduler.noise_sampler`).
    """

    def draw(
        shape: Sequence[int],
        generator: Any = None,
        device: Any = None,
        dtype: Any = None,
        layout: Any = None,
    ) -> Any:
        torch = require("torch")
        drawn = stream.normal(tuple(shape), dtype)
        return drawn.to(device=device or "cpu", dtype=dtype or torch.get_default_dtype())

    with replaced(_modules(drawing), _FUNCTION, draw):
        yield


def _modules(drawing: Sequence[object]) -> list[ModuleType]:
    """The modules of all classes of `drawing` that have the function, each once."""
    names = {base.__module__: None for value in drawing for base in type(value).__mro__}
    modules = (sys.modules.get(name) for name in names)
    return [module for module in modules if module is not None and hasattr(module, _FUNCTION)]
