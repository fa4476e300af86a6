"""Tiny pipelines for the prompts' tests, loaded once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def sd_pipe(sd: Path) -> Any:
    pipe = _load("StableDiffusionPipeline", sd, safety_checker=None)
    pipe.text_encoder.final_layer_norm.bias.data += 0.3  # a mean of 0 could not be restored by a factor
    return pipe


@pytest.fixture(scope="session")
def sdxl_pipe(sdxl: Path) -> Any:
    return _load("StableDiffusionXLPipeline", sdxl)


@pytest.fixture(scope="session")
def sd3_pipe(sd3: Path) -> Any:
    return _load("StableDiffusion3Pipeline", sd3)


@pytest.fixture(scope="session")
def flux_pipe(flux: Path) -> Any:
    return _load("FluxPipeline", flux)


def _load(kind: str, folder: Path, **options: Any) -> Any:
    import diffusers

    pipe = getattr(diffusers, kind).from_pretrained(str(folder), **options)
    pipe.set_progress_bar_config(disable=True)
    return pipe
