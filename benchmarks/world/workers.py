"""Training on several processes of one thread each: every one takes its share of each batch.

Gradients are averaged over the processes, so that the weights stay equal; the result is that of one
process up to rounding. On shared machines this is much faster than threads, which wait for each other
in every operation.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, distributed, nn
from torch.multiprocessing.spawn import spawn


def run_workers(count: int, job: Callable[..., None], *arguments: Any) -> None:
    """Run ``job(*arguments)`` in ``count`` processes that know of each other, or here if ``count`` is 1."""
    if count == 1:
        torch.set_num_threads(1)
        job(*arguments)
        return
    with tempfile.TemporaryDirectory() as folder:
        meeting = Path(folder) / "meeting"
        spawn(_worker, args=(count, meeting, job, arguments), nprocs=count)  # type: ignore[no-untyped-call]


def _worker(
    rank: int, count: int, meeting: Path, job: Callable[..., None], arguments: tuple[Any, ...]
) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=count)
    try:
        job(*arguments)
        distributed.barrier()
    finally:
        distributed.destroy_process_group()


def worker_rank() -> int:
    """Number of this process among the workers, from 0."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def worker_count() -> int:
    """Workers, this process included."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def share(batch: Tensor) -> Tensor:
    """The part of a batch, along its first dimension, that this process works on."""
    return batch[worker_rank() :: worker_count()]


def average_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Replace the gradients by their mean over the workers; parameters without one are left out."""
    if worker_count() == 1:
        return
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    distributed.all_reduce(flat)
    flat /= worker_count()
    for gradient, part in zip(gradients, torch.split(flat, [g.numel() for g in gradients]), strict=True):
        gradient.copy_(part.view_as(gradient))
