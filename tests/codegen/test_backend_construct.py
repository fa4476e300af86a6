"""The reference structs: they read and write what the oracle does, and account for every bit."""

from __future__ import annotations

from typing import Any

import pytest
from construct import ConstructError
from hypothesis import given, settings
from hypothesis import strategies as st

from codegen import oracle
from tests.codegen.backend_cases import SCHEMAS, compiled, damaged, generated, module, plain

REFUSED = "refused"
NAMES = sorted(SCHEMAS)


def outcome(function: Any, *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except (oracle.Refused, ConstructError):
        return REFUSED


@pytest.mark.parametrize("name", NAMES)
def test_bundles_are_read_and_refused_as_by_the_oracle(name: str) -> None:
    reference = module(name, "reference")
    profile, root = compiled(name)[1].bundles[0]
    accepted = refused = 0
    for data, strings in damaged(1, 1500):
        read = outcome(getattr(reference, f"parse_{profile.name}"), data, strings)
        assert read == outcome(oracle.decode_bundle, root, data, strings), (data, strings)
        if read == REFUSED:
            refused += 1
            continue
        accepted += 1
        assert getattr(reference, f"build_{profile.name}")(read) == (data, tuple(strings))
    assert accepted > 300
    assert refused > 300


@pytest.mark.parametrize("name", NAMES)
def test_records_are_read_and_refused_as_by_the_oracle(name: str) -> None:
    reference = module(name, "reference")
    profile, record = compiled(name)[1].records[0]
    accepted = refused = 0
    start = oracle.encode_record(record, {**empty(name), "unknown": None}, [b""] * 2)
    for data, _ in damaged(2, 1500):
        whole = bytes(a ^ b for a, b in zip(start, data.ljust(len(start), b"\0"), strict=False))[
            : len(data) + 40
        ]
        read = outcome(getattr(reference, f"parse_{profile.name}"), whole)
        assert read == outcome(oracle.decode_record, record, whole), whole
        if read == REFUSED:
            refused += 1
            continue
        accepted += 1
        value, payloads, length = read
        assert getattr(reference, f"build_{profile.name}")(value, payloads) == whole[:length]
    assert accepted > 300
    assert refused > 300


def empty(name: str) -> dict[str, Any]:
    """The oracle's value of a file of defaults."""
    root = compiled(name)[1].bundles[0][1]
    return oracle.decode_bundle(root, b"", [])


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60)
@given(data=st.data())
def test_bundles_are_built_as_by_the_oracle(name: str, data: st.DataObject) -> None:
    reference = module(name, "reference")
    profile, root = compiled(name)[1].bundles[0]
    value = plain(data.draw(module(name, "strategies").syntax()))
    written, strings = oracle.encode_bundle(root, value)
    assert getattr(reference, f"build_{profile.name}")(value) == (written, tuple(strings))
    assert getattr(reference, f"parse_{profile.name}")(written, strings) == value


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40)
@given(data=st.data())
def test_every_bit_is_explained_once(name: str, data: st.DataObject) -> None:
    root = compiled(name)[1].bundles[0][1]
    value = plain(data.draw(module(name, "strategies").syntax()))
    written, strings = oracle.encode_bundle(root, value)
    lines = module(name, "reference").explain(written, strings)
    assert "".join(line[3] for line in lines) == "".join(f"{byte:08b}" for byte in written)
    at = 0
    for offset, length, _, bits, _, meaning in lines:
        assert (offset, len(bits)) == (at, length)
        assert meaning
        at += length


def test_lines_name_values_units_and_tails() -> None:
    reference = module("aigif", "reference")
    value = {
        "platform": {"device": 1, "gpu": 2, "cuda": 700},
        "data": {
            "height": 24,
            "hires": {"prompt": "x", "unknown": {"width": 3, "value": 5, "strings": ["y"]}},
        },
        "model": {"weight_hash": b"\xab", "adapters": [{"weight": 0.5}]},
    }
    lines = {line[2]: line for line in reference.explain(*reference.build_compact(value))}
    assert lines["platform.gpu"][4:] == (2, "nvidia-geforce-rtx-3090")
    assert lines["platform.cuda"][5] == "700, which this program does not know"
    assert lines["data.height"][4:] == (24, "24 pixels")
    assert lines["data.steps"][5] == "20 steps"
    assert lines["model.data_type"][5] == "default: unspecified"
    assert lines["model.weight_hash"][5] == "ab"
    assert lines["model.adapters"][5] == "1 items follow"
    assert lines["model.adapters[0].weight"][4] == 0.5
    assert lines["data.hires"][5] == "19 bits and 2 strings follow"
    assert lines["data.hires.unknown"][3] == "101"
    assert lines["platform.torch"][5] == "default: unspecified"


def test_a_record_is_explained_with_its_strings() -> None:
    reference = module("aigif", "reference")
    value = {"data": {"height": 1024, "guidance_scale": 7.5}}
    data = reference.build_paper(value, [b"cat", b""])
    lines = reference.explain(data + b"rest", ["cat", ""], profile="paper")
    assert "".join(line[3] for line in lines) == "".join(f"{byte:08b}" for byte in data)
    assert next(line for line in lines if line[2] == "data.prompt")[4:] == ("cat", "cat")
    assert [line[5] for line in lines if not line[2]] == ["zeros up to a whole byte"]
    with pytest.raises(ValueError, match="no profile"):
        reference.explain(data, profile="poster")


def test_strings_that_cannot_be_read_are_stood_in_for() -> None:
    reference = module("aigif", "reference")
    data, _ = reference.build_compact({"data": {"prompt": "x", "hires": {"prompt": "y"}}})
    read = reference.parse_compact(data, None)
    assert read["data"]["prompt"] == read["data"]["hires"]["prompt"] == "\N{REPLACEMENT CHARACTER}"


BAD_VALUES: list[tuple[dict[str, Any], str]] = [
    ({"data": {"height": 0}}, "not a whole number from 1"),
    ({"data": {"height": True}}, "not a whole number"),
    ({"data": {"denoising_strength": 1.5}}, "not a number from 0.0 to 1.0"),
    ({"data": {"denoising_strength": -0.0}}, "negative zero"),
    ({"data": {"tiling": 1}}, "no bool"),
    ({"data": {"prompt": b""}}, "no str"),
    ({"data": {"colour": 1}}, "no element is called data.colour"),
    ({"data": {"hires": {"colour": 1}}}, "no element is called colour"),
    ({"data": {"extra": [{}] * 257}}, "at most 256"),
    ({"model": {"weight_hash": bytes(33)}}, "no bytes that fits"),
    ({"model": {"scheduler": 2040}}, "not a whole number from 0 to 2039"),
    ({"platform": {"device": 0, "gpu": 2}}, "does not apply"),
    ({"unknown": {"width": 3, "value": 4, "strings": []}}, "not the tail"),
]


@pytest.mark.parametrize(("value", "complaint"), BAD_VALUES)
def test_values_that_do_not_fit_are_refused(value: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ConstructError, match=complaint):
        module("aigif", "reference").build_compact(value)


def test_a_record_refuses_what_it_lacks() -> None:
    value = {"data": {"height": 1, "tiling": True, "hires": {}}, "platform": {"torch": 3}}
    with pytest.raises(ConstructError, match=r"no place for data.tiling, data.hires, platform.torch"):
        module("aigif", "reference").build_paper(value, [b"", b""])


def test_no_format_is_named_in_the_code_of_another() -> None:
    assert [path for path, text in generated("skylog", "construct").items() if "aigif" in text.lower()] == []
