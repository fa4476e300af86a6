"""`aigif models add|scan|list|remove|verify`."""

from __future__ import annotations

import hashlib
import os
import pickle
from pathlib import Path

import pytest

from tests.cli.calls import call
from tests.runtime.store import files


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "store.json"
    monkeypatch.setenv("AIGIF_STORE", str(path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return path


@pytest.fixture(name="style")
def _style(tmp_path: Path) -> Path:
    return files.lora(tmp_path / "loras" / "style.safetensors", b"\1")


def test_add_list_remove(style: Path) -> None:
    added = call("models", "add", style)
    digest = hashlib.sha256(style.read_bytes()).hexdigest()
    assert added.code == 0
    assert added.text.splitlines() == [
        f"added: {style} (sd1 lora {digest[:10]})",
        "1 added, 0 changed, 0 unchanged, 0 missing, 0 skipped",
    ]
    listed = call("models", "list").text.splitlines()
    assert listed[0].split() == ["kind", "family", "name", "size", "sha256", "path"]
    assert listed[1].split()[:3] == ["lora", "sd1", "style"] and listed[1].endswith(str(style))
    (row,) = call("models", "list", "--json").json
    assert (row["sha256"], row["name"], row["present"]) == (digest, "style", True)
    assert call("models", "list", "--kind", "vae", "--json").json == []
    assert call("models", "remove", "style").text == f"forgotten: {style}\n"
    assert call("models", "list", "--json").json == []
    assert style.exists()


def test_scan_and_verify(style: Path) -> None:
    (style.parent / "old.ckpt").write_bytes(pickle.dumps({}))
    scanned = call("models", "scan", style.parent)
    assert scanned.code == 0 and "pickled files can run code" in scanned.err
    report = call("models", "scan", style.parent, "--json").json
    assert (report["unchanged"], [skip["path"] for skip in report["skipped"]]) == (
        1,
        [str(style.parent / "old.ckpt")],
    )
    assert call("models", "verify").text.startswith("recorded: ")
    assert call("models", "verify", "--json").json["unchanged"] == 1
    status = style.stat()
    style.write_bytes(style.read_bytes()[:-1] + b"\2")
    os.utime(style, ns=(status.st_atime_ns, status.st_mtime_ns))
    changed = call("models", "verify")
    assert changed.code == 1 and f"changed: {style}" in changed.text
    style.unlink()
    missing = call("models", "verify", "--json")
    assert missing.code == 1 and missing.json["missing"] == [str(style)]
    assert "(gone)" in call("models", "list").text


def test_refusals_and_their_exit_codes(tmp_path: Path, style: Path, store: Path) -> None:
    pickled = tmp_path / "a.safetensors"
    pickled.write_bytes(pickle.dumps({}))
    assert call("models", "add", pickled).code == 6
    assert call("models", "add", tmp_path / "nowhere.safetensors").code == 5
    assert call("models", "add", tmp_path).code == 5
    assert call("models", "scan", tmp_path / "nowhere").code == 2
    assert call("models", "remove", "nothing").code == 2
    assert call("models", "verify", "nothing").code == 2
    assert not store.exists()
    store.write_text("{")
    damaged = call("models", "add", style, "--json")
    assert (damaged.code, damaged.error["kind"], damaged.error["file"]) == (3, "CorruptError", str(store))
    assert store.read_text() == "{"


def test_a_hostile_name_does_not_reach_the_terminal(tmp_path: Path) -> None:
    path = files.lora(tmp_path / "a\x1b[31m.safetensors")
    for result in (call("models", "add", path), call("models", "list"), call("models", "remove", path)):
        assert "\x1b" not in result.text and "\\x1b" in result.text


@pytest.mark.parametrize("command", ["add", "scan", "list", "remove", "verify"])
def test_every_command_has_help_with_examples(command: str) -> None:
    shown = call("models", command, "--help").text
    assert "Examples:" in shown and f"aigif models {command}" in shown and "--json" in shown


def test_the_table_is_still_there() -> None:
    assert call("models").text.split()[:3] == ["code", "name", "family"]
    assert call("models", "--json").json[0]["name"] == "stable-diffusion-v1-5"
