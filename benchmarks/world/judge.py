"""The judge: a small classifier, trained on renders only, that reads the attributes off a picture.

It never sees the text-to-image model. Of a picture with two objects it is shown one half at a time.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.world.checkpoints import LossLog, cosine_rate, set_rate
from benchmarks.world.render import render
from benchmarks.world.scene import Scene, random_scene
from benchmarks.world.train_vae import to_tensor
from benchmarks.world.vocabulary import ATTRIBUTES, PICTURE_SIDE

WEIGHTS: Final = Path(__file__).with_name("judge.safetensors")
STEPS: Final = 1600
_BATCH: Final = 32
_PEAK_RATE: Final = 2e-3
_GREY: Final = 128
_HALF: Final = PICTURE_SIDE // 2


def _stage(narrow: int, wide: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(narrow, wide, 3, stride=stride, padding=1), nn.GroupNorm(1, wide), nn.SiLU(),
        nn.Conv2d(wide, wide, 3, padding=1), nn.GroupNorm(1, wide), nn.SiLU(),
    )  # fmt: skip


class Judge(nn.Module):
    """Seven classifiers on shared features; pictures (n, 3, 128, 128) of -1 to 1.

    The features are what there is anywhere (a maximum over places, for objects) and what is where.
    """

    def __init__(self) -> None:
        super().__init__()
        self.near = nn.Sequential(_stage(3, 24, 2), _stage(24, 32, 2), _stage(32, 64, 2), _stage(64, 96, 1))
        self.where = nn.Sequential(nn.Conv2d(96, 16, 2, stride=2), nn.SiLU(), nn.Flatten())
        self.mix = nn.Sequential(nn.Linear(16 * 64 + 96, 96), nn.SiLU())
        self.heads = nn.ModuleDict({name: nn.Linear(96, len(values)) for name, values in ATTRIBUTES.items()})

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        """Scores of the values of every attribute, each of shape (n, values)."""
        near = self.near(pictures)
        features = self.mix(torch.cat([self.where(near), near.amax(dim=(2, 3))], dim=1))
        return {name: head(features) for name, head in self.heads.items()}


def half_with(picture: NDArray[np.uint8], place: str) -> NDArray[np.uint8]:
    """The picture with the half that faces ``place`` (left, right, top or bottom) greyed out."""
    shown = picture.copy()
    if place == "left":
        shown[:, _HALF:] = _GREY
    elif place == "right":
        shown[:, :_HALF] = _GREY
    elif place == "top":
        shown[_HALF:] = _GREY
    elif place == "bottom":
        shown[:_HALF] = _GREY
    return shown


def _lesson(number: int) -> tuple[Tensor, Tensor]:
    """Pictures and labels of a training step, slightly blurred, faded or noisy as generated ones are."""
    rng = np.random.default_rng([6, number])
    pictures, labels = [], []
    for index in range(_BATCH):
        scene = random_scene(rng)
        picture = render(scene, number * _BATCH + index + 50_000_000)
        if len(scene.items) == 2:
            item = scene.items[int(rng.integers(2))]
            picture = half_with(picture, item.place)
            scene = Scene((item,), scene.background, scene.time, scene.style)
        pictures.append(picture)
        labels.append(scene.labels())
    batch = to_tensor(pictures)
    generator = torch.Generator().manual_seed(number)
    blurred = functional.avg_pool2d(functional.pad(batch, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    share = torch.rand(_BATCH, 1, 1, 1, generator=generator).square()
    batch = batch + share * (blurred - batch)
    strength = 0.1 * torch.rand(_BATCH, 1, 1, 1, generator=generator)
    batch = batch + strength * torch.randn(batch.shape, generator=generator)
    batch = batch * (0.92 + 0.16 * torch.rand(_BATCH, 1, 1, 1, generator=generator))
    return batch.clamp(-1, 1), torch.tensor(labels)


def train_judge(work: Path, steps: int = STEPS) -> Judge:
    """Train a judge on renders and write it to ``WEIGHTS`` as fp16."""
    torch.manual_seed(3)
    judge = Judge()
    optimizer = torch.optim.AdamW(judge.parameters(), lr=_PEAK_RATE, weight_decay=1e-3)
    log = LossLog(work / "judge-loss.jsonl", 0, every=100)
    with ThreadPoolExecutor(1) as renderer:
        waiting = renderer.submit(_lesson, 0)
        for step in range(steps):
            pictures, labels = waiting.result()
            waiting = renderer.submit(_lesson, step + 1)
            set_rate(optimizer, cosine_rate(step, steps, _PEAK_RATE))
            with torch.autocast("cpu", dtype=torch.bfloat16):
                scores = judge(pictures)
            losses = [
                functional.cross_entropy(score.float(), labels[:, column])
                for column, score in enumerate(scores.values())
            ]
            loss = torch.stack(losses).sum()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(judge.parameters(), 1.0)
            optimizer.step()
            log.add(step + 1, {"cross_entropy": loss.item()})
    save_file({name: value.half().contiguous() for name, value in judge.state_dict().items()}, WEIGHTS)
    return load_judge()


def load_judge(path: Path = WEIGHTS) -> Judge:
    """The judge kept in the repository, computing in float32."""
    judge = Judge()
    judge.load_state_dict({name: value.float() for name, value in load_file(path).items()})
    judge.eval().requires_grad_(False)
    return judge


@torch.no_grad()
def read_attributes(judge: Judge, pictures: list[NDArray[np.uint8]]) -> NDArray[np.int64]:
    """Class numbers of every attribute of pictures (128, 128, 3): shape (n, 7)."""
    found = []
    for start in range(0, len(pictures), 64):
        scores = judge(to_tensor(pictures[start : start + 64]))
        found.append(torch.stack([score.argmax(dim=1) for score in scores.values()], dim=1).numpy())
    return np.concatenate(found)
