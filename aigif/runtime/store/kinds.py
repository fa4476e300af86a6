"""What a file or a folder of the store can be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["WIDTHS", "Kind", "Recognised"]

WIDTHS = {768: "sd1", 1024: "sd2", 2048: "sdxl", 1280: "sdxl-refiner"}
"""The family of each width of the text that a UNet's cross attention sees."""


class Kind(StrEnum):
    """What a file or a folder of the store is."""

    PIPELINE = "pipeline"
    """A folder in the hub's layout."""
    CHECKPOINT = "checkpoint"
    """A single file with denoiser, text model and VAE."""
    DENOISER = "denoiser"
    """A single file with the denoising network alone."""
    LORA = "lora"
    LYCORIS = "lycoris"
    DORA = "dora"
    VAE = "vae"
    EMBEDDING = "embedding"
    """A textual inversion."""
    CONTROLNET = "controlnet"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a file is, as far as its header tells."""

    kind: Kind
    family: str = ""
    """A family of the schema's table of models; empty where the header doesn't tell."""
    pipeline: str = ""
    """The diffusers class that runs it, for models."""
    detail: str = ""
    """The layout or form, in words: kohya, LoHa, prediction v …"""
    refused: str = ""
    """Why this version can't use it; empty where it can."""
