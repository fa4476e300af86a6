"""The JSON Schema: it takes what the JSON form holds, and refuses what it can't hold."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import aigif
from aigif.json_form import to_json
from tests.codegen.backend_cases import SCHEMAS, generated, page
from tests.codegen.page_reader import Page

VALID: dict[str, Any] = {
    "compression": {"saving_pixels": True, "text_compressor": "zlib"},
    "platform": {"device": "cuda", "gpu": "nvidia-geforce-rtx-4090", "cuda": 900},
    "model": {"scheduler": 1999, "weight_hash": "C0ffee", "adapters": [{"weight": -1, "unknown": None}]},
    "data": {"height": 512, "guidance_scale": 7, "hires": {"scale": 1.5}, "refiner": None, "prompt": None},
    "unknown": {"width": 9, "value": "101", "strings": ["x"]},
    "sections": [{"id": 2, "payload": "00"}],
    "opaque_text": "789c",
}

# Where to put what, and the rule that refuses it.
BAD: list[tuple[tuple[str | int, ...], Any, str]] = [
    (("colours",), {}, "additionalProperties"),
    (("data", "colour"), 1, "additionalProperties"),
    (("data", "hires", "colour"), 1, "additionalProperties"),
    (("data", "height"), 0, "minimum"),
    (("data", "height"), 2**32, "maximum"),
    (("data", "height"), 1.5, "type"),
    (("data", "guidance_scale"), "7", "type"),
    (("data", "tiling"), 1, "type"),
    (("data", "prompt"), 1, "type"),
    (("data", "extra"), [{}] * 257, "maxItems"),
    (("model", "scheduler"), "nobody", "anyOf"),
    (("model", "scheduler"), 2040, "anyOf"),
    (("model", "model_id"), -1, "anyOf"),
    (("model", "weight_hash"), "abc", "pattern"),
    (("model", "weight_hash"), "00" * 33, "maxLength"),
    (("unknown", "value"), "100", "pattern"),
    (("unknown", "width"), 0, "minimum"),
    (("sections", 0, "id"), 0, "minimum"),
    (("sections", 0, "colour"), 1, "additionalProperties"),
]


def document_schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(generated(name, "jsonschema")[f"{name}.schema.json"])
    return found


def validator(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(document_schema(name))


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_it_is_a_schema_of_its_dialect(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(document_schema(name))


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_default_is_valid_in_its_place(name: str) -> None:
    check = validator(name)
    document = {
        group.removeprefix("group-"): {
            element: entry["default"] for element, entry in held["properties"].items() if "default" in entry
        }
        for group, held in document_schema(name)["$defs"].items()
        if group.startswith("group-")
    }
    roots = {group: held for group, held in document.items() if group in document_schema(name)["properties"]}
    assert set(roots) == set(document_schema(name)["properties"]) - {"unknown", "sections", "opaque_text"}
    check.validate(roots)


def test_a_full_document_is_valid() -> None:
    validator("aigif").validate(VALID)


@pytest.mark.parametrize(("path", "value", "rule"), BAD)
def test_what_does_not_fit_is_refused(path: tuple[str | int, ...], value: Any, rule: str) -> None:
    document: Any = copy.deepcopy(VALID)
    holder = document
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    errors = [deepest(error) for error in validator("aigif").iter_errors(document)]
    assert rule in {error.validator for error in errors}
    assert len(errors) == 1


def deepest(error: jsonschema.ValidationError) -> jsonschema.ValidationError:
    """The complaint of the branch that was meant: a nested group's, where that group may also be null."""
    if error.validator != "anyOf" or not isinstance(error.instance, dict):
        return error
    return next(inner for inner in error.context if inner.validator != "type")


@settings(max_examples=40)
@given(data=st.data())
def test_the_json_of_every_value_is_valid(data: st.DataObject) -> None:
    from tests.generated.strategies import syntax

    value = data.draw(syntax())
    assert isinstance(value, aigif.Aigif)
    check = validator("aigif")
    for defaults in (False, True):
        check.validate(json.loads(json.dumps(to_json(value, defaults=defaults))))


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_examples_of_the_page_are_valid(name: str) -> None:
    for example in Page(page(name)).examples():
        validator(name).validate(json.loads(example.json))
