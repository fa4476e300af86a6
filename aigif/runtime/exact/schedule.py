"""The digest of a scheduler's numbers: what a file records of the schedule that a picture was made on."""

from __future__ import annotations

import hashlib
from typing import Any

from aigif.runtime.torchlib import require

__all__ = ["DIGEST_BYTES", "schedule_digest"]

DIGEST_BYTES = 4
"""How many bytes a new file keeps: they tell a cause, and needn't withstand an attack."""
_NAMES = ("timesteps", "sigmas", "alphas_cumprod")


def schedule_digest(scheduler: Any) -> bytes:
    """The SHA-256 over a scheduler's numbers; b"" where it has none.

    For each of timesteps, sigmas and alphas_cumprod that is a list of numbers: its name (ASCII), a zero byte, and
    the numbers as little-endian float64.
    """
    torch: Any = require("torch")
    digest, found = hashlib.sha256(), False
    for name in _NAMES:
        numbers = getattr(scheduler, name, None)
        if isinstance(numbers, torch.Tensor) and numbers.ndim == 1 and not numbers.is_complex():
            wide = numbers.detach().to("cpu", torch.float64).contiguous().numpy().astype("<f8")
            digest.update(name.encode() + b"\0" + wide.tobytes())
            found = True
    return digest.digest() if found else b""
