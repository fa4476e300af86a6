"""VAEs of their own files, and textual inversions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aigif.errors import ModelError, PolicyError
from aigif.runtime.store.parts import load_vae, read_embedding
from tests.runtime.store import files, ldm, tinyfamilies

Made = Callable[[str], tuple[Any, Path, Path]]


@pytest.fixture(name="other", scope="module")
def _other() -> Any:
    """Another VAE than the made pipelines have."""
    return tinyfamilies.pipeline("sd1", seed=5).vae


@pytest.mark.parametrize("layout", ["CompVis", "diffusers", "prefixed", "folder"])
def test_a_vae_of_any_layout(made: Made, other: Any, tmp_path: Path, layout: str) -> None:
    import torch
    from safetensors.torch import save_file

    path = tmp_path / "vae.safetensors"
    if layout == "folder":
        path = tmp_path
        other.save_pretrained(str(path))
    else:
        prefix = "first_stage_model." if layout == "prefixed" else ""
        tensors = other.state_dict() if layout == "diffusers" else ldm.vae(other)
        save_file({prefix + name: part.contiguous().clone() for name, part in tensors.items()}, str(path))
    own = made("sdxl")[0].vae
    loaded = load_vae(path, own, "float32", "cpu")
    wanted, here = other.state_dict(), loaded.state_dict()
    assert list(wanted) == list(here) and all(torch.equal(wanted[name], here[name]) for name in wanted)
    if layout != "folder":
        assert loaded.config.scaling_factor == own.config.scaling_factor == 0.13025


def test_files_that_are_no_vae_for_the_model(made: Made, other: Any, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    own = made("sd1")[0].vae
    with pytest.raises(ModelError, match="no VAE that can be used: lora"):
        load_vae(files.lora(tmp_path / "a.safetensors"), own, "float32", "cpu")
    (tmp_path / "b.pt").write_bytes(b"")
    with pytest.raises(PolicyError):
        load_vae(tmp_path / "b.pt", own, "float32", "cpu")
    tensors = {name: part for name, part in ldm.vae(other).items() if "decoder.mid.block_2" not in name}
    save_file(
        {name: part.contiguous().clone() for name, part in tensors.items()}, str(tmp_path / "c.safetensors")
    )
    with pytest.raises(ModelError, match="VAE"):
        load_vae(tmp_path / "c.safetensors", own, "float32", "cpu")
    deep = {"decoder.conv_in.weight": (16, 16, 3, 3), "encoder.conv_in.weight": (8, 3, 3, 3)}
    with pytest.raises(ModelError, match="can't be loaded"):
        load_vae(files.write(tmp_path / "d.safetensors", deep), own, "float32", "cpu")
    with pytest.raises(ModelError, match="no VAE in the hub's layout"):
        load_vae(tmp_path, own, "float32", "cpu")


@pytest.mark.parametrize(
    ("shapes", "vectors"),
    [
        ({"emb_params": (3, 768)}, {"text_encoder": (3, 768)}),
        ({"clip_l": (2, 768), "clip_g": (2, 1280)}, {"text_encoder": (2, 768), "text_encoder_2": (2, 1280)}),
        ({"<cat>": (768,)}, {"text_encoder": (1, 768)}),
    ],
)
def test_textual_inversions(
    tmp_path: Path, shapes: dict[str, tuple[int, ...]], vectors: dict[str, tuple[int, ...]]
) -> None:
    import torch

    path = files.write(tmp_path / "Easy.safetensors", shapes, b"\x3c")
    found = read_embedding(path)
    assert found.name == "Easy"
    assert {name: tuple(part.shape) for name, part in found.vectors.items()} == vectors
    # 0x3c3c as a half: 1.00000111100 in binary
    assert all(
        part.dtype == torch.float32 and (part == 1 + 60 / 1024).all() for part in found.vectors.values()
    )


def test_what_is_no_textual_inversion(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no textual inversion but: lora"):
        read_embedding(files.lora(tmp_path / "a.safetensors"))
    (tmp_path / "b.pt").write_bytes(b"")
    with pytest.raises(PolicyError, match="pickled"):
        read_embedding(tmp_path / "b.pt")
    with pytest.raises(ModelError, match="list of vectors"):
        read_embedding(files.write(tmp_path / "c.safetensors", {"emb_params": (2, 2, 768)}))
