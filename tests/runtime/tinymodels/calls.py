"""What the tiny pipelines have to be given for a quick picture, and what they need installed."""

from __future__ import annotations

from typing import Any

from aigif._gen.types import Prior

_SMALL = {"height": 32, "width": 32}
_LARGE = {"height": 128, "width": 128}
_PRIOR = {"prior": Prior(steps=2, guidance_scale=3.0)}

SETTINGS: dict[str, dict[str, Any]] = {
    "Kandinsky5T2IPipeline": {"height": 1024, "width": 1024, "steps": 1},  # it makes none smaller
    "KandinskyCombinedPipeline": _PRIOR,
    "KandinskyV22CombinedPipeline": _PRIOR,
    "StableCascadeCombinedPipeline": _LARGE | _PRIOR,
    "WuerstchenCombinedPipeline": _LARGE | _PRIOR,
    "UnCLIPPipeline": _SMALL | _PRIOR,
    "HiDreamImagePipeline": _LARGE,  # it makes no other size
    "LDMTextToImagePipeline": {"guidance_scale": 5.0},
    "Ideogram4Pipeline": _SMALL,
} | dict.fromkeys(
    (
        "AmusedPipeline",
        "BriaFibo2Pipeline",
        "BriaPipeline",
        "CogView3PlusPipeline",
        "CogView4Pipeline",
        "Cosmos2TextToImagePipeline",
        "ErnieImagePipeline",
        "IFPipeline",
        "Krea2Pipeline",
        "LongCatImagePipeline",
        "NucleusMoEImagePipeline",
        "OvisImagePipeline",
        "PRXPipeline",
        "PRXPixelPipeline",
    ),
    _SMALL,
)

NEEDS: dict[str, str] = {
    "KolorsPipeline": "sentencepiece",
    "PRXPipeline": "ftfy",
    "PRXPixelPipeline": "ftfy",
} | dict.fromkeys(
    (
        "BriaFibo2Pipeline",
        "Cosmos2TextToImagePipeline",
        "DreamLiteMobilePipeline",
        "DreamLitePipeline",
        "LongCatImagePipeline",
        "NucleusMoEImagePipeline",
        "OmniGenPipeline",
        "QwenImage21Pipeline",
    ),
    "torchvision",
)
