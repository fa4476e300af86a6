"""The public samples beside this repository: pictures of many programs, and what other readers' tests expect of them.

They are not part of this repository: the folder is ../shared/samples, or `samples` in the folder that AIGIF_SHARED
names.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent.parent


def folder() -> Path:
    """The samples' folder, whether it is there or not."""
    shared = os.environ.get("AIGIF_SHARED")
    return (Path(shared) if shared else HERE.parent / "shared") / "samples"


@dataclass(frozen=True)
class Sample:
    """A picture, its original size in bytes (its pixels were flattened since), and the texts that it holds."""

    path: Path
    name: str
    size: int
    texts: list[dict[str, Any]]


@dataclass(frozen=True)
class Expected:
    """One field that another suite expects of a picture."""

    suite: str
    name: str
    field: str
    value: Any


def samples(place: Path) -> list[Sample]:
    records = json.loads((place / "carriers.json").read_text("utf-8"))
    return [Sample(place / held["path"], held["path"], held["size"], held["entries"]) for held in records]


def expected(place: Path) -> list[Expected]:
    """Every field of both suites."""
    held = json.loads((place / "expected.json").read_text("utf-8"))
    found: list[Expected] = []
    for case in held["sd-metadata"]:
        told = _from_sd_metadata(case["args"][0])
        found += [Expected("sd-metadata", case["file"], field, value) for field, value in told]
    for case in held["sd-parsers"]:
        told = _from_sd_parsers(case["expected"])
        name = f"d3x-at_sd-parsers/{case['file']}"
        found += [Expected("sd-parsers", name, field, value) for field, value in told]
    return found


def _from_sd_metadata(held: dict[str, Any]) -> list[tuple[str, Any]]:
    fields = {
        "software": held.get("software"),
        "prompt": held.get("prompt"),
        "negative prompt": held.get("negativePrompt"),
        "width": held.get("width"),
        "height": held.get("height"),
        "model": held.get("model", {}).get("name"),
        "model hash": held.get("model", {}).get("hash"),
        **{
            key: held.get("sampling", {}).get(key) for key in ("sampler", "scheduler", "steps", "cfg", "seed")
        },
        "clip skip": held.get("sampling", {}).get("clipSkip"),
        "denoise": held.get("sampling", {}).get("denoise"),
    }
    for part in ("hires", "upscale"):
        fields |= {f"{part} {key}": value for key, value in held.get(part, {}).items()}
    return [(field, value) for field, value in fields.items() if value is not None]


def _from_sd_parsers(held: Any) -> list[tuple[str, Any]]:
    """The first sampler of the list that may be nested once, and the other samplers' seeds."""
    while isinstance(held[0], list) and held[0] and isinstance(held[0][0], list | tuple):
        held = held[0]
    runs = [run for run in (held[0] if isinstance(held[0], list) else held) if "parameters" in run]
    metadata = next((item for item in held if isinstance(item, dict) and "parameters" not in item), {})
    run = runs[0]
    told = run["parameters"]
    size = str(metadata.get("Size", "")).partition("x")
    fields = {
        "sampler": run["name"],
        "scheduler": told.get("scheduler"),
        "steps": told.get("steps", metadata.get("steps")),
        "cfg": told.get("cfg_scale"),
        "seed": told.get("seed"),
        "denoise": told.get("denoise", told.get("strength")),
        "model": (run["model"] or {}).get("name"),
        "model hash": (run["model"] or {}).get("hash"),
        "prompts": [prompt["value"] for prompt in run["prompts"]],
        "negative prompts": [prompt["value"] for prompt in run["negative_prompts"]] or None,
        "width": metadata.get("width", size[0] or None),
        "height": metadata.get("height", size[2] or None),
        "clip skip": metadata.get("Clip skip", metadata.get("clip_skip")),
        "other seeds": [other["parameters"]["seed"] for other in runs[1:]] or None,
    }
    return [(field, value) for field, value in fields.items() if value is not None]
