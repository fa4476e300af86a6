"""The generator of a plain run, and the place of a picture in its batch.

One generator serves a whole batch, unless the file says that each picture has its own: the first latent is drawn for
all its pictures at once, and so is the fresh noise of the stochastic schedulers. The picture at position n of such a
batch is therefore had by running the batch and taking its n-th picture.
"""

from __future__ import annotations

from typing import Any

from aigif._gen.types import Data
from aigif.errors import ElementError
from aigif.runtime.torchlib import require

__all__ = ["check_batch", "cpu_generator"]


def cpu_generator(seed: int) -> Any:
    """A torch.Generator on the CPU, seeded with `seed` (0 to 2**64 - 1).

    torch's CPU generator is a Mersenne Twister seeded with the low 32 bits (at::mt19937 takes a uint64 and keeps
    its low half), so seeds that agree in them give the same noise.
    """
    return require("torch").Generator("cpu").manual_seed(seed)


def check_batch(data: Data) -> None:
    """ElementError where the picture's place lies outside its batch, or prompts and pictures don't fit each other."""
    if data.batch_position >= data.batch_size:
        raise ElementError(
            [f"the picture's place {data.batch_position} (from 0) is not in a batch of {data.batch_size}"],
            element="data.batch_position",
            hint="set data.batch_size to the number of pictures that were made together",
        )
    if data.batch_size % data.batch_prompts:
        raise ElementError(
            [f"a batch of {data.batch_size} can't have the same number for each of {data.batch_prompts} prompts"],
            element="data.batch_prompts",
            hint="set data.batch_size to a multiple of it",
        )
