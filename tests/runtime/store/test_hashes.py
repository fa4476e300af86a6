"""The hashes that programs record, against their definitions; the cache of them."""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from pathlib import Path

import pytest

from aigif._gen.enums import HashKind
from aigif.errors import MissingPackageError, ModelError
from aigif.runtime import hashing
from aigif.runtime.hashing import cache_folder, cached_folder_hash, cached_hash, file_hash, folder_hash


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    """2 MiB of bytes that don't repeat, with a header of 100 bytes."""
    numbers = b"".join(hashlib.sha256(bytes([at % 256, at // 256])).digest() for at in range(65536))
    path = tmp_path / "model.safetensors"
    path.write_bytes((100).to_bytes(8, "little") + numbers)
    return path


def test_each_kind_is_what_its_program_computes(path: Path) -> None:
    data = path.read_bytes()
    assert file_hash(path, HashKind.SHA256) == hashlib.sha256(data).digest()
    assert file_hash(path, HashKind.LEGACY) == hashlib.sha256(data[1048576 : 1048576 + 65536]).digest()
    assert file_hash(path, HashKind.AUTOV3) == hashlib.sha256(data[108:]).digest()
    assert file_hash(path, HashKind.CRC32) == zlib.crc32(data).to_bytes(4, "big")


def test_the_hash_of_an_empty_middle_is_the_known_one(tmp_path: Path) -> None:
    # AUTOMATIC1111 shows e3b0c442 for every file below 1 MiB: the published SHA-256 of nothing.
    path = tmp_path / "small.safetensors"
    path.write_bytes(b"small")
    assert file_hash(path, HashKind.LEGACY).hex().startswith("e3b0c442")


def test_autov3_does_not_see_the_metadata(tmp_path: Path) -> None:
    from tests.runtime.store import files

    one = files.lora(tmp_path / "one.safetensors", b"\3")
    two = files.lora(tmp_path / "two.safetensors", b"\3", title="another")
    assert file_hash(one, HashKind.AUTOV3) == file_hash(two, HashKind.AUTOV3)
    assert file_hash(one, HashKind.SHA256) != file_hash(two, HashKind.SHA256)


def test_kinds_are_kept_apart_and_read_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = {kind: file_hash(path, kind) for kind in (HashKind.SHA256, HashKind.AUTOV3, HashKind.LEGACY)}
    monkeypatch.setattr(hashing, "_computed", None)
    assert {kind: file_hash(path, kind) for kind in hashes} == hashes
    assert cached_hash(path, HashKind.CRC32) is None
    assert cached_hash(path, HashKind.SHA256) == hashes[HashKind.SHA256]
    os.utime(path, ns=(1, 1))
    assert cached_hash(path, HashKind.SHA256) is None


def test_a_fresh_hash_does_not_trust_the_cache(path: Path) -> None:
    before = file_hash(path, HashKind.SHA256)
    status = path.stat()
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert file_hash(path, HashKind.SHA256) == before
    assert (
        file_hash(path, HashKind.SHA256, fresh=True) == hashlib.sha256(path.read_bytes()).digest() != before
    )


def test_a_folder_is_known_once_all_its_files_are(tmp_path: Path) -> None:
    names = ("b", "a")
    for name in names:
        (tmp_path / name).write_text(name)
    file_hash(tmp_path / "a", HashKind.SHA256)
    assert cached_folder_hash(tmp_path, names) is None
    whole = b"".join(name.encode() + b"\0" + hashlib.sha256(name.encode()).digest() for name in ("a", "b"))
    assert folder_hash(tmp_path, names) == hashlib.sha256(whole).digest()
    assert cached_folder_hash(tmp_path, names) == hashlib.sha256(whole).digest()


@pytest.fixture(name="parsed")
def _parsed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What the cache's file held each time it was parsed; nothing was parsed before."""
    parsed: list[bytes] = []
    parse = hashing._parsed

    def counting(data: bytes) -> dict[str, hashing._Entry]:
        parsed.append(data)
        return parse(data)

    monkeypatch.setattr(hashing, "_parsed", counting)
    monkeypatch.setattr(hashing, "_seen", None)
    return parsed


def test_the_cache_is_parsed_once(tmp_path: Path, parsed: list[bytes]) -> None:
    paths = [tmp_path / str(at) for at in range(5)]
    for path in paths:
        path.write_text(path.name)
        file_hash(path, HashKind.SHA256)
    assert len(parsed) <= 1  # what was there before; what this process writes it knows
    hashing._seen = None  # as a new process
    parsed.clear()
    for path in paths:
        assert cached_hash(path, HashKind.SHA256) == hashlib.sha256(path.name.encode()).digest()
    assert len(parsed) == 1


def test_what_another_process_writes_is_seen(path: Path, parsed: list[bytes]) -> None:
    file_hash(path, HashKind.SHA256)
    cache = cache_folder() / "hashes.json"
    content = json.loads(cache.read_text())
    content[str(path.resolve())][2]["crc32"] = "0123abcd"
    (cache.parent / "other").write_text(json.dumps(content))
    (cache.parent / "other").replace(cache)
    parsed.clear()
    assert cached_hash(path, HashKind.CRC32) == bytes.fromhex("0123abcd")
    assert len(parsed) == 1
    cache.unlink()
    assert cached_hash(path, HashKind.CRC32) is None


def test_progress_counts_every_byte(path: Path) -> None:
    read: list[int] = []
    file_hash(path, HashKind.SHA256, read=read.append)
    assert sum(read) == path.stat().st_size


def test_what_has_no_hash(path: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="kind 4"):
        file_hash(path, HashKind.FOLDER)
    with pytest.raises(ModelError, match="can't be read"):
        file_hash(tmp_path / "nowhere", HashKind.SHA256)


def test_blake3_needs_its_package(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys
    from types import SimpleNamespace

    monkeypatch.setitem(sys.modules, "blake3", None)
    with pytest.raises(MissingPackageError, match="blake3"):
        file_hash(path, HashKind.BLAKE3)
    monkeypatch.setitem(sys.modules, "blake3", SimpleNamespace(blake3=hashlib.blake2s))  # type: ignore[arg-type]
    assert file_hash(path, HashKind.BLAKE3) == hashlib.blake2s(path.read_bytes()).digest()
