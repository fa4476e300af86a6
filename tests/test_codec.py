"""The generated codec: round trips, canonical form, and agreement with the oracle and the reference structs."""

from __future__ import annotations

import dataclasses
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import aigif
from aigif import file, text
from aigif._gen import compact, paper, reference
from aigif._gen.container import METADATA_SECTION, PIXELS_SECTION, SECTION_NAMES, WEIGHTS_SECTION
from aigif._gen.support import CorruptError, NotCanonicalError, Section, Texts, Unknown
from aigif._gen.types import Aigif
from codegen import oracle
from tests.generated import strategies
from tests.helpers import compact_layout, paper_layout, plain, typical

STRINGS = st.lists(st.text(min_size=1, max_size=4), max_size=8).map(tuple)


def by_python(data: bytes, strings: tuple[str, ...]) -> Any:
    try:
        return plain(compact.decode_compact(data, lambda _: Texts(strings)))
    except CorruptError:
        return None


def by_oracle(data: bytes, strings: tuple[str, ...]) -> Any:
    try:
        return oracle.decode_bundle(compact_layout(), data, strings)
    except oracle.Refused:
        return None


@given(strategies.syntax())
def test_compact_round_trip_and_agreement(value: Aigif) -> None:
    data, strings = compact.encode_compact(value)
    assert oracle.encode_bundle(compact_layout(), plain(value)) == (data, strings)
    back = compact.decode_compact(data, lambda _: Texts(tuple(strings)))
    assert back == value
    assert by_oracle(data, tuple(strings)) == plain(value)


@given(strategies.paper_syntax())
def test_paper_round_trip_and_agreement(value: Aigif) -> None:
    payloads = tuple(text.encode_one(string, 1) for string in paper.strings_of(value))
    data = paper.encode_paper(value, payloads)
    blank = plain(paper.with_strings(value, ("",) * len(payloads)))
    assert oracle.encode_record(paper_layout(), blank, payloads) == data
    back, coded, end = paper.decode_paper(b"head" + data + b"tail", 4)
    assert (paper.with_strings(back, paper.strings_of(value)), coded, end) == (value, payloads, len(data))
    assert oracle.decode_record(paper_layout(), data + b"tail") == (blank, list(payloads), end)


PAYLOADS = st.none() | st.binary(max_size=40)
UNKNOWN_SECTIONS = st.lists(
    st.tuples(st.integers(max(SECTION_NAMES) + 1, 1019), st.booleans(), st.binary(max_size=20)), max_size=5
)


@given(strategies.syntax(), PAYLOADS, PAYLOADS, PAYLOADS, UNKNOWN_SECTIONS, st.sampled_from((0, 1, 2, 3, 4)))
def test_the_whole_file_round_trips_and_is_canonical(
    value: Aigif,
    pixels: bytes | None,
    weights: bytes | None,
    metadata: bytes | None,
    others: list[tuple[int, bool, bytes]],
    coder: int,
) -> None:
    value = value.replace(compression=value.compression.replace(text_compressor=coder))
    for id, payload in ((PIXELS_SECTION, pixels), (WEIGHTS_SECTION, weights), (METADATA_SECTION, metadata)):
        value = file.with_section(value, id, payload)
    unknown = {id: Section(id, False, safe, payload) for id, safe, payload in others}
    added = tuple(unknown[id] for id in sorted(unknown))
    value = value.replace(sections=value.sections + added)
    data = aigif.dumps(value)
    assert aigif.loads(data) == value
    assert aigif.dumps(aigif.loads(data)) == data


@given(st.binary(max_size=80), STRINGS)
def test_random_bundles_are_read_alike(data: bytes, strings: tuple[str, ...]) -> None:
    assert by_python(data, strings) == by_oracle(data, strings)


@given(strategies.syntax(), st.lists(st.tuples(st.integers(0), st.integers(0, 7)), max_size=4), STRINGS)
def test_damaged_bundles_are_read_alike_and_stay_canonical(
    value: Aigif, flips: list[tuple[int, int]], others: tuple[str, ...]
) -> None:
    data, strings = compact.encode_compact(value)
    damaged = bytearray(data)
    for place, bit in flips:
        if damaged:
            damaged[place % len(damaged)] ^= 1 << bit
    for given_strings in (tuple(strings), others):
        read = by_python(bytes(damaged), given_strings)
        assert read == by_oracle(bytes(damaged), given_strings)
        if read is not None:
            assert oracle.encode_bundle(compact_layout(), read) == (bytes(damaged), list(given_strings))


@given(st.binary(max_size=80))
def test_random_records_are_read_alike(data: bytes) -> None:
    try:
        expected: Any = oracle.decode_record(paper_layout(), data)
    except oracle.Refused:
        expected = None
    try:
        value, payloads, end = paper.decode_paper(data, 0)
        found: Any = (plain(value), list(payloads), end)
    except CorruptError:
        found = None
    assert found == expected


@given(strategies.syntax())
def test_the_reference_structs_agree(value: Aigif) -> None:
    data, strings = compact.encode_compact(value)
    assert reference.parse_compact(data, strings) == plain(value)
    assert reference.build_compact(plain(value)) == (data, tuple(strings))


@given(st.binary(max_size=60), STRINGS)
def test_the_reference_structs_refuse_alike(data: bytes, strings: tuple[str, ...]) -> None:
    try:
        found = reference.parse_compact(data, list(strings))
    except Exception as error:
        assert type(error).__name__ not in ("AttributeError", "TypeError", "KeyError", "AssertionError")
        found = None
    assert found == by_oracle(data, strings)


def test_records_are_frozen_dataclasses() -> None:
    data = typical().data
    assert dataclasses.is_dataclass(data)
    assert [field.name for field in dataclasses.fields(data)] == list(data.__match_args__)
    assert dataclasses.replace(data, seed=3).seed == 3 == data.replace(seed=3).seed
    assert pickle.loads(pickle.dumps(data)) == data
    assert hash(data) == hash(data.replace())
    assert not hasattr(data, "__dict__")
    assert data != typical().model
    assert "seed=829557441" in repr(data)
    with pytest.raises(dataclasses.FrozenInstanceError):
        data.seed = 1  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        del data.seed
    with pytest.raises(TypeError):
        data.replace(sede=1)


def test_unknown_codes_stay_numbers() -> None:
    value = typical().replace(model=typical().model.replace(scheduler=1234, model_id=999))
    back = aigif.loads(aigif.dumps(value))
    assert (back.model.scheduler, back.model.model_id) == (1234, 999)
    assert type(back.model.scheduler) is int


def test_an_unknown_tail_survives_an_edit() -> None:
    value = typical().replace(unknown=Unknown(5, 0b10001, ("from the future",)))
    read = aigif.loads(aigif.dumps(value))
    changed = read.replace(data=read.data.replace(seed=1, prompt="other"))
    assert aigif.loads(aigif.dumps(changed)).unknown == value.unknown


def test_errors_name_the_element_and_the_bit() -> None:
    data, strings = compact.encode_compact(typical())
    with pytest.raises(CorruptError, match="too few strings") as caught:
        compact.decode_compact(data, lambda _: Texts(tuple(strings[:1])))
    assert caught.value.element == "data.negative_prompt"
    with pytest.raises(NotCanonicalError, match="zero byte") as canonical:
        compact.decode_compact(data + b"\0", lambda _: Texts(tuple(strings)))
    assert canonical.value.bit == 8 * len(data)


def test_a_damaged_nested_group_is_named_with_its_path() -> None:
    adapters = (aigif.Adapter(), aigif.Adapter(weight_hash=b"x" * 32))
    value = aigif.Aigif(model=aigif.GenerativeModel(adapters=adapters))
    data, _ = compact.encode_compact(value)
    errors = []
    for place in range(8 * len(data)):
        damaged = bytearray(data)
        damaged[place // 8] ^= 128 >> place % 8
        try:
            compact.decode_compact(bytes(damaged), lambda _: Texts(()))
        except CorruptError as error:
            errors.append(error)
    assert any((error.element or "").startswith("model.adapters[1].") for error in errors)
    assert all(error.bit is None or 0 <= error.bit <= 8 * len(data) for error in errors)
