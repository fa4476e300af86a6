"""Reading within a limit, and writing that leaves either the old file or the whole new one."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from aigif import atomic
from aigif.errors import FileAccessError, LimitError


def leftovers(folder: Path) -> list[str]:
    return [name for name in os.listdir(folder) if name.startswith(".aigif-")]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.aigif"
    atomic.write_bytes(path, b"first")
    atomic.write_bytes(str(path), b"second")
    assert atomic.read_bytes(path, 6) == b"second"
    assert atomic.read_bytes(path, None) == b"second"
    assert os.listdir(tmp_path) == ["a.aigif"]


def test_a_relative_name_is_taken_from_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    atomic.write_bytes("here", b"x")
    assert (tmp_path / "here").read_bytes() == b"x"


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(LimitError, match=r"holds 1099511627776 bytes; at most 100 are read") as caught:
        atomic.read_bytes(path, 100)
    assert caught.value.file == str(path)
    assert caught.value.hint


def test_an_endless_device_is_read_to_the_limit_only() -> None:
    with pytest.raises(LimitError, match="more than 100000 bytes"):
        atomic.read_bytes("/dev/zero", 100_000)
    assert atomic.read_bytes("/dev/null", 0) == b""


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("missing", "check the name"),
        (".", "not a folder"),
        ("file/below", "a file, not a folder"),
        ("a\0b", "name"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, name: str, hint: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileAccessError) as caught:
        atomic.read_bytes(f"{tmp_path}/{name}", 10)
    assert hint in (caught.value.hint or "")
    assert caught.value.file


@pytest.mark.parametrize("name", ["missing/x", ".", "file/below", "", "a\0b", "\ud800", "n" * 300])
def test_what_cannot_be_written_is_a_file_access_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    path = f"{tmp_path}/{name}" if name else ""
    with pytest.raises(FileAccessError):
        atomic.write_bytes(path, b"x")
    assert os.listdir(tmp_path) == ["file"]


def test_a_pipe_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileAccessError, match="no regular file"):
        atomic.write_bytes(tmp_path / "pipe", b"x")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


@pytest.mark.parametrize("error", [ValueError("own"), KeyboardInterrupt()])
def test_an_exception_in_the_block_leaves_the_old_file(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with pytest.raises(type(error)), atomic.replacing(path) as file:
        file.write(b"new")
        raise error
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with pytest.raises(FileAccessError, match="No space left"), atomic.replacing(path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]


def test_an_error_about_another_file_is_not_hidden(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic.replacing(tmp_path / "a"):
        open(tmp_path / "other", "rb").close()
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failing_step_at_the_end_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "input/output error")

    path = tmp_path / "a"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, step, fail)
    with pytest.raises(FileAccessError, match="input/output error"):
        atomic.write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert leftovers(tmp_path) == []


def test_the_bytes_are_on_the_disk_before_the_name_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    fsync, replace = os.fsync, os.replace

    def note_fsync(descriptor: int) -> None:
        steps.append("fsync")
        fsync(descriptor)

    def note_replace(source: str, target: str) -> None:
        steps.append("replace")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "replace", note_replace)
    atomic.write_bytes(tmp_path / "a", b"x" * 100_000)
    assert steps == ["fsync", "replace", "fsync"]


def test_permissions_follow_the_umask_or_the_old_file(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        atomic.write_bytes(tmp_path / "new", b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640
    (tmp_path / "new").chmod(0o604)
    atomic.write_bytes(tmp_path / "new", b"y")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o604


def test_a_link_stays_and_its_target_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"old")
    (tmp_path / "link").symlink_to("target")
    atomic.write_bytes(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"new"


def test_importing_it_loads_nothing_slow() -> None:
    """An editable installation may load modules of its own at every start; they do not count."""
    code = "import sys; before = set(sys.modules); import aigif.atomic; print(*set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = set(done.stdout.split())
    assert "aigif.atomic" in loaded
    assert not loaded & {
        "pathlib",
        "tempfile",
        "contextlib",
        "typing",
        "PIL",
        "numpy",
        "torch",
        "dataclasses",
    }
