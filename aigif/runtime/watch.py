"""A look at a picture while it is made: its latent, decoded small by the model's own VAE."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aigif.atomic import write_bytes
from aigif.errors import UsageError
from aigif.runtime.torchlib import require

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Watch", "file_watch"]

_MOST_SIDE = 64


@dataclass(frozen=True, slots=True)
class Watch:
    """Shows the picture at every `every`-th step: `show` is given a small picture."""

    show: Callable[[Image], None]
    every: int = 5

    def __post_init__(self) -> None:
        if self.every < 1:
            raise UsageError(f"a picture can't be shown every {self.every} steps", hint="give 1 or more")

    def look(self, pipe: Any, step: int, latents: Any) -> None:
        """Show the picture whose latent is `latents` after `step` steps (from 1); latents that are no plain
        (batch, channels, rows, columns) of the VAE, as of packing transformers, are not shown."""
        if step % self.every == 0:
            picture = _decoded(pipe, latents)
            if picture is not None:
                self.show(picture)


def file_watch(path: str, every: int = 5) -> Watch:
    """A watch that keeps the PNG at `path` up to date; a reader never sees half a file."""

    def show(picture: Image) -> None:
        held = io.BytesIO()
        picture.save(held, format="PNG")
        write_bytes(path, held.getvalue())

    return Watch(show, every)


def _decoded(pipe: Any, latents: Any) -> Image | None:
    torch = require("torch")
    vae = getattr(pipe, "vae", None)
    channels = getattr(getattr(vae, "config", None), "latent_channels", None)
    if vae is None or latents.ndim != 4 or latents.shape[1] != channels:
        return None
    with torch.no_grad():
        small = latents[:1].to(vae.dtype)
        scale = _MOST_SIDE / max(small.shape[-2:])
        if scale < 1:
            small = torch.nn.functional.interpolate(small, scale_factor=scale, mode="area")
        shifted = small / vae.config.scaling_factor + (getattr(vae.config, "shift_factor", None) or 0.0)
        decoded = vae.decode(shifted, return_dict=False)[0]
        picture = pipe.image_processor.postprocess(decoded, output_type="pil")[0]
    assert picture is not None
    return picture  # type: ignore[no-any-return]
