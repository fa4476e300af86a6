"""A store of the test's own, tiny families, and single files of them made once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aigif.runtime.store import configs
from tests.runtime.store import ldm, tinyfamilies


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "store" / "models.json"
    monkeypatch.setenv("AIGIF_STORE", str(path))
    return path


@pytest.fixture
def tiny_families(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configs, "components", tinyfamilies.components)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Any, Path, Path]]:
    """For a family its pipeline, its single file and its folder; made when first asked for."""
    root, done = tmp_path_factory.mktemp("families"), {}

    def make(family: str) -> tuple[Any, Path, Path]:
        if family not in done:
            pipe = tinyfamilies.pipeline(family)
            pipe.save_pretrained(str(root / family), safe_serialization=True)
            done[family] = (pipe, ldm.save(pipe, family, root / f"{family}.safetensors"), root / family)
        return done[family]

    return make
