"""`aigif models` and `aigif schema`."""

from __future__ import annotations

from pathlib import Path

import pytest

from aigif._gen.tables import model
from tests.cli.calls import call
from tests.helpers import SCHEMA


def test_models_as_a_table_and_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    rows = call("models", "--json").json
    assert [row["code"] for row in rows] == [
        code for code in model.TABLE if model.TABLE.name_of(code) != "unlisted"
    ]
    lines = call("models").text.splitlines()
    assert len(lines) == len(rows) + 1
    assert lines[0].split() == ["code", "name", "family", "state", "licence", "hub"]
    assert lines[1].split()[:2] == ["0", "stable-diffusion-v1-5"]


def test_models_that_are_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    snapshot = tmp_path / "models--stabilityai--sd-turbo" / "snapshots" / ("0" * 40)
    snapshot.mkdir(parents=True)
    (snapshot / "model_index.json").write_text("{}")
    rows = {row["name"]: row for row in call("models", "--here", "--json").json}
    assert rows["sd-turbo"]["present"] == str(snapshot)
    assert "sdxl-turbo" not in rows
    assert any(
        line.split()[1:4] == ["sd-turbo", "sd2", "here"]
        for line in call("models", "--here").text.splitlines()
    )


def test_schema_is_the_one_of_the_repository() -> None:
    assert call("schema").out == SCHEMA.read_bytes()
    assert call("schema", "models").out == (SCHEMA.parent / "exp" / "models.yaml").read_bytes()
    listed = call("schema", "--list").text.split()
    assert listed == ["aigif", *sorted(path.stem for path in (SCHEMA.parent / "exp").glob("*.yaml"))]
