"""What stands beside a model: a VAE, LyCORIS, textual inversions, a refiner; given, or found in the store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

import aigif
from aigif._gen.enums import AdapterKind
from aigif._gen.types import Refiner
from aigif.errors import ModelError
from aigif.runtime.generate import Generated
from aigif.runtime.honour import NotHonouredError
from aigif.runtime.store import scan
from aigif.runtime.store.index import read_index, write_index
from tests.runtime import tiny


def make(folder: Path, prompt: str = "a house", **options: Any) -> Generated:
    settings = {"seed": 1, "steps": 2, "height": 64, "width": 64, "device": "cpu", "threads": 1}
    return aigif.generate(prompt, model=folder, **settings | options)  # type: ignore[arg-type]


def put_in_store(*paths: Path) -> None:
    index, report = scan.add(read_index(), paths)
    assert not report.skipped
    write_index(index)


@pytest.fixture(name="vae")
def _vae(tmp_path: Path) -> Path:
    """A VAE of other weights, as the hub keeps one."""
    from diffusers import AutoencoderKL

    other = tiny.save_sd(tmp_path / "other", seed=9)
    folder = tmp_path / "soft-vae"
    AutoencoderKL.from_pretrained(other / "vae").save_pretrained(folder)
    path = tmp_path / "soft.safetensors"
    (folder / "diffusion_pytorch_model.safetensors").rename(path)
    return path


def test_a_vae_of_its_own_comes_from_the_store(sd: Path, vae: Path) -> None:
    plain = make(sd)
    named = plain.aigif.replace(model=plain.aigif.model.replace(vae_name="soft"))
    with pytest.raises(NotHonouredError, match="not in the store"):
        aigif.recreate(named, model=sd)
    assert aigif.recreate(named, model=sd, approximate=True).image.tobytes() == plain.image.tobytes()
    put_in_store(vae)
    other = aigif.recreate(named, model=sd)
    assert other.image.tobytes() != plain.image.tobytes()
    assert any("name" in warning for warning in other.warnings)
    assert make(sd).image.tobytes() == plain.image.tobytes()


def test_a_vae_with_another_hash_is_refused(sd: Path, vae: Path) -> None:
    put_in_store(vae)
    model = make(sd).aigif.model.replace(vae_name="soft", vae_hash=b"\1\2\3\4\5")
    with pytest.raises(ModelError):
        aigif.recreate(make(sd).aigif.replace(model=model), model=sd)


@pytest.fixture(name="word")
def _word(tmp_path: Path) -> Path:
    path = tmp_path / "dusky.safetensors"
    torch.manual_seed(2)
    save_file({"emb_params": torch.randn(2, 32)}, path)
    return path


@pytest.mark.parametrize("dialect", ["plain", "a1111"])
def test_a_textual_inversion(sd: Path, word: Path, dialect: str) -> None:
    settings = {"prompt": "a dusky house", "prompt_dialect": dialect}
    plain, taught = make(sd, **settings), make(sd, **settings, adapter=word)
    assert taught.aigif.model.adapters[0].kind == AdapterKind.TEXTUAL_INVERSION
    assert taught.image.tobytes() != plain.image.tobytes()
    assert aigif.recreate(taught.aigif, model=sd, adapter=word).image.tobytes() == taught.image.tobytes()
    with pytest.raises(ModelError, match="dusky"):
        aigif.recreate(taught.aigif, model=sd)
    put_in_store(word)
    assert aigif.recreate(taught.aigif, model=sd).image.tobytes() == taught.image.tobytes()
    assert make(sd, **settings).image.tobytes() == plain.image.tobytes()


def test_a_lycoris(sd: Path, tmp_path: Path) -> None:
    path = tmp_path / "swirl.safetensors"
    torch.manual_seed(3)
    layer = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn1_to_q"
    parts = {"hada_w1_a": (32, 2), "hada_w1_b": (2, 32), "hada_w2_a": (32, 2), "hada_w2_b": (2, 32)}
    save_file({f"{layer}.{part}": torch.randn(*shape) for part, shape in parts.items()}, path)
    plain, swirled = make(sd), make(sd, adapter=path, adapter_weight=0.5)
    assert swirled.aigif.model.adapters[0].kind == AdapterKind.LYCORIS
    assert swirled.image.tobytes() != plain.image.tobytes()
    assert aigif.recreate(swirled.aigif, model=sd, adapter=path).image.tobytes() == swirled.image.tobytes()


@pytest.mark.parametrize("dialect", ["plain", "a1111"])
def test_a_refiner_from_the_store(tmp_path: Path, dialect: str) -> None:
    from tests.runtime.tinymodels import BUILDERS

    base = tiny.save_sdxl(tmp_path / "base")
    refiner = BUILDERS["StableDiffusionXLImg2ImgPipeline"](tmp_path / "refiner")
    settings = {"prompt_dialect": dialect, "steps": 4}
    plain = make(base, **settings)
    with pytest.raises(NotHonouredError, match="not on this machine"):
        make(base, **settings, refiner=Refiner(name="refiner", switch_at=0.5))
    put_in_store(refiner)
    refined = make(base, **settings, refiner=Refiner(name="refiner", switch_at=0.5))
    assert refined.image.tobytes() != plain.image.tobytes()
    assert aigif.recreate(refined.aigif, model=base).verdict.grade == "bit-exact"  # type: ignore[union-attr]
