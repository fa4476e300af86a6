"""From a surveyed call to the syntax elements of its pictures, and the proof that they lead back to the same call.

Nothing is taken for granted: what recreation would hand to the pipeline for the new elements is worked out by
recreation's own code, and every argument in which that differs from the call is a reason not to record it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aigif._gen.enums import BatchGenerators
from aigif._gen.types import Adapter, Aigif, Data, Distilled, GenerativeModel, MicroConditioning, Prior
from aigif.errors import AigifError
from aigif.file import dumps
from aigif.runtime.components import native_side, own_scheduler
from aigif.runtime.engine import Prepared, prepare
from aigif.runtime.families import ALLOWED, PipelineRules
from aigif.runtime.recording.call import EMPTY, TEXTS, Call, differing, settled
from aigif.runtime.recording.identity import Identity, data_type_of_pipe
from aigif.runtime.recording.inert import INERT, of_area, unbinned, uncleaned
from aigif.runtime.recording.networks import tiles
from aigif.runtime.recording.noise import Noise
from aigif.runtime.recording.reasons import Reasons
from aigif.runtime.recording.scheduling import check_scheduler, schedule, takes_eta
from aigif.runtime.resources import Resources
from aigif.runtime.schedulers import build_scheduler

__all__ = ["Survey", "syntax_of"]

_LONGEST = 60
_TOGETHER = "batch_prompts" in Data.__match_args__
"""Whether the schema has an element for the number of texts that were encoded together."""


@dataclass(frozen=True, slots=True)
class Survey:
    """A call, and what was found about the pipeline that takes it."""

    pipe: Any
    kind: Any
    """The pipeline's class."""
    call: Call
    identity: Identity
    noise: Noise
    adapters: tuple[Adapter, ...]

    @property
    def rules(self) -> PipelineRules:
        """What is particular to the class."""
        return ALLOWED[self.kind.__name__]

    @property
    def scheduler(self) -> Any:
        """The scheduler that runs: a combined pipeline has its own inside."""
        holder = getattr(self.pipe, self.rules.inner) if self.rules.inner else self.pipe
        return getattr(holder, self.rules.scheduler)

    @property
    def zeros_for_none(self) -> bool:
        """Whether a missing negative prompt is something else than an empty one."""
        return bool(self.pipe.config.get("force_zeros_for_empty_prompt", False))


def syntax_of(survey: Survey, reasons: Reasons) -> list[Aigif]:
    """The elements of each picture, without platform and verification; what can't be said is added to `reasons`."""
    call = survey.call
    size = _size(survey, reasons)
    own = own_scheduler(survey.identity.folder)
    eta = call.arguments.get("eta", 0.0)
    named = schedule(survey.scheduler, own, eta, reasons)
    tiling = tiles(survey.pipe, reasons)
    if named is None:
        return []
    if call.prompts > 1 and not _TOGETHER:
        reasons.warn("a recreation encodes the texts of a list one by one, which may change last bits")
    made = []
    for position in range(call.batch):
        mine = _settled(survey, call.of_picture(position), size)
        try:
            aigif = Aigif(
                model=_model(survey, mine, named, reasons),
                data=_data(survey, mine, position, reasons).replace(tiling=tiling),
            )
        except (TypeError, ValueError) as error:  # the pipeline would complain of it too
            reasons.add("call", f"an argument has a value of another kind than it takes ({error})")
            break
        prepared = _prepared(survey, aigif, reasons)
        if prepared is not None:
            _compare(survey, mine, prepared, size, reasons)
            if position == 0:
                built = build_scheduler(prepared.scheduler, prepared.own_scheduler)
                check_scheduler(survey.scheduler, built, reasons)
        if reasons.problems:
            break
        made.append(aigif)
    return made


def _size(survey: Survey, reasons: Reasons) -> tuple[int, int]:
    side = native_side(survey.identity.folder)
    asked = [survey.call.arguments.get(name) for name in ("height", "width")]
    height, width = (value if isinstance(value, int) and value > 0 else side for value in asked)
    size = of_area(survey.pipe, survey.call, survey.rules, (height, width))
    binned = unbinned(survey.pipe, survey.kind, survey.call, survey.rules, size)
    if binned is None:
        reasons.add(
            "use_resolution_binning",
            "the picture is made in another size and scaled; ask for a size of the model's, or give False",
        )
        return size
    if not uncleaned(survey.pipe, survey.call, survey.rules):
        reasons.add(
            "clean_caption", "it changes the text, by packages that a recreation may lack; give False"
        )
    return binned


def _settled(survey: Survey, arguments: Mapping[str, Any], size: tuple[int, int]) -> dict[str, Any]:
    # What `_size` let pass has no effect, or is in the size.
    rules = survey.rules
    mine = dict(arguments)
    for name, side in zip(("height", "width"), size, strict=True):
        if name in mine:
            mine[name] = side
    mine.update({name: value for name, value in rules.fixed.items() if name in INERT})
    if rules.area:
        mine[rules.area] = size[0] * size[1]
    if not takes_eta(survey.scheduler):
        mine.pop("eta", None)
    return settled(mine, rules, size, survey.zeros_for_none)


def _model(
    survey: Survey, here: Mapping[str, Any], named: GenerativeModel, reasons: Reasons
) -> GenerativeModel:
    skipped = here.get("clip_skip")
    return survey.identity.model.replace(
        data_type=data_type_of_pipe(survey.pipe, reasons),
        scheduler=named.scheduler,
        sigma_schedule=named.sigma_schedule,
        sampler_options=named.sampler_options,
        clip_skip=1 if skipped is None else skipped + max(1, survey.rules.text_layer),
        adapters=survey.adapters,
    )


def _data(survey: Survey, mine: Mapping[str, Any], position: int, reasons: Reasons) -> Data:
    rules, noise, call = survey.rules, survey.noise, survey.call
    texts = {name: mine.get(name) or "" for name in TEXTS}
    if texts["negative_prompt"] == EMPTY:
        _check_empty(survey.pipe, reasons)
    if rules.guidance and mine[rules.guidance] is None:
        reasons.add(rules.guidance, "the pipeline's own schedule of guidance has no element; give a number")
        mine = {**mine, rules.guidance: 1.0}
    length = mine.get("max_sequence_length")
    return Data(
        height=mine.get("height", native_side(survey.identity.folder)),
        width=mine.get("width", native_side(survey.identity.folder)),
        steps=mine[rules.steps],
        guidance_scale=float(mine[rules.guidance]) if rules.guidance else 1.0,
        guidance_rescale=float(mine.get("guidance_rescale", 0.0)),
        seed=noise.seeds[position],
        batch_size=call.batch,
        batch_position=position,
        batch_generators=noise.generators if call.batch > 1 else BatchGenerators.SHARED,
        distilled=_distilled(rules, mine),
        prior=_prior(call, rules, mine),
        micro_conditioning=_sizes(survey, mine),
        max_sequence_length=0 if length in (None, call.defaults.get("max_sequence_length")) else length,
    ).replace(**texts, **({"batch_prompts": call.prompts} if _TOGETHER else {}))


def _check_empty(pipe: Any, reasons: Reasons) -> None:
    # An empty negative prompt is not none here, and an element that is empty is none: a space stands for it.
    for name in ("tokenizer", "tokenizer_2"):
        tokenizer = getattr(pipe, name, None)
        if tokenizer is not None and tokenizer("").input_ids != tokenizer(EMPTY).input_ids:
            reasons.add("negative_prompt", "no element tells an empty one from none here; leave it out")


def _distilled(rules: PipelineRules, mine: Mapping[str, Any]) -> Distilled | None:
    value = mine.get(rules.distilled) if rules.distilled else None
    return None if value is None or value == rules.usual_distilled else Distilled(guidance=float(value))


def _prior(call: Call, rules: PipelineRules, mine: Mapping[str, Any]) -> Prior | None:
    names = {"steps": f"{rules.prior}num_inference_steps", "guidance_scale": f"{rules.prior}guidance_scale"}
    if not rules.prior or all(mine.get(name) == call.defaults.get(name) for name in names.values()):
        return None
    return Prior(
        steps=mine.get(names["steps"], 0), guidance_scale=float(mine.get(names["guidance_scale"], 0.0))
    )


def _sizes(survey: Survey, mine: Mapping[str, Any]) -> MicroConditioning | None:
    if not survey.rules.sizes_in_conditions or "original_size" not in mine:
        return None
    own = (mine["height"], mine["width"])
    original, target, crop = (
        mine.get(name, usual)
        for name, usual in (("original_size", own), ("target_size", own), ("crops_coords_top_left", (0, 0)))
    )
    usual = survey.call.defaults["original_size"]
    if (original, target, crop) == (own if usual is None else tuple(usual), own, (0, 0)):
        return None
    original = (0, 0) if original == own else original
    target = (0, 0) if target == own else target
    return MicroConditioning(
        original_height=original[0],
        original_width=original[1],
        target_height=target[0],
        target_width=target[1],
        crop_top=crop[0],
        crop_left=crop[1],
    )


def _prepared(survey: Survey, aigif: Aigif, reasons: Reasons) -> Prepared | None:
    # What no file can hold, and what this version could not run again.
    try:
        dumps(aigif)
        wanted = aigif.replace(platform=survey.noise.on(aigif.platform))
        return prepare(
            wanted,
            survey.identity.resolved,
            Resources(),
            device=str(survey.pipe._execution_device),
            max_cost=math.inf,
        )
    except AigifError as error:
        reasons.add_error(error, "elements")
        return None


def _compare(
    survey: Survey, mine: Mapping[str, Any], prepared: Prepared, size: tuple[int, int], reasons: Reasons
) -> None:
    given = {**survey.call.defaults, **prepared.arguments}
    for name in TEXTS:  # the same text for every prompt of the batch
        if isinstance(given.get(name), list):
            given[name] = given[name][0]
    there = _settled(survey, given, size)
    for name in differing(mine, there):
        usual = " (its default)" if name not in prepared.arguments else ""
        reasons.add(
            name,
            f"no element gives {_shown(mine[name])}; a recreation would have {_shown(there.get(name))}{usual}",
        )


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
