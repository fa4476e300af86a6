"""The LoRA adapters on a pipeline: which file each came from, and with which weight it acts, in the order in which
they are added up."""

from __future__ import annotations

import hashlib
import math
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aigif._gen.types import Adapter
from aigif.errors import AigifError
from aigif.runtime.adapterchoice import choose_adapters
from aigif.runtime.recording.identity import networks
from aigif.runtime.recording.reasons import Reasons
from aigif.runtime.torchlib import quiet, require

__all__ = ["adapters_of"]

_DECIMALS = (2, 4, 6, 17)


@dataclass(slots=True)
class _Active:
    """What one adapter does to the parts of a pipeline."""

    matrices: Counter[bytes] = field(default_factory=Counter)
    types: set[Any] = field(default_factory=set)
    weights: dict[bool, set[float]] = field(default_factory=dict)
    """By whether the part is a text model."""


def adapters_of(pipe: Any, files: Sequence[str | os.PathLike[str]], reasons: Reasons) -> tuple[Adapter, ...]:
    """The adapters that act on `pipe`, each known by the file among `files` that holds its very numbers."""
    active: dict[str, _Active] = {}
    for name, part in networks(pipe):
        if getattr(part, "peft_config", None):
            _collect(name, part, active, reasons)
    unknown = dict(active)
    found: dict[str, Adapter] = {}
    for file in files:
        found.update(_of_file(pipe, Path(file), unknown, reasons))
    for name in unknown:
        reasons.add(
            f"adapter {name}",
            "it is on the model, and a file can name it only by the hash of its own file; give that file "
            "(adapters=[...]), or take the adapter off (unload_lora_weights)",
        )
    return tuple(found[name] for name in active if name in found)


def _of_file(pipe: Any, file: Path, unknown: dict[str, _Active], reasons: Reasons) -> dict[str, Adapter]:
    what = f"adapter {file.name}"
    try:
        record = choose_adapters([file], [], None).records[0]
    except AigifError as error:
        reasons.add_error(error, what)
        return {}
    tensors = _tensors(pipe, file)
    name = next((name for name, entry in unknown.items() if _holds(tensors, entry)), None)
    if name is None:
        reasons.add(what, "no adapter that acts on the model has its numbers")
        return {}
    weights = unknown.pop(name).weights
    if any(len(values) > 1 for values in weights.values()):
        reasons.add(what, "its weight differs from layer to layer")
        return {}
    on_network = next(iter(weights.get(False, weights.get(True, {1.0}))))
    on_text = next(iter(weights.get(True, {on_network})))
    return {name: record.replace(weight=on_network, text_weight=on_text)}


def _collect(name: str, part: Any, active: dict[str, _Active], reasons: Reasons) -> None:
    layer_class = require("peft.tuners.lora", "looking at adapters").LoraLayer
    tuner_class = require("peft.tuners.tuners_utils").BaseTunerLayer
    for layer in part.modules():
        if not isinstance(layer, tuner_class):
            continue
        if layer.merged:
            reasons.add(f"pipe.{name}", "an adapter is fused with its weights; call unfuse_lora()")
        if layer.disable_adapters:
            continue
        for adapter in layer.active_adapters:
            if not isinstance(layer, layer_class) or layer.use_dora.get(adapter, False):
                reasons.add(f"adapter {adapter}", "it is no plain LoRA")
            elif adapter in layer.scaling and layer.scaling[adapter] != 0:
                _add(active.setdefault(adapter, _Active()), layer, adapter, name.startswith("text_encoder"))


def _add(entry: _Active, layer: Any, adapter: str, text: bool) -> None:
    for matrix in _matrices(layer, adapter):
        entry.matrices[_digest(matrix)] += 1
        entry.types.add(matrix.dtype)
    entry.weights.setdefault(text, set()).add(_weight(layer, adapter))


def _matrices(layer: Any, adapter: str) -> Iterator[Any]:
    for holder in (layer.lora_A, layer.lora_B):
        if adapter in holder:
            yield holder[adapter].weight.detach()


def _weight(layer: Any, adapter: str) -> float:
    # peft keeps weight x alpha / rank (Hu et al. 2021, section 4.1); the weight that was meant has few decimals.
    scaling, rank = layer.scaling[adapter], layer.r[adapter]
    whole = layer.lora_alpha[adapter] / (math.sqrt(rank) if _stabilised(layer, adapter) else rank)
    for decimals in _DECIMALS:
        weight = round(scaling / whole, decimals)
        if weight * whole == scaling:
            return float(weight)
    return float(scaling / whole)


def _stabilised(layer: Any, adapter: str) -> bool:
    chosen = getattr(layer, "use_rslora", {})
    return bool(chosen.get(adapter, False)) if isinstance(chosen, dict) else bool(chosen)


def _tensors(pipe: Any, file: Path) -> list[Any]:
    with quiet():
        read = pipe.lora_state_dict(
            str(file.parent), weight_name=file.name, use_safetensors=True, local_files_only=True
        )
    tensors = read[0] if isinstance(read, tuple) else read
    return [tensor for tensor in tensors.values() if tensor.ndim > 1]


def _holds(tensors: list[Any], entry: _Active) -> bool:
    for dtype in entry.types:
        here = Counter(_digest(tensor.to(dtype)) for tensor in tensors)
        if entry.matrices <= here:
            return True
    return False


def _digest(matrix: Any) -> bytes:
    torch = require("torch")
    flat = matrix.detach().cpu().to(torch.float32).contiguous()
    return hashlib.sha256(str(tuple(flat.shape)).encode() + flat.numpy().tobytes()).digest()
