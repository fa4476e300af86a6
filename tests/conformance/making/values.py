"""Values that no element holds, and JSON that is no value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from codegen.layout import Nested
from tests.conformance.making import wire
from tests.conformance.making.wire import RECOMMENDED, REQUIRED, Entry, unwritten, value_at

TYPES: dict[str, list[Any]] = {
    "bool": [1, "true"],
    "string": [7, ["x"]],
    "bytes": ["0", "zz", 7],
    "enum": ["no such name", 1.5],
    "table": ["no such name", True],
    "uint": ["7", 1.5, True],
    "int": ["7", 1.5],
    "float": ["7", True],
    "group": [[], "x"],
    "list": [{}, "x"],
}


def files() -> Iterator[tuple[str, list[Entry]]]:
    yield "values/ranges", list(ranges())
    yield "values/types", list(types())
    yield "values/forms", list(forms())


def ranges() -> Iterator[Entry]:
    for bundle in wire.bundles():
        for step in bundle.steps:
            kind, element = step.element.type.kind, step.element
            held: list[Any] = []
            if kind in ("uint", "int", "float"):
                assert element.minimum is not None and element.maximum is not None
                more = 1 if kind != "float" else abs(element.maximum) + 1.0
                held = [element.minimum - 1, element.maximum + more]
            elif kind in ("enum", "table"):
                held = [-1, 2040]
            elif kind == "bytes":
                held = ["00" * (element.max_length + 1)]
            elif kind == "list":
                held = [[{}] * (element.max_length + 1)]
            for value in held:
                name = f"{bundle.name}.{element.name} {str(value)[:24]}"
                about = f"{step.path}: a value beyond what it holds."
                yield unwritten(name, about, "bundles", document(bundle, step, value), "value")


def document(bundle: Any, step: Any, value: Any) -> Entry:
    held = {step.path if "." in step.path else step.element.name: value}
    if step.test is not None:
        held[step.test.path] = next(c for c in range(99) if (c in step.test.codes) != step.test.negated)
    return value_at(bundle, held)


def types() -> Iterator[Entry]:
    for bundle in wire.bundles():
        seen: set[str] = set()
        for step in bundle.steps:
            kind = step.element.type.kind
            if kind in seen:
                continue
            seen.add(kind)
            for number, value in enumerate(TYPES[kind]):
                about = f"{step.path} is a {kind}, not {value!r}."
                held = document(bundle, step, value)
                name = f"{bundle.name}.{step.element.name} {number}"
                yield unwritten(name, about, "notation", held, "value", RECOMMENDED)
        group = next((step for step in bundle.steps if isinstance(step, Nested)), None)
        if group is not None:
            wrong = {"no such element": 1}
            held = document(bundle, group, [wrong] if group.element.type.kind == "list" else wrong)
            name, about = f"{bundle.name} unknown", "There is no such element."
            yield unwritten(name, about, "notation", held, "value", RECOMMENDED)


def forms() -> Iterator[Entry]:
    tails: dict[str, Any] = {
        "even": {"width": 2, "value": "2", "strings": []},
        "too wide": {"width": 1, "value": "3", "strings": []},
        "zero": {"width": 1, "value": "0", "strings": []},
        "number for a string": {"width": 1, "value": "1", "strings": [1]},
    }
    for name, tail in tails.items():
        about = "A tail that no reader makes."
        yield unwritten(f"tail {name}", about, "unknown-tails", {"unknown": tail}, "value")
    sections: dict[str, tuple[str, Any]] = {
        "a text section of its own": ("R5", [{"id": 1, "payload": ""}]),
        "critical": ("sections", [{"id": 9, "critical": True, "payload": ""}]),
        "descending": ("R2", [{"id": 9, "payload": ""}, {"id": 8, "payload": ""}]),
        "twice": ("R2", [{"id": 9, "payload": ""}, {"id": 9, "payload": ""}]),
        "id 0": ("sections", [{"id": 0, "payload": ""}]),
        "id 1020": ("limits", [{"id": 1020, "payload": ""}]),
        "untold pixels": ("R5", [{"id": 2, "payload": "00"}]),
        "65": ("limits", [{"id": id, "payload": ""} for id in range(4, 69)]),
    }
    for name, (rule, held) in sections.items():
        about = f"Sections that no file has: {name}."
        yield unwritten(f"sections {name}", about, rule, {"sections": held}, ["value", "over a limit"])
    told = {"compression": {"saving_pixels": True}}
    yield unwritten("pixels missing", "Pixels are said to be there.", "R5", told, "value")
    gpu = {"platform": {"device": 0, "gpu": 2}}
    yield unwritten("gpu of a cpu", "A GPU, though the device has none.", "R10", gpu, "value")
    cpu = {"platform": {"device": 1, "cpu": "x"}}
    yield unwritten("cpu of a gpu", "A CPU, though the device is another.", "R10", cpu, "value")
    zero = {"data": {"guidance_scale": -0.0}}
    yield unwritten("negative zero", "Negative zero is no value.", "R13", zero, "value")
    large = [{"id": 9, "payload": "00" * 70}]
    about = "A tail that makes the root bundle too long."
    long = {"unknown": {"width": 131072, "value": "1", "strings": []}, "sections": large}
    yield unwritten("long tail", about, "limits", long, "over a limit")
    text = {"data": {"prompt": "a" * 32769}}
    yield unwritten("long text", "A byte of text too many.", "limits", text, "over a limit", REQUIRED)
    other: dict[str, Any] = {
        "no group": {"nothing": {}},
        "no element": {"data": {"nothing": 1}},
        "a list": [],
        "text that can be read": {"data": {"prompt": "x"}, "opaque_text": "78"},
        "opaque text of nothing": {"compression": {"text_compressor": 5}, "opaque_text": "78"},
    }
    for name, held in other.items():
        yield unwritten(name, "JSON that is no value.", "notation", held, "value", RECOMMENDED)
