"""Running under exact arithmetic: entered around everything from the prompt to the pixels."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from aigif.runtime.exact.profile import PROFILES
from aigif.runtime.torchlib import require

__all__ = ["ExactRun", "exactly"]


class ExactRun:
    """What a run tells: `engine`, the name of the contraction engine, and `seen`, its operations by overload."""

    def __init__(self, engine: str, seen: dict[str, int]) -> None:
        self.engine = engine
        self.seen = seen


@contextlib.contextmanager
def exactly(arithmetic: int, device: str = "cpu", *, engine: str | None = None) -> Iterator[ExactRun | None]:
    """Run torch under a value of platform.arithmetic; native arithmetic changes nothing, and gives None.

    Tests the device first, once in a process. `engine` (float64, float32, int8) takes the place of the fastest one;
    the bits are the same. Raises InexactDevice where the device fails, and UnsupportedOperation, inside, for what
    exact arithmetic doesn't define.
    """
    if arithmetic not in PROFILES:
        yield None
        return
    torch: Any = require("torch")
    from aigif.runtime.exact.engines import ENGINES
    from aigif.runtime.exact.host import exact_host
    from aigif.runtime.exact.hostschedules import exact_schedules
    from aigif.runtime.exact.mode import ExactMode
    from aigif.runtime.exact.noise import exact_noise
    from aigif.runtime.exact.selftest import proven_engine
    from aigif.runtime.exact.table import Context

    torch.set_flush_denormal(False)
    unwarned = require("numpy").errstate(invalid="ignore")
    with torch.inference_mode(), exact_host(), exact_schedules(), exact_noise(), unwarned:
        chosen = proven_engine(device, engine)
        mode = ExactMode(Context(PROFILES[arithmetic].bits, ENGINES[chosen]))
        with mode:
            yield ExactRun(chosen, mode.seen)
