"""The recorder leaves the pipeline as it was, and writes what it recorded."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest
import torch

import aigif
from aigif.errors import UsageError
from aigif.runtime.recording import NotRecordableError, record
from tests.runtime.recording.pipes import PROMPT, load, seeded, settings


@pytest.fixture(scope="module", name="pipe")
def _pipe(sd: Path) -> Any:
    return load(sd)


def state(pipe: Any) -> tuple[Any, ...]:
    hooks = [
        name
        for name, layer in pipe.unet.named_modules()
        if layer._forward_hooks or layer._forward_pre_hooks or "forward" in vars(layer)
    ]
    return (
        type(pipe),
        dict(pipe.config),
        pipe.scheduler,
        dict(pipe.scheduler.config),
        sorted(vars(pipe)),
        hooks,
    )


def test_the_pipeline_is_as_before(pipe: Any) -> None:
    pipe(PROMPT, **settings())  # the first call leaves things of its own
    before = state(pipe)
    with record(pipe):
        pipe(PROMPT, **settings())
    assert state(pipe) == before
    with pytest.raises(NotRecordableError), record(pipe):
        pipe(PROMPT, **settings(latents=torch.zeros(1)))
    assert state(pipe) == before
    with pytest.raises(RuntimeError, match="of the user"), record(pipe):
        raise RuntimeError("of the user")
    assert state(pipe) == before


def test_errors_of_the_pipeline_come_through(pipe: Any) -> None:
    with pytest.raises(TypeError, match="multiple values"), record(pipe):
        pipe(PROMPT, prompt=PROMPT)
    with pytest.raises(ValueError, match="divisible by 8"), record(pipe) as rec:
        pipe(PROMPT, **settings(height=63))
    assert rec.pictures == []


def test_the_recorded_class_answers_as_the_old_one(pipe: Any, tmp_path: Path) -> None:
    kind = type(pipe)
    with record(pipe):
        assert isinstance(pipe, kind)
        assert type(pipe).__name__ == kind.__name__
        assert inspect.signature(pipe.__call__).parameters.keys() == {
            name for name in inspect.signature(kind.__call__).parameters if name != "self"
        }
        pipe.save_pretrained(str(tmp_path / "saved"))
    assert aigif.runtime.modelfolder.open_folder(tmp_path / "saved").pipeline == kind.__name__


def test_a_recorder_can_be_entered_again(pipe: Any) -> None:
    rec = record(pipe)
    for seed in (1, 2):
        with rec:
            pipe(PROMPT, **settings(generator=seeded(seed)))
    assert [one.aigif.data.seed for one in rec.pictures] == [1, 2]


def test_saving(pipe: Any, tmp_path: Path) -> None:
    with record(pipe) as rec:
        pipe(PROMPT, **settings(num_images_per_prompt=2))
    paths = rec.save(tmp_path / "new" / "folder")
    assert [path.name for path in paths] == ["7-0.aigif", "7-1.aigif"]
    assert [aigif.load(path) for path in paths] == [one.aigif for one in rec.pictures]
    named = rec.save(tmp_path, "{seed:05}-{position}-of-{steps}")
    assert [path.name for path in named] == ["00007-0-of-2.aigif", "00007-1-of-2.aigif"]


@pytest.mark.parametrize("template", ["{seed}", "../{index}", "{nothing}", "{index!z}", "", "a/{index}"])
def test_names_that_are_refused(pipe: Any, tmp_path: Path, template: str) -> None:
    with record(pipe) as rec:
        pipe(PROMPT, **settings(num_images_per_prompt=2))
    with pytest.raises(UsageError):
        rec.save(tmp_path / "folder", template)
    assert not (tmp_path / "folder").exists()


def test_a_snapshot_of_the_hub_is_recorded_by_its_revision(sd: Path, tmp_path: Path) -> None:
    commit = "1234567890" * 4
    root = tmp_path / "models--stable-diffusion-v1-5--stable-diffusion-v1-5" / "snapshots" / commit
    unknown = tmp_path / "models--someone--a-model" / "snapshots" / commit
    for place in (root, unknown):
        place.parent.mkdir(parents=True)
        place.symlink_to(sd, target_is_directory=True)
    pictures = []
    for place in (root, unknown):
        pipe = load(place)
        with record(pipe) as rec:
            pipe(PROMPT, **settings())
        pictures.append(rec.pictures[0])
    listed, unlisted = (one.aigif.model for one in pictures)
    assert (listed.model_id, listed.revision, listed.weight_hash) == (0, bytes.fromhex(commit[:8]), b"")
    assert (unlisted.model_name, unlisted.revision) == ("someone/a-model", bytes.fromhex(commit[:8]))
    assert len(unlisted.weight_hash) == 8
    for one, place in zip(pictures, (root, unknown), strict=True):
        again = aigif.recreate(one.aigif, model=place)
        assert again.verdict is not None
        assert again.verdict.grade == "bit-exact"
        assert again.warnings == ()
