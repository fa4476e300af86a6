"""Hashes of weights, remembered by path, size and modification time, so that a model is read once only.

Each kind of the schema's `hash_kind` is computed as the programs that record it do:

- sha256: of the whole file; AUTOMATIC1111's modules/hashes.py shows its first 5 bytes for checkpoints.
- legacy: SHA-256 of the 65536 bytes from offset 0x100000, the first 4 bytes shown (`model_hash` in AUTOMATIC1111's
  modules/sd_models.py). A shorter file gives the hash of what is there, of nothing below 1 MiB.
- autov3: SHA-256 of what follows a safetensors header (`addnet_hash_safetensors` in kohya's sd-scripts,
  library/train_util.py, and AUTOMATIC1111's modules/hashes.py), the first 6 bytes shown.
- blake3: of the whole file, as InvokeAI records it; needs the package blake3.
- crc32: of the whole file, big-endian.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigif._gen.enums import HashKind
from aigif.errors import MissingPackageError, ModelError

__all__ = ["cache_folder", "cached_folder_hash", "cached_hash", "file_hash", "file_sha256", "folder_hash"]

_MOST_ENTRIES = 10_000
_CHUNK = 1 << 20
_LEGACY_AT, _LEGACY_BYTES = 0x100000, 0x10000
_NAMES = {
    HashKind.SHA256: "sha256",
    HashKind.LEGACY: "legacy",
    HashKind.AUTOV3: "autov3",
    HashKind.BLAKE3: "blake3",
    HashKind.CRC32: "crc32",
}
_Entry = tuple[int, int, Mapping[str, str]]
_State = tuple[str, int, int, int]


@dataclass(frozen=True, slots=True)
class _Parsed:
    """The cache as this process saw it last, good as long as the file is the same one."""

    state: _State
    content: Mapping[str, _Entry]


_seen: _Parsed | None = None


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
    return file_hash(path, HashKind.SHA256)


def file_hash(
    path: Path, kind: int, *, fresh: bool = False, read: Callable[[int], None] | None = None
) -> bytes:
    """The whole hash of a file, of any kind but `folder`: 32 bytes, 4 for crc32.

    It comes from the cache where size and modification time have not changed, unless it is to be `fresh`. `read` is
    told how many bytes were read since it was last called. Raises ModelError for a kind that a file has not, or where
    the file can't be read, MissingPackageError for blake3 without its package.
    """
    if kind not in _NAMES:
        raise ModelError(f"a file has no hash of kind {int(kind)}", file=str(path))
    name = _NAMES[HashKind(kind)]
    try:
        real = path.resolve()
        status = real.stat()
        known = {} if fresh else _fitting(real, status)
        if name in known:
            return bytes.fromhex(known[name])
        digest = _computed(real, HashKind(kind), read or (lambda count: None))
    except OSError as error:
        raise ModelError(f"the file can't be read: {error.strerror or error}", file=str(path)) from error
    _remember(real, status, name, digest)
    return digest


def cached_hash(path: Path, kind: int) -> bytes | None:
    """The hash of a file where the cache has it; reads no file but the cache."""
    try:
        real = path.resolve()
        found = _fitting(real, real.stat()).get(_NAMES[HashKind(kind)]) if kind in _NAMES else None
    except OSError:
        return None
    return None if found is None else bytes.fromhex(found)


def folder_hash(folder: Path, files: tuple[str, ...]) -> bytes:
    """The hash of kind `folder` (32 bytes): SHA-256 over, for each of `files` in the order of their UTF-8 bytes,
    the name, a zero byte, and the SHA-256 of its content. Names are relative to `folder`, with slashes."""
    return _combined({name: file_sha256(folder / name) for name in files})


def cached_folder_hash(folder: Path, files: tuple[str, ...]) -> bytes | None:
    """As `folder_hash` where the cache has the hash of every file; reads no file but the cache."""
    digests: dict[str, bytes] = {}
    for name in files:
        digest = cached_hash(folder / name, HashKind.SHA256)
        if digest is None:
            return None
        digests[name] = digest
    return _combined(digests)


def _combined(digests: Mapping[str, bytes]) -> bytes:
    whole = hashlib.sha256()
    for name in sorted(digests, key=lambda name: name.encode()):
        whole.update(name.encode() + b"\0" + digests[name])
    return whole.digest()


def _computed(path: Path, kind: HashKind, read: Callable[[int], None]) -> bytes:
    if kind == HashKind.BLAKE3:
        digest = _blake3()
    else:
        digest = hashlib.sha256()
    checksum = 0
    with path.open("rb") as file:
        if kind == HashKind.LEGACY:
            file.seek(_LEGACY_AT)
            return hashlib.sha256(file.read(_LEGACY_BYTES)).digest()
        if kind == HashKind.AUTOV3:
            file.seek(8 + int.from_bytes(file.read(8), "little") % (1 << 62))
        while chunk := file.read(_CHUNK):
            if kind == HashKind.CRC32:
                checksum = zlib.crc32(chunk, checksum)
            else:
                digest.update(chunk)
            read(len(chunk))
    return checksum.to_bytes(4, "big") if kind == HashKind.CRC32 else bytes(digest.digest())


def _blake3() -> Any:
    try:
        from blake3 import blake3  # type: ignore[import-not-found]
    except ImportError as error:
        raise MissingPackageError(
            "checking a BLAKE3 hash needs the package blake3", hint="pip install blake3"
        ) from error
    return blake3()


def _cache_file() -> Path:
    return cache_folder() / "hashes.json"


def _fitting(real: Path, status: os.stat_result) -> Mapping[str, str]:
    entry = _read().get(str(real))
    return entry[2] if entry is not None and entry[:2] == (status.st_size, status.st_mtime_ns) else {}


def _remember(real: Path, status: os.stat_result, name: str, digest: bytes) -> None:
    content, key = dict(_read()), str(real)
    known = _fitting(real, status)
    content.pop(key, None)
    content[key] = (status.st_size, status.st_mtime_ns, {**known, name: digest.hex()})
    _write(dict(list(content.items())[-_MOST_ENTRIES:]))


def _read() -> Mapping[str, _Entry]:
    """The cache, parsed again only where its file is another one than last time (path, inode, size, time)."""
    # One that is missing, damaged or of another form is as good as none.
    global _seen
    path = _cache_file()
    try:
        if _seen is not None and _seen.state == _state(path, path.stat()):
            return _seen.content
        with path.open("rb") as file:
            state = _state(path, os.fstat(file.fileno()))
            content = _parsed(file.read())
    except OSError:
        return {}
    _seen = _Parsed(state, content)
    return content


def _state(path: Path, status: os.stat_result) -> _State:
    return str(path), status.st_ino, status.st_size, status.st_mtime_ns


def _parsed(data: bytes) -> dict[str, _Entry]:
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(content, dict):
        return {}
    return {key: (entry[0], entry[1], entry[2]) for key, entry in content.items() if _is_entry(entry)}


def _is_entry(entry: object) -> bool:
    return (
        isinstance(entry, list)
        and [type(part) for part in entry] == [int, int, dict]
        and all(
            name in _NAMES.values()
            and isinstance(digest, str)
            and len(digest) == (8 if name == "crc32" else 64)
            and all(digit in "0123456789abcdef" for digit in digest)
            for name, digest in entry[2].items()
        )
    )


def _write(content: dict[str, _Entry]) -> None:
    global _seen
    target = _cache_file()
    with contextlib.suppress(OSError):  # without a cache everything still works
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix="hashes-", suffix=".tmp")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(json.dumps(content))  # json.dump to a file is many times slower
            state = _state(target, os.stat(temporary))
            os.replace(temporary, target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
        _seen = _Parsed(state, content)
