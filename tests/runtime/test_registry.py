"""Where models come from, which of them may be loaded, and whether they are the ones that a file means."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import aigif
from aigif._gen.enums import HashKind
from aigif._gen.tables import model as model_table
from aigif._gen.types import GenerativeModel
from aigif.errors import ModelError, PolicyError
from aigif.runtime import hashing, registry
from aigif.runtime.families import ALLOWED
from aigif.runtime.hubcache import WANTED, find_snapshot, hub_cache
from aigif.runtime.modelfolder import open_folder
from tests.runtime import tiny

COMMITS = ["0123456789abcdef0123456789abcdef01234567", "01ff" + "0" * 36]
SD15 = "stable-diffusion-v1-5/stable-diffusion-v1-5"


@pytest.fixture(name="copy")
def _copy(sd: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sd, tmp_path / "copy"))


def put_in_hub_cache(folder: Path, repository: str = SD15, commits: list[str] = COMMITS[:1]) -> Path:
    home = hub_cache() / f"models--{repository.replace('/', '--')}"
    for commit in commits:
        shutil.copytree(folder, home / "snapshots" / commit)
    (home / "refs").mkdir()
    (home / "refs" / "main").write_text(commits[0])
    return home


def edit_index(folder: Path, **entries: Any) -> None:
    path = folder / "model_index.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | entries))


def test_the_folder_hash_is_the_documented_one(sd: Path) -> None:
    names = sorted(path.relative_to(sd).as_posix() for path in sd.rglob("*.safetensors"))
    assert names == [
        "text_encoder/model.safetensors",
        "unet/diffusion_pytorch_model.safetensors",
        "vae/diffusion_pytorch_model.safetensors",
    ]
    whole = b"".join(
        name.encode() + b"\0" + hashlib.sha256((sd / name).read_bytes()).digest() for name in names
    )
    assert open_folder(sd).hash() == hashlib.sha256(whole).digest()


def test_the_hash_cache_reads_a_file_once_and_again_when_it_changed(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = copy / "vae" / "diffusion_pytorch_model.safetensors"
    first = hashing.file_sha256(path)
    assert first == hashlib.sha256(path.read_bytes()).digest()
    with monkeypatch.context() as patched:
        patched.setattr(hashing.hashlib, "file_digest", _never)
        assert hashing.file_sha256(path) == first
    path.write_bytes(path.read_bytes() + b"x")
    assert hashing.file_sha256(path) == hashlib.sha256(path.read_bytes()).digest() != first


@pytest.mark.parametrize("content", ["", "[]", "{", '{"a": 1}', '{"a": [1, 2, "zz"]}', '{"a": [1, 2, 3]}'])
def test_a_damaged_hash_cache_is_ignored(sd: Path, content: str) -> None:
    store = hashing.cache_folder() / "hashes.json"
    store.parent.mkdir(parents=True, exist_ok=True)
    store.write_text(content)
    path = sd / "vae" / "diffusion_pytorch_model.safetensors"
    assert hashing.file_sha256(path) == hashlib.sha256(path.read_bytes()).digest()
    assert str(path.resolve()) in json.loads(store.read_text())


def test_other_weights_are_refused(sd: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = aigif.generate("a", model=sd, steps=1, seed=1, device="cpu").aigif
    assert (made.model.hash_kind, len(made.model.weight_hash)) == (HashKind.FOLDER, 8)
    other = tiny.save_sd(tmp_path / "other", seed=5)
    monkeypatch.setattr("aigif.runtime.warm.load_pipeline", _never)
    with pytest.raises(ModelError, match="not those that the file names") as caught:
        aigif.recreate(made, model=other)
    assert caught.value.element == "model.weight_hash"
    assert caught.value.exit_code == 5


def test_a_folder_of_another_pipeline_is_refused(sdxl: Path) -> None:
    with pytest.raises(ModelError, match="StableDiffusionPipeline, the folder's a StableDiffusionXLPipeline"):
        registry.resolve(GenerativeModel(model_id=0), folder=sdxl)


def test_an_unchecked_folder_is_reported(sd: Path) -> None:
    assert "can't be checked" in registry.resolve(GenerativeModel(model_id=0), folder=sd).warnings[0]
    hashed = GenerativeModel(model_id=0, weight_hash=b"1234", hash_kind=HashKind.LEGACY)
    assert "kind legacy" in registry.resolve(hashed, folder=sd).warnings[0]
    whole = GenerativeModel(model_id=0, weight_hash=open_folder(sd).hash(), hash_kind=HashKind.FOLDER)
    assert registry.resolve(whole, folder=sd).warnings == ()


@pytest.mark.parametrize("ending", [".bin", ".ckpt", ".pt"])
def test_pickled_weights_are_refused(copy: Path, ending: str) -> None:
    weights = copy / "unet" / "diffusion_pytorch_model.safetensors"
    weights.rename(weights.with_suffix(ending))
    with pytest.raises(PolicyError, match="pickled only") as caught:
        aigif.generate("a", model=copy, device="cpu")
    assert caught.value.exit_code == 6


def test_pickled_weights_beside_safetensors_are_not_touched(copy: Path) -> None:
    (copy / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"not even a pickle")
    assert aigif.generate("a", model=copy, steps=1, device="cpu").image.size == (64, 64)


@pytest.mark.parametrize(
    "entries",
    [
        {"unet": ["my_module", "Unet"]},
        {"unet": ["diffusers.evil", "Unet"]},
        {"unet": ["diffusers", "__import__('os')"]},
        {"unet": ["diffusers", "AutoModel"]},
        {"text_encoder": ["transformers", "AutoModel"]},
        {"tokenizer": ["transformers", "AutoTokenizer"]},
        {"_class_name": ["my_pipeline", "MyPipeline"]},
        {"_class_name": "StableDiffusionInpaintPipeline"},
        {"_class_name": "OnnxStableDiffusionPipeline"},
    ],
    ids=str,
)
def test_code_and_unlisted_classes_are_refused(copy: Path, entries: dict[str, Any]) -> None:
    edit_index(copy, **entries)
    (copy / "my_pipeline.py").write_text("raise SystemExit('code from a model folder ran')")
    with pytest.raises(PolicyError):
        aigif.generate("a", model=copy, device="cpu")


def test_incomplete_folders(copy: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such folder"):
        open_folder(tmp_path / "nowhere")
    with pytest.raises(ModelError, match=r"model_index\.json is missing"):
        open_folder(tmp_path)
    (copy / "unet" / "diffusion_pytorch_model.safetensors").unlink()
    with pytest.raises(ModelError, match="no weights"):
        open_folder(copy)
    shutil.rmtree(copy / "unet")
    with pytest.raises(ModelError, match="missing"):
        open_folder(copy)


def test_a_variant_is_used_where_nothing_else_is_there(copy: Path) -> None:
    for path in list(copy.rglob("*.safetensors")):
        path.rename(path.with_suffix(".fp16.safetensors"))
    assert open_folder(copy).variant == "fp16"
    assert aigif.generate("a", model=copy, steps=1, device="cpu").image.size == (64, 64)


def test_parameters_are_counted_without_loading(sd: Path) -> None:
    from diffusers import UNet2DConditionModel

    unet = UNet2DConditionModel.from_pretrained(str(sd / "unet"))
    assert open_folder(sd).denoiser_parameters() == sum(part.numel() for part in unet.parameters())


def test_a_damaged_weight_file(copy: Path) -> None:
    weights = copy / "unet" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelError):
        aigif.generate("a", model=copy, device="cpu")


def test_a_registered_model_from_the_hub_cache(sd: Path) -> None:
    with pytest.raises(ModelError, match="not on this machine"):
        aigif.generate("a", model="stable-diffusion-v1-5", device="cpu")
    put_in_hub_cache(sd, commits=COMMITS)
    made = aigif.generate("a", model=SD15, steps=1, seed=1, device="cpu")
    assert made.aigif.model.model_id == 0
    assert made.aigif.model.revision.hex() == COMMITS[0][:8]
    assert made.aigif.model.weight_hash == b""
    recreated = aigif.recreate(aigif.loads(aigif.dumps(made.aigif)))
    assert recreated.image.tobytes() == made.image.tobytes()
    assert recreated.warnings == ()


def test_revisions(sd: Path) -> None:
    home = put_in_hub_cache(sd, commits=COMMITS)
    snapshots = home / "snapshots"
    assert find_snapshot(SD15) == snapshots / COMMITS[0]
    assert find_snapshot(SD15, bytes.fromhex("01ff")) == snapshots / COMMITS[1]
    assert find_snapshot(SD15, bytes.fromhex("01")) is None  # two fit
    assert find_snapshot(SD15, bytes.fromhex("02")) is None
    assert find_snapshot("../../etc") is None
    pinned = GenerativeModel(model_id=0, revision=bytes.fromhex("01ff"))
    with pytest.raises(ModelError, match="recorded is 01ff"):
        registry.resolve(pinned, folder=snapshots / COMMITS[0])
    assert registry.resolve(pinned, folder=snapshots / COMMITS[1]).warnings == ()
    assert "pins a revision" in registry.resolve(pinned, folder=sd).warnings[-1]


def test_downloads_happen_only_when_asked_for(sd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    asked: list[tuple[str, str | None, list[str]]] = []

    def snapshot(repository: str, *, revision: str | None, allow_patterns: list[str]) -> str:
        asked.append((repository, revision, allow_patterns))
        return str(put_in_hub_cache(sd) / "snapshots" / COMMITS[0])

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot)
    model = GenerativeModel(model_id=0, revision=bytes.fromhex(COMMITS[0]))
    with pytest.raises(ModelError, match="--download"):
        registry.resolve(model)
    assert asked == []
    assert registry.resolve(model, download=True).source == "hub cache"
    assert asked == [(SD15, COMMITS[0], WANTED)]
    (
        hub_cache() / f"models--{SD15.replace('/', '--')}" / "snapshots" / COMMITS[0] / "model_index.json"
    ).unlink()
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *_, **__: str(sd))
    assert registry.resolve(model, download=True).folder.path == sd  # the cached one was incomplete
    assert not any(pattern.endswith((".bin", ".py", ".ckpt", "*")) for pattern in WANTED)


def test_a_failed_download_is_one_typed_error(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def snapshot(*_: object, **__: object) -> str:
        raise OSError("no route to host")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot)
    with pytest.raises(ModelError, match="no route to host"):
        registry.resolve(GenerativeModel(model_id=0), download=True)


def test_models_that_no_table_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    unlisted = model_table.TABLE.code_of("unlisted")
    with pytest.raises(ModelError, match="--model DIR"):
        registry.resolve(GenerativeModel(model_id=unlisted or 0, model_name="mine"))
    with pytest.raises(ModelError, match="code 900"):
        registry.resolve(GenerativeModel(model_id=900))
    with pytest.raises(ModelError, match="aigif models"):
        aigif.generate("a", model="no-such-model", device="cpu")
    others = {name: rules for name, rules in ALLOWED.items() if name != "OmniGenPipeline"}
    monkeypatch.setattr(registry, "ALLOWED", others)
    with pytest.raises(PolicyError, match="OmniGenPipeline"):
        registry.resolve(GenerativeModel(model_id=model_table.TABLE.code_of("omnigen-v1") or 0))


def test_the_default_model_is_the_embedded_one(sd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "embedded_folder", lambda: sd)
    made = aigif.generate("a", steps=1, device="cpu")
    assert made.aigif.model.model_id == registry.EMBEDDED == 2
    assert made.aigif.model.weight_hash == b""
    assert aigif.recreate(made.aigif).verdict.grade == "bit-exact"  # type: ignore[union-attr]
    monkeypatch.setattr(registry, "embedded_folder", lambda: sd / "nowhere")
    with pytest.raises(ModelError, match="install aigif again"):
        aigif.recreate(made.aigif)


def test_the_list_of_models_needs_no_torch(sd: Path) -> None:
    put_in_hub_cache(sd)
    script = (
        "import sys; from aigif.runtime import models\n"
        "for model in models(): print(model.code, model.name, model.runnable, model.present is not None)\n"
        "assert not {'torch', 'diffusers', 'numpy', 'huggingface_hub'} & set(sys.modules)\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    lines = ran.stdout.splitlines()
    assert len(lines) == len(model_table.TABLE) - 1
    assert lines[0] == "0 stable-diffusion-v1-5 True True"
    assert "3 stable-diffusion-xl-base-1-0 True False" in lines


def test_allowed_classes_are_those_of_the_table() -> None:
    named = {model_table.TABLE.attribute(code, "pipeline") for code in model_table.TABLE}
    assert set(ALLOWED) <= named


def _never(*_: object, **__: object) -> None:
    raise AssertionError("this may not be called")
