"""Making the files, and recreating them on a platform in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aigif
from aigif._gen.enums import Scheduler
from benchmarks.platforms.variants import Variant

__all__ = ["SCHEDULERS", "DoesNotRun", "Found", "make_files", "run"]

ROOT = Path(__file__).parents[2]
PROMPT = "a big yellow tree on the left, meadow, at sunset"
SCHEDULERS = {"DDIM": Scheduler.DDIM, "DPM++ 2M": Scheduler.DPMPP_2M}
"""I and II of the paper's table, in its order."""


class DoesNotRun(Exception):
    """A platform's process failed; the message ends with the last line that it wrote."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a platform made: the folder of its PNG files, and hashes of pixels and of float32 samples by file name."""

    folder: Path
    hashes: Mapping[str, tuple[str, str]]
    versions: Mapping[str, str]
    """Of torch, diffusers and transformers; `machine` and `instructions` are the processor's, as torch sees them."""

    def pixels(self, name: str) -> str:
        return self.hashes[name][0]

    def samples(self, name: str) -> str:
        return self.hashes[name][1]


def make_files(folder: Path, seeds: Sequence[int], steps: int = 25) -> None:
    """The files of every scheduler and seed, plain and exact; their names are kind.scheduler.seed.aigif."""
    from aigif.runtime.warm import Models

    models = Models()
    for kind, exact in (("plain", False), ("exact", True)):
        for at, scheduler in enumerate(SCHEDULERS.values()):
            for seed in seeds:
                settings: dict[str, Any] = {
                    "seed": seed,
                    "steps": steps,
                    "scheduler": scheduler,
                    "exact": exact,
                }
                made = aigif.generate(PROMPT, **settings, models=models, device="cpu")
                aigif.save(made.aigif, folder / f"{kind}.{at}.{seed}.aigif")


def run(variant: Variant, files: Path, target: Path) -> Found:
    """Recreate a folder's files on a platform. Raises DoesNotRun."""
    target.mkdir(parents=True, exist_ok=True)
    arguments = (json.dumps(dict(variant.options)), str(files.absolute()), str(target.absolute()))
    # A process under exact arithmetic mustn't take over the number of threads of this one.
    variables = {key: value for key, value in os.environ.items() if key != "OMP_NUM_THREADS"}
    try:
        done = subprocess.run(
            [*variant.command, "-m", "benchmarks.platforms.worker", *arguments],
            env={**variables, **variant.variables},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise DoesNotRun(str(error)) from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1]
        raise DoesNotRun(f"{variant.name or ' '.join(variant.command)}: {last}")
    told = json.loads((target / "found.json").read_text())
    hashes = {name: (pixels, samples) for name, (pixels, samples) in told["hashes"].items()}
    return Found(target, hashes, told["versions"])
