"""torch's global settings, put into one known state while a model runs and put back afterwards."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from aigif.runtime.torchlib import require

__all__ = ["MOST_THREADS", "deterministic", "usable_threads"]

MOST_THREADS = 256
"""More threads than this are not started, whatever a file says (or the number of processors, if that is larger)."""


def usable_threads(recorded: int) -> int | None:
    """The recorded number of threads where a run may use it; None for its own number (0, or too many)."""
    return recorded if 0 < recorded <= max(MOST_THREADS, os.cpu_count() or 1) else None


@contextlib.contextmanager
def deterministic(device: str, threads: int = 0) -> Iterator[list[str]]:
    """Run with deterministic kernels where torch has them, and with `threads` threads on the CPU (0: as they are).

    Global state that changes results is fixed too: the default data type and device, autocast, TF32, reduced
    precision in matrix products, cuDNN's autotuner, and which attention kernels may be chosen. The global random
    generator is left untouched. Yields a list of warnings. Everything is put back on leaving.
    """
    torch = require("torch")
    warnings: list[str] = []
    with contextlib.ExitStack() as stack:
        _threads(torch, stack, threads, warnings)
        _algorithms(torch, stack, device)
        _precision(torch, stack)
        _attention(torch, stack)
        _defaults(torch, stack, device)
        yield warnings


def _threads(torch: Any, stack: contextlib.ExitStack, threads: int, warnings: list[str]) -> None:
    before = torch.get_num_threads()
    if threads in (0, before):
        return
    if usable_threads(threads) is None:
        warnings.append(
            f"the file asks for {threads} threads; {before} are used, so sums may be ordered differently"
        )
        return
    stack.callback(torch.set_num_threads, before)
    torch.set_num_threads(threads)


def _algorithms(torch: Any, stack: contextlib.ExitStack, device: str) -> None:
    if device.startswith("cuda"):  # cuBLAS reads it when its handle is made
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    stack.callback(
        torch.use_deterministic_algorithms,
        torch.are_deterministic_algorithms_enabled(),
        warn_only=torch.is_deterministic_algorithms_warn_only_enabled(),
    )
    torch.use_deterministic_algorithms(True, warn_only=True)
    for holder, name, value in (
        (torch.backends.cudnn, "benchmark", False),
        (torch.backends.cudnn, "deterministic", True),
        (torch.utils.deterministic, "fill_uninitialized_memory", False),
    ):
        stack.callback(setattr, holder, name, getattr(holder, name))
        setattr(holder, name, value)


def _precision(torch: Any, stack: contextlib.ExitStack) -> None:
    stack.callback(torch.set_default_dtype, torch.get_default_dtype())
    torch.set_default_dtype(torch.float32)
    stack.callback(torch.set_float32_matmul_precision, torch.get_float32_matmul_precision())
    torch.set_float32_matmul_precision("highest")
    cudnn = torch.backends.cudnn
    stack.callback(setattr, cudnn, "allow_tf32", cudnn.allow_tf32)
    cudnn.allow_tf32 = False
    for name in ("allow_fp16_reduced_precision_reduction", "allow_bf16_reduced_precision_reduction"):
        matmul = torch.backends.cuda.matmul
        stack.callback(setattr, matmul, name, getattr(matmul, name))
        setattr(matmul, name, True)


def _defaults(torch: Any, stack: contextlib.ExitStack, device: str) -> None:
    # Entered only where needed: both slow every operation down.
    kind = device.partition(":")[0]
    if torch.is_autocast_enabled(kind):
        stack.enter_context(torch.autocast(kind, enabled=False))
    if torch.get_default_device().type != "cpu":
        stack.enter_context(torch.device("cpu"))


def _attention(torch: Any, stack: contextlib.ExitStack) -> None:
    backend = torch.backends.cuda  # these switches govern the CPU's kernels too
    for kernel in ("flash", "mem_efficient", "math", "cudnn"):
        enabled = getattr(backend, f"{kernel}_sdp_enabled", None)
        enable = getattr(backend, f"enable_{kernel}_sdp", None)
        if enabled is not None and enable is not None:
            stack.callback(enable, enabled())
            enable(True)
