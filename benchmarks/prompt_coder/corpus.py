"""The training text: what is read, and how much each source weighs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

# How much a text of a source counts; 1 where nothing is said.
WEIGHTS = {"coco30k": 0.5, "t2icompbench": 0.5}


@dataclass(frozen=True, slots=True)
class Text:
    """The strings of one picture, and where they come from."""

    strings: tuple[str, ...]
    source: str
    weight: float = 1.0


def read(path: Path) -> list[Text]:
    """The texts of a file of JSON lines with `prompt`, `negative` and `set`."""
    texts = []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            held = json.loads(line)
            negative = held.get("negative")
            strings = (held["prompt"], negative) if negative else (held["prompt"],)
            texts.append(Text(strings, held["set"], WEIGHTS.get(held["set"], 1.0)))
    return texts
