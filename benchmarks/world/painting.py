"""Pictures from prompts by the packaged pipeline, many at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, cast

import numpy as np
import torch
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler, StableDiffusionPipeline
from numpy.typing import NDArray

from benchmarks.world.architecture import Pipeline
from benchmarks.world.export import PACKAGED
from benchmarks.world.few_step import FEW_STEP_FILE, FEW_STEPS, add_low_rank

SCHEDULERS: Final = {"ddim": DDIMScheduler, "dpmpp-2m": DPMSolverMultistepScheduler}
STEPS: Final = 25
GUIDANCE: Final = 3.0


def load_pipeline(folder: Path = PACKAGED, scheduler: str = "ddim", few_step: bool = False) -> Pipeline:
    """The pipeline of a folder with one of ``SCHEDULERS``; ``few_step`` adds the distilled weights."""
    pipeline: Pipeline = StableDiffusionPipeline.from_pretrained(  # type: ignore[no-untyped-call]
        str(folder), safety_checker=None, local_files_only=True
    )
    pipeline.scheduler = SCHEDULERS[scheduler].from_config(pipeline.scheduler.config)
    pipeline.set_progress_bar_config(disable=True)
    if few_step:
        add_low_rank(pipeline.unet, folder / FEW_STEP_FILE)
    return pipeline


def paint(
    pipeline: Pipeline,
    prompts: Sequence[str],
    seeds: Sequence[int],
    steps: int = STEPS,
    guidance: float = GUIDANCE,
    batch: int = 27,
) -> list[NDArray[np.uint8]]:
    """One picture (128, 128, 3) a prompt; each seed draws its own noise, whatever the batch."""
    pictures: list[NDArray[np.uint8]] = []
    for start in range(0, len(prompts), batch):
        chosen = slice(start, start + batch)
        generators = [torch.Generator().manual_seed(seed) for seed in seeds[chosen]]
        output = pipeline(
            list(prompts[chosen]),
            num_inference_steps=steps,
            guidance_scale=guidance,
            generator=generators,
            output_type="np",
        )
        pictures.extend((cast("NDArray[np.float32]", output.images) * 255 + 0.5).astype(np.uint8))
    return pictures


def few_step_settings() -> tuple[int, float]:
    """Steps and guidance scale of the few-step variant: its guidance is in its weights."""
    return FEW_STEPS, 1.0
