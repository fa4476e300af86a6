"""The hash of what the store has: what is known of it without reading weights, and what has to be computed."""

from __future__ import annotations

from pathlib import Path

from aigif._gen.enums import HashKind
from aigif.errors import AigifError
from aigif.runtime.hashing import cached_folder_hash, cached_hash, file_hash
from aigif.runtime.modelfolder import ModelFolder, open_folder
from aigif.runtime.store.index import Entry
from aigif.runtime.store.recognise import Kind

__all__ = ["computed_hash", "folder_state", "known_hash", "state"]

_DIGITS = 64


def known_hash(entry: Entry, kind: int) -> bytes:
    """The whole hash of an entry where it is known already, else b"". No weights are read.

    It is known to the cache of hashes, or to the index where size and modification time are as recorded. The cache
    comes first: what `verify` read anew is there, while the index keeps the hash that it had.
    """
    path = Path(entry.path)
    recorded = HashKind.SHA256
    try:
        if entry.kind == Kind.PIPELINE:
            recorded = HashKind.FOLDER
            found = cached_folder_hash(path, open_folder(path).weights) if kind == recorded else None
        else:
            found = cached_hash(path, kind)
        if found is not None:
            return found
        if kind == recorded and len(entry.sha256) == _DIGITS and state(entry) == (entry.size, entry.mtime_ns):
            return bytes.fromhex(entry.sha256)
    except (AigifError, OSError, ValueError):  # the last where the index holds no hex digits
        pass
    return b""


def computed_hash(entry: Entry, kind: int) -> bytes:
    """The whole hash of an entry, read where it isn't in the cache; b"" where it can't be had: the file is gone, or
    a package is missing."""
    path = Path(entry.path)
    try:
        return open_folder(path).hash() if entry.kind == Kind.PIPELINE else file_hash(path, kind)
    except AigifError:
        return b""


def state(entry: Entry) -> tuple[int, int]:
    """Size in bytes and modification time in nanoseconds that an entry's file or folder has now.

    Raises OSError where the file is gone, and as `open_folder` does.
    """
    path = Path(entry.path)
    if entry.kind == Kind.PIPELINE:
        return folder_state(open_folder(path))
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def folder_state(folder: ModelFolder) -> tuple[int, int]:
    """The bytes of all weights of a folder, and the newest time of them and of its model_index.json.

    Weights of the same size with an older time than the newest don't show; `verify` reads them.
    """
    states = [(folder.path / name).stat() for name in folder.weights]
    states.append((folder.path / "model_index.json").stat())
    return sum(s.st_size for s in states[:-1]), max(s.st_mtime_ns for s in states)
