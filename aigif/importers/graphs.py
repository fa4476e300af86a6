"""The graph that ComfyUI ran, for importers of programs and services that draw through it."""

from __future__ import annotations

from aigif.importers.draft import Draft
from aigif.importers.texts import PictureText, TextEntry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def graph_of(picture: PictureText) -> tuple[Draft | None, tuple[TextEntry, ...]]:
    """What the executed graph of a picture tells, and its text; None where it has none that tells of a seed."""
    from aigif.importers.tools.comfyui.finding import graph_entry

    entry = graph_entry(picture)
    draft = None if entry is None else drawn_by(entry.text, picture)
    return (None, ()) if draft is None or entry is None else (draft, (entry,))


def drawn_by(graph: Any, picture: PictureText) -> Draft | None:
    """What a graph tells, as a text or parsed; None where it is none, or draws nothing from a seed of its own."""
    from aigif.importers.tools.comfyui import read_graph

    draft: Draft | None = read_graph(graph, picture.width, picture.height)
    return draft if draft is not None and draft.has("data.seed") else None
