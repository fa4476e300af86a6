"""The parts of a model: what they say of it (its size, its scheduler), and where diffusers looks for them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from aigif.runtime.families import ALLOWED, PipelineRules
from aigif.runtime.modelfolder import ModelFolder, read_json
from aigif.runtime.store.checkpoint import Checkpoint
from aigif.runtime.torchlib import require

__all__ = ["name_moved_modules", "native_side", "one_folder_only", "own_scheduler", "put_scheduler"]

_LARGEST_SAMPLE = 2**14


def native_side(folder: ModelFolder | Checkpoint) -> int:
    """Height and width in pixels of a new picture that doesn't say.

    Where the pipeline class takes it from the folder, it is the sample size in the denoiser's configuration times the
    scale of the VAE, as diffusers' pipelines work it out; elsewhere it is the table's. Raises ModelError where the
    folder lacks a configuration.
    """
    rules = ALLOWED[folder.pipeline]
    if not rules.sampled:
        return rules.side
    side = folder.config(rules.denoiser).get("sample_size")
    if not isinstance(side, int) or not 0 < side <= _LARGEST_SAMPLE:
        return rules.side
    blocks = folder.config("vae").get("block_out_channels")
    scale = 2 ** (len(blocks) - 1) if isinstance(blocks, list) and 0 < len(blocks) < 8 else 8
    return side * scale


def own_scheduler(folder: ModelFolder | Checkpoint) -> dict[str, Any]:
    """The configuration of the scheduler that the syntax elements are about, with its `_class_name`."""
    name = ALLOWED[folder.pipeline].scheduler
    if isinstance(folder, ModelFolder):
        return read_json(folder.path / name / "scheduler_config.json")
    return folder.config(name)


def put_scheduler(pipe: Any, rules: PipelineRules, scheduler: Any) -> None:
    """Make `scheduler` the one that the pipeline runs with; a combined pipeline hands it to the one inside it too."""
    setattr(pipe, rules.scheduler, scheduler)
    if rules.inner:
        setattr(getattr(pipe, rules.inner), rules.scheduler, scheduler)


def name_moved_modules(rules: PipelineRules) -> None:
    """Let diffusers find the modules of a pipeline that model folders name and that it moved among its deprecated.

    A folder says `["wuerstchen", "WuerstchenPrior"]`; diffusers 0.42 looks in its `pipelines`, where that module was.
    """
    pipelines = require("diffusers.pipelines")
    for module in {folder for folder, _ in rules.modules if not hasattr(pipelines, folder)}:
        setattr(pipelines, module, require(f"diffusers.pipelines.deprecated.{module}"))


@contextlib.contextmanager
def one_folder_only(kind: Any) -> Iterator[None]:
    """Keep a combined pipeline class from loading further models that a folder's README names."""
    before = getattr(kind, "_load_connected_pipes", False)
    kind._load_connected_pipes = False
    try:
        yield
    finally:
        kind._load_connected_pipes = before
