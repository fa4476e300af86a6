"""A module in training: one descent step, and a run that goes on after an interruption."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.world.checkpoints import Average, load_checkpoint, save_atomically
from benchmarks.world.workers import average_gradients, worker_rank


class Training:
    """A module, its optimizer and the average of its weights, resumed from a checkpoint at ``path``, if any.

    ``first`` is the step, from 0, at which the run begins or goes on; ``decay`` is the average's.
    """

    def __init__(
        self, module: torch.nn.Module, optimizer: torch.optim.Optimizer, decay: float, path: Path
    ) -> None:
        self.module = module
        self.optimizer = optimizer
        self.average = Average(module, decay)
        self.first = 0
        self._path = path
        if state := load_checkpoint(path):
            module.load_state_dict(state["weights"])
            optimizer.load_state_dict(state["optimizer"])
            self.average.shadow = state["average"]
            self.first = state["step"]

    def descend(self, loss: Tensor, step: int, rate: float) -> None:
        """Take training step ``step`` (from 0) down the gradient, averaged over the workers and clipped to norm 1."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        average_gradients(self.module.parameters())
        torch.nn.utils.clip_grad_norm_(self.module.parameters(), 1.0)
        self.optimizer.step()
        self.average.update(step)

    def run(self, steps: int, one_step: Callable[[int], None], every: int) -> None:
        """Take the steps up to ``steps``; worker 0 saves every ``every`` steps and at the end."""
        for step in range(self.first, steps):
            one_step(step)
            if ((step + 1) % every == 0 or step + 1 == steps) and worker_rank() == 0:
                self._save(step + 1)

    def _save(self, step: int) -> None:
        state = {
            "weights": self.module.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "average": self.average.shadow,
            "step": step,
        }
        save_atomically(state, self._path)
