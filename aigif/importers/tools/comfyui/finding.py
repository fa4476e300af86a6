"""Where a picture's graph stands: ComfyUI and its savers put it in several places.

PNG: the text `prompt`. WebP and others: EXIF Model or Make with "prompt:" or "Prompt:" before it (SaveAnimatedWEBP,
save-image-extended), ImageDescription, or UserComment as {"prompt": …, "workflow": …} (SaveImagePlus). Each may
hold the graph as an object or as its text once more.
"""

from __future__ import annotations

from functools import lru_cache

from aigif.importers import jsontext
from aigif.importers.texts import PictureText, TextEntry
from aigif.importers.tools.comfyui.graph import Graph, graph_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MARK = '"class_type"'
_PREFIXES = ("prompt:", "Prompt:", "PROMPT:")
_MEMBERS = ("prompt", "Prompt")
_KEYS = ("prompt", "Model", "Make", "UserComment", "ImageDescription", "XMP", "stealth", "comment")


def graph_entry(picture: PictureText) -> TextEntry | None:
    """The text that most likely holds the executed graph; it is not parsed yet."""
    entries = [entry for entry in picture.entries if _looks(entry.text)]
    return min(entries, key=_rank, default=None)


def _rank(entry: TextEntry) -> int:
    return _KEYS.index(entry.key) if entry.key in _KEYS else len(_KEYS)


def _looks(text: str) -> bool:
    start = text[:40].lstrip("\0\ufeff \t\r\n")
    begins = start.startswith(("{", *_PREFIXES))
    return begins and (MARK in text or '\\"class_type\\"' in text)


@lru_cache(maxsize=4)
def graph_in(text: str) -> Graph | None:
    """The graph of a text. Raises LimitError for one with too many nodes."""
    for prefix in _PREFIXES:
        if text.startswith(prefix):
            text = text[len(prefix) :]
    return graph_from(jsontext.value_of(text))


def graph_from(value: Any) -> Graph | None:
    """The graph of a value of JSON: itself, its member `prompt`, or the text of either."""
    for _ in range(3):
        if isinstance(value, str):
            value = jsontext.value_of(value)
            continue
        if not isinstance(value, dict):
            return None
        found = graph_of(value)
        if found is not None:
            return found
        value = next((value[name] for name in _MEMBERS if name in value), None)
    return None
