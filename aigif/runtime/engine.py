"""What a run needs, checked in full before any weight is loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigif._gen.container import WEIGHT_PAYLOAD_BYTES, WEIGHTS_SECTION
from aigif._gen.enums import Arithmetic, BatchGenerators, DataType, PromptDialect, SavedWeights
from aigif._gen.support import UnreadableText
from aigif._gen.types import Aigif, Data
from aigif.errors import UnsupportedError
from aigif.file import section
from aigif.runtime import cost
from aigif.runtime.adapters import NO_ADAPTERS, Adapters, read_adapters
from aigif.runtime.arguments import call_arguments
from aigif.runtime.checks import check_elements, check_passes, check_prompts
from aigif.runtime.components import own_scheduler
from aigif.runtime.families import ALLOWED
from aigif.runtime.honour import Unhonoured
from aigif.runtime.noise import noise_warning
from aigif.runtime.options import DTYPES
from aigif.runtime.pipelines import pipeline_class
from aigif.runtime.prompts.composition import strip_tags
from aigif.runtime.registry import ResolvedModel
from aigif.runtime.resources import Resources
from aigif.runtime.schedulers import SchedulerPlan, calls_a_step, plan_scheduler
from aigif.runtime.toolplan import ToolPlan, plan_tool, tool_work
from aigif.runtime.upscale import second_size
from aigif.weights import Tensor
from aigif.weights import decode as decode_weights

__all__ = ["Prepared", "prepare", "saved_weights"]

_DATA = Data()
_DROPPED = frozenset(
    {"hires", "refiner", "tiling", "prompt_2", "negative_prompt_2", "prompt_3", "negative_prompt_3"}
)
"""Elements of the data that a run can go without."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that was checked in full, before any weight is loaded."""

    model: ResolvedModel
    syntax: Aigif
    """The elements that are run: those of the file, less what an approximation goes without."""
    scheduler: SchedulerPlan
    second_scheduler: SchedulerPlan
    """Of the second pass; the first pass's where there is none of its own."""
    tool: ToolPlan | None
    """How AUTOMATIC1111 or ComfyUI samples the picture; None where diffusers' own schedulers do."""
    own_scheduler: Mapping[str, Any]
    arguments: Mapping[str, Any]
    data_type: DataType
    device: str
    cost: float
    warnings: tuple[str, ...]
    unhonoured: tuple[str, ...]
    """Elements that the run goes without, as an approximation."""
    adapters: Adapters = NO_ADAPTERS
    refiner: ResolvedModel | None = None
    vae: Path | None = None


def prepare(
    aigif: Aigif,
    model: ResolvedModel,
    resources: Resources,
    *,
    device: str,
    data_type: DataType | None = None,
    approximate: bool = False,
    max_cost: float | None = None,
) -> Prepared:
    """Check every element against this version, the model's pipeline and the caps; load nothing.

    `resources` are the adapters and other models that were found for the file.

    Raises NotHonouredError, with all the elements that can't be honoured, unless `approximate`; LimitError where the
    estimated cost is above `max_cost`; ModelError where an adapter is missing or another one; UnsupportedError where
    the file's text can't be read.
    """
    _check_text(aigif)
    found = resources
    unhonoured = Unhonoured()
    check_elements(aigif, unhonoured)
    rules = ALLOWED[model.folder.pipeline]
    own = own_scheduler(model.folder)
    tool = plan_tool(aigif, model.folder.pipeline, own, unhonoured)
    plan = plan_scheduler(aigif.model, own, Unhonoured() if tool is not None else unhonoured)
    arguments = call_arguments(
        pipeline_class(model.folder), rules, aigif.model, _as_text(aigif), plan.eta, unhonoured
    )
    second = _second_plan(aigif, own, plan, Unhonoured() if tool is not None else unhonoured)
    check_prompts(aigif, model.folder.pipeline, unhonoured)
    check_passes(aigif, rules, found.refiner is not None, tool, arguments, unhonoured)
    for element, reason in found.lacking.items():
        unhonoured.add(element, reason)
    lacking = [at for at, place in enumerate(found.adapters or ()) if place is None]
    if approximate and any(f"model.adapters[{at}]" not in unhonoured.problems for at in lacking):
        unhonoured.add("model.adapters", "an adapter is not in the file, and none is given")
    warnings = [*model.warnings, *found.warnings, *unhonoured.settle(approximate)]
    adapters, remarks = _adapters(aigif, found.adapters, unhonoured)
    run_as = _run_as(aigif, unhonoured)
    estimated = _cost(run_as, model, found, tool, own, plan)
    cost.check_cost(estimated, max_cost)
    chosen = _data_type(aigif, data_type)
    if aigif.model.data_type == DataType.UNSPECIFIED and data_type is None:
        warnings.append("the file doesn't record the data type of the weights; float32 is used")
    threads = noise_warning(aigif, _drawn(run_as))
    warnings += [threads] if threads is not None else []
    return Prepared(
        model=model,
        syntax=run_as,
        scheduler=plan,
        tool=tool,
        second_scheduler=second,
        own_scheduler=own,
        arguments=arguments,
        data_type=chosen,
        device=device,
        cost=estimated,
        warnings=(*warnings, *remarks),
        unhonoured=tuple(unhonoured.problems),
        adapters=adapters,
        refiner=found.refiner,
        vae=found.vae,
    )


def saved_weights(aigif: Aigif, max_bytes: int) -> dict[str, Tensor] | None:
    """The weights of the whole model that a file holds, or None."""
    payload = section(aigif, WEIGHTS_SECTION)
    if payload is None or aigif.compression.saved_weights != SavedWeights.MODEL:
        return None
    return decode_weights(payload, aigif.compression.model_compressor, max_bytes)


def _adapters(
    aigif: Aigif, places: Sequence[Path | None] | None, unhonoured: Unhonoured
) -> tuple[Adapters, list[str]]:
    if places is None:  # the caller brings them
        return NO_ADAPTERS, []
    skipped = [
        at
        for at, place in enumerate(places)
        if f"model.adapters[{at}]" in unhonoured.problems
        or (place is None and "model.adapters" in unhonoured.problems)
    ]
    return read_adapters(aigif, places, WEIGHT_PAYLOAD_BYTES, skipped)


def _drawn(aigif: Aigif) -> int:
    """Numbers of the largest draw of noise, for latents of 4 channels and an eighth of the picture's side."""
    data = aigif.data
    sizes = [(data.width, data.height)]
    if data.hires is not None:
        sizes.append(second_size(data, data.hires))
    separate = data.batch_generators == BatchGenerators.SEPARATE
    return max(width * height for width, height in sizes) // 16 * (1 if separate else data.batch_size)


def _cost(
    aigif: Aigif,
    model: ResolvedModel,
    found: Resources,
    tool: ToolPlan | None,
    own: Mapping[str, Any],
    plan: SchedulerPlan,
) -> float:
    data = aigif.data
    if tool is not None:
        work = tool_work(tool, aigif, own, model.folder.pipeline)
    else:
        work = cost.usual_work(data, calls_a_step(plan))
    refiner = found.refiner.folder.denoiser_parameters() if found.refiner is not None else 0
    return cost.estimate(data, model.folder.denoiser_parameters(), work, refiner)


def _run_as(aigif: Aigif, unhonoured: Unhonoured) -> Aigif:
    """The elements less those groups of the data, and less the prompt's dialect, that can't be honoured."""
    parts = {element.split(".")[1] for element in unhonoured.problems if element.startswith("data.")}
    without = {name: getattr(_DATA, name) for name in parts & _DROPPED}
    if "model.prompt_dialect" in unhonoured.problems:
        aigif = aigif.replace(model=aigif.model.replace(prompt_dialect=PromptDialect.PLAIN))
    if "platform.arithmetic" in unhonoured.problems:
        aigif = aigif.replace(platform=aigif.platform.replace(arithmetic=Arithmetic.NATIVE))
    return aigif.replace(data=aigif.data.replace(**without)) if without else aigif


def _as_text(aigif: Aigif) -> Data:
    """The data with the prompts as a pipeline without the dialect's syntax takes them."""
    data = aigif.data
    if aigif.model.prompt_dialect != PromptDialect.A1111:
        return data
    return data.replace(prompt=strip_tags(data.prompt), negative_prompt=strip_tags(data.negative_prompt))


def _second_plan(
    aigif: Aigif, own: Mapping[str, Any], first: SchedulerPlan, unhonoured: Unhonoured
) -> SchedulerPlan:
    hires = aigif.data.hires
    if hires is None or hires.scheduler is None:
        return first
    wanted = aigif.model.replace(
        scheduler=hires.scheduler.scheduler, sigma_schedule=hires.scheduler.sigma_schedule
    )
    inner = Unhonoured()
    plan = plan_scheduler(wanted, own, inner)
    unhonoured.add_all(inner, {"model.": "data.hires.scheduler."})
    return plan


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
