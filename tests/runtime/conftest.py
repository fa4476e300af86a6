"""Tiny models, made once, and caches of the test's own: nothing on this machine is read or changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.runtime import tiny


@pytest.fixture(autouse=True)
def own_caches(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path_factory.mktemp("caches")
    monkeypatch.setenv("XDG_CACHE_HOME", str(root / "cache"))
    monkeypatch.setenv("HF_HUB_CACHE", str(root / "hub"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("AIGIF_STORE", str(root / "models.json"))
    return root


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Pictures this small gain nothing from a second thread, and lose much on a busy machine."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def _model(save: Callable[[Path], Path]) -> Callable[[pytest.TempPathFactory], Path]:
    def fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
        return save(tmp_path_factory.mktemp("models") / save.__name__)

    return fixture


sd = pytest.fixture(scope="session", name="sd")(_model(tiny.save_sd))
sdxl = pytest.fixture(scope="session", name="sdxl")(_model(tiny.save_sdxl))
sd3 = pytest.fixture(scope="session", name="sd3")(_model(tiny.save_sd3))
flux = pytest.fixture(scope="session", name="flux")(_model(tiny.save_flux))
