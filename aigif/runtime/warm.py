"""Models that stay loaded between pictures, so that many pictures of one model load it once."""

from __future__ import annotations

from typing import Any

from aigif._gen.enums import DataType
from aigif.runtime.lowmemory import save_memory
from aigif.runtime.options import DTYPES
from aigif.runtime.pipelines import load_pipeline
from aigif.runtime.registry import ResolvedModel

__all__ = ["Models"]

_MOST_LOADED = 2  # a model and its refiner


class Models:
    """The pipelines that were used last; at most a model and its refiner.

    A pipeline is given out as it was loaded: who changes it (a scheduler, adapters) puts it back, or says `forget`.
    With `low_memory` the parts of a model wait on the CPU while they aren't used.
    """

    def __init__(self, *, low_memory: bool = False) -> None:
        self._low_memory = low_memory
        self._loaded: dict[tuple[str, str, str], Any] = {}

    def pipeline(self, model: ResolvedModel, data_type: DataType, device: str) -> Any:
        """The pipeline of a model: the loaded one, or loaded now. Raises ModelError as `load_pipeline` does."""
        key = (str(model.folder.path), DTYPES[data_type], device)
        pipe = self._loaded.pop(key, None)
        if pipe is None:
            while len(self._loaded) >= _MOST_LOADED:
                self._loaded.pop(next(iter(self._loaded)))
            # With low memory a model is loaded on the CPU, and its parts go to the device when they are called.
            place = "cpu" if self._low_memory else device
            pipe = load_pipeline(model.folder, DTYPES[data_type], place)
            if self._low_memory:
                save_memory(pipe, device)
        self._loaded[key] = pipe
        return pipe

    def forget(self, pipe: Any) -> None:
        """Don't give `pipe` out again: it was changed for good."""
        self._loaded = {key: held for key, held in self._loaded.items() if held is not pipe}
