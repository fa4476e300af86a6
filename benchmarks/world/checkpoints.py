"""Checkpoints that survive an interruption at any moment, and the log of losses."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any, Final

import torch

from benchmarks.world.workers import worker_rank

DEFAULT_WORK_FOLDER: Final = Path(os.environ.get("AIGIF_WORLD_WORK", "build/world"))
"""Where training keeps its checkpoints, latents and logs: outside of what is checked in."""


def save_atomically(state: dict[str, Any], path: Path) -> None:
    """Write a checkpoint to a temporary file, flush it, and rename it into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".part")
    with temporary.open("wb") as stream:
        torch.save(state, stream)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(temporary, path)


def load_checkpoint(path: Path) -> dict[str, Any] | None:
    """The checkpoint at ``path``, or None where there is none."""
    if not path.exists():
        return None
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state


class Average:
    """Exponential moving average of a module's weights (EMA), warmed up over the first steps."""

    def __init__(self, module: torch.nn.Module, decay: float) -> None:
        self.module = module
        self.decay = decay
        self.shadow = {name: value.detach().clone() for name, value in module.state_dict().items()}

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Move the average towards the module's weights after training step ``step`` (from 0)."""
        keep = min(self.decay, (1 + step) / (10 + step))
        for name, value in self.module.state_dict().items():
            if value.dtype.is_floating_point:
                self.shadow[name].lerp_(value, 1 - keep)


class LossLog:
    """Mean losses of every ``every`` steps, in a JSON-lines file with the seconds they took; worker 0 writes."""

    def __init__(self, path: Path, first_step: int, every: int = 50) -> None:
        self._path = path
        self._every = every
        self._sums: dict[str, float] = {}
        self._count = 0
        self._since = time.monotonic()
        if worker_rank():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = [line for line in self._lines() if json.loads(line)["step"] <= first_step]
        path.write_text("".join(line + "\n" for line in kept))

    def _lines(self) -> list[str]:
        return self._path.read_text().splitlines() if self._path.exists() else []

    def add(self, step: int, losses: dict[str, float]) -> None:
        """Count the losses of training step ``step`` (from 1)."""
        for name, value in losses.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
        self._count += 1
        if step % self._every or worker_rank():
            return
        means = {name: round(total / self._count, 6) for name, total in self._sums.items()}
        seconds = round(time.monotonic() - self._since, 2)
        with self._path.open("a") as stream:
            stream.write(json.dumps({"step": step, "seconds": seconds, **means}) + "\n")
        print(f"{self._path.stem} step {step}: {means} ({seconds:.1f} s)", flush=True)
        self._sums, self._count, self._since = {}, 0, time.monotonic()


def cosine_rate(step: int, steps: int, peak: float, warmup: int = 200) -> float:
    """Learning rate at a step: linear warm-up, then half a cosine down to a fiftieth of the peak."""
    if step < warmup:
        return peak * (step + 1) / warmup
    share = min(1.0, (step - warmup) / max(1, steps - warmup))
    cosine = 0.5 * (1 + float(torch.cos(torch.tensor(share * torch.pi))))
    return peak * (0.02 + 0.98 * cosine)


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Set the learning rate of every group."""
    for group in optimizer.param_groups:
        group["lr"] = rate
