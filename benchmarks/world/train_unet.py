"""Trains the UNet and the text encoder together on the latents, to predict velocity."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

import torch
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor, nn
from transformers import CLIPTextModel

from benchmarks.world.architecture import TRAINING_TIMESTEPS, UNet, new_scheduler, new_unet
from benchmarks.world.checkpoints import LossLog, cosine_rate, load_checkpoint
from benchmarks.world.export import fresh_text_encoder
from benchmarks.world.latents import Batches
from benchmarks.world.training import Training
from benchmarks.world.workers import share

BATCH: Final = 32
PEAK_RATE: Final = 1e-3
UNSAID_SHARE: Final = 0.1
"""Share of prompts left empty, for classifier-free guidance (Ho and Salimans, 2022)."""


class Painter(nn.Module):
    """The text encoder and the UNet as one trainable module."""

    def __init__(self, text_encoder: CLIPTextModel, unet: UNet) -> None:
        super().__init__()
        self.text_encoder = text_encoder
        self.unet = unet

    def forward(self, noisy: Tensor, timesteps: Tensor, tokens: Tensor) -> Tensor:
        """Predicted velocity, shape (n, 8, 16, 16), for noisy latents of that shape and tokens (n, 40)."""
        states = self.text_encoder(tokens).last_hidden_state
        velocity: Tensor = self.unet(noisy, timesteps, states).sample
        return velocity


def new_painter(tokenizer_folder: Path) -> Painter:
    """An untrained painter, from seed 2; its attention is written out, which trains faster on CPUs."""
    torch.manual_seed(2)
    painter = Painter(fresh_text_encoder(tokenizer_folder), new_unet())
    painter.unet.set_attn_processor(AttnProcessor())
    painter.text_encoder.set_attn_implementation("eager")
    return painter


def even_timesteps(count: int, generator: torch.Generator) -> Tensor:
    """``count`` random timesteps, one from each of ``count`` equal parts of the schedule."""
    places = (torch.arange(count) + torch.rand(count, generator=generator)) / count
    shuffled = places[torch.randperm(count, generator=generator)]
    return (shuffled * TRAINING_TIMESTEPS).long().clamp(max=TRAINING_TIMESTEPS - 1)


def train_unet(work: Path, painter: Painter, batches: Batches, steps: int) -> None:
    """Train, or go on training, for ``steps`` steps in all; checkpoints go to ``work``. For ``run_workers``."""
    scheduler = new_scheduler()
    optimizer = torch.optim.AdamW(
        painter.parameters(), lr=PEAK_RATE, betas=(0.9, 0.99), weight_decay=0.01, fused=True
    )
    training = Training(painter, optimizer, 0.999, work / "unet.pt")
    log = LossLog(work / "unet-loss.jsonl", training.first)
    painter.train()
    with ThreadPoolExecutor(1) as loader:
        waiting: list[Future[tuple[Tensor, Tensor, Tensor]]] = [loader.submit(batches.step, training.first)]

        def one_step(step: int) -> None:
            latents, tokens, weights = waiting.pop().result()
            waiting.append(loader.submit(batches.step, step + 1))
            generator = torch.Generator().manual_seed(step)
            noise = torch.randn(latents.shape, generator=generator)
            timesteps = even_timesteps(len(latents), generator)
            latents, noise, timesteps = share(latents), share(noise), share(timesteps)
            noisy = scheduler.add_noise(latents, noise, timesteps)
            target = scheduler.get_velocity(latents, noise, timesteps)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                velocity = painter(noisy, timesteps, share(tokens))
            squares = (velocity.float() - target).square()
            errors = (share(weights) * squares).mean(dim=(1, 2, 3))
            loss = errors.mean()
            training.descend(loss, step, cosine_rate(step, steps, PEAK_RATE))
            noisiest = errors[timesteps >= TRAINING_TIMESTEPS // 2].mean()
            log.add(step + 1, {"velocity": loss.item(), "noisy_half": noisiest.item()})

        training.run(steps, one_step, every=250)


def load_trained_painter(work: Path) -> Painter:
    """The painter of a work folder, with averaged weights."""
    painter = new_painter(work / "tokenizer")
    painter.load_state_dict((load_checkpoint(work / "unet.pt") or {})["average"])
    painter.eval().requires_grad_(False)
    return painter
