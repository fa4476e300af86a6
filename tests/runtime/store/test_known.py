"""What looking for a hash reads: nothing where the index or the cache knows it, else each file that can fit, once."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from aigif._gen.enums import HashKind
from aigif._gen.types import Adapter, GenerativeModel
from aigif.errors import ModelError
from aigif.runtime import hashing
from aigif.runtime.hashing import cache_folder, file_hash
from aigif.runtime.modelfolder import open_folder
from aigif.runtime.store import scan
from aigif.runtime.store.find import Found, find_adapter, find_model, find_vae
from aigif.runtime.store.index import read_index, write_index
from tests.runtime.store import files
from tests.runtime.store.test_recognise import SD1

UNLISTED = 1
NOWHERE = b"\xee" * 8


@pytest.fixture(name="disk")
def _disk(tmp_path: Path) -> Path:
    root = tmp_path / "disk"
    for at, name in enumerate(("one", "two", "three")):
        files.lora(root / f"{name}.safetensors", bytes([at + 1]), more="x" * at)
    files.write(root / "model.safetensors", SD1, b"\4")
    return root


@pytest.fixture(name="read")
def _read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files whose content was read for a hash, in order."""
    read: list[str] = []
    compute = hashing._computed

    def counting(path: Path, kind: HashKind, told: Callable[[int], None]) -> bytes:
        read.append(path.name)
        return compute(path, kind, told)

    monkeypatch.setattr(hashing, "_computed", counting)
    return read


def keep(folder: Path, *, hashes: bool) -> None:
    write_index(scan.scan(read_index(), [folder], hashes=hashes)[0])


def forget_cache() -> None:
    (cache_folder() / "hashes.json").unlink(missing_ok=True)


def adapter(digest: bytes, kind: HashKind = HashKind.SHA256, name: str = "renamed") -> Found | None:
    return find_adapter(Adapter(name=name, weight_hash=digest, hash_kind=kind))


def sha256(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


def test_the_index_answers_without_the_cache(disk: Path, read: list[str]) -> None:
    keep(disk, hashes=True)
    forget_cache()
    read.clear()
    for name in ("one", "three"):
        found = adapter(sha256(disk / f"{name}.safetensors")[:8])
        assert found is not None and (found.path.stem, found.how) == (name, "SHA-256")
    assert adapter(NOWHERE) is None
    with pytest.raises(ModelError, match="is another one"):
        adapter(NOWHERE, name="two")
    assert read == []


def test_an_unknown_hash_reads_what_can_fit_and_once(disk: Path, read: list[str]) -> None:
    keep(disk, hashes=False)
    assert find_vae("x", NOWHERE) is None and read == []  # there is no VAE
    assert adapter(NOWHERE) is None
    assert read == ["one.safetensors", "two.safetensors", "three.safetensors"]  # small before large; no model
    assert adapter(NOWHERE) is None and adapter(b"\xdd" * 8) is None
    assert len(read) == 3
    model = GenerativeModel(model_id=UNLISTED, model_name="x", weight_hash=NOWHERE, hash_kind=HashKind.FOLDER)
    assert find_model(model) is None and len(read) == 3  # a folder's hash is that of no file


def test_only_entries_without_a_hash_are_read(disk: Path, read: list[str]) -> None:
    keep(disk, hashes=True)
    files.lora(disk / "new.safetensors", b"\7")
    keep(disk, hashes=False)
    forget_cache()
    read.clear()
    assert adapter(NOWHERE) is None
    assert read == ["new.safetensors"]


def test_a_known_hash_is_found_before_anything_is_read(disk: Path, read: list[str]) -> None:
    keep(disk, hashes=False)
    digest = file_hash(disk / "three.safetensors", HashKind.AUTOV3)
    read.clear()
    found = adapter(digest[:6], HashKind.AUTOV3, name="one")  # "one" would be the first to read
    assert found is not None and found.path.stem == "three"
    assert read == []


def test_the_named_one_is_read_first_and_the_search_ends_with_it(disk: Path, read: list[str]) -> None:
    keep(disk, hashes=False)
    found = adapter(sha256(disk / "three.safetensors")[:5], name="three")
    assert found is not None and found.how == "SHA-256"
    assert read == ["three.safetensors"]


def test_the_index_is_not_believed_about_a_changed_file(disk: Path, read: list[str]) -> None:
    keep(disk, hashes=True)
    forget_cache()
    path = disk / "one.safetensors"
    before = sha256(path)
    status = path.stat()
    files.lora(path, b"\7")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    read.clear()
    assert adapter(before[:8]) is None
    found = adapter(sha256(path)[:8])
    assert found is not None and found.path == path
    assert read == ["one.safetensors"]


def test_what_verify_found_counts_more_than_the_index(disk: Path) -> None:
    keep(disk, hashes=True)
    path = disk / "one.safetensors"
    before, status = sha256(path), path.stat()
    files.lora(path, b"\7")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    index, report = scan.verify(read_index())
    write_index(index)
    assert [entry.path for entry in report.changed] == [str(path)]
    assert adapter(before[:8]) is None
    assert adapter(sha256(path)[:8]) is not None


def test_folders_are_known_to_the_index_too(sd: Path, tmp_path: Path, read: list[str]) -> None:
    folder = Path(shutil.copytree(sd, tmp_path / "disk" / "tiny"))
    keep(folder.parent, hashes=True)
    model = GenerativeModel(
        model_id=UNLISTED,
        model_name="x",
        weight_hash=open_folder(folder).hash()[:8],
        hash_kind=HashKind.FOLDER,
    )
    forget_cache()
    read.clear()
    found = find_model(model)
    assert found is not None and (found.path, found.how) == (folder, "folder hash")
    assert find_model(model.replace(weight_hash=NOWHERE)) is None
    assert read == []


@pytest.mark.parametrize("recorded", ["ab", "zz" * 32])
def test_a_hash_in_the_index_that_is_none_is_ignored(disk: Path, recorded: str) -> None:
    keep(disk, hashes=True)
    store = Path(os.environ["AIGIF_STORE"])
    digest = sha256(disk / "one.safetensors")
    store.write_text(store.read_text().replace(digest.hex(), recorded))
    forget_cache()
    assert adapter(digest[:8]) is not None
