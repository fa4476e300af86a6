"""Running a model with less memory: its parts wait on the CPU while they aren't used, and the VAE works in slices.

Offloading moves weights and changes no bit. Slices decode a batch one picture at a time, and change bits only where
a device's kernels depend on the batch's size. The VAE's tiles, which cut a picture into overlapping squares, change
what it looks like where they meet, so they are not used.
"""

from __future__ import annotations

from typing import Any

__all__ = ["save_memory"]


def save_memory(pipe: Any, device: str) -> None:
    """Make `pipe`, which is on the CPU, use less memory of `device` (torch's name)."""
    if not device.startswith("cpu"):
        pipe.enable_model_cpu_offload(device=device)
    vae = getattr(pipe, "vae", None)
    if vae is not None and hasattr(vae, "enable_slicing"):
        vae.enable_slicing()
