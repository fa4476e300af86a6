"""Finding by hash, by name as the last resort, and what is refused."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from aigif._gen.enums import AdapterKind, HashKind
from aigif._gen.types import Adapter, GenerativeModel, Refiner
from aigif.errors import ModelError
from aigif.runtime.hashing import file_hash
from aigif.runtime.modelfolder import open_folder
from aigif.runtime.store import scan
from aigif.runtime.store.find import (
    Found,
    find_adapter,
    find_model,
    find_named_model,
    find_refiner,
    find_vae,
)
from aigif.runtime.store.index import read_index, write_index
from tests.runtime.store import files
from tests.runtime.store.test_recognise import REFINER, SD1

UNLISTED = 1


def keep(folder: Path) -> None:
    write_index(scan.scan(read_index(), [folder])[0])


@pytest.fixture(name="disk")
def _disk(tmp_path: Path) -> Path:
    root = tmp_path / "disk"
    files.lora(root / "style.safetensors", b"\1")
    files.lora(root / "other.safetensors", b"\2")
    files.write(root / "model.safetensors", SD1, b"\3")
    files.write(root / "refine.safetensors", REFINER, b"\4")
    files.write(root / "easynegative.safetensors", {"emb_params": (2, 768)})
    files.write(
        root / "kl-f8.safetensors",
        {"decoder.conv_in.weight": (8, 4, 3, 3), "encoder.conv_in.weight": (8, 3, 3, 3)},
    )
    keep(root)
    return root


@pytest.mark.parametrize(
    ("kind", "shown", "how"),
    [
        (HashKind.SHA256, 32, "SHA-256"),
        (HashKind.SHA256, 5, "SHA-256"),
        (HashKind.AUTOV3, 6, "AutoV3"),
        (HashKind.CRC32, 4, "CRC-32"),
    ],
)
def test_a_renamed_file_is_found_by_hash(disk: Path, kind: HashKind, shown: int, how: str) -> None:
    digest = file_hash(disk / "style.safetensors", kind)[:shown]
    renamed = (disk / "style.safetensors").rename(disk / "renamed.safetensors")
    keep(disk)
    found = find_adapter(Adapter(name="style", weight_hash=digest, hash_kind=kind))
    assert found is not None
    assert (found.path, found.how, found.source) == (renamed, how, "store")
    assert bool(found.warnings) == (shown < 5)


def test_models_by_ten_digits_and_by_name(disk: Path) -> None:
    digest = hashlib.sha256((disk / "model.safetensors").read_bytes()).digest()[:5]
    named = find_model(GenerativeModel(model_id=UNLISTED, model_name="dir/Model.CKPT [0123456789]"))
    hashed = find_model(GenerativeModel(model_id=UNLISTED, model_name="x", weight_hash=digest))
    assert named is not None and hashed is not None
    assert (named.how, hashed.how, hashed.warnings) == ("name", "SHA-256", ())
    assert "name alone" in named.warnings[0]
    assert (hashed.family, hashed.pipeline) == ("sd1", "StableDiffusionPipeline")
    assert find_model(GenerativeModel(model_id=UNLISTED, model_name="model"), by_name=False) is None
    assert find_named_model("model") is not None and find_named_model("style") is None


def test_the_others_by_name(disk: Path) -> None:
    found: list[Found | None] = [
        find_refiner(Refiner(name="refine")),
        find_vae("kl-f8.vae.pt".replace(".vae", "")),
        find_adapter(Adapter(kind=AdapterKind.TEXTUAL_INVERSION, name="easynegative")),
    ]
    assert [one and one.path.stem for one in found] == ["refine", "kl-f8", "easynegative"]
    assert find_adapter(Adapter(kind=AdapterKind.HYPERNETWORK, name="style")) is None
    assert find_vae("style") is None  # a LoRA is no VAE


def test_a_name_with_another_hash_is_refused(disk: Path) -> None:
    with pytest.raises(ModelError, match="is another one") as caught:
        find_adapter(Adapter(name="style", weight_hash=bytes(8)))
    assert caught.value.element == "model.adapters"
    with pytest.raises(ModelError, match="SHA-256 0000"):
        find_model(GenerativeModel(model_id=UNLISTED, model_name="model", weight_hash=bytes(5)))


def test_a_hash_that_can_not_be_checked_leaves_the_name(disk: Path) -> None:
    model = GenerativeModel(
        model_id=UNLISTED, model_name="model", weight_hash=bytes(8), hash_kind=HashKind.FOLDER
    )
    found = find_model(model)
    assert found is not None and found.how == "name"


def big(path: Path, last: bytes) -> Path:
    """A model whose bytes from 1 MiB on for 64 KiB are alike, and whose last byte is not."""
    shapes = SD1 | {"model.diffusion_model.middle_block.1.proj_in.weight": (600_000,)}
    files.write(path, shapes, b"\5")
    with path.open("r+b") as file:
        file.seek(-1, 2)
        file.write(last)
    return path


def test_a_legacy_hash_that_fits_two_files_is_an_error(disk: Path) -> None:
    one = big(disk / "one.safetensors", b"\1")
    digest = file_hash(one, HashKind.LEGACY)[:4]
    keep(disk)
    model = GenerativeModel(
        model_id=UNLISTED, model_name="one", weight_hash=digest, hash_kind=HashKind.LEGACY
    )
    alone = find_model(model)
    assert alone is not None and alone.path == one and alone.how == "legacy hash"
    assert "another file" in alone.warnings[0]
    big(disk / "copy.safetensors", b"\1")  # the same content twice is no ambiguity
    keep(disk)
    assert find_model(model) is not None
    two = big(disk / "two.safetensors", b"\2")
    keep(disk)
    with pytest.raises(ModelError, match="different files") as caught:
        find_model(model)
    assert str(one) in caught.value.message and str(two) in caught.value.message


def test_two_of_one_name(disk: Path) -> None:
    files.lora(disk / "more" / "style.safetensors", b"\7")
    keep(disk)
    with pytest.raises(ModelError, match="2 different files"):
        find_adapter(Adapter(name="style"))
    digest = hashlib.sha256((disk / "more" / "style.safetensors").read_bytes()).digest()[:8]
    found = find_adapter(Adapter(name="style", weight_hash=digest))
    assert found is not None and found.path.parent.name == "more"


def test_a_changed_file_is_not_the_one_recorded(disk: Path) -> None:
    path = disk / "style.safetensors"
    digest = file_hash(path, HashKind.SHA256)[:8]
    adapter = Adapter(name="style", weight_hash=digest)
    assert find_adapter(adapter) is not None
    files.lora(path, b"\7")
    with pytest.raises(ModelError, match="is another one"):
        find_adapter(adapter)
    path.unlink()
    assert find_adapter(adapter) is None


def test_a_hash_that_only_the_metadata_claims(disk: Path) -> None:
    path = files.lora(disk / "claims.safetensors", b"\6", sshs_model_hash="ab" * 32)
    keep(disk)
    adapter = Adapter(name="x", weight_hash=b"\xab" * 6, hash_kind=HashKind.AUTOV3)
    found = find_adapter(adapter)
    assert found is not None and (found.path, found.how) == (path, "AutoV3 of its metadata")
    assert "other weights" in found.warnings[0]


def test_folders_by_their_hash_and_by_the_tables_name(sd: Path, tmp_path: Path) -> None:
    folder = tmp_path / "disk" / "stable-diffusion-v1-5"
    folder.parent.mkdir()
    folder.symlink_to(sd)
    keep(folder.parent)
    whole = open_folder(sd).hash()
    model = GenerativeModel(
        model_id=UNLISTED, model_name="x", weight_hash=whole[:8], hash_kind=HashKind.FOLDER
    )
    found = find_model(model)
    assert found is not None and (found.path, found.how) == (folder, "folder hash")
    listed = find_model(GenerativeModel(model_id=0))
    assert listed is not None and (listed.path, listed.how) == (folder, "name")


def test_an_empty_store_finds_nothing() -> None:
    assert find_model(GenerativeModel(model_id=UNLISTED, model_name="a", weight_hash=bytes(5))) is None
    assert find_adapter(Adapter(name="")) is None
