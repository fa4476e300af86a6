"""Pictures that tile: every convolution of the denoising network and of the VAE wraps around.

AUTOMATIC1111's Tiling does the same (modules/sd_hijack.py, `apply_circular`): the padding mode of each 2-D
convolution becomes circular, so that the left edge is padded with the right one, and the top with the bottom.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from aigif.runtime.torchlib import require

__all__ = ["tiled"]


@contextlib.contextmanager
def tiled(pipe: Any) -> Iterator[None]:
    """Let the 2-D convolutions of `pipe`'s denoising network and VAE wrap around; put back on leaving."""
    torch = require("torch")
    with contextlib.ExitStack() as stack:
        for name in ("unet", "transformer", "vae"):
            part = getattr(pipe, name, None)
            for module in part.modules() if part is not None else ():
                if isinstance(module, torch.nn.Conv2d):
                    stack.callback(setattr, module, "padding_mode", module.padding_mode)
                    module.padding_mode = "circular"
        yield
