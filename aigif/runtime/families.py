"""The pipeline classes that may run, and how the syntax elements reach each one's call.

A class that is not in `ALLOWED` is never instantiated, whatever a file, a table or a model folder says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

__all__ = ["ALLOWED", "PipelineRules"]


@dataclass(frozen=True, slots=True)
class PipelineRules:
    """What is particular to one pipeline class of diffusers."""

    denoiser: str
    """The component that is run at every step: unet or transformer."""
    guidance: str = "guidance_scale"
    """The argument that takes classifier-free guidance, which 1 turns off."""
    distilled_guidance: str | None = None
    """The argument that takes the guidance that a distilled network has as an input."""
    from_penultimate: bool = False
    """Whether the pipeline itself takes the text model's next-to-last layer: clip skip 1 and 2 are then the same."""
    sizes_in_conditions: bool = False
    """Whether size and crop are conditions (SDXL)."""
    left_out: Mapping[str, object] = field(default_factory=dict)
    """Arguments of `from_pretrained` that leave out parts which change pictures after the fact."""
    default_sample: int = 64
    """Side of the latent where the denoiser's configuration doesn't give one."""
    default_guidance: float = 7.0
    """Guidance scale of a generation that doesn't say."""


ALLOWED: Mapping[str, PipelineRules] = {
    "StableDiffusionPipeline": PipelineRules(
        "unet",
        left_out=MappingProxyType(
            {
                "safety_checker": None,
                "feature_extractor": None,
                "image_encoder": None,
                "requires_safety_checker": False,
            }
        ),
    ),
    "StableDiffusionXLPipeline": PipelineRules(
        "unet",
        from_penultimate=True,
        sizes_in_conditions=True,
        left_out=MappingProxyType(
            {"feature_extractor": None, "image_encoder": None, "add_watermarker": False}
        ),
        default_sample=128,
    ),
    "StableDiffusion3Pipeline": PipelineRules(
        "transformer",
        from_penultimate=True,
        left_out=MappingProxyType({"feature_extractor": None, "image_encoder": None}),
        default_sample=128,
    ),
    "FluxPipeline": PipelineRules(
        "transformer",
        guidance="true_cfg_scale",
        distilled_guidance="guidance_scale",
        left_out=MappingProxyType({"feature_extractor": None, "image_encoder": None}),
        default_sample=128,
        default_guidance=1.0,
    ),
}
