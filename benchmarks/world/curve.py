"""Loss curves as a picture, drawn from the logs of training: ``python -m benchmarks.world.curve``."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from benchmarks.world.checkpoints import DEFAULT_WORK_FOLDER
from benchmarks.world.sheet import IMAGES

PANELS: Final = {
    "vae-loss": ("autoencoder: pixels and edges", "pixels"),
    "unet-loss": ("UNet and text encoder: velocity", "velocity"),
    "few-step-loss": ("few-step variant: velocity", "velocity"),
}
"""Name of a log to the title of its panel and the loss to draw."""

_WIDTH: Final = 420
_HEIGHT: Final = 260
_LEFT: Final = 52
_BOTTOM: Final = 34
_TOP: Final = 30


def read_log(path: Path, loss: str) -> list[tuple[int, float]]:
    """Steps and mean losses of a JSON-lines log."""
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    return [(int(entry["step"]), float(entry[loss])) for entry in entries]


def panel(title: str, points: Sequence[tuple[int, float]]) -> Image.Image:
    """One curve: steps to the right, loss upwards on a logarithmic scale."""
    image = Image.new("RGB", (_WIDTH, _HEIGHT), "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=11)
    low, high = min(loss for _, loss in points) * 0.95, max(loss for _, loss in points) * 1.05
    last = points[-1][0]

    def across(step: float) -> float:
        return _LEFT + step / last * (_WIDTH - _LEFT - 14)

    def up(loss: float) -> float:
        share = math.log(loss / low) / math.log(high / low)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - _TOP)

    draw.text((_LEFT, 8), title, fill="black", font=ImageFont.load_default(size=13))
    for index in range(5):
        loss = low * (high / low) ** (index / 4)
        draw.line([(_LEFT, up(loss)), (_WIDTH - 14, up(loss))], fill="#dddddd")
        draw.text((8, up(loss) - 6), f"{loss:.3f}", fill="#444444", font=font)
        step = last * index / 4
        draw.text((across(step) - 10, _HEIGHT - _BOTTOM + 6), f"{step:.0f}", fill="#444444", font=font)
    draw.line([(across(step), up(loss)) for step, loss in points], fill="#1f5fbf", width=2, joint="curve")
    return image


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw the panels of all logs that there are, side by side."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.world.curve", description=__doc__)
    parser.add_argument("--work", type=Path, default=DEFAULT_WORK_FOLDER)
    parser.add_argument("--out", type=Path, default=IMAGES / "loss-curve.png")
    options = parser.parse_args(arguments)
    panels = []
    for name, (title, loss) in PANELS.items():
        path = options.work / f"{name}.jsonl"
        if path.exists() and len(points := read_log(path, loss)) > 1:
            panels.append(panel(title, points))
    if not panels:
        print(f"no logs in {options.work}; train first: python -m benchmarks.world.build", file=sys.stderr)
        return 1
    image = Image.new("RGB", (_WIDTH * len(panels), _HEIGHT), "white")
    for number, part in enumerate(panels):
        image.paste(part, (number * _WIDTH, 0))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    image.save(options.out, optimize=True)
    print(options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
