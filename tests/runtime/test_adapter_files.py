"""What a LoRA's file may hold: safetensors, plain names, and a configuration that peft can be trusted with."""

from __future__ import annotations

import json
import pickle
import struct
from pathlib import Path

import pytest
import torch

import aigif
from aigif._gen.container import WEIGHTS_SECTION
from aigif.errors import CorruptError, ModelError, PolicyError
from aigif.file import with_section
from aigif.runtime.adapterfile import SETTINGS, from_payload
from aigif.weights import Tensor, decode, encode, read_metadata
from tests.runtime import tiny
from tests.runtime.test_adapters import make


@pytest.fixture(scope="module", name="lora")
def _lora(sd: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save_lora(sd, tmp_path_factory.mktemp("lora") / "style.safetensors")


def test_pickles_are_refused(sd: Path, lora: Path, tmp_path: Path) -> None:
    pickled, zipped, ending = tmp_path / "a.safetensors", tmp_path / "b.safetensors", tmp_path / "c.BIN"
    pickled.write_bytes(pickle.dumps({"unet.lora_A.weight": [1.0]}))
    torch.save({"unet.lora_A.weight": torch.ones(1)}, zipped)
    ending.write_bytes(lora.read_bytes())
    for path in (pickled, zipped, ending):
        with pytest.raises(PolicyError, match="pickled") as caught:
            make(sd, adapter=path)
        assert (caught.value.exit_code, caught.value.file) == (6, str(path))


def test_files_that_are_no_adapter(sd: Path, lora: Path, tmp_path: Path) -> None:
    data = lora.read_bytes()
    for name, content in (
        ("missing", None),
        ("cut", data[:-1]),
        ("text", b"nothing of the kind"),
        ("empty", encode({}, 0)),
        ("unfit", encode({"unet.nowhere.lora_A.weight": Tensor("F32", (1, 1), bytes(4))}, 0)),
        ("other", encode({"conv_in.weight": Tensor("F32", (1, 1), bytes(4))}, 0)),
    ):
        path = tmp_path / f"{name}.safetensors"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(ModelError) as caught:
            make(sd, adapter=path)
        assert type(caught.value) is ModelError


def test_a_damaged_section_is_corrupt(sd: Path, lora: Path) -> None:
    kept = make(sd, adapter=lora, save_adapter="none").aigif
    with pytest.raises(CorruptError, match="saved weights"):
        aigif.recreate(with_section(kept, WEIGHTS_SECTION, lora.read_bytes()[:-1]), model=sd)


def test_half_a_pair_is_refused_and_a_stray_layer_is_said(sd: Path, lora: Path, tmp_path: Path) -> None:
    payload = lora.read_bytes()
    tensors, metadata = decode(payload, 0, 2**30), read_metadata(payload)
    halves = {name: tensor for name, tensor in tensors.items() if "unet" not in name or ".down." in name}
    assert 0 < len(halves) < len(tensors)
    stray = dict(tensors)
    for side in ("down", "up"):
        like = next(tensor for name, tensor in tensors.items() if f".{side}." in name)
        stray[f"unet.nowhere.to_q.lora.{side}.weight"] = like
    path = tmp_path / "changed.safetensors"
    path.write_bytes(encode(halves, 0, metadata))
    with pytest.raises(ModelError, match="does not fit"):
        make(sd, adapter=path)
    path.write_bytes(encode(stray, 0, metadata))
    assert "numbers belong to layers of the model" in make(sd, adapter=path).warnings[0]


@pytest.mark.parametrize(
    "settings",
    [
        "no json",
        "[1]",
        "[" * 100_000,
        '{"unet.megatron_config": {"a": 1}}',
        '{"unet.use_dora": true}',
        '{"unet.r": "2"}',
        '{"unet.lora_alpha": NaN}',
        '{"unet.target_modules": "(a+)+$"}',
        '{"unet.target_modules": ["(a+)+$"]}',
        '{"unet.rank_pattern": {"(a+)+$": 2}}',
        '{"unet.use_rslora": 1}',
    ],
)
def test_a_configuration_that_no_lora_needs_is_refused(settings: str) -> None:
    tensor = {"unet.a.lora_A.weight": Tensor("F32", (1, 1), bytes(4))}
    with pytest.raises(ModelError, match="no LoRA that this version applies"):
        from_payload(encode(tensor, 0, {SETTINGS: settings}), 0, 100)


def test_names_that_are_patterns_are_refused() -> None:
    payload = encode({"unet.(a+)+$.lora_A.weight": Tensor("F32", (1, 1), bytes(4))}, 0)
    with pytest.raises(ModelError, match="a tensor is called"):
        from_payload(payload, 0, 100)


def test_values_that_change_nothing_are_dropped() -> None:
    tensor = {"unet.a.lora_A.weight": Tensor("F32", (1, 1), bytes(4))}
    given = {"unet.r": 2, "unet.megatron_core": "os", "unet.use_dora": False, "unet.eva_config": {"rho": 1}}
    found = from_payload(encode(tensor, 0, {SETTINGS: json.dumps(given), "author": "x"}), 0, 100)
    assert found.settings == '{"unet.r": 2}'


@pytest.mark.parametrize("layout", ["older", "kohya"])
def test_the_names_that_other_programs_write(sd: Path, lora: Path, tmp_path: Path, layout: str) -> None:
    """Text models used to have an inner `text_model`; kohya's scripts write names with underscores, and the scale as
    a tensor."""
    payload = lora.read_bytes()
    tensors, metadata = decode(payload, 0, 2**30), read_metadata(payload)
    if layout == "older":
        renamed = {
            name.replace("text_encoder.", "text_encoder.text_model."): t for name, t in tensors.items()
        }
    else:
        renamed, metadata = _as_kohya(tensors), {}
    assert len(renamed.keys() - tensors.keys()) >= 8
    path = tmp_path / "style.safetensors"
    path.write_bytes(encode(renamed, 0, metadata))
    expected = make(sd, adapter=lora)
    for compressor in (None, "int8"):
        made = make(sd, adapter=path, save_adapter=compressor)
        assert made.warnings == ()
        assert (made.image.tobytes() == expected.image.tobytes()) is (compressor is None)
        again = aigif.recreate(made.aigif, model=sd, adapter=None if compressor else path)
        assert again.image.tobytes() == made.image.tobytes()


def _as_kohya(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    renamed = {}
    for name, tensor in tensors.items():
        side = "down" if ".down." in name else "up"
        layer = name.partition(".lora")[0]
        layer = layer.replace("text_encoder.", "lora_te_text_model.").replace("unet.", "lora_unet.")
        layer = layer.replace(".", "_")
        renamed[f"{layer}.lora_{side}.weight"] = tensor
        renamed[f"{layer}.alpha"] = Tensor("F32", (), struct.pack("<f", 4.0))
    return renamed


@pytest.mark.parametrize("family", ["sdxl", "sd3", "flux"])
def test_every_pipeline_takes_one(family: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    model: Path = request.getfixturevalue(family)
    part = "unet" if family == "sdxl" else "transformer"
    torch.manual_seed(0)
    tensors = {}
    weights = (model / part / "diffusion_pytorch_model.safetensors").read_bytes()
    for name, tensor in decode(weights, 0, 2**30).items():
        if name.endswith(".to_q.weight"):
            layer, (rows, columns) = f"{part}.{name.removesuffix('.weight')}", tensor.shape
            tensors[f"{layer}.lora_A.weight"] = torch.randn(2, columns)
            tensors[f"{layer}.lora_B.weight"] = torch.randn(rows, 2)
    path = tmp_path / "style.safetensors"
    path.write_bytes(encode(tensors, 0))
    made = make(model, adapter=path, adapter_weight=2.0, save_adapter="int8", height=64, width=64)
    assert made.warnings == ()
    assert made.image.tobytes() != make(model, height=64, width=64).image.tobytes()
    again = aigif.recreate(aigif.loads(aigif.dumps(made.aigif)), model=model)
    assert again.image.tobytes() == made.image.tobytes()
