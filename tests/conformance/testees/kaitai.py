"""The reader that Kaitai makes of docs/aigif.ksy, in Python: `python -m tests.conformance.testees.kaitai`.

It reads only, and says less than a codec: which elements it can't tell of a file stands under "untold", and the
rules that it checks under "refuses".
"""

from __future__ import annotations

import re
import struct
from typing import Any

from codegen.layout import Step
from tests.conformance.testees.plain_file import Refusal
from tests.conformance.testees.plain_json import ROOT, compact_layout, default_of, paper_layout
from tests.conformance.testees.serve import Answer, serve
from tests.kaitai import readers

PIECE = re.compile(r"_\d+_(raw|pattern)_(high|low)")
UNTOLD = object()


HELLO: Answer = {
    "name": "Kaitai",
    "operations": ["decode"],
    "profiles": ["compact", "paper"],
    "kinds": False,
    "refuses": [
        "the-file: magic",
        "the-file: end",
        "versions: major",
        "versions: profile",
        "lengths: cut",
        "lengths: long",
        "exp: depth",
    ],
}


class Kaitai:
    """Its answers as values, as far as they go."""

    def __init__(self) -> None:
        self.hello = HELLO
        self.ksy = (ROOT / "docs" / "aigif.ksy").read_text(encoding="utf-8")
        self.carried = {item.field.path for item in paper_layout().fields}

    def answer(self, request: Answer) -> Answer:
        data = bytes.fromhex(request["hex"])
        (read,) = readers.by_python(self.ksy, [data])
        if "refused" in read:
            raise Refusal("refused", read["refused"])
        found, paper = read["found"], data[4] & 15 == 0
        value: dict[str, Any] = {}
        untold = ["unknown", "opaque_text"]
        lists: list[str] = []
        for step in compact_layout().steps:
            if step.element.type.kind == "list":
                lists.append(step.path)
            held = self._of_record(found, step) if paper else self._of_bundle(found, step, lists)
            if held is UNTOLD:
                untold.append(step.path)
            elif held != default_of(step):
                value.setdefault(step.group.name, {})[step.element.name] = held
        names = ("id", "critical", "safe_to_copy", "payload")
        sections = [dict(zip(names, each, strict=True)) for each in read["sections"] if each[0] != 1]
        return {"ok": {**value, **({"sections": sections} if sections else {})}, "untold": untold}

    def _of_record(self, found: dict[str, Any], step: Step) -> Any:
        name = step.path.replace(".", "_")
        if step.path not in self.carried:
            return default_of(step)
        if step.element.type.kind != "string":
            return found[name]
        coded = bytes.fromhex(found[f"{name}_coded"])
        if coded and found["compression_text_compressor"] != 0:
            return UNTOLD
        return coded.decode("utf-8", "surrogatepass")

    def _of_bundle(self, found: dict[str, Any], step: Step, lists: list[str]) -> Any:
        name = step.path.replace(".", "_")
        if any(found.get(f"lost_{path.replace('.', '_')}") for path in lists if path != step.path):
            return UNTOLD
        if f"has_{name}" in found and not found[f"has_{name}"]:
            return default_of(step)
        kind = step.element.type.kind
        if kind in ("string", "group", "list"):
            return UNTOLD
        if kind == "bytes":
            return bytes(found[f"{name}_bytes"]).hex()
        if found.get(f"{name}_known"):
            return found[f"{name}_short"]
        return found[name] if name in found else _joined(found, name, kind)


def _joined(found: dict[str, Any], name: str, kind: str) -> Any:
    """A value of 64 bits that stands in two halves, or a float that stands as its pattern."""
    pieces = {
        (match[1], match[2]): held
        for key, held in found.items()
        if key.startswith(name) and (match := PIECE.fullmatch(key[len(name) :]))
    }
    if len({form for form, _ in pieces}) != 1 or not any(half == "low" for _, half in pieces):
        return UNTOLD
    ((form, low),) = [(key[0], held) for key, held in pieces.items() if key[1] == "low"]
    high = pieces.get((form, "high"))
    number = low if high is None else high << 32 | low
    if form == "raw":
        return number if kind == "uint" else UNTOLD
    return struct.unpack(">f" if high is None else ">d", number.to_bytes(4 if high is None else 8, "big"))[0]


if __name__ == "__main__":
    serve(Kaitai())
