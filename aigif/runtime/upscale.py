"""Enlarging between two passes: of a latent, or of the decoded picture.

The names are those that AUTOMATIC1111 writes as `Hires upscaler` (modules/shared.py, `latent_upscale_modes`;
modules/upscaler.py) and ComfyUI's latent upscale methods (nodes.py, `LatentUpscale`). Upscalers that are networks of
their own (ESRGAN and its kin) need weights that no file names yet: `unknown_upscaler` says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aigif._gen.enums import UpscaleForm
from aigif._gen.types import Data, Hires
from aigif.runtime.torchlib import require

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = [
    "Enlargement",
    "cut_latent",
    "cut_picture",
    "enlarge_latent",
    "enlarge_picture",
    "enlargement",
    "second_size",
    "unknown_upscaler",
]

LATENT_MODES: Mapping[str, tuple[str, bool]] = {
    "": ("bilinear", False),
    "Latent": ("bilinear", False),
    "Latent (antialiased)": ("bilinear", True),
    "Latent (bicubic)": ("bicubic", False),
    "Latent (bicubic antialiased)": ("bicubic", True),
    "Latent (nearest)": ("nearest", False),
    "Latent (nearest-exact)": ("nearest-exact", False),
    "nearest-exact": ("nearest-exact", False),
    "bilinear": ("bilinear", False),
    "bicubic": ("bicubic", False),
    "area": ("area", False),
}
"""torch's mode of interpolation, and whether it is antialiased."""

PICTURE_FILTERS: Mapping[str, str] = {
    "": "LANCZOS",
    "None": "LANCZOS",
    "Lanczos": "LANCZOS",
    "Nearest": "NEAREST",
}
"""Pillow's filter."""

_EIGHT = 8


@dataclass(frozen=True, slots=True)
class Enlargement:
    """What a second pass works on.

    `width` and `height` are the final sides in pixels, multiples of 8; `wide` and `tall` those of the enlarged
    picture, which covers the final one; `left` and `top` are cut off it, in eighths of a pixel's side (latents), and
    as much or one more on the other sides.
    """

    width: int
    height: int
    wide: int
    tall: int
    left: int
    top: int


def enlargement(data: Data, hires: Hires) -> Enlargement:
    """From the first pass's size to the second's (AUTOMATIC1111, modules/processing.py,
    `calculate_target_resolution` and `sample_hr_pass`).

    With a scale the sides are the first pass's times that; with one side given the other follows in proportion; with
    both the picture is enlarged in proportion until it covers them, and what sticks out is cut off.
    """
    if hires.scale:
        wide, tall = int(data.width * hires.scale), int(data.height * hires.scale)
        return Enlargement(wide // _EIGHT * _EIGHT, tall // _EIGHT * _EIGHT, wide, tall, 0, 0)
    by_width = hires.width, hires.width * data.height // data.width
    by_height = hires.height * data.width // data.height, hires.height
    if not hires.width or not hires.height:
        wide, tall = by_width if hires.width else by_height
        return Enlargement(wide // _EIGHT * _EIGHT, tall // _EIGHT * _EIGHT, wide, tall, 0, 0)
    wide, tall = by_width if data.width * hires.height < hires.width * data.height else by_height
    across, down = (wide - hires.width) // _EIGHT, (tall - hires.height) // _EIGHT
    width, height = (wide // _EIGHT - across) * _EIGHT, (tall // _EIGHT - down) * _EIGHT
    return Enlargement(width, height, wide, tall, across // 2, down // 2)


def second_size(data: Data, hires: Hires) -> tuple[int, int]:
    """Width and height in pixels of the second pass, multiples of 8."""
    sides = enlargement(data, hires)
    return sides.width, sides.height


def unknown_upscaler(hires: Hires) -> str | None:
    """Why the second pass's upscaler can't be honoured; None where it can."""
    known = LATENT_MODES if hires.form == UpscaleForm.LATENT else PICTURE_FILTERS
    if hires.form not in (UpscaleForm.LATENT, UpscaleForm.IMAGE):
        return f"this version doesn't know the form {int(hires.form)} of a second pass"
    if hires.upscaler in known:
        return None
    return f"the upscaler {str(hires.upscaler)[:60]!r} is a network of its own; built in are " + ", ".join(
        name for name in known if name
    )


def enlarge_latent(latent: Any, sides: Enlargement, upscaler: str, scale: int) -> Any:
    """A latent (batch, channels, rows, columns), enlarged and cut; a picture's side is `scale` times a latent's."""
    mode, antialias = LATENT_MODES[upscaler]
    smooth = {"antialias": antialias} if mode in ("bilinear", "bicubic") else {}
    size = (sides.tall // scale, sides.wide // scale)
    large = require("torch").nn.functional.interpolate(latent, size=size, mode=mode, **smooth)
    return cut_latent(large, sides, scale)


def cut_latent(latent: Any, sides: Enlargement, scale: int) -> Any:
    """The part of an enlarged latent that is the second pass's."""
    left, top = sides.left * _EIGHT // scale, sides.top * _EIGHT // scale
    return latent[..., top : top + sides.height // scale, left : left + sides.width // scale]


def enlarge_picture(picture: Image, sides: Enlargement, upscaler: str) -> Image:
    """A picture of `wide` by `tall` pixels, not cut. Like AUTOMATIC1111's, Nearest is followed by Lanczos where the
    scale is no whole number."""
    from PIL.Image import Resampling

    filtered, size = Resampling[PICTURE_FILTERS[upscaler]], (sides.wide, sides.tall)
    if filtered is Resampling.NEAREST:
        scale = max(sides.wide / picture.width, sides.tall / picture.height)
        picture = picture.resize((int(picture.width * scale), int(picture.height * scale)), filtered)
    return picture if picture.size == size else picture.resize(size, Resampling.LANCZOS)


def cut_picture(picture: Image, sides: Enlargement) -> Image:
    """The part of an enlarged picture that is the second pass's."""
    left, top = sides.left * _EIGHT, sides.top * _EIGHT
    return picture.crop((left, top, left + sides.width, top + sides.height))
