"""Safetensors files of zeros, of given names and shapes."""

from __future__ import annotations

import json
from math import prod
from pathlib import Path


def write(path: Path, shapes: dict[str, tuple[int, ...]], fill: bytes = b"\0", **metadata: str) -> Path:
    """A file of float16 tensors whose every byte is `fill`."""
    header: dict[str, object] = {"__metadata__": metadata} if metadata else {}
    end = 0
    for name, shape in shapes.items():
        begin, end = end, end + 2 * prod(shape)
        header[name] = {"dtype": "F16", "shape": list(shape), "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(len(text).to_bytes(8, "little") + text + fill * end)
    return path


def lora(path: Path, fill: bytes = b"\0", **metadata: str) -> Path:
    """A LoRA of kohya's names for SD 1."""
    base = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
    shapes = {f"{base}.lora_down.weight": (2, 768), f"{base}.lora_up.weight": (8, 2), f"{base}.alpha": ()}
    return write(path, shapes, fill, **metadata)
