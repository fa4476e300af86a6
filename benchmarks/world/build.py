"""Trains the embedded model from nothing, or goes on where it stopped: ``python -m benchmarks.world.build``.

Autoencoder, latents, UNet with text encoder, few-step variant, export. The seeds are fixed and the data
deterministic; an interrupted run resumes from its last checkpoint.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from benchmarks.world.checkpoints import DEFAULT_WORK_FOLDER
from benchmarks.world.distill import BATCH as DISTILL_BATCH
from benchmarks.world.distill import distill, few_step_tensors
from benchmarks.world.export import PACKAGED, export, export_untrained, folder_bytes
from benchmarks.world.judge import WEIGHTS as JUDGE_WEIGHTS
from benchmarks.world.judge import train_judge
from benchmarks.world.latents import Batches, read_latents, tokens, write_latents
from benchmarks.world.text_start import TEXT_TRAINED, load_started_text, train_text
from benchmarks.world.tokenizer import load_tokenizer, write_tokenizer
from benchmarks.world.train_unet import BATCH, UNSAID_SHARE, load_trained_painter, new_painter, train_unet
from benchmarks.world.train_vae import TRAINED, load_trained_vae, train_vae
from benchmarks.world.workers import run_workers

VAE_STEPS: Final = 1800
PICTURES: Final = 20_000
UNET_STEPS: Final = 6200
DISTILL_STEPS: Final = 500


def timed(name: str, work: Path, job: Callable[[], object]) -> None:
    """Run a job, print how long it took, and add that to ``seconds.json`` in the work folder."""
    print(f"--- {name}", flush=True)
    start = time.monotonic()
    job()
    path = work / "seconds.json"
    seconds: dict[str, float] = json.loads(path.read_text()) if path.exists() else {}
    seconds[name] = round(seconds.get(name, 0.0) + time.monotonic() - start, 1)
    path.write_text(json.dumps(seconds, indent=2) + "\n")
    print(f"--- {name}: {seconds[name]:.0f} s, in this and earlier runs", flush=True)


def unet_job(work: Path, pictures: int, steps: int) -> None:
    """Train the UNet and the text encoder. For ``run_workers``."""
    batches = Batches(read_latents(work, pictures), load_tokenizer(work / "tokenizer"), BATCH, UNSAID_SHARE)
    painter = new_painter(work / "tokenizer")
    load_started_text(painter.text_encoder, work)
    train_unet(work, painter, batches, steps)


def distill_job(work: Path, pictures: int, steps: int) -> None:
    """Train the few-step variant. For ``run_workers``."""
    tokenizer = load_tokenizer(work / "tokenizer")
    batches = Batches(read_latents(work, pictures), tokenizer, DISTILL_BATCH, 0.02)
    distill(work, load_trained_painter(work), batches, tokens(tokenizer, [""]), steps)


def build(options: argparse.Namespace) -> None:
    """Run all stages."""
    work: Path = options.work
    work.mkdir(parents=True, exist_ok=True)
    write_tokenizer(work / "tokenizer")
    pictures, workers = options.pictures, options.workers
    if not (work / TRAINED).exists():
        timed("autoencoder", work, lambda: run_workers(workers, train_vae, work, options.vae_steps))
    if not (work / TEXT_TRAINED).exists():
        timed("text encoder alone", work, lambda: run_workers(1, train_text, work))
    timed("latents", work, lambda: run_workers(workers, write_latents, work, pictures))
    timed(
        "unet and text encoder",
        work,
        lambda: run_workers(workers, unet_job, work, pictures, options.unet_steps),
    )
    few_step = None
    if options.distill_steps:
        timed(
            "few-step", work, lambda: run_workers(workers, distill_job, work, pictures, options.distill_steps)
        )
        few_step = few_step_tensors(work)
    painter = load_trained_painter(work)
    export(painter.text_encoder, painter.unet, load_trained_vae(work), options.out, few_step)
    print(f"{options.out}: {folder_bytes(options.out):,} bytes")
    if options.judge or not JUDGE_WEIGHTS.exists():
        timed("judge", work, lambda: train_judge(work))


def main(arguments: Sequence[str] | None = None) -> int:
    """Build, and say how long it took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.world.build", description=__doc__)
    parser.add_argument(
        "--work", type=Path, default=DEFAULT_WORK_FOLDER, help="checkpoints, latents and logs"
    )
    parser.add_argument("--out", type=Path, default=PACKAGED, help="pipeline folder to write")
    parser.add_argument("--vae-steps", type=int, default=VAE_STEPS)
    parser.add_argument("--pictures", type=int, default=PICTURES)
    parser.add_argument("--unet-steps", type=int, default=UNET_STEPS)
    parser.add_argument("--distill-steps", type=int, default=DISTILL_STEPS, help="0: no few-step variant")
    parser.add_argument("--judge", action="store_true", help="train the judge again, too")
    parser.add_argument("--untrained", action="store_true", help="only write random weights, for tests")
    parser.add_argument("--workers", type=int, default=2, help="processes of one thread each")
    options = parser.parse_args(arguments)
    start = time.monotonic()
    if options.untrained:
        print(f"{export_untrained(options.out):,} bytes")
    else:
        build(options)
    print(f"done in {(time.monotonic() - start) / 60:.1f} minutes with {options.workers} workers")
    return 0


if __name__ == "__main__":
    sys.exit(main())
