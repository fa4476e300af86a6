"""ComfyUI: the graph that it executed, read from the saved picture back to the noise.

`classes.py` says how the tables of nodes are written, `nodes/` and `composites.py` are the
tables, `resolve.py` follows links, `chain.py` the picture's way back, and `elements.py` makes syntax elements of it.
"""

from __future__ import annotations

from aigif._gen.enums import GapKind
from aigif.errors import ImportMetadataError
from aigif.importers.base import Evidence, Importer, Reading, Strength
from aigif.importers.draft import Draft
from aigif.importers.texts import PictureText
from aigif.importers.tools.comfyui.composites import taken_apart
from aigif.importers.tools.comfyui.elements import put_passes
from aigif.importers.tools.comfyui.finding import graph_entry, graph_from, graph_in
from aigif.importers.tools.comfyui.graph import Graph
from aigif.importers.tools.comfyui.nodes import CLASSES
from aigif.importers.tools.comfyui.outputs import output_of
from aigif.importers.tools.comfyui.passes import Passes, passes_of
from aigif.importers.tools.comfyui.resolve import Resolver
from aigif.importers.tools.comfyui.walk import Walk

__all__ = ["IMPORTER", "evidence", "read", "read_graph"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SHOWN = 3
# In every graph that makes a picture: KSampler, SamplerCustom, sampler_name. Others change one that is there already.
_SAMPLES = "ampler"


def evidence(picture: PictureText) -> Evidence | None:
    """Whether a picture holds an executed graph."""
    entry = graph_entry(picture)
    if entry is None:
        return None
    strength = Strength.EXECUTED if _SAMPLES in entry.text else Strength.GUESS
    return Evidence(strength, f"the text {entry.key!a} is a graph that ComfyUI executed", entry)


def read(picture: PictureText) -> Reading:
    """The generation syntax in a picture's graph.

    Raises ImportMetadataError where there is none, LimitError for one with too many nodes.
    """
    entry = graph_entry(picture)
    graph = graph_in(entry.text) if entry is not None else None
    if entry is None or graph is None:
        raise ImportMetadataError("there is no graph of ComfyUI", hint="the picture needs a text 'prompt'")
    draft = _drafted(graph, picture.width, picture.height, picture.format)
    if picture.frames > 1:
        draft.missing("it is an animation; its frames come from one run", GapKind.ANIMATION)
    return Reading(draft.build(), tuple(draft.notes), (entry,))


def read_graph(source: str | dict[str, Any], width: int = 0, height: int = 0) -> Draft | None:
    """The draft of a graph, given as text or as a parsed object; None where it is none.

    `width` and `height` are the picture's own in pixels, 0 where not known. Raises LimitError for a graph with too
    many nodes.
    """
    graph = graph_in(source) if isinstance(source, str) else graph_from(source)
    return None if graph is None else _drafted(graph, width, height)


def _drafted(graph: Graph, width: int, height: int, form: str = "") -> Draft:
    resolver = Resolver(taken_apart(graph), CLASSES)
    draft = Draft({})
    walk = Walk(resolver, draft)
    output, others = output_of(resolver, width, height, form)
    passes = passes_of(walk, output.links) if output is not None else Passes()
    if output is not None and others:
        names = ", ".join(other.node.shown() for other in others[:_SHOWN])
        draft.missing(
            f"the picture may also be that of {names}; {output.node.shown()} was taken",
            GapKind.RECORD,
            "output",
        )
    put_passes(walk, passes, width, height)
    if resolver.exhausted:
        draft.missing("the graph is too involved to be read to its end", GapKind.RECORD)
    for node in resolver.guessed.values():
        draft.notes.append(f"what {node.shown()} gives was guessed from its inputs")
    return draft


IMPORTER: Importer = Importer("comfyui", evidence, read)
