"""Every pipeline class of the table that a call can be recorded of: recorded as its user calls it, and recreated."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import aigif
from aigif.runtime.families import ALLOWED
from aigif.runtime.modelfolder import open_folder
from aigif.runtime.pipelines import load_pipeline
from aigif.runtime.recording import NotRecordableError, record
from tests.runtime.recording.pipes import PROMPT, seeded
from tests.runtime.tinymodels import BUILDERS, SETTINGS, lacking
from tests.runtime.tinymodels.more_flow import stand_in

SLOW = {"Kandinsky5T2IPipeline", "HiDreamImagePipeline", "GlmImagePipeline", "Ideogram4Pipeline"}
OWN = {"FluxKontextPipeline": {"max_area": 64 * 64}, "Ideogram4Pipeline": {"guidance_scale": 4.0}}
"""What a call has to be given: its own default is 1024 x 1024, or is no number."""

CLASSES = [pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in BUILDERS]


@pytest.fixture(autouse=True)
def no_download_of_a_guardrail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cosmos' own safety checker is a large download: here it is a stand-in."""
    module = "diffusers.pipelines.cosmos.pipeline_cosmos2_text2image"
    monkeypatch.setattr(f"{module}.CosmosSafetyChecker", stand_in)


@pytest.fixture(name="folder_of")
def _folder_of(tmp_path: Path) -> Callable[[str], Path]:
    def build(name: str) -> Path:
        if (reason := lacking(name)) is not None:
            pytest.skip(reason)
        return BUILDERS[name](tmp_path / name)

    return build


@pytest.mark.parametrize("name", CLASSES)
def test_a_call_of_every_class(name: str, folder_of: Callable[[str], Path]) -> None:
    folder = folder_of(name)
    pipe = load_pipeline(open_folder(folder), "float32", "cpu")
    arguments = small(type(pipe), name)
    if ALLOWED[name].refines:
        with pytest.raises(NotRecordableError, match="goes on from an image"), record(pipe):
            pipe(prompt=PROMPT, **arguments)
        return
    with record(pipe) as rec:
        pipe(prompt=PROMPT, **arguments)
    (one,) = rec.pictures
    again = aigif.recreate(aigif.loads(aigif.dumps(one.aigif)), model=folder)
    assert again.verdict is not None
    assert again.verdict.grade == "bit-exact"
    assert (again.warnings, again.differences, one.warnings) == ((), (), ())


def small(kind: Any, name: str) -> dict[str, Any]:
    """Arguments of a quick call of a class."""
    rules, wanted = ALLOWED[name], SETTINGS.get(name, {})
    accepted = inspect.signature(kind.__call__).parameters
    usual = {
        rules.steps: wanted.get("steps", 2),
        "height": wanted.get("height", 64),
        "width": wanted.get("width", 64),
        f"{rules.prior}num_inference_steps": 2,
        "generator": seeded(),
        **OWN.get(name, {}),
        **rules.fixed,
    }
    return {key: value for key, value in usual.items() if key in accepted}
