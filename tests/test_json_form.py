"""The JSON form of a file, and one element by its path."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import aigif
from aigif import file
from aigif._gen import meta
from aigif._gen.support import UNREADABLE, Section, Unknown
from aigif._gen.types import Aigif
from aigif.elements import find, set_element
from aigif.errors import ElementError
from tests.generated import strategies
from tests.helpers import REPOSITORY, typical

KEYS = [info.name for group in meta.GROUPS.values() for info in group.elements] + [
    "width",
    "value",
    "strings",
    "id",
    "payload",
]
TOP = [*meta.SYNTAX, "unknown", "sections", "opaque_text"]
VALIDATOR = Draft202012Validator(json.loads((REPOSITORY / "docs" / "aigif.schema.json").read_text()))


@given(strategies.syntax())
def test_json_round_trips_and_fits_its_schema(value: Aigif) -> None:
    for defaults in (False, True):
        document = aigif.to_json(value, defaults=defaults)
        assert aigif.from_json(document) == value
        VALIDATOR.validate(document)
        through = json.loads(json.dumps(document))
        assert json.dumps(aigif.to_json(aigif.from_json(through), defaults=defaults)) == json.dumps(document)


def test_names_and_numbers() -> None:
    document = aigif.to_json(typical().replace(model=typical().model.replace(scheduler=1234)))
    assert document["platform"]["gpu"] == "nvidia-geforce-rtx-3090"
    assert document["model"]["scheduler"] == 1234
    assert "steps" not in aigif.to_json(Aigif()).get("data", {})
    assert aigif.to_json(Aigif(), defaults=True)["data"]["steps"] == 20


def test_sections_and_tails() -> None:
    sections = (Section(7, False, True, b"\1\2"), Section(900, False, False, b""))
    value = Aigif(unknown=Unknown(9, 257, ("x",)), sections=sections)
    document = aigif.to_json(value)
    assert document["unknown"] == {"width": 9, "value": "101", "strings": ["x"]}
    assert aigif.from_json(json.loads(json.dumps(document))) == value
    VALIDATOR.validate(document)


def test_text_that_cannot_be_read_passes_through() -> None:
    from tests.test_file import with_text

    data = with_text(200, b"opaque", Aigif(data=aigif.Data(prompt="x"), unknown=Unknown(3, 5, ("w",))))
    document = json.loads(json.dumps(aigif.to_json(aigif.loads(data))))
    assert document["data"]["prompt"] is None and document["opaque_text"] == b"opaque".hex()
    VALIDATOR.validate(document)
    back = aigif.from_json(document)
    assert back.data.prompt is UNREADABLE
    assert aigif.dumps(back) == data


@pytest.mark.parametrize(
    ("document", "element", "message"),
    [
        ([], None, "not a JSON object"),
        ({"date": {}}, "date", "no such group"),
        ({"data": 5}, "data", "not a JSON object"),
        ({"data": {"sede": 1}}, "data.sede", "no such element"),
        ({"data": {"seed": "7"}}, "data.seed", "not of the type uint"),
        ({"data": {"seed": True}}, "data.seed", "not of the type uint"),
        ({"data": {"tiling": 1}}, "data.tiling", "not of the type bool"),
        ({"data": {"hires": {"scales": 1}}}, "data.hires.scales", "no such element"),
        ({"data": {"extra": {}}}, "data.extra", "not a list"),
        ({"data": {"extra": [{"key": 5}]}}, "data.extra[0].key", "not of the type string"),
        ({"model": {"scheduler": "dpm++"}}, "model.scheduler", "not a listed name"),
        ({"model": {"scheduler": None}}, "model.scheduler", "not a listed name"),
        ({"model": {"weight_hash": "xyz"}}, "model.weight_hash", "not hexadecimal"),
        ({"unknown": {"width": 1}}, "unknown", "tail of a bundle"),
        ({"sections": [{"id": 7}]}, "sections", "not a list of sections"),
        ({"sections": 7}, "sections", "not a list of sections"),
        ({"opaque_text": 7}, "opaque_text", "not hexadecimal"),
    ],
)
def test_bad_json_is_named(document: Any, element: str | None, message: str) -> None:
    with pytest.raises(ElementError, match=message) as caught:
        aigif.from_json(document)
    assert caught.value.element == element


DOCUMENTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["none", "00", "cpu"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(TOP), DOCUMENTS, max_size=4))
def test_any_json_gives_a_value_that_can_be_written_or_one_error(document: Any) -> None:
    try:
        data = aigif.dumps(aigif.from_json(document))
    except aigif.AigifError:
        return
    aigif.loads(data)


@pytest.mark.parametrize(
    "document",
    [
        {"data": {"guidance_scale": 10**400}},
        {"data": {"seed": 10**5000}},
        {"data": {"prompt": None}},
        {"unknown": {"width": -1, "value": "1", "strings": []}},
        {"unknown": {"width": 10**11, "value": "1", "strings": []}},
        {"unknown": {"width": 1, "value": "1", "strings": "abc"}},
        {"sections": [{"id": 2, "critical": "false", "payload": "00"}]},
        {"sections": [{"id": "2", "payload": "00"}]},
        {"platform": {"gpu": ""}},
        {"data": {"prompt": "cat"}, "opaque_text": "646f67"},
    ],
)
def test_hostile_json_is_refused(document: Any) -> None:
    with pytest.raises(aigif.AigifError):
        aigif.dumps(aigif.from_json(document))


@pytest.mark.parametrize(
    ("path", "text", "held"),
    [
        ("seed", "7", 7),
        ("data.guidance_scale", "6.5", 6.5),
        ("model.scheduler", "euler-a", aigif.Scheduler.EULER_A),
        ("scheduler", "77", 77),
        ("prompt", "a=b", "a=b"),
        ("tiling", "yes", True),
        ("weight_hash", "00ff", b"\0\xff"),
        ("gpu", "NVIDIA GeForce RTX 3090", 2),
        ("hires", '{"scale": 1.5}', aigif.Hires(scale=1.5)),
        ("extra", '[{"key": "k"}]', (aigif.ExtraEntry("k"),)),
        ("hires", "null", None),
    ],
)
def test_elements_are_set_from_text(path: str, text: str, held: object) -> None:
    group, info = find(path)
    assert getattr(getattr(set_element(typical(), path, text), group), info.name) == held


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("sede", "1", "no such element"),
        ("platform.seed", "1", "did you mean data.seed"),
        ("seed", "many", "not of the type uint"),
        ("guidance_scale", "x", "not of the type float"),
        ("tiling", "perhaps", "not true or false"),
        ("hires", "{", "not of the type group"),
        ("extra", "[" * 100_000, "not of the type list"),
        ("model_id", "9" * 5000, "not of the type table"),
        ("device", "toaster", "not a listed name"),
    ],
)
def test_bad_elements_are_named(path: str, text: str, message: str) -> None:
    with pytest.raises(ElementError, match=message):
        set_element(typical(), path, text)


@pytest.mark.parametrize("path", ["pixel_compressor", "saving_pixels"])
def test_what_says_how_a_section_is_coded_is_not_changed_alone(path: str) -> None:
    value = file.with_section(Aigif(), 2, b"pixels")
    with pytest.raises(ElementError, match="can't be changed alone"):
        set_element(value, path, "0")
    assert set_element(Aigif(), "pixel_compressor", "png").compression.pixel_compressor == 1


def test_an_edit_drops_sections_that_it_may_have_made_wrong() -> None:
    value = Aigif(sections=(Section(7, False, True, b""), Section(900, False, False, b"")))
    assert set_element(value, "seed", "1").sections == value.sections[:1]
