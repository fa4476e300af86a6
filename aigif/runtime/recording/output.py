"""The pictures in what a pipeline's call gives, as Pillow's pictures, whatever form was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aigif.runtime.torchlib import require

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["flagged", "pictures_of"]


def pictures_of(result: Any, holder: str) -> list[Image]:
    """The pictures of a call's result, in the order of the batch; `holder` is the attribute that they are in.

    Arrays (numpy: picture, row, column, channel; torch: picture, channel, row, column; 0 to 1) are rounded to 8
    bits as diffusers does it for output_type="pil".
    """
    made = result[0] if isinstance(result, tuple) else getattr(result, holder)
    if isinstance(made, list):
        return made
    processor = require("diffusers.image_processor").VaeImageProcessor
    if require("torch").is_tensor(made):
        made = processor.pt_to_numpy(made)
    pictures: list[Image] = processor.numpy_to_pil(made)
    return pictures


def flagged(result: Any, count: int) -> list[bool]:
    """For each of `count` pictures whether a safety checker replaced it by a black one."""
    listed = result[1] if isinstance(result, tuple) and len(result) > 1 else None
    listed = getattr(result, "nsfw_content_detected", listed)
    if isinstance(listed, (list, tuple)) and len(listed) == count:
        return [bool(entry) for entry in listed]
    return [False] * count
