"""Seconds and peak memory of a picture, and the bytes of the package: ``python -m benchmarks.world.cost``."""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import torch

from benchmarks.world.export import PACKAGED, folder_bytes
from benchmarks.world.painting import GUIDANCE, SCHEDULERS, STEPS, few_step_settings, load_pipeline, paint


def peak_mebibytes() -> float:
    """Largest resident memory of this process so far (Linux counts ``ru_maxrss`` in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.world.cost", description=__doc__)
    parser.add_argument("--folder", type=Path, default=PACKAGED)
    parser.add_argument("--scheduler", choices=sorted(SCHEDULERS), default="ddim")
    parser.add_argument("--few-step", action="store_true")
    parser.add_argument("--pictures", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2, help="CPU threads of torch")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    steps, guidance = few_step_settings() if options.few_step else (STEPS, GUIDANCE)
    libraries = peak_mebibytes()
    start = time.perf_counter()
    pipeline = load_pipeline(options.folder, options.scheduler, options.few_step)
    loaded = time.perf_counter() - start
    seconds = []
    for seed in range(options.pictures):
        start = time.perf_counter()
        paint(pipeline, ["a red ball in the centre, in a meadow"], [seed], steps, guidance)
        seconds.append(time.perf_counter() - start)
    print(f"package: {folder_bytes(options.folder):,} bytes")
    print(f"{options.threads} threads, {options.scheduler}, {steps} steps, guidance {guidance:g}")
    median = sorted(seconds)[len(seconds) // 2]
    print(f"loading: {loaded:.2f} s; first picture: {seconds[0]:.2f} s; median: {median:.2f} s")
    print(f"peak memory: {peak_mebibytes():.0f} MiB; libraries alone: {libraries:.0f} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
