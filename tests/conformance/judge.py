"""Whether an answer is the one that a case expects."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from codegen.layout import Bundle, Nested, Step
from tests.conformance.cases import Case
from tests.conformance.testees.plain_json import compact_layout, compiled, default_of

PASSED, FAILED, NOT_SUPPORTED = "passed", "failed", "not supported"


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a case: whether it holds, at its level, and what is wrong."""

    id: str
    level: str
    outcome: str
    message: str = ""


def checks(case: Case, hello: Mapping[str, Any], answer: Mapping[str, Any] | str) -> list[Check]:
    """The checks of a case; `answer` is a text where the process gave none.

    A case that expects an error has two: that the input is refused, at the case's level, and, Recommended, that
    the error is of the right kind (and names the right element, where the case has one).
    """
    if isinstance(answer, str):
        return [Check(case.id, case.level, FAILED, answer)]
    if not case.kinds:
        return [Check(case.id, case.level, *_compared(case, answer))]
    refused = "error" in answer
    shown = "" if refused else f"it is taken: {_short(answer)}"
    first = Check(case.id, case.level, PASSED if refused else FAILED, shown)
    return (
        [first, Check(f"{case.id} #kind", "Recommended", *_kind(case, hello, answer))] if refused else [first]
    )


def lacking(case: Case, hello: Mapping[str, Any]) -> bool:
    """Whether a testee says itself that it can't do this."""
    if case.op not in hello["operations"] or case.profile not in hello["profiles"]:
        return True
    if case.compressor is not None and case.compressor not in hello.get("text_compressors", ()):
        return True
    return bool(case.kinds) and "refuses" in hello and case.rule not in hello["refuses"]


def _kind(case: Case, hello: Mapping[str, Any], answer: Mapping[str, Any]) -> tuple[str, str]:
    if not hello.get("kinds", True):
        return NOT_SUPPORTED, ""
    if answer["error"] not in case.kinds:
        told = f"{answer['error']} ({answer.get('message')})"
        return FAILED, f"{told}, where {' or '.join(case.kinds)} is right"
    if case.element is None or not hello.get("places"):
        return PASSED, ""
    if answer.get("element") != case.element:
        return FAILED, f"it names {answer.get('element')}, where {case.element} is wrong"
    return PASSED, ""


def _compared(case: Case, answer: Mapping[str, Any]) -> tuple[str, str]:
    if "error" in answer:
        return FAILED, f"it is refused: {answer['error']} ({answer.get('message')})"
    if case.op != "decode":
        right = answer.get("hex") == case.hex
        return (PASSED, "") if right else (FAILED, f"other bytes: {_short(answer.get('hex'))}")
    untold = frozenset(answer.get("untold", ()))
    expected, found = normal(case.value), normal(answer.get("ok"))
    if told(expected, untold) != expected:
        return NOT_SUPPORTED, ""
    found = told(found, untold)
    return (PASSED, "") if found == expected else (FAILED, f"another value: {_difference(expected, found)}")


def told(value: dict[str, Any], untold: Collection[str]) -> dict[str, Any]:
    """A value without the elements that a testee can't tell."""
    return {path: held for path, held in value.items() if path not in untold}


def normal(document: Any) -> dict[str, Any]:
    """A JSON form by paths, with codes for names and without defaults, which compares equal for equal values."""
    if not isinstance(document, Mapping):
        return {"": repr(document)}
    steps = {step.path: step for step in compact_layout().steps}
    found: dict[str, Any] = {}
    for group, held in document.items():
        elements = held if isinstance(held, Mapping) and group != "unknown" else None
        if elements is None:
            found[group] = _tail(held) if group == "unknown" else held
            continue
        for name, item in elements.items():
            path = f"{group}.{name}"
            value = _element(steps[path], item) if path in steps else item
            if path not in steps or value != default_of(steps[path]):
                found[path] = value
    return {path: held for path, held in found.items() if held not in (None, []) or path in steps}


def _element(step: Step, held: Any) -> Any:
    kind = step.element.type
    if isinstance(step, Nested):
        if isinstance(held, list):
            return [_group(step.inner, item) for item in held]
        return held if held is None else _group(step.inner, held)
    if kind.kind in ("enum", "table") and isinstance(held, str):
        entry = compiled()[0].enumerations[kind.name].value(held)
        return entry.code if entry else held
    if kind.kind == "float" and isinstance(held, int) and not isinstance(held, bool):
        return float(held)
    if kind.kind == "bool" and not isinstance(held, bool):
        return repr(held)
    if kind.kind == "bytes" and isinstance(held, str):
        return bytes.fromhex(held)
    return held


def _group(bundle: Bundle, held: Any) -> Any:
    if not isinstance(held, Mapping):
        return held
    steps = {step.element.name: step for step in bundle.steps}
    found = {name: _element(steps[name], item) if name in steps else item for name, item in held.items()}
    if "unknown" in found:
        found["unknown"] = _tail(found["unknown"])
    kept = {n: item for n, item in found.items() if n not in steps or item != default_of(steps[n])}
    return {name: item for name, item in kept.items() if name != "unknown" or item is not None}


def _tail(held: Any) -> Any:
    if not isinstance(held, Mapping) or not isinstance(held.get("value"), str):
        return held
    return {**held, "value": held["value"].lower().lstrip("0")}


def _difference(expected: dict[str, Any], found: dict[str, Any]) -> str:
    paths = sorted({*expected, *found})
    differing = [path for path in paths if expected.get(path) != found.get(path)]
    return "; ".join(f"{p} is {_short(found.get(p))}, not {_short(expected.get(p))}" for p in differing[:3])


def _short(held: Any) -> str:
    text = repr(held)
    return text if len(text) < 200 else f"{text[:197]}..."
