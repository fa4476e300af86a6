"""One way from prepared syntax elements to pixels, for new pictures and for recreated ones alike."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aigif._gen.enums import BatchGenerators
from aigif._gen.types import Data, Platform
from aigif.runtime.components import put_scheduler
from aigif.runtime.determinism import deterministic
from aigif.runtime.engine import Prepared
from aigif.runtime.families import ALLOWED
from aigif.runtime.lora import apply_loras, remove_loras, set_active
from aigif.runtime.noise import cpu_generator
from aigif.runtime.passes import Passes, run_passes, steps_in_all
from aigif.runtime.platform import probe
from aigif.runtime.progress import Meter, Progress
from aigif.runtime.schedulers import build_scheduler
from aigif.runtime.tiling import tiled
from aigif.runtime.warm import Models
from aigif.runtime.watch import Watch
from aigif.runtime.weightsoverlay import overlay_weights
from aigif.weights import Tensor

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["render"]


def render(
    prepared: Prepared,
    models: Models,
    *,
    threads: int,
    progress: Progress,
    watch: Watch | None = None,
    weights: Mapping[str, Tensor] | None = None,
) -> tuple[Image, Platform, list[str]]:
    """Run a prepared picture: the picture, the platform that it ran on, and warnings.

    `threads` are those of the CPU (0: as they are), `weights` replace the model's. torch's global state is fixed
    while it runs and restored afterwards; the pipelines of `models` are as before.
    """
    aigif = prepared.syntax
    with deterministic(prepared.device, threads) as warnings, contextlib.ExitStack() as stack:
        pipe = models.pipeline(prepared.model, prepared.data_type, prepared.device)
        rules = ALLOWED[prepared.model.folder.pipeline]
        stack.callback(put_scheduler, pipe, rules, getattr(pipe, rules.scheduler))
        if weights is not None:
            models.forget(pipe)
            overlay_weights(pipe, weights)
        if prepared.loras:
            stack.callback(remove_loras, pipe)
            warnings += apply_loras(pipe, prepared.loras)
        if aigif.data.tiling:
            stack.enter_context(tiled(pipe))
        meter = stack.enter_context(Meter(progress, steps_in_all(aigif.data)))
        put_scheduler(pipe, rules, build_scheduler(prepared.scheduler, prepared.own_scheduler))
        pictures = run_passes(
            pipe,
            aigif,
            _passes(prepared, aigif.data, models),
            _after_step(pipe, prepared, meter, watch),
            meter.next_pass,
        )
        platform = probe(prepared.device, pipe)
    return pictures[aigif.data.batch_position], platform, list(warnings)


def _passes(prepared: Prepared, data: Data, models: Models) -> Passes:
    def generators() -> Any:
        if data.batch_generators == BatchGenerators.SEPARATE:
            return [cpu_generator(data.seed) for _ in range(data.batch_size)]
        return cpu_generator(data.seed)

    refiner = None
    if prepared.refiner is not None:
        refiner = models.pipeline(prepared.refiner, prepared.data_type, prepared.device)
    return Passes(
        arguments=prepared.arguments,
        generators=generators,
        second_class=ALLOWED[prepared.model.folder.pipeline].second,
        second_scheduler=lambda: build_scheduler(prepared.second_scheduler, prepared.own_scheduler),
        refiner=refiner,
    )


def _after_step(pipe: Any, prepared: Prepared, meter: Meter, watch: Watch | None) -> Any:
    ranged = any((lora.start, lora.end) != (0.0, 1.0) for lora in prepared.loras)
    steps = prepared.syntax.data.steps

    def after_step(completed: int, latents: Any) -> None:
        meter.step(completed)
        if ranged:
            set_active(pipe, prepared.loras, completed / steps)
        if watch is not None and latents is not None:
            watch.look(pipe, completed, latents)

    return after_step
