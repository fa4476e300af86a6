"""Where to look in training: weights of latent cells, higher on objects, which take little of a picture."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from torch import Tensor

from benchmarks.world.architecture import LATENT_SIDE
from benchmarks.world.render import item_middle
from benchmarks.world.scene import Scene
from benchmarks.world.vocabulary import PICTURE_SIDE, SIZES

OBJECT_WEIGHT: Final = 3.0
"""What a cell on a medium object weighs above one of the background; small objects weigh more a cell."""

_CELL: Final = PICTURE_SIDE // LATENT_SIDE
_MARGIN: Final = 5.0
_CENTRES: Final = (np.arange(LATENT_SIDE) + 0.5) * _CELL


def cell_weights(scenes: list[Scene]) -> Tensor:
    """Weights of the latent cells of pictures of scenes: shape (n, 1, 16, 16), about 1 on average."""
    maps = np.ones((len(scenes), 1, LATENT_SIDE, LATENT_SIDE), dtype=np.float32)
    for number, scene in enumerate(scenes):
        for item in scene.items:
            x, y = item_middle(item)
            radius = SIZES[item.size]
            near = (np.abs(_CENTRES - y) < radius + _MARGIN)[:, None] & (
                np.abs(_CENTRES - x) < radius + _MARGIN
            )
            maps[number, 0][near] = 1 + OBJECT_WEIGHT * (SIZES["medium"] / radius) ** 2
    return torch.from_numpy(maps / 1.7)
