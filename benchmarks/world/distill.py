"""Distils the UNet into a few-step variant: progressive distillation with guidance folded in, as LoRA.

From a noisy latent at one of the few timesteps, the teacher takes several guided DDIM steps to the
next; the student learns to land there in one step, without guidance. Salimans and Ho, "Progressive
Distillation for Fast Sampling of Diffusion Models" (2022); Meng et al., "On Distillation of Guided
Diffusion Models" (2023).
"""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from benchmarks.world.architecture import TRAINING_TIMESTEPS, UNet, new_scheduler
from benchmarks.world.checkpoints import LossLog, cosine_rate, load_checkpoint
from benchmarks.world.few_step import FEW_STEPS, PREFIX, RANK, adaptable, product
from benchmarks.world.latents import Batches
from benchmarks.world.train_unet import Painter
from benchmarks.world.training import Training
from benchmarks.world.workers import share

BATCH: Final = 32
PEAK_RATE: Final = 2e-3
GUIDANCE: Final = 3.0
TEACHER_STEPS_EACH: Final = 4
"""Teacher's steps for one of the student's."""


class LowRank(nn.Module):
    """A weight plus a trainable low-rank change; the change begins at zero."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        rank = min(RANK, weight.shape[0])
        tail = weight.shape[2:]
        self.narrow = nn.Parameter(torch.randn(rank, *weight.shape[1:]) / weight[0].numel() ** 0.5)
        self.wide = nn.Parameter(torch.zeros(weight.shape[0], rank, *(1 for _ in tail)))

    def forward(self, weight: Tensor) -> Tensor:
        """The changed weight, of the shape of ``weight``."""
        return weight + product(self.narrow, self.wide)


def new_student(teacher: UNet) -> tuple[UNet, nn.ModuleDict]:
    """A copy of the teacher with low-rank changes, and those changes by module name (dots as slashes)."""
    torch.manual_seed(4)
    student = deepcopy(teacher).requires_grad_(False)
    changes = nn.ModuleDict()
    for name, module in adaptable(student).items():
        change = LowRank(module.weight)
        parametrize.register_parametrization(module, "weight", change)
        changes[name.replace(".", "/")] = change
    return student, changes


def signal_and_noise(timesteps: Tensor) -> tuple[Tensor, Tensor]:
    """Shares of signal and noise at timesteps; timestep -1 is the clean latent. Shapes (n, 1, 1, 1)."""
    kept = torch.cat([torch.ones(1), new_scheduler().alphas_cumprod])[timesteps + 1].view(-1, 1, 1, 1)
    return kept.sqrt(), (1 - kept).sqrt()


def ddim_step(noisy: Tensor, velocity: Tensor, now: Tensor, later: Tensor) -> Tensor:
    """Noisy latents moved from timestep ``now`` to the less noisy ``later`` along a velocity."""
    signal, noise = signal_and_noise(now)
    clean, direction = signal * noisy - noise * velocity, noise * noisy + signal * velocity
    signal, noise = signal_and_noise(later)
    return signal * clean + noise * direction


def velocity_to(noisy: Tensor, goal: Tensor, now: Tensor, later: Tensor) -> Tensor:
    """The velocity with which one ``ddim_step`` from ``noisy`` ends at ``goal``."""
    signal, noise = signal_and_noise(now)
    signal_later, noise_later = signal_and_noise(later)
    return (goal - (signal_later * signal + noise_later * noise) * noisy) / (
        noise_later * signal - signal_later * noise
    )


@torch.no_grad()
def teacher_goal(teacher: Painter, noisy: Tensor, now: Tensor, states: Tensor, empty: Tensor) -> Tensor:
    """Where ``TEACHER_STEPS_EACH`` guided steps of the teacher lead, a student's step further on."""
    stride = TRAINING_TIMESTEPS // FEW_STEPS
    both = torch.cat([empty.expand(len(states), -1, -1), states])
    reached = now
    for part in range(1, TEACHER_STEPS_EACH + 1):
        plain, told = (
            teacher.unet(torch.cat([noisy] * 2), torch.cat([reached] * 2), both).sample.float().chunk(2)
        )
        later = now - stride * part // TEACHER_STEPS_EACH
        noisy = ddim_step(noisy, plain + GUIDANCE * (told - plain), reached, later)
        reached = later
    return noisy


def distill(work: Path, teacher: Painter, batches: Batches, empty_tokens: Tensor, steps: int) -> None:
    """Train, or go on training, for ``steps`` steps in all; checkpoints go to ``work``. For ``run_workers``."""
    student, changes = new_student(teacher.unet)
    optimizer = torch.optim.AdamW(changes.parameters(), lr=PEAK_RATE, betas=(0.9, 0.99), weight_decay=0.0)
    training = Training(changes, optimizer, 0.99, work / "few-step.pt")
    log = LossLog(work / "few-step-loss.jsonl", training.first)
    scheduler = new_scheduler()
    stride = TRAINING_TIMESTEPS // FEW_STEPS
    with torch.no_grad():
        empty = teacher.text_encoder(empty_tokens).last_hidden_state

    def one_step(step: int) -> None:
        latents, tokens, weights = batches.step(step)
        generator = torch.Generator().manual_seed(10_000_000 + step)
        noise = torch.randn(latents.shape, generator=generator)
        now = TRAINING_TIMESTEPS - 1 - stride * (torch.arange(len(latents)) % FEW_STEPS)
        latents, noise, now, tokens = share(latents), share(noise), share(now), share(tokens)
        noisy = scheduler.add_noise(latents, noise, now)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            with torch.no_grad():
                states = teacher.text_encoder(tokens).last_hidden_state
                goal = teacher_goal(teacher, noisy, now, states, empty)
            velocity = student(noisy, now, states).sample.float()
        target = velocity_to(noisy, goal, now, now - stride)
        loss = (share(weights) * (velocity - target).square()).mean()
        training.descend(loss, step, cosine_rate(step, steps, PEAK_RATE, warmup=50))
        log.add(step + 1, {"velocity": loss.item()})

    training.run(steps, one_step, every=200)


def few_step_tensors(work: Path) -> dict[str, Tensor]:
    """The tensors of the few-step file, from the last checkpoint in a work folder."""
    tensors = {}
    for name, value in (load_checkpoint(work / "few-step.pt") or {})["average"].items():
        module, _, side = name.rpartition(".")
        key = PREFIX + module.replace("/", ".") + (".lora_A.weight" if side == "narrow" else ".lora_B.weight")
        tensors[key] = value.half().contiguous()
    return tensors
