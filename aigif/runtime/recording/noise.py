"""The random generators of a call: their seeds, and whether they still stand where their seed put them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aigif._gen.enums import BatchGenerators, NoiseSource
from aigif._gen.types import Platform
from aigif.runtime.recording.call import Call
from aigif.runtime.recording.reasons import Reasons
from aigif.runtime.torchlib import require

__all__ = ["Noise", "noise_of"]

_SOURCES = {"cpu": NoiseSource.TORCH_CPU, "cuda": NoiseSource.CUDA_PHILOX, "mps": NoiseSource.MPS,
            "xpu": NoiseSource.XPU}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Noise:
    """Where a call's noise comes from."""

    argument: Any
    """What the call gets as its generator: its own, or a new one where it had none."""
    seeds: tuple[int, ...]
    """The seed of each picture of the batch: 0 to 2**64 - 1."""
    generators: BatchGenerators
    source: NoiseSource
    threads: int
    """Threads that the GPU launches for noise; 0 on the CPU."""

    def on(self, platform: Platform) -> Platform:
        """The platform with this source of noise."""
        return platform.replace(noise_source=self.source, noise_threads=self.threads)


def noise_of(call: Call, reasons: Reasons) -> Noise:
    """The noise of a call. A call without a generator gets one on the CPU, with 32 fresh bits as its seed."""
    given = call.arguments.get("generator")
    if given is None:
        torch = require("torch")
        seed = torch.Generator("cpu").seed() & 0xFFFFFFFF
        reasons.warn(f"the call had no generator; it got one on the CPU, with the seed {seed}")
        generator = torch.Generator("cpu").manual_seed(seed)
        return Noise(generator, (seed,) * call.batch, BatchGenerators.SHARED, NoiseSource.TORCH_CPU, 0)
    listed = list(given) if isinstance(given, (list, tuple)) else [given]
    if not listed or not all(_is_generator(entry) for entry in listed):
        reasons.add("generator", "it is no torch.Generator, nor a list of them")
        return Noise(given, (0,) * call.batch, BatchGenerators.SHARED, NoiseSource.TORCH_CPU, 0)
    _check(given, listed, call, reasons)
    seeds = tuple(int(entry.initial_seed()) & (2**64 - 1) for entry in listed)
    kind = BatchGenerators.SEPARATE if len(listed) > 1 else BatchGenerators.SHARED
    source = _SOURCES.get(listed[0].device.type, NoiseSource.UNSPECIFIED)
    spread = seeds if len(seeds) == call.batch else seeds[:1] * call.batch
    return Noise(given, spread, kind, source, _threads(listed[0].device))


def _check(given: Any, listed: list[Any], call: Call, reasons: Reasons) -> None:
    if not isinstance(given, _generator_class()) and len(listed) not in (1, call.batch):
        reasons.add("generator", f"there are {len(listed)} generators for {call.batch} pictures")
    if len(set(map(id, listed))) != len(listed):
        reasons.add("generator", "one generator serves several pictures of the list; give each its own")
    if len({str(entry.device) for entry in listed}) > 1:
        reasons.add("generator", "the generators are on several devices")
    if not all(_is_fresh(entry) for entry in listed):
        reasons.add(
            "generator",
            "it has given numbers since it was seeded, and a file holds its seed only; make a new generator, or "
            "seed it again (manual_seed), before each call",
        )


def _is_fresh(generator: Any) -> bool:
    torch = require("torch")
    seeded = torch.Generator(generator.device).manual_seed(generator.initial_seed())
    return bool(torch.equal(generator.get_state(), seeded.get_state()))


def _is_generator(value: Any) -> bool:
    return isinstance(value, _generator_class())


def _generator_class() -> Any:
    return require("torch").Generator


def _threads(device: Any) -> int:
    # torch launches at most as many threads for random numbers as fit on all multiprocessors at once
    # (calc_execution_policy in ATen/native/cuda/DistributionTemplates.h).
    if device.type != "cuda":
        return 0
    properties = require("torch").cuda.get_device_properties(device)
    return int(properties.multi_processor_count * properties.max_threads_per_multi_processor)
