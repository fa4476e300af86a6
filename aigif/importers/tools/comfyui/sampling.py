"""One run of a sampler, whatever nodes it is made of."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aigif._gen.enums import GapKind
from aigif.importers.tools.comfyui.classes import Kind
from aigif.importers.tools.comfyui.graph import Node
from aigif.importers.tools.comfyui.resolve import Source
from aigif.importers.tools.comfyui.schedules import (
    Levels,
    Method,
    levels_of,
    method_named,
    method_of,
    schedule_named,
    share,
    steps_of,
)
from aigif.importers.tools.comfyui.walk import Walk, input_of

SAMPLERS = (Kind.SAMPLER, Kind.STEP_SAMPLER, Kind.CUSTOM_SAMPLER, Kind.GUIDED_SAMPLER)
MAX_SEED = 0xFFFFFFFFFFFFFFFF


@dataclass(frozen=True, slots=True)
class Sampling:
    """A run.

    Attributes:
        node: Its node.
        source: Its output.
        model, positive, negative: Where they come from.
        seed: None where it is not recorded, or no noise is added.
        cfg: Guidance scale; 1 is none.
        method: The algorithm.
        levels: The schedule and what of it runs.
        adds_noise: Whether noise is added before it.
        leaves_noise: Whether it ends with noise left for the next.
        variation: A second seed and its share.
    """

    node: Node
    source: Source
    model: Source | None
    positive: Source | None
    negative: Source | None
    seed: int | None
    cfg: float | None
    method: Method
    levels: Levels
    adds_noise: bool = True
    leaves_noise: bool = False
    variation: tuple[int, float] | None = None


def sampling_of(walk: Walk, source: Source) -> Sampling:
    """The run of a sampler's node."""
    cls = source.cls
    assert cls is not None
    read = {
        Kind.SAMPLER: _plain,
        Kind.STEP_SAMPLER: _by_steps,
        Kind.CUSTOM_SAMPLER: _custom,
        Kind.GUIDED_SAMPLER: _guided,
    }[cls.kind]
    return read(walk, source)


def _plain(walk: Walk, source: Source) -> Sampling:
    node, resolver = source.node, walk.resolver
    levels = Levels(
        schedule_named(walk, resolver.text(node, _name(source, "scheduler"))),
        steps_of(walk, node),
        share(walk, node, resolver.number(node, "denoise")),
    )
    if "script" in node.inputs and resolver.source(node, "script") is not None:
        walk.draft.missing(
            f"a script takes part in the sampling of {node.shown()}", GapKind.EXTENSION, "script"
        )
    return Sampling(
        node,
        source,
        input_of(source, resolver, "model"),
        input_of(source, resolver, "positive"),
        input_of(source, resolver, "negative"),
        _seed(walk, source),
        _cfg(walk, source),
        method_named(walk, resolver.text(node, _name(source, "sampler_name"))),
        levels,
    )


def _by_steps(walk: Walk, source: Source) -> Sampling:
    """KSamplerAdvanced: a part of the steps, with or without noise at its ends."""
    run, node, resolver = _plain(walk, source), source.node, walk.resolver
    levels = run.levels
    start, end = resolver.integer(node, "start_at_step") or 0, resolver.integer(node, "end_at_step")
    if levels.steps is not None:
        start = min(max(start, 0), levels.steps)
        end = None if end is None or end >= levels.steps else max(end, start)
    adds = resolver.truth(node, "add_noise")
    run = replace(
        run,
        levels=replace(levels, start=start, end=end),
        adds_noise=adds is not False,
        leaves_noise=resolver.truth(node, "return_with_leftover_noise") is True,
    )
    return _swarm(walk, run)


def _swarm(walk: Walk, run: Sampling) -> Sampling:
    """What SwarmKSampler has beside KSamplerAdvanced: -1 is the model's own level."""
    resolver, node = walk.resolver, run.node
    options = dict(run.levels.options)
    for element, usual in (("sigma_min", -1.0), ("sigma_max", -1.0), ("rho", 7.0)):
        value = resolver.number(node, element) if element in node.inputs else None
        if value is not None and value != usual and value > 0:
            options[element] = value
    strength = resolver.number(node, "var_seed_strength") if "var_seed_strength" in node.inputs else None
    second = resolver.integer(node, "var_seed")
    variation = (second, strength) if strength and second is not None and 0 <= second <= MAX_SEED else None
    return replace(run, levels=replace(run.levels, options=options), variation=variation)


def _custom(walk: Walk, source: Source) -> Sampling:
    resolver = walk.resolver
    return Sampling(
        source.node,
        source,
        input_of(source, resolver, "model"),
        input_of(source, resolver, "positive"),
        input_of(source, resolver, "negative"),
        _seed(walk, source),
        _cfg(walk, source),
        method_of(walk, resolver.source(source.node, "sampler")),
        levels_of(walk, resolver.source(source.node, "sigmas")),
        resolver.truth(source.node, "add_noise") is not False,
    )


def _guided(walk: Walk, source: Source) -> Sampling:
    resolver, node = walk.resolver, source.node
    guide = resolver.source(node, "guider")
    model = positive = negative = None
    cfg: float | None = None
    if guide is not None:
        model, positive = (
            input_of(guide, resolver, "model"),
            input_of(guide, resolver, "positive", "conditioning"),
        )
        negative = (
            input_of(guide, resolver, "negative") if guide.cls else resolver.source(guide.node, "negative")
        )
        cfg = _guidance(walk, guide)
    noise = resolver.source(node, "noise")
    adds, seed = True, None
    if noise is not None and noise.kind is Kind.NOISE:
        adds = bool(_name(noise, "seed"))
        seed = _seed(walk, noise) if adds else None
    elif noise is not None:
        walk.unknown(noise.node)
        seed = _seed(walk, noise)
    else:
        walk.draft.missing("the seed is not recorded", GapKind.SEED)
    method = method_of(walk, resolver.source(node, "sampler"))
    levels = levels_of(walk, resolver.source(node, "sigmas"))
    return Sampling(node, source, model, positive, negative, seed, cfg, method, levels, adds)


def _guidance(walk: Walk, guide: Source) -> float | None:
    if guide.cls is None or guide.kind is not Kind.GUIDER:
        walk.unknown(guide.node)
        return walk.resolver.number(guide.node, "cfg")
    walk.changed(guide)
    fixed = guide.cls.fixed.get("cfg")
    return float(fixed) if isinstance(fixed, float) else _cfg(walk, guide)


def _name(source: Source, role: str) -> str:
    return source.cls.name(role) if source.cls else role


def _cfg(walk: Walk, source: Source) -> float | None:
    cfg = walk.resolver.number(source.node, _name(source, "cfg"))
    if cfg is None:
        walk.lost(source.node, "cfg")
    return cfg


def _seed(walk: Walk, source: Source) -> int | None:
    """The seed; a missing one is a gap. A negative one stands for a random one that the node drew."""
    for name in (_name(source, "seed"), "noise_seed", "seed"):
        seed = walk.resolver.integer(source.node, name)
        if seed is not None:
            break
    if seed is None or not 0 <= seed <= MAX_SEED:
        walk.draft.missing(f"the seed of {source.node.shown()} is not recorded", GapKind.SEED)
        return None
    return seed
