"""LyCORIS updates against peft's layers and the published products in float64; weights are put back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aigif.errors import ModelError
from aigif.runtime.store.lycoris import merged, read_lycoris
from tests.runtime.store import files, ldm

Made = Callable[[str], tuple[Any, Path, Path]]
ATTENTION = "up_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q"
CONVOLUTION = "up_blocks.0.resnets.0.conv1"


def named(path: str, prefix: str = "lora_unet_") -> str:
    return prefix + path.replace(".", "_")


def save(path: Path, tensors: dict[str, Any]) -> Path:
    from safetensors.torch import save_file

    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, str(path))
    return path


def rand(*shape: int) -> Any:
    import torch

    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)))


def change(pipe: Any, path: str, file: Path, weight: float = 1.0) -> np.ndarray[Any, Any]:
    """What the adapter adds to a layer of the UNet, in float64; checks that it is put back."""
    module = pipe.unet.get_submodule(path)
    before = module.weight.detach().clone()
    with merged(pipe, read_lycoris(file), weight, 0.0) as warnings:
        inside = module.weight.detach().clone()
    assert warnings == []
    assert module.weight.equal(before)
    return inside.double().numpy() - before.double().numpy()


@pytest.mark.parametrize("path", [ATTENTION, CONVOLUTION])
def test_loha_is_the_product_of_two_products(made: Made, tmp_path: Path, path: str) -> None:
    pipe = made("sd1")[0]
    out, inner, *kernel = pipe.unet.get_submodule(path).weight.shape
    inner *= int(np.prod(kernel))
    parts = {
        "w1_a": rand(out, 2),
        "w1_b": rand(2, inner),
        "w2_a": rand(out, 2) + 1,
        "w2_b": rand(2, inner) - 1,
    }
    tensors = {f"{named(path)}.hada_{name}": part for name, part in parts.items()}
    file = save(tmp_path / "a.safetensors", tensors | {f"{named(path)}.alpha": rand() * 0 + 1.0})
    real = {name: part.double().numpy() for name, part in parts.items()}
    wanted = (real["w1_a"] @ real["w1_b"]) * (real["w2_a"] @ real["w2_b"]) * (1.0 / 2) * 0.7
    found = change(pipe, path, file, 0.7)
    np.testing.assert_allclose(found.reshape(wanted.shape), wanted, atol=2e-6, rtol=1e-5)


def test_loha_and_lokr_are_what_peft_computes(tmp_path: Path) -> None:
    # In layers so large that LoKr's second factor is a product: of two whole factors peft scales the product, LyCORIS
    # doesn't.
    import torch
    from peft import LoHaConfig, LoKrConfig, inject_adapter_in_model

    for config, kind in (
        (LoHaConfig(r=3, alpha=6, target_modules=["conv", "line"], init_weights=False), "hada"),
        (
            LoHaConfig(r=3, alpha=6, target_modules=["conv"], init_weights=False, use_effective_conv2d=True),
            "hada",
        ),
        (LoKrConfig(r=2, alpha=6, target_modules=["conv", "line"], init_weights=False), "lokr"),
        (
            LoKrConfig(r=2, alpha=6, target_modules=["conv"], init_weights=False, use_effective_conv2d=True),
            "lokr",
        ),
    ):
        torch.manual_seed(1)
        net = torch.nn.ModuleDict({"conv": torch.nn.Conv2d(32, 48, 3), "line": torch.nn.Linear(64, 48)})
        plain = {name: module.weight.detach().clone() for name, module in net.items()}
        inject_adapter_in_model(config, net)
        tensors, wanted = {}, {}
        for name in config.target_modules:
            layer = net[name]
            wanted[name] = layer.get_delta_weight("default").detach()
            for key, value in layer.named_parameters():
                if f"{kind}_" in key:
                    tensors[f"lora_unet_{name}.{key.removesuffix('.default')}"] = value.detach()
            tensors[f"lora_unet_{name}.alpha"] = torch.tensor(6.0)
        bare = torch.nn.Module()
        bare.unet = torch.nn.ModuleDict({name: net[name].base_layer for name in wanted})
        bare.unet.config = type("Config", (), {"layers_per_block": 1})
        with merged(bare, read_lycoris(save(tmp_path / "a.safetensors", tensors)), 1.0, 1.0):
            for name, update in wanted.items():
                found = bare.unet[name].weight.detach() - plain[name]
                torch.testing.assert_close(found, update.reshape(found.shape), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("whole", [True, False])
def test_lokr_is_the_kronecker_product(made: Made, tmp_path: Path, whole: bool) -> None:
    pipe = made("sd1")[0]
    out, inner = pipe.unet.get_submodule(ATTENTION).weight.shape
    first, left, right = rand(4, 8), rand(out // 4, 2), rand(2, inner // 8)
    second = left @ right
    tensors = {"lokr_w1": first, "alpha": rand() * 0 + 6.0}
    tensors |= {"lokr_w2": second} if whole else {"lokr_w2_a": left, "lokr_w2_b": right}
    file = save(
        tmp_path / "a.safetensors", {f"{named(ATTENTION)}.{name}": part for name, part in tensors.items()}
    )
    scale = 1.0 if whole else 6.0 / 2
    wanted = np.kron(first.double().numpy(), left.double().numpy() @ right.double().numpy()) * scale
    np.testing.assert_allclose(change(pipe, ATTENTION, file), wanted, atol=2e-5, rtol=1e-5)


def test_a_full_difference_and_stabilitys_names(made: Made, tmp_path: Path) -> None:
    pipe = made("sdxl")[0]
    for path, module in pipe.unet.named_modules():
        weight = getattr(module, "weight", None)
        if weight is None or ".norm" in path or "_norm" in path or "embedding" in path or "." not in path:
            continue
        theirs = ldm._unet_name(f"{path}.weight", 1).removesuffix(".weight")
        name = "lora_unet_" + theirs.replace(".", "_")
        file = save(tmp_path / "a.safetensors", {f"{name}.diff": weight.detach() * 0 + 0.5})
        np.testing.assert_allclose(change(pipe, path, file), 0.5, atol=1e-6)


def test_text_models_have_their_own_weight(made: Made, tmp_path: Path) -> None:
    pipe = made("sdxl")[0]
    layers = {"te1_text_model": pipe.text_encoder, "te2_text_model": pipe.text_encoder_2.text_model}
    tensors, modules = {}, {}
    for name, encoder in layers.items():
        modules[name] = encoder.get_submodule("encoder.layers.0.mlp.fc1")
        full = f"lora_{name}_encoder_layers_0_mlp_fc1"
        tensors[f"{full}.diff"] = modules[name].weight.detach() * 0 + 1.0
        tensors[f"{full}.diff_b"] = modules[name].bias.detach() * 0 + 2.0
    before = {name: (m.weight.detach().clone(), m.bias.detach().clone()) for name, m in modules.items()}
    with merged(pipe, read_lycoris(save(tmp_path / "a.safetensors", tensors)), 100.0, 0.25):
        for name, module in modules.items():
            np.testing.assert_allclose((module.weight - before[name][0]).detach().numpy(), 0.25, atol=1e-6)
            np.testing.assert_allclose((module.bias - before[name][1]).detach().numpy(), 0.5, atol=1e-6)
    assert all(
        m.weight.equal(before[name][0]) and m.bias.equal(before[name][1]) for name, m in modules.items()
    )


def test_what_does_not_fit(made: Made, tmp_path: Path) -> None:
    pipe = made("sd1")[0]
    with pytest.raises(ModelError, match="it is lora"):
        read_lycoris(files.lora(tmp_path / "a.safetensors"))
    with pytest.raises(ModelError, match="it is OFT"):
        read_lycoris(files.write(tmp_path / "b.safetensors", {"lora_unet_x.oft_blocks": (2, 2, 2)}))
    nowhere = files.write(tmp_path / "c.safetensors", {"lora_unet_nowhere.diff": (2, 2)})
    with pytest.raises(ModelError, match="none of its layers"), merged(pipe, read_lycoris(nowhere), 1, 1):
        pass
    small = files.write(tmp_path / "d.safetensors", {f"{named(ATTENTION)}.diff": (2, 2)})
    with pytest.raises(ModelError, match="another shape"), merged(pipe, read_lycoris(small), 1, 1):
        pass
    half = files.write(tmp_path / "e.safetensors", {f"{named(ATTENTION)}.hada_w1_a": (32, 2)})
    with pytest.raises(ModelError, match="incomplete"), merged(pipe, read_lycoris(half), 1, 1):
        pass
    side = pipe.unet.get_submodule(ATTENTION).weight.shape
    both = {f"{named(ATTENTION)}.diff": tuple(side), "lora_unet_nowhere.diff": (2, 2)}
    with merged(pipe, read_lycoris(files.write(tmp_path / "f.safetensors", both)), 1, 1) as warnings:
        assert "1 of the adapter's 2 layers" in warnings[0]
