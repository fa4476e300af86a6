"""Enlarging between two passes: of a latent, or of the decoded picture.

The names are those that AUTOMATIC1111 writes as `Hires upscaler` (modules/shared.py, `latent_upscale_modes`;
modules/upscaler.py) and ComfyUI's latent upscale methods (nodes.py, `LatentUpscale`). Upscalers that are networks of
their own (ESRGAN and its kin) need weights that no file names yet: `unknown_upscaler` says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aigif._gen.enums import UpscaleForm
from aigif._gen.types import Data, Hires
from aigif.runtime.torchlib import require

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["enlarge_latent", "enlarge_picture", "second_size", "unknown_upscaler"]

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

PICTURE_FILTERS: Mapping[str, str] = {"": "LANCZOS", "None": "LANCZOS", "Lanczos": "LANCZOS", "Nearest": "NEAREST"}
"""Pillow's filter."""

_MULTIPLE = 8


def second_size(data: Data, hires: Hires) -> tuple[int, int]:
    """Width and height in pixels of the second pass, multiples of 8.

    With a scale it is the first pass's size times that; else the given sides, of which one that is 0 follows from
    the other in proportion (AUTOMATIC1111, modules/processing.py, `calculate_target_resolution`).
    """
    if hires.scale:
        width, height = data.width * hires.scale, data.height * hires.scale
    else:
        width = hires.width or hires.height * data.width / data.height
        height = hires.height or hires.width * data.height / data.width
    return int(width) // _MULTIPLE * _MULTIPLE, int(height) // _MULTIPLE * _MULTIPLE


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


def enlarge_latent(latent: Any, width: int, height: int, upscaler: str, scale: int) -> Any:
    """A latent (batch, channels, rows, columns) for a picture of `width` by `height` pixels, whose side is `scale`
    times the latent's."""
    mode, antialias = LATENT_MODES[upscaler]
    smooth = {"antialias": antialias} if mode in ("bilinear", "bicubic") else {}
    size = (height // scale, width // scale)
    return require("torch").nn.functional.interpolate(latent, size=size, mode=mode, **smooth)


def enlarge_picture(picture: Image, width: int, height: int, upscaler: str) -> Image:
    """A picture of `width` by `height` pixels. Like AUTOMATIC1111's, Nearest is followed by Lanczos where the scale
    is no whole number."""
    from PIL.Image import Resampling

    filtered = Resampling[PICTURE_FILTERS[upscaler]]
    if filtered is Resampling.NEAREST:
        scale = max(width / picture.width, height / picture.height)
        picture = picture.resize((int(picture.width * scale), int(picture.height * scale)), filtered)
    return picture if picture.size == (width, height) else picture.resize((width, height), Resampling.LANCZOS)
