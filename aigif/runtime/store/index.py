"""The index of the model store: a file that lists where models are. Nothing is copied or moved.

It is JSON in the user's data folder, or where AIGIF_STORE says, and always written whole: a reader never sees half
of it, and a damaged one is reported and left as it is.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from aigif.atomic import read_bytes, write_bytes
from aigif.errors import CorruptError, FileAccessError, UnsupportedError
from aigif.runtime.store.recognise import Kind

__all__ = ["Entry", "Index", "index_path", "read_index", "write_index"]

VERSION = 1
_MOST_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or a pipeline folder that the store knows."""

    path: str
    """Its absolute path."""
    kind: Kind
    family: str
    pipeline: str
    detail: str
    refused: str
    """Why this version can't use it; empty where it can."""
    size: int
    """Bytes of the file, or of all weights of the folder."""
    mtime_ns: int
    """Time of the last change, the newest of a folder's weights; nanoseconds since 1970."""
    sha256: str = ""
    """Hex digits of its SHA-256, for a folder of the hash of kind `folder`; empty where it wasn't computed."""

    @property
    def name(self) -> str:
        """What people call it: the file without ending, the folder, or the repository of a snapshot of the hub."""
        path = Path(self.path)
        if self.kind != Kind.PIPELINE:
            return path.stem
        if path.parent.name == "snapshots" and path.parent.parent.name.startswith("models--"):
            return path.parent.parent.name.rpartition("--")[2]
        return path.name


@dataclass(frozen=True, slots=True)
class Index:
    """What the store knows."""

    entries: Mapping[str, Entry]
    """By path."""

    def replaced(self, entries: Iterable[Entry], gone: Iterable[str] = ()) -> Index:
        """An index with these entries added or put in the place of older ones, and the paths `gone` taken out."""
        removed = set(gone)
        kept = {path: entry for path, entry in self.entries.items() if path not in removed}
        return Index(kept | {entry.path: entry for entry in entries})


def index_path() -> Path:
    """The index file: $AIGIF_STORE, or models.json in the user's folder for data of programs."""
    home = Path.home()
    if os.environ.get("AIGIF_STORE"):
        return Path(os.environ["AIGIF_STORE"]).expanduser()
    if os.environ.get("XDG_DATA_HOME"):
        base = Path(os.environ["XDG_DATA_HOME"])
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        base = home / ".local" / "share"
    return base / "aigif" / "models.json"


def read_index() -> Index:
    """The index; an empty one where there is no file yet.

    Raises CorruptError where the file is damaged, UnsupportedError where a newer version wrote it, FileAccessError
    where it can't be read. The file stays as it is.
    """
    path = index_path()
    if not path.exists():
        return Index({})
    try:
        content = json.loads(read_bytes(path, _MOST_BYTES))
    except (ValueError, RecursionError) as error:
        raise _damaged(path, f"it is not JSON ({error})") from error
    version = content.get("version") if isinstance(content, dict) else None
    if not isinstance(version, int) or not isinstance(content.get("entries"), list):
        raise _damaged(path, "it has no version and entries")
    if version > VERSION:
        raise UnsupportedError(
            f"the index of the model store has version {version}, this program knows {VERSION}",
            file=str(path),
            hint="update aigif, or let AIGIF_STORE name another index",
        )
    entries = [_entry(path, item) for item in content["entries"]]
    return Index({entry.path: entry for entry in entries})


def write_index(index: Index) -> None:
    """Write the index in one step. Raises FileAccessError where that fails; then the old one is as it was."""
    path = index_path()
    listed = [asdict(entry) for _, entry in sorted(index.entries.items())]
    text = json.dumps({"version": VERSION, "entries": listed}, indent=1)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileAccessError(
            f"the store's folder can't be made: {error.strerror}", file=str(path.parent)
        ) from error
    write_bytes(path, text.encode())


def _entry(path: Path, item: Any) -> Entry:
    names = [field.name for field in fields(Entry)]
    numbers = {"size", "mtime_ns"}
    if not isinstance(item, dict) or sorted(item) != sorted(names):
        raise _damaged(path, "an entry has other fields than those of this version")
    if any(type(item[name]) is not (int if name in numbers else str) for name in names):
        raise _damaged(path, "an entry has a value of a wrong type")
    try:
        kind = Kind(item["kind"])
    except ValueError as error:
        raise _damaged(path, f"an entry is of the unknown kind {item['kind'][:40]!r}") from error
    return Entry(**{**item, "kind": kind})


def _damaged(path: Path, problem: str) -> CorruptError:
    return CorruptError(
        f"the index of the model store is damaged: {problem}",
        file=str(path),
        hint="move it away and scan your folders again (`aigif models scan DIR`); models themselves are not in it",
    )
