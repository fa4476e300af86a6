"""Generation syntax while an importer collects it, element by element."""

from __future__ import annotations

from collections.abc import Mapping

from aigif._gen import meta
from aigif._gen.enums import Completeness, GapKind
from aigif._gen.support import ElementInfo, Record
from aigif._gen.types import (
    Aigif,
    Data,
    Distilled,
    ExtraEntry,
    Gap,
    GenerativeModel,
    Hires,
    HiresScheduler,
    MicroConditioning,
    Platform,
    Prior,
    Refiner,
    SamplerOptions,
    Variation,
    Verification,
)
from aigif.grading import Grade, of_gap
from aigif.importers.values import Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

RECORDS: dict[str, type[Record]] = {
    "platform": Platform,
    "model": GenerativeModel,
    "data": Data,
    "verification": Verification,
    "sampler_options": SamplerOptions,
    "hires": Hires,
    "hires_scheduler": HiresScheduler,
    "refiner": Refiner,
    "variation": Variation,
    "distilled": Distilled,
    "micro_conditioning": MicroConditioning,
    "prior": Prior,
}
_ELEMENTS: dict[str, ElementInfo] = {
    f"{group}.{info.name}": info for group in RECORDS for info in meta.GROUPS[group].elements
}
_MAX_GAPS = next(info.max_length for info in meta.GROUPS["data"].elements if info.name == "gaps")
_MAX_NAME = 80
_MAX_NOTES = 256
_DEFAULTS: dict[str, Record] = {group: record() for group, record in RECORDS.items()}


def group_of(aigif: Aigif, group: str) -> Record | None:
    """A group by its name in the schema, wherever it hangs; None where it is absent."""
    if group in ("platform", "model", "data", "verification", "sampler_options"):
        held = aigif.model.sampler_options if group == "sampler_options" else getattr(aigif, group)
    elif group == "hires_scheduler":
        held = aigif.data.hires.scheduler if aigif.data.hires else None
    else:
        held = getattr(aigif.data, group)
    assert held is None or isinstance(held, Record)
    return held


def default_of(path: str) -> Any:
    """The default of an element `group.name`."""
    group, _, name = path.partition(".")
    return getattr(_DEFAULTS[group], name)


class Draft:
    """The elements found so far, and what a person should know about them.

    `settings` are the program's own, by key. Elements are named `group.name`, with the group's name in the
    schema.
    """

    def __init__(self, settings: Mapping[str, str]) -> None:
        self.settings = settings
        self.notes: list[str] = []
        self.partial = False
        self.gaps: list[Gap] = []
        self._held: dict[str, dict[str, Any]] = {}

    def put(self, path: str, value: Any) -> None:
        """Set an element. Raises Unreadable for a value outside its range."""
        info = _ELEMENTS[path]
        if info.minimum is not None and not info.minimum <= value <= (info.maximum or 0):
            raise Unreadable(f"{info.name} goes from {info.minimum} to {info.maximum}")
        if info.max_length and len(value) > info.max_length:
            raise Unreadable(f"{info.name} holds at most {info.max_length}")
        group, _, name = path.partition(".")
        self._held.setdefault(group, {})[name] = value

    def get(self, path: str) -> Any:
        """An element's value, or its default."""
        group, _, name = path.partition(".")
        return self._held.get(group, {}).get(name, default_of(path))

    def has(self, path: str) -> bool:
        """Whether an element, or any element of a group, was set."""
        group, _, name = path.partition(".")
        return group in self._held and (not name or name in self._held[group])

    def missing(self, note: str, kind: GapKind = GapKind.SETTING, name: str = "") -> None:
        """Say what the picture depends on and the metadata do not tell.

        `note` is for the person who imports it; the file keeps `kind` and `name` (of the setting, extension, node or
        file), which decide the grade (aigif/grading.py).
        """
        self.partial = True
        if len(self.notes) < _MAX_NOTES and note not in self.notes:
            self.notes.append(note)
        gap = Gap(kind, name[:_MAX_NAME])
        if len(self.gaps) < _MAX_GAPS:
            if gap not in self.gaps:
                self.gaps.append(gap)
        elif of_gap(gap) is Grade.NOT_RECREATABLE and of_gap(self.gaps[-1]) is not Grade.NOT_RECREATABLE:
            self.gaps[-1] = gap  # a list that is full still has to give the right grade

    def build(self, extra: tuple[ExtraEntry, ...] = ()) -> Aigif:
        held = {group: RECORDS[group](**values) for group, values in self._held.items()}
        options = held.get("sampler_options")
        hires = held.get("hires")
        if hires is not None:
            hires = hires.replace(scheduler=held.get("hires_scheduler"))
        model = held.get("model", _DEFAULTS["model"]).replace(
            sampler_options=None if options == _DEFAULTS["sampler_options"] else options
        )
        data = held.get("data", _DEFAULTS["data"]).replace(
            hires=hires,
            refiner=held.get("refiner"),
            variation=held.get("variation"),
            distilled=held.get("distilled"),
            micro_conditioning=held.get("micro_conditioning"),
            prior=held.get("prior"),
            gaps=tuple(self.gaps),
            completeness=Completeness.PARTIAL if self.partial else Completeness.COMPLETE,
            extra=extra,
        )
        platform = held.get("platform", _DEFAULTS["platform"])
        verification = held.get("verification", _DEFAULTS["verification"])
        return Aigif(platform=platform, model=model, data=data, verification=verification)  # type: ignore[arg-type]
