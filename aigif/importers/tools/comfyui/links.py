"""The links of the chain from a saved picture back to where it began, and the sizes along it."""

from __future__ import annotations

from dataclasses import dataclass

from aigif._gen.enums import GapKind
from aigif.importers.tools.comfyui.resolve import Source

LATENT = 8
"""Pixels along a side of what one number of a latent stands for."""


@dataclass(frozen=True, slots=True)
class Begin:
    """An empty latent: its size in pixels and how many it is a batch of; or an image (`image`, its name)."""

    width: int = 0
    height: int = 0
    batch: int = 1
    image: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A sampler's node."""

    source: Source


@dataclass(frozen=True, slots=True)
class Scale:
    """An enlargement: of the latent or of the picture, by a method, to a size or by a factor."""

    latent: bool
    method: str
    width: int = 0
    height: int = 0
    factor: float = 0.0
    network: bool = False
    """Whether the method is the file of an upscaling network."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A VAE decodes, or encodes again."""

    vae: Source | None
    encodes: bool = False
    tiled: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """A node changes the picture or the latent; `source` says what it does."""

    source: Source
    gap: GapKind = GapKind.OPERATION


@dataclass(frozen=True, slots=True)
class Served:
    """A service made the picture."""

    source: Source


Link = Begin | Run | Scale | Decoded | Changed | Served


def size_after(links: list[Link]) -> tuple[int, int]:
    """Width and height of the picture at the end of a chain (0, 0 where they can't be told)."""
    width = height = 0
    for link in reversed(links):
        if isinstance(link, Begin):
            width, height = link.width, link.height
        elif isinstance(link, Scale):
            width, height = scaled(link, width, height)
    return width, height


def scaled(scale: Scale, width: int, height: int) -> tuple[int, int]:
    """The size after an enlargement; (0, 0) where it can't be told.

    A side of 0 follows from the other in proportion; latents go by 8 pixels (nodes.py, LatentUpscale,
    LatentUpscaleBy, ImageScale, ImageScaleBy). The factor of an upscaling network is not known.
    """
    if scale.network:
        return 0, 0
    if scale.factor:
        if not (width and height):
            return 0, 0
        unit = LATENT if scale.latent else 1
        return round(width / unit * scale.factor) * unit, round(height / unit * scale.factor) * unit
    new = scale.width, scale.height
    if new == (0, 0):
        return width, height
    if 0 in new and not (width and height):
        return 0, 0
    if not new[0]:
        new = max(1, round(width * new[1] / height)), new[1]
    elif not new[1]:
        new = new[0], max(1, round(height * new[0] / width))
    if scale.latent:
        return new[0] // LATENT * LATENT, new[1] // LATENT * LATENT
    return new
