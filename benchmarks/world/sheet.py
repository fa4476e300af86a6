"""A contact sheet of prompts and the pictures painted from them: ``python -m benchmarks.world.sheet``.

The prompts are held-out ones at even distances in their fixed order, not a choice of the best.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from benchmarks.world.evaluate import PROMPTS, prompts_for
from benchmarks.world.export import PACKAGED
from benchmarks.world.painting import GUIDANCE, SCHEDULERS, STEPS, few_step_settings, load_pipeline, paint
from benchmarks.world.scene import held_out_scenes
from benchmarks.world.vocabulary import PICTURE_SIDE

IMAGES: Final = Path(__file__).resolve().parents[2] / "docs" / "images"
OUTSIDE: Final = (
    "an astronaut riding a horse on the moon",
    "portrait of an old fisherman, oil on canvas",
    "Ein roter Ball am Strand",
    "",
)
"""Prompts that the world has no pictures for."""

_GAP: Final = 10
_TEXT_HEIGHT: Final = 96


def wrapped(text: str, font: ImageFont.ImageFont | ImageFont.FreeTypeFont) -> list[str]:
    """The text in lines no wider than a picture."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= PICTURE_SIDE or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def contact_sheet(prompts: Sequence[str], pictures: Sequence[NDArray[np.uint8]], columns: int) -> Image.Image:
    """Pictures in rows, each above its prompt."""
    cell = PICTURE_SIDE + _GAP
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * cell + _GAP, rows * (cell + _TEXT_HEIGHT) + _GAP), "white")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=11)
    for number, (prompt, picture) in enumerate(zip(prompts, pictures, strict=True)):
        row, column = divmod(number, columns)
        x, y = _GAP + column * cell, _GAP + row * (cell + _TEXT_HEIGHT)
        sheet.paste(Image.fromarray(picture), (x, y))
        words = "\n".join(wrapped(prompt or "(empty prompt)", font))
        draw.multiline_text((x, y + PICTURE_SIDE + 3), words, fill="black", font=font, spacing=2)
    return sheet


def main(arguments: Sequence[str] | None = None) -> int:
    """Paint and write the sheet."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.world.sheet", description=__doc__)
    parser.add_argument("--folder", type=Path, default=PACKAGED)
    parser.add_argument("--out", type=Path, default=IMAGES / "contact-sheet.png")
    parser.add_argument("--pictures", type=int, default=28, help="held-out prompts with one object")
    parser.add_argument("--pairs", type=int, default=4, help="held-out prompts with two objects")
    parser.add_argument("--columns", type=int, default=6)
    parser.add_argument("--scheduler", choices=sorted(SCHEDULERS), default="ddim")
    parser.add_argument("--few-step", action="store_true")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads of torch")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    steps, guidance = few_step_settings() if options.few_step else (STEPS, GUIDANCE)
    prompts = [
        *prompts_for(held_out_scenes(PROMPTS))[:: PROMPTS // options.pictures][: options.pictures],
        *prompts_for(held_out_scenes(options.pairs, 2)),
        *OUTSIDE,
    ]
    pipeline = load_pipeline(options.folder, options.scheduler, options.few_step)
    pictures = paint(pipeline, prompts, range(1, len(prompts) + 1), steps, guidance)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    contact_sheet(prompts, pictures, options.columns).save(options.out, optimize=True)
    print(f"{len(pictures)} pictures: {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
