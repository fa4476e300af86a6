"""The pipeline classes that may run, and how the syntax elements reach each one's call.

Both come from the schema's table of pipelines (schema/exp/pipelines.yaml), where a new pipeline is one line. A class
that is not in `ALLOWED` is never instantiated, whatever a file or a model folder says.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from aigif._gen.meta import GROUPS
from aigif._gen.tables import model as model_table
from aigif._gen.tables import pipeline as pipeline_table
from aigif._gen.types import GenerativeModel

__all__ = ["ALLOWED", "MODULES", "PipelineRules", "applies", "families"]

_UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PipelineRules:
    """What is particular to one pipeline class of diffusers."""

    name: str
    """The class."""
    denoiser: str
    """The component that is run at every step."""
    guidance: str
    """The argument that takes `data.guidance_scale`; "" where there is none."""
    distilled: str
    """The argument that takes the guidance which a distilled network has as an input; "" where there is none."""
    negative: bool
    """Whether guidance acts only beside a negative prompt, so that an empty one has to be given."""
    steps: str
    """The argument that takes the diffusion steps."""
    area: str
    """The argument that takes height times width, "" where there is none."""
    prior: str
    """What the names of the arguments for a prior begin with; "" where there is none."""
    text_layer: int
    """The layer of the text model, from the end, that the pipeline takes by itself: clip skips up to it are alike."""
    side: int
    """Height and width in pixels of a new picture that doesn't say."""
    sampled: bool
    """Whether the size in the denoiser's configuration goes before `side`."""
    usual_guidance: float
    """Guidance scale of a new picture that doesn't say."""
    usual_distilled: float | None
    """Guidance input of a distilled network where none is recorded; None leaves it to the pipeline."""
    usual_steps: int
    """Diffusion steps of a new picture that doesn't say; 0 leaves them to the program."""
    scheduler: str
    """The component whose steps are counted, and that the scheduler's elements describe."""
    inner: str
    """The pipeline inside a combined one that holds the scheduler; "" for itself."""
    output: str
    """What holds the pictures in what a call gives."""
    second: str
    """The picture-to-picture class that makes a second pass; "" where there is none."""
    fixed: Mapping[str, Any]
    """Further arguments of every call."""
    left_out: Mapping[str, Any]
    """Arguments of `from_pretrained` in place of parts that change pictures afterwards or that only pictures need."""
    modules: tuple[tuple[str, str], ...]
    """Classes of diffusers' pipelines that its model folder may name, as (folder of the pipeline, class)."""
    refines: bool
    """Whether it only goes on from another model's latent."""
    draws: bool
    """Whether it draws from torch's global generator too (a language model that samples)."""

    @property
    def sizes_in_conditions(self) -> bool:
        """Whether size and crop are conditions (SDXL's micro-conditioning), as the schema has it for its families."""
        return applies("micro_conditioning", _families_of(self.name))

    @property
    def not_loaded(self) -> frozenset[str]:
        """The components that are left out."""
        return frozenset(name for name, value in self.left_out.items() if value is None)


def _allowed() -> Iterator[tuple[str, PipelineRules]]:
    table = pipeline_table.TABLE
    for code in table:
        given = table[code].attributes
        if given["diffusers"]:
            yield str(given["diffusers"]), _rules(given)


def _rules(given: Mapping[str, Any]) -> PipelineRules:
    distilled = str(given["usual_distilled"])
    return PipelineRules(
        name=str(given["diffusers"]),
        denoiser=str(given["denoiser"]),
        guidance=str(given["guidance"]),
        distilled=str(given["distilled"]),
        negative=bool(given["negative"]),
        steps=str(given["steps"]) or "num_inference_steps",
        area=str(given["area"]),
        prior=str(given["prior"]),
        text_layer=int(given["text_layer"]),
        side=int(given["side"]),
        sampled=bool(given["sampled"]),
        usual_guidance=float(given["usual_guidance"]),
        usual_distilled=float(distilled) if distilled else None,
        usual_steps=int(given["usual_steps"]),
        scheduler=str(given["scheduler"]) or "scheduler",
        inner=str(given["inner"]),
        output=str(given["output"]) or "images",
        second=str(given["second"]),
        fixed=_object(given["fixed"]),
        left_out=_object(given["left_out"]),
        modules=tuple(_module(name) for name in str(given["modules"]).split()),
        refines=bool(given["refines"]),
        draws=bool(given["draws"]),
    )


def _object(text: object) -> Mapping[str, Any]:
    return MappingProxyType(dict(json.loads(str(text))) if text else {})


def _module(name: str) -> tuple[str, str]:
    folder, _, kind = name.partition(".")
    return folder, kind


ALLOWED: Mapping[str, PipelineRules] = MappingProxyType(dict(_allowed()))
"""The rules of each class that may run, by the class's name."""

MODULES: frozenset[tuple[str, str]] = frozenset(name for rules in ALLOWED.values() for name in rules.modules)
"""Classes of diffusers' pipelines that a model folder may name as (folder of the pipeline, class)."""


def families(model: GenerativeModel, pipeline: str) -> frozenset[str]:
    """The families that a model may belong to: the one that the table gives it, else those of its pipeline class."""
    table = model_table.TABLE
    family = str(table.attribute(model.model_id, "family") or _UNKNOWN)
    if family != _UNKNOWN:
        return frozenset((family,))
    return _families_of(pipeline)


def _families_of(pipeline: str) -> frozenset[str]:
    table = model_table.TABLE
    same = [code for code in table if table.attribute(code, "pipeline") == pipeline]
    return frozenset(str(table.attribute(code, "family")) for code in same)


def applies(element: str, belongs_to: frozenset[str]) -> bool:
    """Whether `element` of the group data stands for one of the families, by the schema's conditions."""
    (info,) = [info for info in GROUPS["data"].elements if info.name == element]
    if info.applies is None:
        return True
    _, attribute, values, negated = info.applies
    assert attribute == "family"
    return bool(belongs_to & set(values)) != negated
