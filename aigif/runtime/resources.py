"""What a picture needs beside its model: adapters, a VAE, a refiner. Found before anything is loaded."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from aigif._gen.types import Aigif, GenerativeModel, Refiner
from aigif.errors import ModelError
from aigif.runtime.adapters import locate_adapters
from aigif.runtime.registry import UNLISTED, ResolvedModel, open_found, resolve
from aigif.runtime.store.find import find_refiner, find_vae
from aigif.runtime.store.identity import checked

__all__ = ["Resources", "gather"]


@dataclass(frozen=True, slots=True)
class Resources:
    """Where each of them is; what can't be had is None, or in `lacking`."""

    adapters: Sequence[Path | None] | None = None
    """For each adapter of the file; an empty path where the file holds it. None: whoever asks brings them."""
    refiner: ResolvedModel | None = None
    vae: Path | None = None
    warnings: tuple[str, ...] = ()
    lacking: Mapping[str, str] = field(default_factory=dict)
    """Elements whose resource can't be had, and why."""


def gather(
    aigif: Aigif, adapters: Sequence[str | os.PathLike[str]] | None, *, download: bool = False
) -> Resources:
    """Look for what `aigif` needs in the package, the store and the Hugging Face cache.

    `adapters` are files of the person's; None leaves the adapters to the caller. Raises UsageError where a file is
    given that no adapter wants; ModelError where something is there by its name and is another one by its hash.
    """
    places: list[Path | None] | None = None
    warnings: list[str] = []
    if adapters is not None:
        places, warnings = locate_adapters(aigif, adapters)
    lacking: dict[str, str] = {}
    vae, remarks = _vae(aigif.model, lacking)
    warnings += remarks
    refiner = None
    if aigif.data.refiner is not None:
        refiner = _refiner(aigif.data.refiner, download)
        warnings += refiner.warnings if refiner is not None else ()
    return Resources(places, refiner, vae, tuple(warnings), lacking)


def _vae(model: GenerativeModel, lacking: dict[str, str]) -> tuple[Path | None, list[str]]:
    if not model.vae_name and not model.vae_hash:
        return None, []
    found = find_vae(model.vae_name, model.vae_hash, model.vae_hash_kind)
    if found is None:
        lacking["model.vae_name" if model.vae_name else "model.vae_hash"] = (
            f"the VAE {str(model.vae_name)[:60]!r} is not in the store (aigif models add FILE)"
        )
        return None, []
    return found.path, list(found.warnings)


def _refiner(refiner: Refiner, download: bool) -> ResolvedModel | None:
    """The refiner's model: by its hash or name from the store, by its number from the Hugging Face cache."""
    model = GenerativeModel(
        model_id=refiner.model,
        model_name=refiner.name,
        weight_hash=refiner.weight_hash,
        hash_kind=refiner.hash_kind,
    )
    found = find_refiner(refiner)
    if found is not None:
        resolved = ResolvedModel(open_found(found), found.source, found.warnings)
        return checked(resolved, model, weights_in_file=False, approximate=False)
    if refiner.model == UNLISTED:
        return None
    try:
        return resolve(model, download=download)
    except ModelError:
        return None
