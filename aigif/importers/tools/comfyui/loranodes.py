"""The LoRAs of nodes that load several: lists of (name, weight on the network, weight on the text model).

Sources: rgthree-comfy (Power Lora Loader, Lora Loader Stack), ComfyUI-Lora-Manager, efficiency-nodes-comfyui (LoRA
Stacker), ComfyUI_Comfyroll_CustomNodes (CR LoRA Stack), ComfyUI-Easy-Use (easy loraStack).
"""

from __future__ import annotations

from collections.abc import Mapping

from aigif._gen.types import Adapter
from aigif.importers.adapters import tags_of
from aigif.importers.tools.comfyui.graph import Node
from aigif.importers.tools.comfyui.resolve import Resolver, number_of

Lora = tuple[str, float, float]
MAX_LORAS = 256
_STACKS = ("lora_stack", "optional_lora_stack")


def single(resolver: Resolver, node: Node, names: Mapping[str, str]) -> list[Lora]:
    """LoraLoader and its kin."""
    name = resolver.text(node, names.get("lora_name", "lora_name"))
    model = resolver.number(node, names.get("strength_model", "strength_model"))
    clip = resolver.number(node, names.get("strength_clip", "strength_clip"))
    if name is None:
        return []
    weight = 1.0 if model is None else model
    return [(name, weight, weight if clip is None else clip)]


def power(resolver: Resolver, node: Node) -> list[Lora]:
    """Power Lora Loader: objects named lora_1 and so on, each on or off."""
    found: list[Lora] = []
    for key, value in node.inputs.items():
        if not key.lower().startswith("lora_") or not isinstance(value, dict) or value.get("on") is not True:
            continue
        name, weight, clip = (
            value.get("lora"),
            number_of(value.get("strength")),
            number_of(value.get("strengthTwo")),
        )
        if isinstance(name, str) and weight is not None:
            found.append((name, weight, weight if clip is None else clip))
    return found


def numbered_slots(resolver: Resolver, node: Node) -> list[Lora]:
    """Lora Loader Stack (rgthree): lora_01 and strength_01 to 04."""
    return _numbered(resolver, node, "lora_{:02d}", ("strength_{:02d}",), 4)


def manager(resolver: Resolver, node: Node) -> list[Lora]:
    """LoraManager: a list of objects, after the stack that comes in."""
    found = stack(resolver, node)
    loras = node.inputs.get("loras")
    listed = loras.get("__value__") if isinstance(loras, dict) else loras
    for item in listed[:MAX_LORAS] if isinstance(listed, list) else ():
        if not isinstance(item, dict) or item.get("active", True) is not True:
            continue
        name, weight = item.get("name"), number_of(item.get("strength", 1.0))
        clip = number_of(item.get("clipStrength"))
        if isinstance(name, str) and weight is not None:
            found.append((name, weight, weight if clip is None else clip))
    return found


def efficient_stacker(resolver: Resolver, node: Node) -> list[Lora]:
    """LoRA Stacker: its own before the stack that comes in."""
    count = resolver.integer(node, "lora_count") or 0
    weights: tuple[str, ...] = ("lora_wt_{}",)
    if resolver.text(node, "input_mode") == "advanced":
        weights = ("model_str_{}", "clip_str_{}")
    return _numbered(resolver, node, "lora_name_{}", weights, count) + stack(resolver, node)


def comfyroll_stack(resolver: Resolver, node: Node) -> list[Lora]:
    """CR LoRA Stack: three slots with a switch each, after the stack that comes in."""
    own: list[Lora] = []
    for place in range(1, 4):
        if resolver.text(node, f"switch_{place}") == "On":
            weights = (f"model_weight_{place}", f"clip_weight_{place}")
            own += _slot(resolver, node, f"lora_name_{place}", weights)
    return stack(resolver, node) + own


def easy_stack(resolver: Resolver, node: Node) -> list[Lora]:
    """easy loraStack."""
    upstream = stack(resolver, node)
    if resolver.truth(node, "toggle") is False:
        return upstream
    count = resolver.integer(node, "num_loras") or 0
    weights: tuple[str, ...] = ("lora_{}_strength",)
    if resolver.text(node, "mode") == "advanced":
        weights = ("lora_{}_model_strength", "lora_{}_clip_strength")
    return upstream + _numbered(resolver, node, "lora_{}_name", weights, count)


def tags(resolver: Resolver, node: Node) -> list[Lora]:
    """LoRAs that a prompt names as <lora:name:weight>."""
    text = resolver.text(node, "text") or ""
    return [(tag.name, tag.weight, tag.text_weight) for tag in tags_of(text) if isinstance(tag, Adapter)]


def untagged(resolver: Resolver, node: Node) -> str | None:
    """A prompt without such tags."""
    text = resolver.text(node, "text")
    if text is None:
        return None
    kept, at = [], 0
    while (start := text.find("<lora:", at)) >= 0 and (end := text.find(">", start)) >= 0:
        kept.append(text[at:start])
        at = end + 1
    return "".join([*kept, text[at:]])


def stack(resolver: Resolver, node: Node) -> list[Lora]:
    """What comes in as a stack."""
    for name in _STACKS:
        source = resolver.source(node, name)
        if source is not None and source.cls is not None and source.cls.compute is not None:
            made = resolver.computed(source.cls, source.node)
            if isinstance(made, list):
                return made[:MAX_LORAS]
    return []


def _numbered(resolver: Resolver, node: Node, name: str, weights: tuple[str, ...], count: int) -> list[Lora]:
    found: list[Lora] = []
    for place in range(1, min(count, MAX_LORAS) + 1):
        found += _slot(resolver, node, name.format(place), tuple(weight.format(place) for weight in weights))
    return found


def _slot(resolver: Resolver, node: Node, name: str, weights: tuple[str, ...]) -> list[Lora]:
    label = resolver.text(node, name)
    held = [resolver.number(node, weight) for weight in weights]
    if not label or label == "None" or held[0] is None:
        return []
    return [(label, held[0], held[0] if held[-1] is None else held[-1])]
