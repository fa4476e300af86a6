"""Stability Matrix: an A1111 text in `parameters`, the same as JSON in `parameters-json`, its project in `smproj`,
and the graph that ComfyUI ran.

The graph is what was executed: comments (# …) are gone from its prompts, and its size is the first pass's. The hash
of the model comes from `parameters-json`. Without a graph the A1111 text is read (aigif/importers/a1111.py).
"""

from __future__ import annotations

from aigif.errors import ImportMetadataError
from aigif.importers import a1111, jsontext, samplers, settle
from aigif.importers.base import Evidence, Importer, Reading, Strength
from aigif.importers.draft import Draft
from aigif.importers.graphs import graph_of
from aigif.importers.texts import PictureText, TextEntry

KEYS = ("parameters-json", "smproj")


def evidence(picture: PictureText) -> Evidence | None:
    entry = picture.first(*KEYS)
    if entry is None:
        return None
    strength = Strength.OWN if picture.first("prompt") is None else Strength.WRAPPED
    return Evidence(strength, f"the text {entry.key!r} is Stability Matrix'", entry)


def read(picture: PictureText) -> Reading:
    """The generation syntax of the executed graph, else of the A1111 text. Raises ImportMetadataError where there is
    neither."""
    draft, sources = graph_of(picture)
    if draft is None:
        if picture.first(a1111.KEY) is None:
            raise ImportMetadataError(
                "Stability Matrix' graph and its text are missing",
                hint="give the file that the program saved",
            )
        return a1111.read(picture)
    draft.put("platform.program", samplers.program_code("stability-matrix"))
    entry = picture.first("parameters-json")
    if entry is not None:
        _model(entry, draft)
        sources = (*sources, entry)
    return Reading(draft.build(), tuple(draft.notes), sources)


def _model(entry: TextEntry, draft: Draft) -> None:
    record = jsontext.object_of(entry.text) or {}
    name, digest = record.get("ModelName"), record.get("ModelHash")
    if isinstance(name, str) and isinstance(digest, str) and digest and not draft.get("model.weight_hash"):
        settle.put_model(draft, name, digest)


IMPORTER = Importer("stability-matrix", evidence, read)

__all__ = ["IMPORTER"]
