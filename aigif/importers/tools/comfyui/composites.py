"""Nodes that do the work of several: each is taken apart into nodes that the tables know.

A part's input "$name" is the composite's input of that name, "@part:slot" an output of another part; anything else
is a constant. `members` are the links that other nodes find in the composite, by name. A newcomer adds an entry.

Sources: efficiency-nodes-comfyui, ComfyUI-Easy-Use, ComfyUI-Impact-Pack, rgthree-comfy, tinyterraNodes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aigif.importers.tools.comfyui.classes import Kind, NodeClass
from aigif.importers.tools.comfyui.graph import Graph, Node, with_users

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

Part = tuple[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Composite:
    """The parts of a node, what of them its outputs are, and the order of the outputs."""

    parts: Mapping[str, Part]
    members: Mapping[str, str]
    outputs: tuple[str, ...]

    def as_class(self) -> NodeClass:
        """The class of what is left: a bundle of links to the parts."""
        return NodeClass(Kind.PIPE, outputs=self.outputs)


def _loader(
    outputs: tuple[str, ...], file: str = "ckpt_name", clip_skip: str = "clip_skip", **more: str
) -> Composite:
    """A checkpoint with LoRAs, two prompts and an empty latent in one node."""
    names = {
        "lora_name": "lora_name",
        "strength_model": "lora_model_strength",
        "strength_clip": "lora_clip_strength",
        "stack": "lora_stack",
        **more,
    }
    return Composite(
        {
            "checkpoint": ("CheckpointLoaderSimple", {"ckpt_name": f"${file}"}),
            "lora": (
                "LoraLoader",
                {
                    "model": "@checkpoint:0",
                    "clip": "@checkpoint:1",
                    "lora_name": f"${names['lora_name']}",
                    "strength_model": f"${names['strength_model']}",
                    "strength_clip": f"${names['strength_clip']}",
                },
            ),
            "stack": (
                "aigif stack",
                {"model": "@lora:0", "clip": "@lora:1", "lora_stack": f"${names['stack']}"},
            ),
            "skip": ("CLIPSetLastLayer", {"clip": "@stack:1", "stop_at_clip_layer": f"${clip_skip}"}),
            "positive": ("CLIPTextEncode", {"clip": "@skip:0", "text": "$positive"}),
            "negative": ("CLIPTextEncode", {"clip": "@skip:0", "text": "$negative"}),
            "vae": ("VAELoader", {"vae_name": "$vae_name", "baked": "@checkpoint:2"}),
            "latent": (
                "EmptyLatentImage",
                {
                    "width": "$empty_latent_width",
                    "height": "$empty_latent_height",
                    "batch_size": "$batch_size",
                },
            ),
        },
        {
            "model": "@stack:0",
            "clip": "@skip:0",
            "vae": "@vae:0",
            "positive": "@positive:0",
            "negative": "@negative:0",
            "latent": "@latent:0",
        },
        outputs,
    )


def _tagged(prompt: str, model: str, clip: str, outputs: tuple[str, ...]) -> Composite:
    """A prompt whose LoRA tags are loaded."""
    return Composite(
        {
            "loras": ("aigif tags", {"model": f"${model}", "clip": f"${clip}", "text": f"${prompt}"}),
            "text": ("aigif untagged", {"text": f"${prompt}"}),
            "encoded": ("CLIPTextEncode", {"clip": "@loras:1", "text": "@text:0"}),
        },
        {"model": "@loras:0", "clip": "@loras:1", "conditioning": "@encoded:0"},
        outputs,
    )


_EFFICIENT = ("=model", "=positive", "=negative", "=latent", "=vae", "=clip", "")
_EASY = ("pipe", "=model", "=vae", "=clip", "=positive", "=negative", "=latent")
COMPOSITES: Mapping[str, Composite] = {
    "Efficient Loader": _loader(_EFFICIENT),
    "Eff. Loader SDXL": _loader(
        ("pipe", "=latent", "=vae", ""), "base_ckpt_name", "base_clip_skip", lora_name=""
    ),
    "easy fullLoader": _loader(_EASY, stack="optional_lora_stack"),
    "easy a1Loader": _loader(_EASY, stack="optional_lora_stack"),
    "easy comfyLoader": _loader(_EASY, stack="optional_lora_stack"),
    "easy fluxLoader": _loader(_EASY, stack="optional_lora_stack"),
    "ttN pipeLoader": _loader(
        ("pipe", "=model", "=positive", "=negative", "=latent", "=vae", "=clip", "=seed"),
        lora_name="lora1_name",
        strength_model="lora1_model_strength",
        strength_clip="lora1_clip_strength",
    ),
    "ImpactWildcardEncode": _tagged(
        "populated_text", "model", "clip", ("=model", "=clip", "=conditioning", "=populated_text")
    ),
    "Power Prompt (rgthree)": _tagged(
        "prompt", "opt_model", "opt_clip", ("=conditioning", "=model", "=clip", "=prompt")
    ),
    "Power Prompt - Simple (rgthree)": _tagged(
        "prompt", "opt_model", "opt_clip", ("=conditioning", "=prompt", "=clip")
    ),
}


def taken_apart(graph: Graph) -> Graph:
    """The graph with the parts of its composite nodes beside them, and links to the parts in them."""
    if not any(node.kind in COMPOSITES for node in graph):
        return graph
    nodes: dict[str, Node] = {}
    for node in graph:
        composite = COMPOSITES.get(node.kind)
        if composite is None:
            nodes[node.id] = node
            continue
        for name, (kind, inputs) in composite.parts.items():
            held = {key: _input(node, value) for key, value in inputs.items()}
            held = {key: value for key, value in held.items() if value is not None}
            nodes[_part(node, name)] = Node(_part(node, name), kind, held, node.title)
        links = {name: _input(node, value) for name, value in composite.members.items()}
        nodes[node.id] = Node(node.id, node.kind, {**node.inputs, **links}, node.title)
    return with_users(nodes)


def _part(node: Node, name: str) -> str:
    return f"{node.id}/{name}"


def _input(node: Node, value: str) -> Any:
    if value.startswith("$"):
        return node.inputs.get(value[1:])
    if value.startswith("@"):
        part, _, slot = value[1:].partition(":")
        return [_part(node, part), int(slot)]
    return value
