"""Which node of the graph wrote the picture: ComfyUI does not say."""

from __future__ import annotations

from dataclasses import dataclass

from aigif.importers.tools.comfyui.chain import chain_of
from aigif.importers.tools.comfyui.classes import Kind
from aigif.importers.tools.comfyui.graph import Node
from aigif.importers.tools.comfyui.links import Link, Run, Served, size_after
from aigif.importers.tools.comfyui.resolve import Resolver

MAX_OUTPUTS = 200


@dataclass(frozen=True, slots=True)
class Output:
    """A node that may have written the picture, and the chain behind it."""

    node: Node
    links: list[Link]
    rank: int
    """2 for a saver, 1 for a preview, 0 for a node that nothing else takes from."""

    @property
    def runs(self) -> int:
        return sum(isinstance(link, Run | Served) for link in self.links)


def output_of(
    resolver: Resolver, width: int, height: int, form: str = ""
) -> tuple[Output | None, list[Output]]:
    """The output that most likely wrote a picture of this size (0 where not known) and format ("" where not known),
    and the others that may have as well.

    Savers come before previews. Of several, that whose chain gives the picture's size; of these, that with most
    samplers behind it, as the last pass is what people keep; of these, the last of the graph.
    """
    found = _outputs(resolver, form)
    if not found:
        return None, []
    best = max(output.rank for output in found)
    likely = [output for output in found if output.rank == best and output.runs] or [
        output for output in found if output.runs
    ]
    likely = likely or found
    fitting = [output for output in likely if size_after(output.links) == (width, height)] if width else []
    pool = fitting or likely
    most = max(output.runs for output in pool)
    pool = [output for output in pool if output.runs == most]
    chosen = pool[-1]
    return chosen, [output for output in pool if output is not chosen and _differs(output, chosen)]


def _outputs(resolver: Resolver, form: str) -> list[Output]:
    found: list[Output] = []
    for node in resolver.graph:
        if len(found) >= MAX_OUTPUTS:
            break
        cls = resolver.class_of(node)
        if cls is not None and cls.kind in (Kind.SAVE, Kind.PREVIEW):
            source = resolver.source(node, cls.names["images"])
            if source is not None:
                rank = (
                    2 if cls.kind is Kind.SAVE and cls.fixed["only"] in ("", form or cls.fixed["only"]) else 1
                )
                found.append(Output(node, chain_of(resolver, source), rank))
    if any(output.runs for output in found):
        return found
    return found + _ends(resolver)


def _ends(resolver: Resolver) -> list[Output]:
    """Nodes that nothing takes from, and that a picture comes into: savers of unknown packages, and samplers."""
    found: list[Output] = []
    for node in resolver.graph:
        if len(found) >= MAX_OUTPUTS or resolver.graph.users.get(node.id):
            continue
        for name in ("images", "image", "pixels", "samples", *node.inputs):
            source = resolver.source(node, name)
            links = chain_of(resolver, source) if source is not None else []
            if any(isinstance(link, Run | Served) for link in links):
                found.append(Output(node, links, 0))
                break
    return found


def _differs(one: Output, other: Output) -> bool:
    """Whether two outputs show different pictures."""
    return one.links != other.links
