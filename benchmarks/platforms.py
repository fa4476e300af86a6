"""Table V of the AIGIF paper for the platforms that one machine can stand for, with plain and exact arithmetic.

`python -m benchmarks.platforms` makes files with the embedded model, DDIM and DPM++ 2M, and recreates them in
processes of their own under other instruction sets, numbers of threads, libraries, memory layouts and batches, and,
where qemu-x86_64 is installed, on another generation of processor. It prints PSNR and MS-SSIM against the first run
for plain arithmetic, and the share of bit-identical pictures for both. `--quick` makes one seed and leaves the
emulator out.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aigif
from aigif._gen.enums import BatchGenerators, Scheduler

PROMPT = "a big yellow tree on the left, meadow, at sunset"
SCHEDULERS = {"DDIM": Scheduler.DDIM, "DPM++ 2M": Scheduler.DPMPP_2M}


@dataclass(frozen=True, slots=True)
class Variant:
    """A platform: environment of the process, options of the worker, and what runs the interpreter."""

    name: str
    environment: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    slow: bool = False


REFERENCE = Variant("as it is, 1 thread")
VARIANTS = (
    Variant("2 threads", options={"threads": 2}),
    Variant("without AVX", {"ATEN_CPU_CAPABILITY": "default"}),
    Variant("AVX2", {"ATEN_CPU_CAPABILITY": "avx2"}),
    Variant("AVX-512", {"ATEN_CPU_CAPABILITY": "avx512"}),
    Variant("oneDNN off", options={"onednn": False}),
    Variant("oneDNN at SSE4.1", {"ONEDNN_MAX_CPU_ISA": "SSE41"}),
    Variant("MKL compatible", {"MKL_CBWR": "COMPATIBLE"}),
    Variant("MKL AVX2, without AVX", {"MKL_CBWR": "AVX2", "ATEN_CPU_CAPABILITY": "default"}),
    Variant("channels last", options={"channels_last": True}),
    Variant("third of a batch of 4", options={"batch": 4}),
    Variant("slices of float32", options={"engine": "float32"}),
    Variant("emulated Nehalem", command=("qemu-x86_64", "-cpu", "Nehalem"), slow=True),
)


def make_files(folder: Path, seeds: Sequence[int], steps: int = 25) -> None:
    """The files of every scheduler and seed, plain and exact; their names are kind.scheduler.seed.aigif."""
    from aigif.runtime.warm import Models

    models = Models()
    for kind, exact in (("plain", False), ("exact", True)):
        for at, scheduler in enumerate(SCHEDULERS.values()):
            for seed in seeds:
                settings: dict[str, Any] = {"seed": seed, "steps": steps, "scheduler": scheduler, "exact": exact}
                made = aigif.generate(PROMPT, **settings, models=models, device="cpu")
                aigif.save(made.aigif, folder / f"{kind}.{at}.{seed}.aigif")


def work(folder: Path, target: Path, options: Mapping[str, Any]) -> None:
    """Recreate all files of a folder on this platform: PNG files, and in a JSON file the hashes of the pixels and of
    the float32 samples that the VAE decoded, which 8 bits hide small differences of.
    """
    import torch

    from aigif._gen.enums import DataType
    from aigif.runtime.recreate import recreate
    from aigif.runtime.registry import choose
    from aigif.runtime.warm import Models

    torch.set_num_threads(options.get("threads", 1))
    torch.backends.mkldnn.enabled = options.get("onednn", True)
    models = Models()
    pipe = models.pipeline(choose(None)[1], DataType.FLOAT32, "cpu")
    if options.get("channels_last"):
        for part in (pipe.unet, pipe.vae):
            part.to(memory_format=torch.channels_last)
    if options.get("engine"):
        _use_engine(options["engine"])
    if options.get("loose"):
        _slip_in_a_native_sum()
    hashes: dict[str, list[str]] = {}
    decoded: list[Any] = []
    pipe.vae.decoder.register_forward_hook(lambda module, given, samples: decoded.append(samples))
    for path in sorted(folder.glob("*.aigif")):
        syntax = aigif.load(path)
        syntax = syntax.replace(platform=syntax.platform.replace(threads=0))
        if batch := options.get("batch"):
            more = {"batch_size": batch, "batch_position": 2, "batch_generators": BatchGenerators.SEPARATE}
            syntax = syntax.replace(data=syntax.data.replace(**more))
        image = recreate(syntax, models=models, device="cpu").image
        image.save(target / f"{path.stem}.png")
        samples = decoded.pop()[syntax.data.batch_position].to(torch.float32).contiguous().numpy()
        decoded.clear()
        hashes[path.stem] = [hashlib.sha256(data).hexdigest() for data in (image.tobytes(), samples.tobytes())]
    (target / "hashes.json").write_text(json.dumps(hashes))


def _use_engine(name: str) -> None:
    from aigif.runtime.exact import selftest

    prove = selftest._prove
    selftest._prove = lambda device, wanted: prove(device, name)


def _slip_in_a_native_sum() -> None:
    """Give group normalisation torch's own kernel: what the comparison of platforms has to notice."""
    import torch

    from aigif.runtime.exact.mode import MEANINGS

    operation = torch.ops.aten.group_norm.default
    MEANINGS[operation] = lambda context, *arguments: operation(*arguments)


def run(
    variant: Variant, files: Path, target: Path, options: Mapping[str, Any] | None = None
) -> dict[str, list[str]] | None:
    """The hashes of pixels and samples by the files' names; None where the variant doesn't run here."""
    target.mkdir(parents=True, exist_ok=True)
    command = [
        *variant.command,
        sys.executable,
        "-m",
        "benchmarks.platforms",
        "--worker",
        json.dumps({**variant.options, **(options or {})}),
        str(files),
        str(target),
    ]
    # A process under exact arithmetic mustn't take over the number of threads of this one.
    environment = {key: value for key, value in os.environ.items() if key != "OMP_NUM_THREADS"}
    done = subprocess.run(
        command, env={**environment, **variant.environment}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(f"{variant.name}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    found = json.loads((target / "hashes.json").read_text())
    assert isinstance(found, dict)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worker", nargs=3, metavar=("OPTIONS", "FILES", "TARGET"))
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    if given.worker:
        options, files, target = given.worker
        work(Path(files), Path(target), json.loads(options))
        return
    seeds = (1001,) if given.quick else (1001, 1002, 1003)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "files").mkdir()
        (root / "few").mkdir()
        make_files(root / "files", seeds)
        for path in (root / "files").glob(f"*.{seeds[0]}.aigif"):
            shutil.copy(path, root / "few")
        wanted = run(REFERENCE, root / "files", root / "reference")
        if wanted is None:
            raise SystemExit("the reference doesn't run")
        against = f"against: {REFERENCE.name}"
        print(f"{against:26s} {'plain: PSNR in dB, MS-SSIM':^33s} {'pixels':^15s} {'samples':^15s}")
        print(f"{'':26s} {'DDIM':^16s} {'DPM++ 2M':^16s}" + f" {'plain':>7s} {'exact':>7s}" * 2)
        shares = [0, 0]
        for variant in VARIANTS:
            if variant.slow and (given.quick or shutil.which(variant.command[0]) is None):
                continue
            files = root / ("few" if variant.slow else "files")
            target = root / "".join(c for c in variant.name if c.isalnum())
            found = run(variant, files, target)
            if found is not None:
                same = _print_row(variant, wanted, found, root / "reference", target)
                shares = [shares[0] + same, shares[1] + sum(name.startswith("exact") for name in found)]
        print(f"exact, float32 samples bit-identical: {shares[0]} of {shares[1]}")


def _print_row(
    variant: Variant,
    wanted: Mapping[str, list[str]],
    found: Mapping[str, list[str]],
    reference: Path,
    target: Path,
) -> int:
    import PIL.Image

    from aigif.runtime.similarity import ms_ssim, psnr

    cells = []
    for at in range(len(SCHEDULERS)):
        names = [name for name in found if name.startswith(f"plain.{at}.")]
        pairs = [
            (PIL.Image.open(reference / f"{name}.png"), PIL.Image.open(target / f"{name}.png")) for name in names
        ]
        if all(found[name][0] == wanted[name][0] for name in names):
            cells.append("lossless")
            continue
        decibels = statistics.mean(min(99.0, psnr(*pair)) for pair in pairs)
        structure = statistics.mean(ms_ssim(*pair)[0] or 0.0 for pair in pairs)
        cells.append(f"{decibels:.2f} {structure:.4f}")
    shown, identical = [], 0
    for which in (0, 1):
        for kind in ("plain", "exact"):
            names = [name for name in found if name.startswith(kind)]
            identical = sum(found[name][which] == wanted[name][which] for name in names)
            shown.append(f"{identical}/{len(names)}")
    counts = "".join(f" {each:>7s}" for each in shown)
    print(f"{variant.name:26s} {cells[0]:^16s} {cells[1]:^16s}{counts}", flush=True)
    return identical  # exact, samples


if __name__ == "__main__":
    main()
