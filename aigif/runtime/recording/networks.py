"""What people do to a loaded network that changes its pictures: compiled, quantised, hooked."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from aigif.runtime.recording.identity import networks
from aigif.runtime.recording.reasons import Reasons
from aigif.runtime.torchlib import require

__all__ = ["check_networks", "tiles"]

OFFLOADING = frozenset({"group_offloading", "layer_execution_tracker", "lazy_prefetch_group_offloading"})
"""diffusers' hooks that move weights about and leave the numbers alone."""

_FREE_U = ("s1", "s2", "b1", "b2")


def check_networks(pipe: Any, size: tuple[int, int], batch: int, reasons: Reasons) -> None:
    """Add what can't be recreated of the parts of `pipe`, for pictures of `size` (height, width)."""
    for name, part in networks(pipe):
        for what in _changes(part):
            reasons.add(f"pipe.{name}", what)
        if _reordered(part):
            reasons.warn(f"{name} is in the memory format channels_last, which may change last bits")
    decoder = getattr(pipe, "vae", None)
    if getattr(decoder, "use_tiling", False) and _is_tiled(decoder, size):
        reasons.add("pipe.vae", "it decodes in tiles, and no element says so; call vae.disable_tiling()")
    if getattr(decoder, "use_slicing", False) and batch > 1:
        reasons.warn("the VAE decodes one picture after the other (slicing), which may change last bits")


def tiles(pipe: Any, reasons: Reasons) -> bool:
    """Whether the convolutions wrap around, so that pictures tile; a reason where only some do."""
    convolution = require("torch").nn.Conv2d
    modes = {
        layer.padding_mode
        for name, part in networks(pipe)
        if not name.startswith("text_encoder")
        for layer in part.modules()
        if isinstance(layer, convolution) and any(layer.padding)
    }
    if modes <= {"zeros"}:
        return False
    if modes != {"circular"}:
        reasons.add("data.tiling", f"convolutions have several paddings ({', '.join(sorted(modes))})")
    return True


def _changes(part: Any) -> Iterator[str]:
    if hasattr(part, "_orig_mod") or any(_compiled(layer) for layer in part.modules()):
        yield "it is compiled (torch.compile), and no element says so"
    if _quantised(part):
        yield "its weights are quantised, and a recreation loads them as they are in the folder"
    if part.training:
        yield "it is in training mode, so that layers drop numbers at random; call eval()"
    for layer in part.modules():
        if any(
            _unknown(hook) for hook in (*layer._forward_hooks.values(), *layer._forward_pre_hooks.values())
        ):
            yield f"{type(layer).__name__} has a hook, which may change what it computes"
        for hook in _diffusers_hooks(layer) - OFFLOADING:
            yield f"diffusers' hook {hook} is on it; no element says so"
        if any(getattr(layer, name, None) is not None for name in _FREE_U):
            yield "FreeU is on; no element says so (disable_freeu)"
        if getattr(layer, "fused_projections", False):
            yield "its projections are fused; call unfuse_qkv_projections()"
        if getattr(layer, "_chunk_size", None) is not None:
            yield "its feed-forward layers run in chunks; no element says so"


def _unknown(hook: Any) -> bool:
    # transformers puts hooks of its own on layers whose outputs are asked for.
    return not str(getattr(hook, "__module__", "")).startswith("transformers.")


def _compiled(layer: Any) -> bool:
    return getattr(layer, "_compiled_call_impl", None) is not None


def _quantised(part: Any) -> bool:
    settings = getattr(part, "config", None)
    listed = settings.get("quantization_config") if isinstance(settings, dict) else None
    return bool(
        listed
        or getattr(settings, "quantization_config", None)
        or getattr(part, "hf_quantizer", None)
        or getattr(part, "is_quantized", False)
    )


def _diffusers_hooks(layer: Any) -> set[str]:
    registry = getattr(layer, "_diffusers_hook", None)
    return set(getattr(registry, "hooks", {}))


def _reordered(part: Any) -> bool:
    torch = require("torch")
    return any(
        weight.ndim == 4
        and min(weight.shape[1], math.prod(weight.shape[2:])) > 1
        and weight.is_contiguous(memory_format=torch.channels_last)
        and not weight.is_contiguous()
        for weight in part.parameters()
    )


def _is_tiled(decoder: Any, size: tuple[int, int]) -> bool:
    least = getattr(decoder, "tile_sample_min_size", None)
    height = getattr(decoder, "tile_sample_min_height", least)
    width = getattr(decoder, "tile_sample_min_width", least)
    return height is None or width is None or size[0] > height or size[1] > width
