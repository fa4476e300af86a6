"""The model behind a sampler: its file, its LoRAs, its VAE, its text models and their last layer."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from aigif._gen.enums import AdapterKind, DataType, GapKind, PredictionType
from aigif._gen.types import Adapter
from aigif.importers.settle import stem
from aigif.importers.tools.comfyui import loranodes
from aigif.importers.tools.comfyui.classes import Kind
from aigif.importers.tools.comfyui.conditioning import base_name, file_of
from aigif.importers.tools.comfyui.graph import printable
from aigif.importers.tools.comfyui.loranodes import Lora
from aigif.importers.tools.comfyui.resolve import Source
from aigif.importers.tools.comfyui.walk import MAX_STEPS, Walk, input_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_WEIGHT_LIMIT = 1000.0
_NO_FILE = ("", "None", "none", "Baked VAE", "baked VAE")
_DATA_TYPES = {
    "fp8_e4m3fn": DataType.FLOAT8_E4M3FN,
    "fp8_e4m3fn_fast": DataType.FLOAT8_E4M3FN,
    "fp8_e5m2": DataType.FLOAT8_E5M2,
    "bfloat16": DataType.BFLOAT16,
    "float16": DataType.FLOAT16,
    "fp16": DataType.FLOAT16,
    "bf16": DataType.BFLOAT16,
}
_PREDICTIONS = {"eps": PredictionType.EPSILON, "v_prediction": PredictionType.V_PREDICTION}


@dataclass(slots=True)
class Model:
    """A model and what is done to it before it denoises."""

    loader: str = ""
    """The id of the node that loads it."""
    name: str = ""
    data_type: DataType | None = None
    loras: list[tuple[str, Lora]] = field(default_factory=list)
    """In the order of application, each with its node's id."""
    adapters: list[Adapter] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    rescale: float = 0.0


@dataclass(slots=True)
class TextModels:
    """Text models: where they come from, the layer that is taken, and the LoRAs on them."""

    loader: str = ""
    names: list[str] = field(default_factory=list)
    layer: int | None = None
    loras: list[tuple[str, Lora]] = field(default_factory=list)


def model_of(walk: Walk, source: Source | None) -> Model:
    """The model behind an input, from the sampler back to the file."""
    model, resolver = Model(), walk.resolver
    shifted = False
    for _ in range(MAX_STEPS):
        if source is None:
            break
        cls, node = source.cls, source.node
        if cls is None:
            walk.unknown(node)
        elif cls.kind in (Kind.CHECKPOINT, Kind.NETWORK):
            model.loader, model.name = node.id, file_of(walk, source)
            if "dtype" in cls.names:
                model.data_type = _DATA_TYPES.get(resolver.text(node, cls.names["dtype"]) or "")
            break
        elif cls.kind is Kind.LORA:
            model.loras += [(node.id, lora) for lora in reversed(loras_of(walk, source))]
        elif cls.kind is Kind.SHIFT and not shifted:
            shifted = True
            shift = _shift(walk, source)
            if shift is not None:
                model.options["shift"] = shift
        elif cls.kind is Kind.PREDICTION:
            _prediction(walk, source, model)
        elif cls.kind is Kind.RESCALE:
            _rescale(walk, source, model)
        elif cls.kind is Kind.CONTROL:
            _image_prompt(walk, source, model)
        elif cls.kind is not Kind.SHIFT:
            walk.changed(source)
        source = input_of(source, resolver, "model", "first", "model1")
    model.loras.reverse()
    return model


def text_models_of(walk: Walk, source: Source | None) -> TextModels:
    """The text models behind an input."""
    found, resolver = TextModels(), walk.resolver
    for _ in range(MAX_STEPS):
        if source is None:
            break
        cls, node = source.cls, source.node
        if cls is None:
            walk.unknown(node)
        elif cls.kind is Kind.CHECKPOINT:
            found.loader = node.id
            break
        elif cls.kind is Kind.TEXT_MODEL:
            found.loader = node.id
            files = [
                resolver.text(node, name) or "" for role, name in cls.names.items() if role.startswith("file")
            ]
            found.names = [stem(base_name(name)) for name in files]
            break
        elif cls.kind is Kind.CLIP_LAYER:
            if found.layer is None:
                found.layer = resolver.integer(node, cls.names["layer"])
        elif cls.kind is Kind.LORA:
            found.loras += [(node.id, lora) for lora in reversed(loras_of(walk, source))]
        else:
            walk.changed(source)
        source = input_of(source, resolver, "clip", "first", "clip1")
    found.loras.reverse()
    return found


def vae_of(walk: Walk, source: Source | None) -> tuple[str, str]:
    """The name of the VAE's file ("" where it is a checkpoint's own), and the id of the node that loads it."""
    for _ in range(MAX_STEPS):
        if source is None:
            break
        if source.cls is None:
            walk.unknown(source.node)
        elif source.kind is Kind.CHECKPOINT:
            return "", source.node.id
        elif source.kind is Kind.VAE:
            name = walk.resolver.text(source.node, source.cls.names["file"])
            if name is not None and name not in _NO_FILE:
                return stem(base_name(name)), source.node.id
            source = walk.resolver.source(source.node, "baked")
            continue
        else:
            walk.changed(source)
        source = input_of(source, walk.resolver, "vae", "optional_vae")
    return "", ""


def loras_of(walk: Walk, source: Source) -> list[Lora]:
    """The LoRAs that a node puts on a model, without those that do nothing."""
    cls = source.cls
    assert cls is not None
    if cls.compute is None:
        found = loranodes.single(walk.resolver, source.node, cls.names)
    else:
        found = walk.resolver.computed(cls, source.node) or []
    return [
        (stem(base_name(name)), _weight(network), _weight(text))
        for name, network, text in found
        if name not in _NO_FILE and (network or text)
    ]


def _weight(value: float) -> float:
    return min(max(value, -_WEIGHT_LIMIT), _WEIGHT_LIMIT)


def joined_adapters(model: Model, texts: TextModels) -> list[Adapter]:
    """The adapters in their order: each LoRA with its weight on the network, where the network passes its node, and
    on the text models, where they do."""
    network = {(node, lora[0]): lora for node, lora in model.loras}
    text = {(node, lora[0]): lora for node, lora in texts.loras}
    return [
        Adapter(
            kind=AdapterKind.LORA,
            name=key[1],
            weight=network[key][1] if key in network else 0.0,
            text_weight=text[key][2] if key in text else 0.0,
        )
        for key in {**network, **text}
        if (key in network and network[key][1]) or (key in text and text[key][2])
    ]


def _shift(walk: Walk, source: Source) -> float | None:
    """The shift of the flow's times.

    ModelSamplingFlux interpolates an exponent over the number of 16-pixel patches, and the shift is e to it
    (comfy_extras/nodes_model_advanced.py; comfy/model_sampling.py, flux_time_shift).
    """
    node, cls, resolver = source.node, source.cls, walk.resolver
    assert cls is not None
    if "most" not in cls.names:
        shift = resolver.number(node, "shift")
    else:
        most, least = resolver.number(node, cls.names["most"]), resolver.number(node, cls.names["least"])
        width, height = resolver.integer(node, "width"), resolver.integer(node, "height")
        if most is None or least is None or width is None or height is None:
            shift = None
        else:
            slope = (most - least) / (4096 - 256)
            exponent = slope * (width * height / 256) + (least - slope * 256)
            shift = math.exp(exponent) if exponent < 6.9 else None
    if shift is None or not 0 <= shift <= 1000:
        walk.lost(node, "shift")
        return None
    return shift


def _prediction(walk: Walk, source: Source, model: Model) -> None:
    node, cls = source.node, source.cls
    assert cls is not None
    kind = walk.resolver.text(node, cls.names["prediction"])
    if kind in _PREDICTIONS:
        model.options.setdefault("prediction_type", _PREDICTIONS[kind])
    else:
        walk.draft.missing(
            f"the network's output is read as {printable(str(kind))}", GapKind.SETTING, printable(str(kind))
        )
    if walk.resolver.truth(node, cls.names["zero_snr"]):
        model.options.setdefault("zero_terminal_snr", True)


def _rescale(walk: Walk, source: Source, model: Model) -> None:
    """RescaleCFG works on the velocity, where Lin et al.'s equation 16 has what the network predicts."""
    assert source.cls is not None
    value = walk.resolver.number(source.node, source.cls.names["rescale"])
    if value:
        model.rescale = min(max(value, 0.0), 1.0)
        walk.draft.missing(
            "ComfyUI rescales guidance in another space than diffusers", GapKind.SETTING, "RescaleCFG"
        )


def _image_prompt(walk: Walk, source: Source, model: Model) -> None:
    """An IP-Adapter: its file and weight. Its image is not recorded."""
    node, cls, resolver = source.node, source.cls, walk.resolver
    assert cls is not None
    walk.changed(source)
    numbers = [resolver.number(node, cls.name(role)) for role in ("strength", "start_percent", "end_percent")]
    weight, start, end = (
        usual if value is None else value for value, usual in zip(numbers, (1.0, 0.0, 1.0), strict=True)
    )
    name = file_of(walk, resolver.source(node, cls.name("file")))
    if name:
        model.adapters.append(
            Adapter(
                kind=AdapterKind.IP_ADAPTER,
                name=name,
                weight=_weight(weight),
                start=min(max(start, 0.0), 1.0),
                end=min(max(end, 0.0), 1.0),
            )
        )
