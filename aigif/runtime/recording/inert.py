"""Arguments that a recreation always sets one way (`PipelineRules.fixed`), and calls where that changes nothing.

Sources: diffusers 0.42, `pipelines/pixart_alpha`, `pipelines/sana`, `pipelines/hunyuandit` and `pipelines/flux`.
"""

from __future__ import annotations

import sys
from typing import Any

from aigif.runtime.families import PipelineRules
from aigif.runtime.recording.call import Call
from aigif.runtime.torchlib import quiet

__all__ = ["INERT", "of_area", "unbinned", "uncleaned"]

_BINNING = "use_resolution_binning"
_CLEANING = "clean_caption"
INERT = (_BINNING, _CLEANING)
"""The arguments that this module knows."""


def unbinned(
    pipe: Any, kind: Any, call: Call, rules: PipelineRules, size: tuple[int, int]
) -> tuple[int, int] | None:
    """The size (height, width) that resolution binning makes of `size`; None where the picture is scaled afterwards,
    so that no size alone gives it. `size` itself where there is no binning."""
    if _BINNING not in rules.fixed or not call.arguments.get(_BINNING):
        return size
    module = sys.modules[kind.__module__]
    shapes = getattr(module, "SUPPORTED_SHAPE", None)
    if shapes is not None:
        if size in shapes:
            return size
        width, height = module.map_to_standard_shapes(size[1], size[0])
        return int(height), int(width)
    side = getattr(pipe, rules.denoiser).config.sample_size * pipe.vae_scale_factor
    bins = getattr(module, f"ASPECT_RATIO_{side}_BIN", None)
    if bins is None:
        return None
    return size if pipe.image_processor.classify_height_width_bin(*size, ratios=bins) == size else None


def of_area(pipe: Any, call: Call, rules: PipelineRules, size: tuple[int, int]) -> tuple[int, int]:
    """The size (height, width) that a pipeline makes of `size` where it takes an area: of the same shape, that many
    pixels, and whole pairs of the latent's cells (FLUX.1 Kontext)."""
    area = call.arguments.get(rules.area) if rules.area else None
    if not isinstance(area, int):
        return size
    shape = size[1] / size[0]
    cell = pipe.vae_scale_factor * 2
    height, width = (round(side**0.5) // cell * cell for side in (area / shape, area * shape))
    return height, width


def uncleaned(pipe: Any, call: Call, rules: PipelineRules) -> bool:
    """Whether the texts are the same with caption cleaning, as the call asks for it, and without."""
    if _CLEANING not in rules.fixed or not call.arguments.get(_CLEANING):
        return True
    texts = [
        text
        for name in ("prompt", "negative_prompt")
        for position in range(call.batch)
        if (text := call.text(name, position)) is not None
    ]
    with quiet():
        clean, plain = (pipe._text_preprocessing(texts, clean_caption=asked) for asked in (True, False))
    return bool(clean == plain)
