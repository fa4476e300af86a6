"""One way from syntax elements to pixels, for new pictures and for recreated ones alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aigif._gen.container import WEIGHTS_SECTION
from aigif._gen.enums import DataType, SavedWeights
from aigif._gen.support import UnreadableText
from aigif._gen.types import Aigif, Platform
from aigif.errors import UnsupportedError
from aigif.file import section
from aigif.runtime import cost
from aigif.runtime.arguments import call_arguments, check_elements
from aigif.runtime.determinism import deterministic
from aigif.runtime.families import ALLOWED
from aigif.runtime.honour import Unhonoured
from aigif.runtime.lora import Lora, apply_lora
from aigif.runtime.modelfolder import read_json
from aigif.runtime.noise import cpu_generator
from aigif.runtime.options import DTYPES
from aigif.runtime.pipelines import load_pipeline, pipeline_class, run_pipeline
from aigif.runtime.platform import probe
from aigif.runtime.progress import Progress
from aigif.runtime.registry import ResolvedModel
from aigif.runtime.schedulers import SchedulerPlan, build_scheduler, plan_scheduler
from aigif.runtime.weightsoverlay import overlay_weights
from aigif.weights import Tensor
from aigif.weights import decode as decode_weights

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Prepared", "own_scheduler", "prepare", "render", "saved_weights"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that was checked in full, before any weight is loaded."""

    model: ResolvedModel
    scheduler: SchedulerPlan
    own_scheduler: Mapping[str, Any]
    arguments: Mapping[str, Any]
    data_type: DataType
    device: str
    cost: float
    warnings: tuple[str, ...]
    unhonoured: tuple[str, ...]
    """Elements that the run goes without, as an approximation."""


def own_scheduler(model: ResolvedModel) -> dict[str, Any]:
    """The configuration of the model's own scheduler, from its folder."""
    return read_json(model.folder.path / "scheduler" / "scheduler_config.json")


def prepare(
    aigif: Aigif,
    model: ResolvedModel,
    *,
    device: str,
    data_type: DataType | None = None,
    approximate: bool = False,
    max_cost: float | None = None,
    adapter_lacking: bool = False,
) -> Prepared:
    """Check every element against this version, the model's pipeline and the caps; load nothing.

    `adapter_lacking` says that the adapter which the file names can't be had; an approximation goes without it.

    Raises NotHonouredError, with all the elements that can't be honoured, unless `approximate`; LimitError where the
    estimated cost is above `max_cost`; UnsupportedError where the file's text can't be read.
    """
    _check_text(aigif)
    unhonoured = Unhonoured()
    check_elements(aigif, unhonoured)
    rules = ALLOWED[model.folder.pipeline]
    estimated = cost.estimate(aigif.data, model.folder.denoiser_parameters())
    cost.check_cost(estimated, max_cost)
    own = own_scheduler(model)
    plan = plan_scheduler(aigif.model, own, unhonoured)
    arguments = call_arguments(
        pipeline_class(model.folder), rules, aigif.model, aigif.data, plan.eta, unhonoured
    )
    if adapter_lacking and approximate:
        unhonoured.add("model.adapters", "the adapter is not in the file, and none is given")
    warnings = [*model.warnings, *unhonoured.settle(approximate)]
    chosen = _data_type(aigif, data_type)
    if aigif.model.data_type == DataType.UNSPECIFIED and data_type is None:
        warnings.append("the file doesn't record the data type of the weights; float32 is used")
    return Prepared(
        model, plan, own, arguments, chosen, device, estimated, tuple(warnings), tuple(unhonoured.problems)
    )


def saved_weights(aigif: Aigif, max_bytes: int) -> dict[str, Tensor] | None:
    """The weights of the whole model that a file holds, or None."""
    payload = section(aigif, WEIGHTS_SECTION)
    if payload is None or aigif.compression.saved_weights != SavedWeights.MODEL:
        return None
    return decode_weights(payload, aigif.compression.model_compressor, max_bytes)


def render(
    prepared: Prepared,
    aigif: Aigif,
    *,
    threads: int,
    progress: Progress,
    weights: Mapping[str, Tensor] | None = None,
    pipe: Any = None,
    lora: Lora | None = None,
) -> tuple[Image, Platform, list[str]]:
    """Run a prepared picture: the picture, the platform that it ran on, and warnings.

    `threads` are those of the CPU (0: as they are), `weights` replace the model's, `pipe` is a pipeline that was
    loaded before, `lora` is put on it. torch's global state is fixed while it runs and restored afterwards.
    """
    with deterministic(prepared.device, threads) as warnings:
        if pipe is None:
            pipe = load_pipeline(prepared.model.folder, DTYPES[prepared.data_type], prepared.device)
        if weights is not None:
            overlay_weights(pipe, weights)
        if lora is not None:
            warnings += apply_lora(pipe, lora)
        pipe.scheduler = build_scheduler(prepared.scheduler, prepared.own_scheduler)
        generator = cpu_generator(aigif.data.seed)
        pictures = run_pipeline(pipe, prepared.arguments, generator, aigif.data.steps, progress)
        platform = probe(prepared.device, pipe)
    return pictures[aigif.data.batch_position], platform, list(warnings)


def _data_type(aigif: Aigif, asked: DataType | None) -> DataType:
    if asked is not None:
        return asked
    recorded = aigif.model.data_type
    return DataType(recorded) if recorded in DTYPES else DataType.FLOAT32


def _check_text(aigif: Aigif) -> None:
    for group in (aigif.model, aigif.data):
        if any(isinstance(getattr(group, name), UnreadableText) for name in group.__match_args__):
            raise UnsupportedError(
                "the file's text is coded in a way that this version doesn't know",
                element="compression.text_compressor",
                hint="update aigif",
            )
