"""LyCORIS adapters: LoHa, LoKr and full differences, added to a pipeline's weights for as long as a run takes.

diffusers 0.42 reads LoKr for some transformers and no LoHa. AUTOMATIC1111 (extensions-builtin/Lora/network_hada.py,
network_lokr.py, network_full.py) and ComfyUI (comfy/weight_adapter/) add the update to the weights, and so does this:

- LoHa: (w1a w1b) o (w2a w2b), elementwise, times alpha / rank (Hyeon-Woo et al. 2021, FedPara, proposition 1).
- LoKr: the Kronecker product of w1 and w2, each whole or a product of two; times alpha / rank where one is a product
  (Yeh et al. 2023, "Navigating Text-To-Image Customization", section 3).
- t1, t2: the core of a Tucker decomposition, for convolutions (FedPara, proposition 3).

The update is computed in float32 and added in the type of the weights.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigif.errors import CorruptError, ModelError
from aigif.runtime.store.header import read_header
from aigif.runtime.store.recognise import Kind, recognise
from aigif.runtime.torchlib import require
from aigif.weights import Tensor, decode

__all__ = ["Lycoris", "merged", "read_lycoris"]

FORMS = ("LoHa", "LoKr", "full difference")
_MOST_BYTES = 8 << 30
_PREFIXES = ("lora_", "lycoris_")
_COMPONENTS = {
    "unet": ("unet_", "unet"),
    "te1": ("te1_", "text_encoder"),
    "te2": ("te2_", "text_encoder_2"),
    "te": ("te_", "text_encoder"),
    "transformer": ("transformer_", "transformer"),
}
_PARTS = re.compile(
    r"hada_(w[12]_[ab]|t[12])|lokr_(w[12](_[ab])?|t2)|diff(_b)?|alpha",
)
_RESNET = {
    "in_layers_0": "norm1",
    "in_layers_2": "conv1",
    "emb_layers_1": "time_emb_proj",
    "out_layers_0": "norm2",
    "out_layers_3": "conv2",
    "skip_connection": "conv_shortcut",
}


@dataclass(frozen=True, slots=True)
class Lycoris:
    """An adapter that was read: for each layer, by the name that the file has for it, the parts of its update."""

    layers: Mapping[str, Mapping[str, Tensor]]
    path: Path


def read_lycoris(path: Path) -> Lycoris:
    """A LyCORIS adapter from its safetensors file.

    Raises PolicyError for a pickle, ModelError for what is none, or is of a form other than LoHa, LoKr and full
    differences, or holds parts that these have not.
    """
    found = recognise(read_header(path))
    if found.kind != Kind.LYCORIS or found.detail not in FORMS:
        what = found.detail if found.kind == Kind.LYCORIS else found.refused or str(found.kind)
        raise _refused(path, f"it is {what}; LyCORIS adapters are applied as {', '.join(FORMS)}")
    try:
        tensors = decode(path.read_bytes(), 0, _MOST_BYTES)
    except (CorruptError, OSError) as error:
        raise _refused(path, f"it can't be read: {error}") from error
    layers: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        layer, _, part = name.partition(".")
        if not _PARTS.fullmatch(part):
            raise _refused(path, f"it has a part {part[:60]!r}, which none of them has")
        layers.setdefault(layer, {})[part] = tensor
    return Lycoris(layers, path)


@contextlib.contextmanager
def merged(pipe: Any, adapter: Lycoris, weight: float, text_weight: float) -> Iterator[list[str]]:
    """Have the adapter in a pipeline's weights, the denoiser's times `weight`, the text models' times `text_weight`.

    Gives a list of warnings. The weights are put back, bit for bit, when the block is left.
    Raises ModelError where no layer of the model fits, or the shape of one doesn't.
    """
    torch = require("torch")
    modules = _modules(pipe)
    kept: list[tuple[Any, Any]] = []
    lacking = [name for name in adapter.layers if name not in modules]
    if len(lacking) == len(adapter.layers):
        raise _refused(adapter.path, "none of its layers is one of the model's")
    warnings = []
    if lacking:
        warnings.append(
            f"{len(lacking)} of the adapter's {len(adapter.layers)} layers are not in the model, the first of them "
            f"{lacking[0][:100]}"
        )
    try:
        with torch.no_grad():
            for name, parts in adapter.layers.items():
                if name in modules:
                    component, module = modules[name]
                    scale = text_weight if component.startswith("text_encoder") else weight
                    _add(module, name, parts, scale, kept, adapter.path)
        yield warnings
    finally:
        with torch.no_grad():
            for parameter, before in reversed(kept):
                parameter.copy_(before)


def _add(
    module: Any, name: str, parts: Mapping[str, Tensor], scale: float, kept: list[tuple[Any, Any]], path: Path
) -> None:
    numbers = {part: tensor.to_torch().float() for part, tensor in parts.items()}
    updates = [("weight", _update(numbers, tuple(module.weight.shape), name, path))]
    if "diff_b" in numbers:
        updates.append(("bias", numbers["diff_b"]))
    for attribute, update in updates:
        parameter = getattr(module, attribute, None)
        if update is None:
            continue
        if parameter is None or update.numel() != parameter.numel():
            raise _refused(path, f"the update of {name[:100]} has another shape than the model's layer")
        kept.append((parameter, parameter.detach().clone()))
        update = update.reshape(parameter.shape).to(parameter.device)
        parameter.copy_((parameter.float() + scale * update).to(parameter.dtype))


def _update(parts: Mapping[str, Any], shape: tuple[int, ...], name: str, path: Path) -> Any:
    """What is added to a layer's weight of `shape` at weight 1; None for a layer whose bias alone is changed."""
    try:
        if "hada_w1_a" in parts:
            first = _product(parts, "hada_w1_a", "hada_w1_b", "hada_t1")
            second = _product(parts, "hada_w2_a", "hada_w2_b", "hada_t2")
            return first.reshape(shape) * second.reshape(shape) * _scale(parts, parts["hada_w1_b"].shape[0])
        if "lokr_w1" in parts or "lokr_w1_a" in parts:
            return _kronecker(parts, shape)
        if "diff" in parts or "diff_b" in parts:
            return parts.get("diff")
    except (KeyError, RuntimeError) as error:
        raise _refused(
            path, f"the update of {name[:100]} is incomplete or has another shape: {error}"
        ) from error
    raise _refused(path, f"the layer {name[:100]} lacks its parts")


def _kronecker(parts: Mapping[str, Any], shape: tuple[int, ...]) -> Any:
    torch = require("torch")
    first, second = parts.get("lokr_w1"), parts.get("lokr_w2")
    rank = 0
    if first is None:
        first = parts["lokr_w1_a"] @ parts["lokr_w1_b"]
        rank = parts["lokr_w1_b"].shape[0]
    if second is None:
        second = _product(parts, "lokr_w2_a", "lokr_w2_b", "lokr_t2")
        rank = parts["lokr_w2_b"].shape[0]
    first = first.reshape(*first.shape, *[1] * (second.ndim - 2))
    return torch.kron(first.contiguous(), second.contiguous()).reshape(shape) * (
        _scale(parts, rank) if rank else 1.0
    )


def _product(parts: Mapping[str, Any], left: str, right: str, core: str) -> Any:
    if core not in parts:
        return parts[left] @ parts[right]
    torch = require("torch")
    return torch.einsum("ij...,ip,jr->pr...", parts[core], parts[left], parts[right])


def _scale(parts: Mapping[str, Any], rank: int) -> float:
    return float(parts["alpha"]) / rank if "alpha" in parts else 1.0


def _modules(pipe: Any) -> dict[str, tuple[str, Any]]:
    """The layers of a pipeline under the names that trainers give them, with the component of each."""
    found: dict[str, tuple[str, Any]] = {}
    for short, component in _COMPONENTS.values():
        part = getattr(pipe, component, None)
        if part is None:
            continue
        for path, module in part.named_modules():
            if getattr(module, "weight", None) is None:
                continue
            plain = path.replace(".", "_")
            names = [plain]
            if component.startswith("text_encoder"):
                # transformers 5 dropped the inner text_model; trainers' names have it.
                names = [plain, f"text_model_{plain}"]
            elif component == "unet":
                names.append(_stability_name(path, part.config.layers_per_block))
            found |= {f"{prefix}{short}{name}": (component, module) for prefix in _PREFIXES for name in names}
            found |= {
                f"{prefix}{name}": (component, module) for prefix in _PREFIXES[1:] for name in names[:1]
            }
    return found


def _stability_name(path: str, layers: int) -> str:
    """The name of a UNet's layer in Stability's generative-models, as trainers of SDXL give it."""
    match = re.fullmatch(r"(down|up|mid)_blocks?(?:\.(\d+))?\.(\w+)\.(\d+)(?:\.(.+))?", path)
    if match is None:
        return path.replace(".", "_")
    side, part, index = match[1], match[3], int(match[4])
    block, rest = int(match[2] or 0), (match[5] or "").replace(".", "_")
    for theirs, ours in _RESNET.items():
        if part == "resnets" and rest == ours:
            rest = theirs
    if side == "mid":
        return f"middle_block_{1 if part == 'attentions' else 2 * index}_{rest}"
    at = 1 if part == "attentions" else 0
    if side == "down":
        if part == "downsamplers":
            return f"input_blocks_{(block + 1) * (layers + 1)}_0_op"
        return f"input_blocks_{block * (layers + 1) + index + 1}_{at}_{rest}"
    if part == "upsamplers":
        return f"output_blocks_{block * (layers + 1) + layers}_2_conv"
    return f"output_blocks_{block * (layers + 1) + index}_{at}_{rest}"


def _refused(path: Path, problem: str) -> ModelError:
    return ModelError(
        f"the adapter can't be applied: {problem}",
        file=str(path),
        element="model.adapters",
        hint="use an adapter that was made for this model",
    )
