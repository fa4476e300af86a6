"""What exact arithmetic costs, and how near to float64 it stays, on the embedded model.

`python -m benchmarks.exact` prints PSNR from a run in float64 for plain float32 and for exact arithmetic of 24 and of
20 bits, with the same noise, and the ratios of processor time to plain float32. `--large` measures a
UNet of Stable Diffusion 1.5's size at 512 x 512, random weights, one step (about 10 GB of memory). `--families`
prints the table of benchmarks/exact_families.py.
"""

from __future__ import annotations

import argparse
import math
import resource
import statistics
import time
from collections.abc import Mapping
from typing import Any

import aigif
from aigif._gen.enums import Arithmetic, DataType, Scheduler
from aigif.runtime.components import own_scheduler
from aigif.runtime.determinism import deterministic
from aigif.runtime.exact import exactly
from aigif.runtime.honour import Unhonoured
from aigif.runtime.noise import injected_noise
from aigif.runtime.registry import choose
from aigif.runtime.schedulers import build_scheduler, plan_scheduler
from aigif.runtime.warm import Models

PROMPT = "a big yellow tree on the left, meadow, at sunset"
SCHEDULERS = {
    "DDIM": Scheduler.DDIM,
    "DPM++ 2M": Scheduler.DPMPP_2M,
    "Euler": Scheduler.EULER,
    "Euler a": Scheduler.EULER_A,
}
KINDS = {"plain": Arithmetic.NATIVE, "exact 24": Arithmetic.EXACT_1, "exact 20": Arithmetic.EXACT_1_20}
SEEDS, ROUNDS = (1, 2, 3), 5


class SameNoise:
    """Normal numbers drawn in float32 and outside of exact arithmetic, so that all runs have the same."""

    def __init__(self, seed: int) -> None:
        import torch

        self._generator = torch.Generator().manual_seed(seed)

    def normal(self, shape: Any, dtype: Any = None) -> Any:
        import torch
        from torch.utils._python_dispatch import _disable_current_modes

        with _disable_current_modes():
            return torch.randn(tuple(shape), generator=self._generator)


def fidelity() -> None:
    """PSNR from float64 of the samples before they are rounded to 8 bits: mean and lowest over the seeds."""
    print(f"{'PSNR from float64, dB':24s}" + "".join(f"{kind:>18s}" for kind in KINDS))
    models = Models()
    for name, scheduler in SCHEDULERS.items():
        found: dict[str, list[float]] = {kind: [] for kind in KINDS}
        for seed in SEEDS:
            truth = _samples(models, scheduler, seed, DataType.FLOAT64, Arithmetic.NATIVE)
            for kind, arithmetic in KINDS.items():
                other = _samples(models, scheduler, seed, DataType.FLOAT32, arithmetic)
                found[kind].append(-10 * math.log10(float(((other - truth) ** 2).mean())))
        cells = [f"{statistics.mean(each):.1f} ({min(each):.1f})" for each in found.values()]
        print(f"{name:24s}" + "".join(f"{cell:>18s}" for cell in cells), flush=True)


def _samples(models: Models, scheduler: Scheduler, seed: int, data_type: DataType, arithmetic: int) -> Any:
    recorded, resolved = choose(None)
    pipe = models.pipeline(resolved, data_type, "cpu")
    own = own_scheduler(resolved.folder)
    plan = plan_scheduler(recorded.replace(scheduler=scheduler), own, Unhonoured())
    with deterministic("cpu", 1), exactly(arithmetic):
        pipe.scheduler = build_scheduler(plan, own)
        with injected_noise(SameNoise(seed), pipe, pipe.scheduler):
            made = pipe(PROMPT, num_inference_steps=25, guidance_scale=3.0, output_type="np").images[0]
    return made.astype("float64")


def cost() -> None:
    """Ratios of processor time to plain float32, medians of pictures made in turn with the model loaded."""
    models = Models()
    times: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for at in range(ROUNDS + 1):
        for kind, arithmetic in KINDS.items():
            bits = {Arithmetic.EXACT_1: 24, Arithmetic.EXACT_1_20: 20}.get(arithmetic)
            started = time.process_time()
            aigif.generate(PROMPT, seed=1, models=models, threads=1, exact=bits or False, device="cpu")
            if at:
                times[kind].append(time.process_time() - started)
    _print_ratios("embedded model", times)


def _resident() -> float:
    """The largest memory of this process so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def large() -> None:
    """One call of a UNet of SD 1.5's size on a latent of 64 x 64, with the weights' grids made beforehand."""
    import torch
    from diffusers import UNet2DConditionModel

    torch.set_num_threads(1)
    torch.manual_seed(0)
    base = _resident()
    unet = UNet2DConditionModel(sample_size=64, cross_attention_dim=768, attention_head_dim=8).eval()
    given = (torch.randn(1, 4, 64, 64), torch.tensor(500), torch.randn(1, 77, 768))
    times: dict[str, list[float]] = {kind: [] for kind in KINDS}
    above: dict[str, float] = {}
    for _ in range(3):
        for kind, arithmetic in KINDS.items():
            with torch.inference_mode(), exactly(arithmetic):
                unet(torch.randn(1, 4, 8, 8), *given[1:])
                started = time.process_time()
                unet(*given)
                times[kind].append(time.process_time() - started)
            above.setdefault(kind, _resident() - base)
    _print_ratios("UNet of SD 1.5", times)
    print(f"memory with the weights: {above['exact 24'] / above['plain']:.2f} times that of plain float32")


def _print_ratios(what: str, times: Mapping[str, list[float]]) -> None:
    plain = statistics.median(times["plain"])
    for kind in ("exact 24", "exact 20"):
        ratio = statistics.median(times[kind]) / plain
        print(f"{kind}, {what}: {ratio:.2f} times the time of plain float32", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--families", action="store_true")
    given = parser.parse_args()
    if given.large:
        large()
    elif given.families:
        from benchmarks.exact_families import families

        families()
    else:
        fidelity()
        cost()


if __name__ == "__main__":
    main()
