"""Which device runs the model."""

from __future__ import annotations

from typing import Any

from aigif._gen.enums import Device
from aigif.errors import ModelError
from aigif.runtime.torchlib import require

__all__ = ["device_element", "pick_device"]

_KINDS = ("cuda", "xpu", "mps", "cpu")
_RECORDED = {
    Device.CPU: "cpu",
    Device.CUDA: "cuda",
    Device.ROCM: "cuda",  # torch's name of both
    Device.ZLUDA: "cuda",
    Device.MPS: "mps",
    Device.XPU: "xpu",
}


def pick_device(asked: str | None, recorded: int = Device.UNSPECIFIED) -> str:
    """torch's name of the device to run on.

    `asked` is a name such as cpu, cuda or cuda:1, or `auto` for the fastest there is. None takes the kind that
    `recorded` (element platform.device) names where this machine has it, else the CPU. Raises ModelError where the
    device that was asked for is not there.
    """
    if asked is None:
        wanted = {int(code): name for code, name in _RECORDED.items()}.get(int(recorded), "cpu")
        return wanted if _available(wanted) else "cpu"
    if asked == "auto":
        return next(kind for kind in _KINDS if _available(kind))
    kind, _, index = asked.partition(":")
    if kind not in _KINDS or (index and not index.isdecimal()) or not _available(kind, int(index or 0)):
        raise ModelError(f"the device {asked[:40]!r} is not on this machine", hint="choose cpu or auto")
    return asked


def device_element(device: str) -> Device:
    """The value of platform.device for torch's name of a device."""
    torch = require("torch")
    kind = device.partition(":")[0]
    if kind == "cuda":
        return Device.ROCM if torch.version.hip else Device.CUDA
    return {"cpu": Device.CPU, "mps": Device.MPS, "xpu": Device.XPU}[kind]


def _available(kind: str, index: int = 0) -> bool:
    torch = require("torch")
    if kind == "cpu":
        return index == 0
    backend: Any = torch.backends.mps if kind == "mps" else getattr(torch, kind, None)
    if backend is None or not backend.is_available():
        return False
    return index < (1 if kind == "mps" else backend.device_count())
