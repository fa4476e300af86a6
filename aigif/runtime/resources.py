"""What a picture needs beside its model: adapters, a VAE, embeddings, a refiner. Found before anything is loaded."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aigif._gen.types import Aigif
from aigif.runtime.adapters import locate_adapters
from aigif.runtime.registry import ResolvedModel

__all__ = ["Resources", "gather"]


@dataclass(frozen=True, slots=True)
class Resources:
    """Where each of them is; what can't be had is None."""

    adapters: Sequence[Path | None] = ()
    """For each adapter of the file; an empty path where the file holds it."""
    refiner: ResolvedModel | None = None
    vae: Any = None
    warnings: tuple[str, ...] = ()
    lacking: dict[str, str] = field(default_factory=dict)
    """Elements whose resource can't be had, and why."""


def gather(aigif: Aigif, adapters: Sequence[str | os.PathLike[str]], *, download: bool = False) -> Resources:
    """Look for what `aigif` needs; `adapters` are files of the person's.

    Raises UsageError where a file is given that no adapter wants.
    """
    return Resources(adapters=locate_adapters(aigif, adapters))
