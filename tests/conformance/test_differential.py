"""Python, the oracle and TypeScript agree on 20,000 random and mutated files, and a difference would be seen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import aigif
from tests.conformance import fuzz
from tests.conformance.cases import KINDS, read
from tests.conformance.differ import Differ, Disagreement
from tests.conformance.process import Broken
from tests.conformance.testees import plain_file
from tests.conformance.testees.generated import kind_of

INPUTS = 20_000
SEED = 20_000


@pytest.fixture(scope="module")
def differ() -> Iterator[Differ]:
    made = Differ()
    yield made
    made.node.kill()


@pytest.mark.slow
def test_no_disagreement() -> None:
    outcomes = [fuzz.run_chunk((SEED, chunk)) for chunk in range(INPUTS // fuzz.CHUNK)]
    assert sum(outcome.inputs for outcome in outcomes) == INPUTS
    found = [each for outcome in outcomes for each in outcome.disagreements]
    assert found == [], fuzz.keep(found)
    assert sum(outcome.accepted for outcome in outcomes) > 0.4 * INPUTS
    fuzz.differ().node.kill()
    fuzz.differ.cache_clear()


def test_chunks_depend_on_their_numbers_alone_and_hold_everything() -> None:
    inputs = fuzz.inputs_of(1, 7)
    assert inputs == fuzz.inputs_of(1, 7) != fuzz.inputs_of(1, 8)
    assert len(inputs) == fuzz.CHUNK
    outcomes = [outcome(data) for chunk in range(6) for data in fuzz.inputs_of(1, chunk)]
    assert set(outcomes) >= {"ok", *KINDS} - {"value"}
    profiles = {data[4] & 15 for data in inputs if len(data) > 4}
    assert profiles >= {0, 1}


def outcome(data: bytes) -> str:
    try:
        aigif.loads(data)
    except aigif.AigifError as error:
        return kind_of(error)
    return "ok"


def valid(count: int) -> list[bytes]:
    return [data for data in fuzz.inputs_of(2, 0) if outcome(data) == "ok" and data[4] == 0x11][:count]


def test_another_value_or_verdict_of_each_codec_is_seen(
    differ: Differ, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = valid(20)
    assert differ.compare(inputs) == []
    with monkeypatch.context() as patch:
        patch.setattr(aigif, "dumps", lambda value, profile: b"")
        assert len(differ.compare(inputs)) == len(inputs)
    with monkeypatch.context() as patch:
        patch.setattr(plain_file, "write_file", lambda file, elements: b"")
        assert len(differ.compare(inputs)) == len(inputs)
    with monkeypatch.context() as patch:
        patch.setattr(differ, "_oracle", lambda data: "corrupt")
        assert len(differ.compare(inputs)) == len(inputs)
    receive = differ.node.receive
    for changed in (change_value, lambda answer: "corrupt", lambda answer: {"again": "00"}):
        with monkeypatch.context() as patch:
            patch.setattr(differ.node, "receive", lambda change=changed: [change(a) for a in receive()])
            assert len(differ.compare(inputs)) == len(inputs)


def change_value(answer: dict[str, Any]) -> dict[str, Any]:
    data = answer.get("data", {})
    return {**answer, "data": {**data, "steps": data.get("steps", 20) + 1}}


def test_another_value_of_the_oracle_is_seen(differ: Differ, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs, asked = valid(20), differ._oracle

    def changed(data: bytes) -> plain_file.File | str:
        file = asked(data)
        assert isinstance(file, plain_file.File)
        file.value["data"]["tiling"] = not file.value["data"]["tiling"]
        return file

    monkeypatch.setattr(differ, "_oracle", changed)
    assert len(differ.compare(inputs)) == len(inputs)


def test_an_input_that_ends_the_process_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = valid(3)

    class Ending:
        accepted = 0

        def compare(self, given: list[bytes]) -> list[Disagreement]:
            if inputs[1] in given:
                raise Broken("the process ended")
            return []

    monkeypatch.setattr(fuzz, "differ", Ending)
    monkeypatch.setattr(fuzz, "inputs_of", lambda seed, chunk: inputs)
    (found,) = fuzz.run_chunk((0, 0)).disagreements
    assert found.data == inputs[1]


def test_disagreements_become_candidates_for_cases(tmp_path: Path) -> None:
    found = [
        Disagreement(b"\xa1GIF", "corrupt", "unsupported", "corrupt"),
        Disagreement(valid(1)[0], {"data": {"seed": 1 << 63}}, "corrupt", {"again": "00"}),
    ]
    paths = fuzz.keep(found, tmp_path / "found")
    (refused,), (taken,) = (list(read(path, tmp_path)) for path in paths)
    assert refused.kinds == ("corrupt",) and refused.request["hex"] == "a1474946"
    assert taken.value == {"data": {"seed": 1 << 63}} and taken.request["hex"] == found[1].data.hex()
    assert "again" in json.loads(paths[1].read_text())[0]["answers"]["typescript"]
