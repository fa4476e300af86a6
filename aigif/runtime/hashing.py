"""Hashes of weights, remembered by path, size and modification time, so that a model is read once only."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path

__all__ = ["cache_folder", "file_sha256", "folder_hash"]

_MOST_ENTRIES = 10_000


def cache_folder() -> Path:
    """The folder for what can be computed again: $XDG_CACHE_HOME/aigif, or the system's place for caches."""
    home = Path.home()
    if os.environ.get("XDG_CACHE_HOME"):
        return Path(os.environ["XDG_CACHE_HOME"]) / "aigif"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "aigif" / "Cache"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "aigif"
    return home / ".cache" / "aigif"


def file_sha256(path: Path) -> bytes:
    """SHA-256 of a file (32 bytes), from the cache where size and modification time have not changed."""
    real = path.resolve()
    status = real.stat()
    key, stamp = str(real), [status.st_size, status.st_mtime_ns]
    known = _read()
    entry = known.get(key)
    if entry is not None and entry[:2] == stamp:
        return bytes.fromhex(str(entry[2]))
    with real.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    known.pop(key, None)
    known[key] = [*stamp, digest.hexdigest()]
    _write(dict(list(known.items())[-_MOST_ENTRIES:]))
    return digest.digest()


def folder_hash(folder: Path, files: tuple[str, ...]) -> bytes:
    """The hash of kind `folder` (32 bytes): SHA-256 over, for each of `files` in the order of their UTF-8 bytes,
    the name, a zero byte, and the SHA-256 of its content. Names are relative to `folder`, with slashes."""
    whole = hashlib.sha256()
    for name in sorted(files, key=lambda name: name.encode()):
        whole.update(name.encode() + b"\0" + file_sha256(folder / name))
    return whole.digest()


def _store() -> Path:
    return cache_folder() / "hashes.json"


def _read() -> dict[str, list[int | str]]:
    # A cache that is missing, damaged or of another form is as good as none.
    try:
        content = json.loads(_store().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(content, dict):
        return {}
    return {
        key: entry
        for key, entry in content.items()
        if isinstance(entry, list)
        and [type(part) for part in entry] == [int, int, str]
        and len(entry[2]) == 64
        and all(digit in "0123456789abcdef" for digit in entry[2])
    }


def _write(content: dict[str, list[int | str]]) -> None:
    store = _store()
    with contextlib.suppress(OSError):  # without a cache everything still works
        store.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=store.parent, prefix="hashes-", suffix=".tmp")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(content, file)
            os.replace(temporary, store)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
