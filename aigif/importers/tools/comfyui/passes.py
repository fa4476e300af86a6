"""From the runs of a chain to the passes that the format knows: the first, a refiner's end of it, a second one."""

from __future__ import annotations

from dataclasses import dataclass, field

from aigif._gen.enums import GapKind
from aigif.importers.tools.comfyui.chain import report
from aigif.importers.tools.comfyui.links import Begin, Changed, Decoded, Link, Run, Scale, Served, scaled
from aigif.importers.tools.comfyui.resolve import Source
from aigif.importers.tools.comfyui.sampling import Sampling, sampling_of
from aigif.importers.tools.comfyui.walk import Walk

_OTHER_INPUT = (GapKind.ANIMATION, GapKind.INIT_IMAGE, GapKind.MASK, GapKind.PASSES)


@dataclass(slots=True)
class Second:
    """A second pass: its run, how the first's result was enlarged, and the sizes before and after."""

    run: Sampling
    scales: list[Scale] = field(default_factory=list)
    decoded: bool = False
    before: tuple[int, int] = (0, 0)
    after: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class Passes:
    """The passes of a picture.

    Attributes:
        begin: What all began with; None where the chain breaks off.
        start: The size in pixels that the first run has; (0, 0) where it can't be told.
        first: The first run.
        refiner: A run of another model that goes on where the first stops.
        second: The second pass.
        vae: Where the VAE of the last decoding comes from.
        service: What made the picture instead.
        late: Enlargements after the last run.
        size: The size at the end; (0, 0) where it can't be told.
    """

    begin: Begin | None = None
    start: tuple[int, int] = (0, 0)
    first: Sampling | None = None
    refiner: Sampling | None = None
    second: Second | None = None
    vae: Source | None = None
    service: Source | None = None
    late: list[Scale] = field(default_factory=list)
    size: tuple[int, int] = (0, 0)


def passes_of(walk: Walk, links: list[Link]) -> Passes:
    """The passes of a chain, which runs from the saved picture back; what fits nowhere is a gap."""
    found = Passes()
    scales: list[Scale] = []
    decoded = odd = False
    size = before = (0, 0)
    for link in reversed(links):
        if isinstance(link, Begin):
            found.begin, size = link, (link.width, link.height)
        elif isinstance(link, Scale):
            scales.append(link)
            size = scaled(link, *size)
        elif isinstance(link, Decoded):
            decoded = decoded or (link.encodes and found.first is not None)
            found.vae = found.vae if link.encodes else link.vae
            if link.tiled:
                walk.draft.notes.append("the VAE works in tiles, which changes the picture a little")
        elif isinstance(link, Changed):
            # What is done to an input image before the first run is as unknown as the image.
            if link.gap != GapKind.POSTPROCESS or found.first or found.service or not _samples(links):
                report(walk, link)
            odd = odd or link.gap in _OTHER_INPUT
        elif isinstance(link, Served):
            found.service = link.source
        elif isinstance(link, Run):
            run = sampling_of(walk, link.source)
            if found.first is None:
                found.first, found.start = run, size
            else:
                _later(walk, found, Second(run, scales, decoded, before, size), odd)
            scales, decoded, odd, before = [], False, False, size
    found.late, found.size = scales, size
    return found


def _samples(links: list[Link]) -> bool:
    return any(isinstance(link, Run) for link in links)


def _later(walk: Walk, found: Passes, second: Second, odd: bool) -> None:
    """A run after the first; `odd` says that it does not take its latent alone from the one before."""
    run, last = second.run, found.refiner or found.first
    assert last is not None
    goes_on = not second.scales and not run.adds_noise and last.leaves_noise
    if goes_on and found.refiner is None and found.second is None and _follows(last, run):
        found.refiner = run
    elif found.second is None and run.adds_noise and not last.leaves_noise and not odd:
        found.second = second
    else:
        walk.draft.missing(f"the pass of {run.node.shown()} can't be recorded", GapKind.PASSES, run.node.kind)


def _follows(last: Sampling, run: Sampling) -> bool:
    """Whether a run begins at the step at which the one before it stops."""
    return last.levels.end is not None and run.levels.start == last.levels.end
