"""Trains the autoencoder on renders, then centres its latents and scales them to unit variance.

Most steps see 64-pixel crops around objects, where the detail is; the last ones see whole pictures. The
loss is the absolute error of pixels and of their differences to the right and below (edges), the squared
error (which minds wrong colours), and a little of the latents' squares. A little noise on the latents
takes the place of the variational autoencoder's sampling, so that near latents mean near pictures.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmarks.world.architecture import Autoencoder, new_vae
from benchmarks.world.checkpoints import LossLog, cosine_rate, load_checkpoint, save_atomically
from benchmarks.world.render import item_middle, training_picture
from benchmarks.world.scene import training_scene
from benchmarks.world.training import Training
from benchmarks.world.vae_start import start_with_block_colours
from benchmarks.world.vocabulary import PICTURE_SIDE
from benchmarks.world.workers import share, worker_count, worker_rank

CROPS: Final = 12
CROP_SIDE: Final = 64
WHOLE_PICTURES: Final = 4
WHOLE_SHARE: Final = 0.1
"""Share of the steps, the last ones, that see whole pictures."""
POOL: Final = 4000
"""Training pictures that the autoencoder sees."""
PEAK_RATE: Final = 1.2e-3
SQUARE_WEIGHT: Final = 2.0
LATENT_WEIGHT: Final = 1e-3
LATENT_NOISE: Final = 0.05
MEASURED_PICTURES: Final = 768
TRAINED: Final = "vae-final.pt"


def to_tensor(pictures: list[NDArray[np.uint8]]) -> Tensor:
    """Pictures (side, side, 3) of 0 to 255 as a tensor (n, 3, side, side) of -1 to 1."""
    stack = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2)
    return stack.float().div(127.5).sub(1).contiguous()


def picture_batch(first: int, count: int) -> Tensor:
    """Training pictures ``first`` to ``first + count`` - 1, as ``to_tensor``."""
    return to_tensor([training_picture(number) for number in range(first, first + count)])


def reconstruction_loss(output: Tensor, target: Tensor) -> Tensor:
    """Absolute error of pixels and of their two differences, and the weighted squared error; a scalar."""
    error = output - target
    across = error[..., :, 1:] - error[..., :, :-1]
    down = error[..., 1:, :] - error[..., :-1, :]
    edges = across.abs().mean() + down.abs().mean()
    return error.abs().mean() + edges + SQUARE_WEIGHT * error.square().mean()


def lesson(pool: NDArray[np.uint8], step: int, whole: bool) -> Tensor:
    """The pictures of a step: crops near an object, or whole pictures."""
    rng = np.random.default_rng([9, step])
    if whole:
        return to_tensor([pool[int(rng.integers(len(pool)))] for _ in range(WHOLE_PICTURES)])
    crops = []
    for _ in range(CROPS):
        number = int(rng.integers(len(pool)))
        items = training_scene(number).items
        x, y = item_middle(items[int(rng.integers(len(items)))])
        left, top = (
            int(np.clip(middle - CROP_SIDE / 2 + rng.integers(-24, 25), 0, PICTURE_SIDE - CROP_SIDE)) // 8 * 8
            for middle in (x, y)
        )
        crops.append(pool[number, top : top + CROP_SIDE, left : left + CROP_SIDE])
    return to_tensor(crops)


def train_vae(work: Path, steps: int) -> None:
    """Train, or go on training, for ``steps`` steps in all; the result goes to ``work``."""
    torch.manual_seed(1)
    vae = new_vae()
    start_with_block_colours(vae)
    optimizer = torch.optim.AdamW(
        vae.parameters(), lr=PEAK_RATE, betas=(0.9, 0.99), weight_decay=1e-4, fused=True
    )
    training = Training(vae, optimizer, 0.998, work / "vae.pt")
    log = LossLog(work / "vae-loss.jsonl", training.first, every=100)
    pool = np.stack([training_picture(number) for number in range(POOL)])

    def one_step(step: int) -> None:
        pictures = share(lesson(pool, step, whole=step >= steps * (1 - WHOLE_SHARE)))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            latents = vae.encode(pictures).latent_dist.mean.float()
            noise = latent_noise(latents, step)
            decoded = vae.decode(latents + LATENT_NOISE * noise).sample.float()
        pixels = reconstruction_loss(decoded, pictures)
        squares = latents.square().mean()
        training.descend(pixels + LATENT_WEIGHT * squares, step, cosine_rate(step, steps, PEAK_RATE))
        squared_error = (decoded.detach() - pictures).square().mean() / 4
        log.add(step + 1, {"pixels": pixels.item(), "mse": squared_error.item(), "latents": squares.item()})

    training.run(steps, one_step, every=200)
    if worker_rank() == 0:
        vae.load_state_dict(training.average.shadow)
        vae.eval().requires_grad_(False)
        standardize(vae)
        save_atomically(vae.state_dict(), work / TRAINED)


def latent_noise(latents: Tensor, step: int) -> Tensor:
    """Noise for this worker's latents at a step."""
    whole = (len(latents) * worker_count(), *latents.shape[1:])
    return share(torch.randn(whole, generator=torch.Generator().manual_seed(step)))


def load_trained_vae(work: Path) -> Autoencoder:
    """The finished autoencoder of a work folder."""
    vae = new_vae()
    vae.load_state_dict(load_checkpoint(work / TRAINED) or {})
    vae.eval().requires_grad_(False)
    return vae


@torch.no_grad()
def standardize(vae: Autoencoder) -> None:
    """Fold an affine map into the 1 by 1 convolutions around the latents, measured on renders.

    Each channel is centred, and all are divided by one number, so that the mean variance is 1, the
    scaling factor is 1, and the channels keep their proportions. The posterior becomes nearly a point.
    """
    means = torch.cat([encode(vae, picture_batch(i, 32)) for i in range(0, MEASURED_PICTURES, 32)])
    flat = means.permute(1, 0, 2, 3).flatten(1)
    centre = flat.mean(dim=1)
    spread = flat.var(dim=1).mean().sqrt()
    channels = len(centre)
    into, out_of = vae.quant_conv, vae.post_quant_conv
    into.weight[:channels] /= spread
    into.bias[:channels] = (into.bias[:channels] - centre) / spread
    into.weight[channels:] = 0
    into.bias[channels:] = -12.0
    out_of.bias += out_of.weight[:, :, 0, 0] @ centre
    out_of.weight *= spread


@torch.no_grad()
def encode(vae: Autoencoder, pictures: Tensor) -> Tensor:
    """Latent means of pictures (n, 3, 128, 128): shape (n, 8, 16, 16), times the scaling factor."""
    latents: Tensor = vae.encode(pictures).latent_dist.mean * vae.config.scaling_factor
    return latents
