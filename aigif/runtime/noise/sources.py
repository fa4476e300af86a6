"""Which noise sources this version can draw from, and on how many threads of which GPU."""

from __future__ import annotations

from aigif._gen.enums import NoiseSource
from aigif._gen.tables import gpu as gpu_table
from aigif._gen.types import Aigif, Platform
from aigif.runtime.noise.philox import BLOCK

__all__ = ["UNSUPPORTED", "noise_threads", "noise_warning", "unsupported_noise"]

SUPPORTED = (NoiseSource.TORCH_CPU, NoiseSource.CUDA_PHILOX, NoiseSource.NV, NoiseSource.NUMPY)

UNSUPPORTED: dict[int, str] = {
    NoiseSource.MPS: (
        "on Apple's GPUs torch leaves noise to MPSGraph, whose use of its Philox state is not published"
    ),
    NoiseSource.XPU: "this version doesn't emulate how torch draws noise on Intel's GPUs",
    NoiseSource.SERVICE: "the noise was drawn by a service that doesn't say how",
    NoiseSource.UNSPECIFIED: "the file doesn't record where the noise came from",
}


def unsupported_noise(platform: Platform) -> str | None:
    """Why this version can't draw the noise of platform.noise_source; None where it can.

    An approximation draws from torch's CPU generator instead, as `start_noise` does.
    """
    if platform.noise_source in SUPPORTED:
        return None
    return UNSUPPORTED.get(
        platform.noise_source, f"this version doesn't know source {int(platform.noise_source)}"
    )


def noise_threads(platform: Platform) -> int:
    """Threads that the recorded GPU runs at a time for noise; 0 where the file doesn't tell.

    platform.noise_threads, else multiprocessors times threads of each from the table of GPUs, the threads rounded
    down to whole blocks as torch does (DistributionTemplates.h, `calc_execution_policy`).
    """
    if platform.noise_threads:
        return platform.noise_threads
    table = gpu_table.TABLE
    multiprocessors = int(table.attribute(platform.gpu, "multiprocessors") or 0)
    each = int(table.attribute(platform.gpu, "max_threads_per_multiprocessor") or 0)
    return multiprocessors * (each // BLOCK) * BLOCK


def noise_warning(aigif: Aigif, elements: int) -> str | None:
    """A warning where noise of `elements` numbers depends on a GPU that the file doesn't tell; else None.

    `elements` are those of one draw. Below the threads of the smallest GPU of the table every GPU draws alike.
    """
    platform = aigif.platform
    if platform.noise_source != NoiseSource.CUDA_PHILOX or noise_threads(platform):
        return None
    smallest = _smallest_threads()
    if elements <= smallest:
        return None
    return (
        f"noise of {elements} numbers depends on the threads of the GPU where it runs fewer at a time (the smallest "
        f"known has {smallest}); the file records neither platform.noise_threads nor a GPU that tells, and a GPU "
        "with enough threads is taken"
    )


def _smallest_threads() -> int:
    known = (noise_threads(Platform(gpu=code)) for code in gpu_table.TABLE)
    return min(threads for threads in known if threads)
