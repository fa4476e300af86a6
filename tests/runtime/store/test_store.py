"""The index of the store, and what adding, scanning, removing and verifying do to it."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aigif.errors import CorruptError, ModelError, PolicyError, UnsupportedError, UsageError
from aigif.runtime.modelfolder import open_folder
from aigif.runtime.store import scan
from aigif.runtime.store.index import Index, index_path, read_index, write_index
from aigif.runtime.store.recognise import Kind
from tests.runtime.store import files

EMPTY = Index({})


def test_where_the_index_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert index_path() == Path(os.environ["AIGIF_STORE"])
    monkeypatch.delenv("AIGIF_STORE")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert index_path() == tmp_path / "aigif" / "models.json"


def test_added_files_have_their_hash_and_come_back(tmp_path: Path, sd: Path) -> None:
    path = files.lora(tmp_path / "style.safetensors")
    assert read_index() == EMPTY
    index, report = scan.add(EMPTY, [path, sd])
    write_index(index)
    assert read_index() == index
    assert [entry.kind for entry in report.added] == [Kind.LORA, Kind.PIPELINE]
    lora, model = index.entries[str(path)], index.entries[str(sd)]
    assert lora.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert model.sha256 == open_folder(sd).hash().hex()
    assert (lora.family, lora.name, lora.size) == ("sd1", "style", path.stat().st_size)
    assert (model.pipeline, model.name) == ("StableDiffusionPipeline", sd.name)
    assert path.exists()


def test_what_can_not_be_added(tmp_path: Path) -> None:
    pickled = tmp_path / "a.safetensors"
    pickled.write_bytes(pickle.dumps({}))
    with pytest.raises(PolicyError, match="pickled"):
        scan.add(EMPTY, [pickled])
    with pytest.raises(ModelError):
        scan.add(EMPTY, [tmp_path / "nowhere.safetensors"])
    with pytest.raises(ModelError, match="model_index"):
        scan.add(EMPTY, [tmp_path])
    unknown = files.write(tmp_path / "b.safetensors", {"x": (2,)})
    with pytest.raises(UsageError, match="nothing that this version knows"):
        scan.add(EMPTY, [unknown])


@pytest.fixture(name="disk")
def _disk(tmp_path: Path, sd: Path) -> Path:
    root = tmp_path / "disk"
    files.lora(root / "Lora" / "style.safetensors")
    files.write(root / "embeddings" / "bad.safetensors", {"emb_params": (2, 768)})
    files.write(root / "other" / "odd.safetensors", {"x": (2,)})
    (root / "Lora" / "old.ckpt").write_bytes(b"")
    (root / "Lora" / "readme.txt").write_text("hello")
    (root / "Lora" / "model.gguf").write_bytes(b"GGUF")
    (root / "Lora" / "broken.safetensors").write_bytes(b"\xff" * 20)
    shutil.copytree(sd, root / "hub" / "tiny")
    (root / "loop").symlink_to(root)
    return root


def test_a_scan_finds_all_and_says_what_it_skips(disk: Path) -> None:
    index, report = scan.scan(EMPTY, [disk])
    assert {Path(entry.path).name: str(entry.kind) for entry in report.added} == {
        "style.safetensors": "lora",
        "bad.safetensors": "embedding",
        "tiny": "pipeline",
    }
    reasons = {Path(path).name: reason for path, reason in report.skipped}
    assert sorted(reasons) == ["broken.safetensors", "model.gguf", "odd.safetensors", "old.ckpt"]
    assert "pickled" in reasons["old.ckpt"] and "GGUF" in reasons["model.gguf"]
    assert len(index.entries) == 4  # what is no model is kept, so that it isn't looked at again
    assert not any(entry.sha256 for entry in index.entries.values())
    hashed, _ = scan.scan(EMPTY, [disk], hashes=True)
    assert all(entry.sha256 for entry in hashed.entries.values() if not entry.refused)


def test_a_second_scan_reads_only_what_changed(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index, _ = scan.scan(EMPTY, [disk])
    looked: list[Path] = []
    inspect = scan.inspect
    monkeypatch.setattr(scan, "inspect", lambda path: looked.append(path) or inspect(path))  # type: ignore[func-returns-value]
    changed = files.lora(disk / "Lora" / "style.safetensors", more="metadata")
    (disk / "embeddings" / "bad.safetensors").unlink()
    index, report = scan.scan(index, [disk])
    assert looked == [disk / "Lora" / "broken.safetensors", changed]
    assert [entry.path for entry in report.changed] == [str(changed)]
    assert report.missing == [str(disk / "embeddings" / "bad.safetensors")]
    assert report.added == [] and str(disk / "embeddings" / "bad.safetensors") not in index.entries


def test_scanning_one_folder_leaves_others(disk: Path, tmp_path: Path) -> None:
    other = files.lora(tmp_path / "else" / "x.safetensors")
    index, _ = scan.add(EMPTY, [other])
    index, report = scan.scan(index, [disk / "Lora"])
    assert str(other) in index.entries and report.missing == []
    with pytest.raises(UsageError, match="no such folder"):
        scan.scan(index, [tmp_path / "nowhere"])


def test_removing_forgets_and_deletes_nothing(disk: Path) -> None:
    index, _ = scan.scan(EMPTY, [disk])
    index, gone = scan.remove(index, ["style", str(disk / "embeddings")])
    assert sorted(entry.name for entry in gone) == ["bad", "style"]
    assert len(index.entries) == 2
    assert (disk / "Lora" / "style.safetensors").exists()
    with pytest.raises(UsageError, match="no 'nothing'"):
        scan.remove(index, ["nothing"])


def test_verify_notices_a_change_that_size_and_time_hide(disk: Path) -> None:
    path = disk / "Lora" / "style.safetensors"
    index, _ = scan.scan(EMPTY, [disk], hashes=True)
    index, report = scan.verify(index)
    assert report.changed == [] and len(report.unchanged) == 3
    status = path.stat()
    path.write_bytes(path.read_bytes()[:-1] + b"\1")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    (disk / "embeddings" / "bad.safetensors").unlink()
    for _ in range(2):  # a second run says it again
        index, report = scan.verify(index)
        assert [entry.path for entry in report.changed] == [str(path)]
        assert report.missing == [str(disk / "embeddings" / "bad.safetensors")]
    assert report.changed[0].sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_verify_of_a_folder(disk: Path) -> None:
    index, _ = scan.scan(EMPTY, [disk], hashes=True)
    weights = disk / "hub" / "tiny" / "vae" / "diffusion_pytorch_model.safetensors"
    status = weights.stat()
    weights.write_bytes(weights.read_bytes()[:-1] + b"\7")
    os.utime(weights, ns=(status.st_atime_ns, status.st_mtime_ns))
    _, report = scan.verify(index, ["tiny"])
    assert [Path(entry.path).name for entry in report.changed] == ["tiny"]


def test_verify_records_a_hash_where_there_was_none(disk: Path) -> None:
    index, _ = scan.scan(EMPTY, [disk])
    index, report = scan.verify(index, ["style"])
    assert [entry.name for entry in report.added] == ["style"]
    assert index.entries[str(disk / "Lora" / "style.safetensors")].sha256


ENTRY: dict[str, Any] = {
    "path": "/a",
    "kind": "lora",
    "family": "",
    "pipeline": "",
    "detail": "",
    "refused": "",
    "size": 1,
    "mtime_ns": 1,
    "sha256": "",
}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "3",
        '{"version": 1}',
        '{"version": "1", "entries": []}',
        json.dumps({"version": 1, "entries": [3]}),
        json.dumps({"version": 1, "entries": [{"path": "/a"}]}),
        json.dumps({"version": 1, "entries": [ENTRY | {"kind": "spell"}]}),
        json.dumps({"version": 1, "entries": [ENTRY | {"size": "1"}]}),
        json.dumps({"version": 1, "entries": [ENTRY | {"extra": 1}]}),
        "[" * 100_000,
    ],
    ids=range(12),
)
def test_a_damaged_index_is_reported_and_left_alone(store: Path, content: str) -> None:
    store.parent.mkdir(parents=True)
    store.write_text(content)
    with pytest.raises(CorruptError, match="damaged") as caught:
        read_index()
    assert caught.value.file == str(store)
    assert store.read_text() == content


def test_an_index_of_a_newer_version_is_left_alone(store: Path) -> None:
    store.parent.mkdir(parents=True)
    store.write_text('{"version": 2, "entries": []}')
    with pytest.raises(UnsupportedError, match="version 2"):
        read_index()


def test_names_of_hub_snapshots(sd: Path, tmp_path: Path, made: Callable[..., Any]) -> None:
    snapshot = tmp_path / "models--some--model-x" / "snapshots" / ("0" * 40)
    shutil.copytree(sd, snapshot)
    assert scan.inspect(snapshot).name == "model-x"
