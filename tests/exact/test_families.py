"""Every pipeline class of the table under exact arithmetic: the same picture as plain."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import aigif
from aigif.runtime.families import ALLOWED
from aigif.runtime.similarity import psnr
from tests.runtime.tinymodels import BUILDERS, SETTINGS, VARIANTS, lacking

LARGE = frozenset({"Kandinsky5T2IPipeline"})
"""It makes no picture smaller than 1024 x 1024, which takes a quarter of a minute; it runs."""

NAMES = [name for name, rules in ALLOWED.items() if not rules.refines and name not in LARGE]


@pytest.fixture(autouse=True)
def no_download_of_a_guardrail(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.runtime.tinymodels.more_flow import stand_in

    module = "diffusers.pipelines.cosmos.pipeline_cosmos2_text2image"
    monkeypatch.setattr(f"{module}.CosmosSafetyChecker", stand_in)


@pytest.mark.parametrize("name", [*NAMES, *VARIANTS])
def test_the_picture_is_the_plain_one(name: str, tmp_path: Path) -> None:
    if reason := lacking(name):
        pytest.skip(reason)
    build: Callable[[Path], Path] = BUILDERS.get(name) or VARIANTS[name]
    usual: dict[str, Any] = {"seed": 1, "height": 64, "width": 64, "steps": 2, "device": "cpu"}
    settings = {"model": build(tmp_path / "model")} | usual | SETTINGS.get(name, {})
    exact = aigif.generate("a red house", exact=True, **settings).image
    plain = aigif.generate("a red house", **settings).image
    assert exact.tobytes() == plain.tobytes() or psnr(exact, plain) > 60.0
