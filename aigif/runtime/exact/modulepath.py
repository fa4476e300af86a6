"""Where in a model an operation was called: read from the Python stack, only when an error needs it."""

from __future__ import annotations

import sys
from typing import Any

from aigif.runtime.torchlib import require

__all__ = ["module_path"]

_MOST_FRAMES = 400


def module_path() -> str:
    """The modules that are running now, as UNet2DConditionModel.down_blocks.0.attentions.1; "" outside of any."""
    torch: Any = require("torch")
    running: list[Any] = []
    frame, count = sys._getframe(1), 0
    while frame is not None and count < _MOST_FRAMES:
        held = frame.f_locals.get("self")
        if isinstance(held, torch.nn.Module) and (not running or running[-1] is not held):
            running.append(held)
        frame, count = frame.f_back, count + 1  # type: ignore[assignment]
    if not running:
        return ""
    inner, outer = running[0], running[-1]
    name = next((name for name, module in outer.named_modules() if module is inner), "")
    label = type(outer).__name__ + (f".{name}" if name else "")
    return label if inner is outer or name else f"{label} ... {type(inner).__name__}"
