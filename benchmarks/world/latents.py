"""The training set as the UNet sees it: latents of rendered pictures, computed once, and prompts for them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import CLIPTokenizer

from benchmarks.world.architecture import Autoencoder
from benchmarks.world.focus import cell_weights
from benchmarks.world.prompts import phrase
from benchmarks.world.scene import Scene, training_scene
from benchmarks.world.tokenizer import CONTEXT
from benchmarks.world.train_vae import encode, load_trained_vae, picture_batch
from benchmarks.world.workers import worker_count, worker_rank

SHARD: Final = 1000
_BATCH: Final = 20


def write_latents(work: Path, count: int) -> None:
    """Write latents of training pictures 0 to ``count`` - 1 to ``work``, in shards. For ``run_workers``.

    Shards that exist are not computed again.
    """
    vae = load_trained_vae(work)
    (work / "latents").mkdir(parents=True, exist_ok=True)
    for first in range(0, count, SHARD):
        path = _shard(work, first)
        if first // SHARD % worker_count() == worker_rank() and not path.exists():
            _write_shard(vae, first, path)


def read_latents(work: Path, count: int) -> NDArray[np.float16]:
    """Latents written by ``write_latents``: shape (count, 8, 16, 16), times the scaling factor."""
    return np.concatenate([np.load(_shard(work, first)) for first in range(0, count, SHARD)])[:count]


def _shard(work: Path, first: int) -> Path:
    return work / "latents" / f"{first:06d}.npy"


def _write_shard(vae: Autoencoder, first: int, path: Path) -> None:
    parts = []
    for start in range(first, first + SHARD, _BATCH):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            latents = encode(vae, picture_batch(start, _BATCH))
        parts.append(latents.float().numpy().astype(np.float16))
    temporary = path.with_suffix(".part")
    with temporary.open("wb") as stream:
        np.save(stream, np.concatenate(parts))
    os.replace(temporary, path)
    print(f"latents up to {first + SHARD}", flush=True)


class Batches:
    """Batches of latents and tokens for training steps: the same for the same step, whatever came before."""

    def __init__(
        self, latents: NDArray[np.float16], tokenizer: CLIPTokenizer, batch: int, unsaid: float
    ) -> None:
        self._latents = latents
        self._tokenizer = tokenizer
        self._batch = batch
        self._unsaid = unsaid
        self._scenes: dict[int, Scene] = {}

    def step(self, number: int) -> tuple[Tensor, Tensor, Tensor]:
        """Latents (batch, 8, 16, 16), tokens (batch, 40) and weights (batch, 1, 16, 16) of a step.

        Some prompts are left empty. The weights say how much each latent cell counts.

        Every epoch shows each picture once, in another order and in other words.
        """
        per_epoch = len(self._latents) // self._batch
        epoch, position = divmod(number, per_epoch)
        order = np.random.default_rng([4, epoch]).permutation(len(self._latents))
        chosen = order[position * self._batch : (position + 1) * self._batch]
        rng = np.random.default_rng([5, number])
        scenes = [self._scene(int(i)) for i in chosen]
        prompts = ["" if rng.random() < self._unsaid else phrase(scene, rng) for scene in scenes]
        latents = torch.from_numpy(self._latents[chosen]).float()
        return latents, tokens(self._tokenizer, prompts), cell_weights(scenes)

    def _scene(self, number: int) -> Scene:
        if number not in self._scenes:
            self._scenes[number] = training_scene(number)
        return self._scenes[number]


def tokens(tokenizer: CLIPTokenizer, prompts: list[str]) -> Tensor:
    """Token numbers of prompts, padded and cut as the pipeline does it: shape (n, 40)."""
    encoded = tokenizer(
        prompts, padding="max_length", max_length=CONTEXT, truncation=True, return_tensors="pt"
    )
    ids: Tensor = encoded.input_ids
    return ids
