"""torch's global settings during a call, against those that a recreation sets (`runtime/determinism.py`)."""

from __future__ import annotations

from typing import Any

from aigif.runtime.recording.reasons import Reasons
from aigif.runtime.torchlib import require

__all__ = ["check_surroundings"]


def check_surroundings(device: str, reasons: Reasons) -> None:
    """Refuse what makes another picture (autocast, another default data type); warn of what may change last bits."""
    torch = require("torch")
    kind = device.partition(":")[0]
    if torch.is_autocast_enabled(kind):
        reasons.add(
            "torch.autocast", "it is on, and no element says so; load the model in the data type wanted"
        )
    default = torch.get_default_dtype()
    if default is not torch.float32:
        reasons.add("torch.get_default_dtype", f"it is {default}, and a recreation has torch.float32")
    if torch.get_default_device().type != "cpu":
        reasons.warn(f"torch's default device is {torch.get_default_device()}; a recreation has cpu")
    for setting, changed in _settings(torch, kind).items():
        if changed:
            reasons.warn(f"{setting}; a recreation sets it back, which may change last bits")


def _settings(torch: Any, kind: str) -> dict[str, bool]:
    backends = torch.backends
    return {
        "torch's float32 matrix products are of reduced precision": torch.get_float32_matmul_precision()
        != "highest",
        "some of torch's attention kernels are switched off": not all(
            enabled()
            for kernel in ("flash", "mem_efficient", "math")
            if (enabled := getattr(backends.cuda, f"{kernel}_sdp_enabled", None)) is not None
        ),
        "cuDNN's autotuner is on": kind == "cuda" and bool(backends.cudnn.benchmark),
    }
