"""Graphs of ComfyUI made here, to its conventions."""

from __future__ import annotations

import json
from typing import Any

from aigif.importers.texts import PictureText, TextEntry
from aigif.importers.tools import comfyui

Graph = dict[str, dict[str, Any]]


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs}


def link(name: str, slot: int = 0) -> list[Any]:
    return [name, slot]


def plain(**sampler: Any) -> Graph:
    """Text to picture as ComfyUI's first graph has it; arguments replace inputs of the sampler."""
    inputs = {
        "seed": 8566257,
        "steps": 20,
        "cfg": 7.5,
        "sampler_name": "euler",
        "scheduler": "normal",
        "denoise": 1.0,
        "model": link("file"),
        "positive": link("wanted"),
        "negative": link("unwanted"),
        "latent_image": link("empty"),
    }
    return {
        "file": node("CheckpointLoaderSimple", ckpt_name="folder\\paint_v2.safetensors"),
        "empty": node("EmptyLatentImage", width=640, height=448, batch_size=1),
        "wanted": node("CLIPTextEncode", text="a red kite, \n", clip=link("file", 1)),
        "unwanted": node("CLIPTextEncode", text="blurry", clip=link("file", 1)),
        "run": node("KSampler", **{**inputs, **sampler}),
        "seen": node("VAEDecode", samples=link("run"), vae=link("file", 2)),
        "saved": node("SaveImage", filename_prefix="x", images=link("seen")),
    }


def advanced(**inputs: Any) -> dict[str, Any]:
    """A KSamplerAdvanced on the nodes of `plain`."""
    usual = {
        "add_noise": "enable",
        "noise_seed": 5,
        "steps": 25,
        "cfg": 8.0,
        "sampler_name": "euler",
        "scheduler": "normal",
        "start_at_step": 0,
        "end_at_step": 10000,
        "return_with_leftover_noise": "disable",
        "model": link("file"),
        "positive": link("wanted"),
        "negative": link("unwanted"),
        "latent_image": link("empty"),
    }
    return node("KSamplerAdvanced", **{**usual, **inputs})


def picture(
    graph: Any, width: int = 640, height: int = 448, *, key: str = "prompt", carrier: str = "PNG tEXt"
) -> PictureText:
    text = graph if isinstance(graph, str) else json.dumps(graph)
    form = "png" if carrier.startswith("PNG") else "webp"
    return PictureText(form, width, height, (TextEntry(carrier, key, text, 0, False),))


def read(graph: Any, width: int = 640, height: int = 448) -> Any:
    """The reading of a picture of this size with this graph."""
    return comfyui.read(picture(graph, width, height))
