"""A head start for the text encoder: before it meets the UNet, it learns to name what a prompt asks for.

Linear classifiers on the mean of its states are trained along, and thrown away.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from transformers import CLIPTextModel

from benchmarks.world.architecture import TEXT_WIDTH
from benchmarks.world.checkpoints import LossLog, cosine_rate, load_checkpoint, save_atomically, set_rate
from benchmarks.world.export import fresh_text_encoder
from benchmarks.world.latents import tokens
from benchmarks.world.prompts import phrase
from benchmarks.world.scene import training_scene
from benchmarks.world.tokenizer import load_tokenizer
from benchmarks.world.vocabulary import ATTRIBUTES

TEXT_TRAINED: Final = "text.pt"
STEPS: Final = 500
_BATCH: Final = 48
_PEAK_RATE: Final = 1e-3


def train_text(work: Path, steps: int = STEPS) -> None:
    """Train a text encoder on prompts of scenes with one object and write it to ``work``."""
    torch.manual_seed(5)
    tokenizer = load_tokenizer(work / "tokenizer")
    encoder = fresh_text_encoder(work / "tokenizer")
    encoder.set_attn_implementation("eager")
    heads = nn.ModuleList(nn.Linear(TEXT_WIDTH, len(values)) for values in ATTRIBUTES.values())
    parameters = [*encoder.parameters(), *heads.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=_PEAK_RATE, betas=(0.9, 0.99), weight_decay=0.01)
    log = LossLog(work / "text-loss.jsonl", 0)
    number = 0
    for step in range(steps):
        rng = np.random.default_rng([10, step])
        prompts: list[str] = []
        labels: list[list[int]] = []
        while len(prompts) < _BATCH:
            scene = training_scene(number)
            number += 1
            if len(scene.items) == 1:
                prompts.append(phrase(scene, rng))
                labels.append(scene.labels())
        set_rate(optimizer, cosine_rate(step, steps, _PEAK_RATE, warmup=50))
        answers = torch.tensor(labels)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            mean = encoder(tokens(tokenizer, prompts)).last_hidden_state.mean(dim=1)
            scores = [head(mean).float() for head in heads]
        losses = [functional.cross_entropy(score, answers[:, column]) for column, score in enumerate(scores)]
        loss = torch.stack(losses).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        log.add(step + 1, {"cross_entropy": loss.item()})
    save_atomically(encoder.state_dict(), work / TEXT_TRAINED)


def load_started_text(encoder: CLIPTextModel, work: Path) -> None:
    """Give an encoder the weights of ``train_text``."""
    encoder.load_state_dict(load_checkpoint(work / TEXT_TRAINED) or {})
