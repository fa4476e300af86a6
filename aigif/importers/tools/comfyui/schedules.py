"""Noise levels that a graph lays out with nodes of their own, and the sampling algorithms that it picks."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from aigif._gen.enums import GapKind, Scheduler, SigmaSchedule
from aigif.importers import samplers
from aigif.importers.tools.comfyui.classes import Kind
from aigif.importers.tools.comfyui.graph import Node, printable
from aigif.importers.tools.comfyui.resolve import Source
from aigif.importers.tools.comfyui.walk import Walk, input_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_STEPS = 10_000
# The share of a schedule that ComfyUI takes for all of it (comfy/samplers.py, KSampler.set_steps).
WHOLE = 0.9999
_USUAL_RHO = {"karras": 7.0, "polyexponential": 1.0}
_NODE_SCHEDULES = {
    "polyexponential": SigmaSchedule.POLYEXPONENTIAL,
    "align_your_steps": SigmaSchedule.ALIGN_YOUR_STEPS,
    "turbo": SigmaSchedule.TURBO,
    "ays": SigmaSchedule.ALIGN_YOUR_STEPS,
    "ays+": SigmaSchedule.ALIGN_YOUR_STEPS,
}
# Before May 2023 ComfyUI's samplers had k-diffusion's own names.
_OLD_PREFIX = "sample_"
# What a sampling algorithm is like where nothing is set; no element holds another value of those that begin so.
_FIXED = "usual_"
_USUAL = {
    "eta_ancestral": 1.0,
    "churn_noise": 1.0,
    "solver_order": 4,
    "usual_r": 0.5,
    "usual_start": 0.2,
    "usual_end": 0.8,
    "usual_predictor": 3,
    "usual_corrector": 4,
    "usual_simple": 0,
}


@dataclass(frozen=True, slots=True)
class Levels:
    """A schedule, as ComfyUI counts: `steps` of it run, which are the share `denoise` of a longer one; of them those
    from `start` up to, and not including, `end`."""

    schedule: SigmaSchedule | None = None
    steps: int | None = None
    denoise: float = 1.0
    start: int = 0
    end: int | None = None
    options: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Method:
    """A sampling algorithm, whether its noise is drawn on the GPU, and its settings."""

    scheduler: Scheduler | None = None
    on_gpu: bool = False
    options: dict[str, Any] = field(default_factory=dict)


def schedule_named(walk: Walk, label: str | None) -> SigmaSchedule | None:
    """A schedule by ComfyUI's name; one that nobody lists is a gap."""
    if label is None:
        walk.draft.missing("the schedule of the noise levels is not recorded", GapKind.VALUE, "scheduler")
        return None
    found = samplers.comfyui_schedule_of(label)
    if found is None:
        found = _NODE_SCHEDULES.get(label.lower())
    if found is None:
        walk.draft.missing(
            f"no schedule is known by the name {printable(label)}", GapKind.SETTING, printable(label)
        )
    return found


def method_named(walk: Walk, name: str | None) -> Method:
    """A sampler by ComfyUI's name; one that nobody lists is a gap."""
    if name is None:
        walk.draft.missing("the sampler is not recorded", GapKind.VALUE, "sampler_name")
        return Method()
    found = samplers.comfyui_sampler_of(name.removeprefix(_OLD_PREFIX))
    if found is None:
        walk.draft.missing(
            f"no sampler is known by the name {printable(name)}", GapKind.SETTING, printable(name)
        )
        return Method()
    return Method(*found)


def method_of(walk: Walk, source: Source | None) -> Method:
    """The algorithm that a node picks."""
    while source is not None and source.cls is None:
        walk.unknown(source.node)
        source = input_of(source, walk.resolver, "sampler")
    if source is None or source.cls is None or source.kind is not Kind.METHOD:
        if source is not None:
            walk.unknown(source.node)
        return method_named(walk, None)
    node, cls = source.node, source.cls
    name = str(cls.fixed["sampler_name"]) or walk.resolver.text(node, "sampler_name")
    if walk.resolver.text(node, "solver_type") == "heun" and name == "dpmpp_2m_sde":
        name = "dpmpp_2m_sde_heun"
    if walk.resolver.text(node, "noise_device") == "gpu":
        name = f"{name}_gpu"
    if name == "sa_solver" and walk.resolver.truth(node, "use_pece"):
        name = "sa_solver_pece"
    found = method_named(walk, name)
    options: dict[str, Any] = {}
    for element, usual in _USUAL.items():
        setting = cls.names.get(element)
        if setting is None:
            continue
        value = walk.resolver.number(node, setting)
        if value is None and walk.resolver.truth(node, setting):
            value = 1.0
        if value is None or value == usual:
            continue
        if element.startswith(_FIXED):
            walk.draft.missing(f"{setting} of {node.shown()} is {value}", GapKind.SETTING, setting)
        else:
            options[element] = int(value) if element == "solver_order" else value
    return Method(found.scheduler, found.on_gpu, options)


def levels_of(walk: Walk, source: Source | None) -> Levels:
    """The noise levels that nodes lay out; Levels() with a gap where they can't be told."""
    cuts: list[Source] = []
    while source is not None and len(cuts) < 20:
        cls = source.cls
        if cls is None or cls.kind is not Kind.SIGMAS:
            walk.unknown(source.node)
        elif cls.reason:
            walk.changed(source)
        elif "cut" in cls.names or "cut_share" in cls.names:
            cuts.append(source)
        else:
            break
        source = input_of(source, walk.resolver, "sigmas")
    if source is None or source.cls is None:
        walk.draft.missing("the noise levels are not recorded", GapKind.VALUE, "sigmas")
        return Levels()
    levels = _laid_out(walk, source)
    for cut in reversed(cuts):
        levels = _cut(walk, levels, cut)
    return levels


def _laid_out(walk: Walk, source: Source) -> Levels:
    node, cls = source.node, source.cls
    assert cls is not None
    name = str(cls.fixed["scheduler"])
    schedule = schedule_named(walk, name or walk.resolver.text(node, "scheduler"))
    options: dict[str, float] = {}
    for element in ("sigma_min", "sigma_max", "rho", "beta_alpha", "beta_beta"):
        value = walk.resolver.number(node, cls.names[element]) if element in cls.names else None
        usual = _USUAL_RHO.get(name) if element == "rho" else 0.6 if element.startswith("beta") else None
        if value is not None and value != usual:
            options[element] = value
    steps = steps_of(walk, node)
    denoise = walk.resolver.number(node, "denoise")
    return Levels(schedule, steps, share(walk, node, denoise), 0, None, options)


def share(walk: Walk, node: Node, denoise: float | None) -> float:
    """A share of a schedule, from 0 to 1."""
    if denoise is None:
        if "denoise" in node.inputs:
            walk.lost(node, "denoise")
        return 1.0
    return 1.0 if denoise > WHOLE else max(0.0, denoise)


def steps_of(walk: Walk, node: Node) -> int | None:
    steps = walk.resolver.integer(node, "steps")
    if steps is None or not 0 <= steps <= MAX_STEPS:
        walk.lost(node, "steps")
        return None
    return steps


def _cut(walk: Walk, levels: Levels, source: Source) -> Levels:
    """SplitSigmas: up to a step, or from it on."""
    node, cls = source.node, source.cls
    assert cls is not None
    last = levels.end if levels.end is not None else levels.steps
    if last is None:
        return levels
    if "cut" in cls.names:
        at = walk.resolver.integer(node, cls.names["cut"])
    else:
        part = walk.resolver.number(node, cls.names["cut_share"])
        at = None if part is None else (last - levels.start) - round((last - levels.start) * part)
    if at is None or at < 0:
        walk.lost(node, "step")
        return levels
    step = min(levels.start + at, last)
    return replace(levels, end=step) if source.role == "high" else replace(levels, start=step)
