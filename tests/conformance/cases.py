"""Case files: what they hold, and how they are read and written. docs/conformance.md is their definition."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CASES = Path(__file__).parent / "cases"
LEVELS = ("Required", "Recommended")
OPERATIONS = ("decode", "encode", "reencode", "edit")
KINDS = ("corrupt", "not canonical", "unsupported", "over a limit", "value")


@dataclass(frozen=True, slots=True)
class Case:
    """One case. `gives` is the expected answer: a value, bytes, or the kinds of error of which one is right."""

    id: str
    about: str
    level: str
    rule: str
    op: str
    request: Mapping[str, Any]
    profile: str
    value: Any = None
    hex: str | None = None
    kinds: tuple[str, ...] = ()
    element: str | None = None
    compressor: int | None = None


def load(folder: Path = CASES) -> list[Case]:
    """Every case below a folder, in the order of names."""
    return [case for path in sorted(folder.rglob("*.json")) for case in read(path, folder)]


def read(path: Path, folder: Path = CASES) -> Iterator[Case]:
    """The cases of one file. Raises ValueError for what is no case."""
    group = path.relative_to(folder).with_suffix("").as_posix()
    for entry in json.loads(path.read_text(encoding="utf-8")):
        yield parse(f"{group}: {entry['name']}", entry)


def parse(id: str, entry: Mapping[str, Any]) -> Case:
    op, data = entry["op"], expanded(entry["bytes"]) if "bytes" in entry else None
    if op not in OPERATIONS or entry["level"] not in LEVELS:
        raise ValueError(f"{id}: {op}, {entry['level']}")
    request: dict[str, Any] = {"op": op}
    if op == "encode":
        request |= {"profile": entry["profile"], "value": entry["value"]}
        profile = entry["profile"]
    else:
        assert data is not None
        request["hex"] = data
        profile = "paper" if data[8:10] == "10" else "compact"
    if op == "edit":
        request["set"] = entry["set"]
    kinds = entry.get("error", ())
    kinds = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    if any(kind not in KINDS for kind in kinds):
        raise ValueError(f"{id}: {kinds}")
    given = {"decode": "value", "encode": "bytes", "reencode": "result", "edit": "result"}[op]
    if (given in entry) == bool(kinds):
        raise ValueError(f"{id}: either {given} or error")
    result = expanded(entry[given]) if given != "value" and not kinds else None
    value = entry["value"] if given == "value" and not kinds else None
    named = (id, entry["about"], entry["level"], entry["rule"], op, request, profile)
    return Case(*named, value, result, kinds, entry.get("element"), entry.get("compressor"))


def expanded(held: str | Iterable[Any]) -> str:
    """Bytes as hexadecimal: a text, or a list of texts and of {"repeat": text, "times": number}."""
    if isinstance(held, str):
        return held
    return "".join(part if isinstance(part, str) else part["repeat"] * part["times"] for part in held)


def shortened(data: bytes) -> str | list[Any]:
    """Bytes as a case file holds them: a run of more than 64 equal bytes stands as what is repeated."""
    parts: list[Any] = [""]
    at = 0
    while at < len(data):
        end = at + 1
        while end < len(data) and data[end] == data[at]:
            end += 1
        if end - at > 64:
            parts += [{"repeat": f"{data[at]:02x}", "times": end - at}, ""]
        else:
            parts[-1] += data[at:end].hex()
        at = end
    return parts[0] if len(parts) == 1 else parts


def text_of(entries: Iterable[Mapping[str, Any]]) -> str:
    """A case file's text."""
    return json.dumps(list(entries), indent=1) + "\n"
