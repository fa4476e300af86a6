"""Many files, one after the other: grouped by model, so that each model is loaded once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

from aigif._gen.types import Aigif
from aigif.errors import AigifError
from aigif.runtime.recreate import Recreated, recreate
from aigif.runtime.warm import Models
from aigif.storage import load

__all__ = ["by_model", "recreate_all"]


def by_model(files: Sequence[Aigif]) -> list[int]:
    """The places of `files` in an order in which those of one model follow each other; groups and their files stay in
    the order of their first."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for at, aigif in enumerate(files):
        model = aigif.model
        key = (model.model_id, model.weight_hash, model.model_name, model.revision, model.data_type)
        groups.setdefault((*key, aigif.platform.device), []).append(at)
    return [at for group in groups.values() for at in group]


def recreate_all(
    sources: Sequence[Aigif | str | os.PathLike[str]], *, low_memory: bool = False, **settings: Any
) -> Iterator[tuple[int, Recreated | AigifError]]:
    """Recreate many files; gives each one's place in `sources` and its picture, or the error that it ended with.

    They come as they are done, which is not the order of `sources`. `settings` are those of `recreate`. No file stops
    the others.
    """
    models = Models(low_memory=low_memory)
    read: dict[int, Aigif] = {}
    for at, source in enumerate(sources):
        try:
            read[at] = source if isinstance(source, Aigif) else load(source)
        except AigifError as error:
            yield at, error
    places = list(read)
    for order in by_model([read[at] for at in places]):
        at = places[order]
        try:
            yield at, recreate(read[at], models=models, **settings)
        except AigifError as error:
            source = sources[at]
            if not isinstance(source, Aigif):
                error.file = error.file or os.fspath(source)
            yield at, error
