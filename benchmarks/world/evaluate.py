"""How often the model gets a prompt right, attribute by attribute: ``python -m benchmarks.world.evaluate``.

Prompts ask for combinations of object, colour and place that no training picture shows. A judge that
was trained on renders alone reads the pictures. With ``--shuffled`` every picture is painted from
another scene's prompt, so that the figures must fall to chance.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.world.export import PACKAGED
from benchmarks.world.judge import Judge, half_with, load_judge, read_attributes
from benchmarks.world.painting import GUIDANCE, SCHEDULERS, STEPS, few_step_settings, load_pipeline, paint
from benchmarks.world.prompts import complete_phrase
from benchmarks.world.render import render
from benchmarks.world.scene import Scene, held_out_scenes
from benchmarks.world.vocabulary import ATTRIBUTES

PROMPTS = 324
PASS_MARK = 0.85
ITEM_ATTRIBUTES = ("object", "colour", "place", "size")


@dataclass(frozen=True, slots=True)
class Score:
    """Share of right answers, 0 to 1, for each attribute."""

    shares: dict[str, float]

    @property
    def mean(self) -> float:
        """Mean over the attributes."""
        return sum(self.shares.values()) / len(self.shares)

    @property
    def central(self) -> float:
        """Mean over object, colour and place."""
        return sum(self.shares[name] for name in ("object", "colour", "place")) / 3


def prompts_for(scenes: Sequence[Scene]) -> list[str]:
    """One prompt a scene, saying all of its attributes, in wordings that vary."""
    return [complete_phrase(scene, np.random.default_rng([7, number])) for number, scene in enumerate(scenes)]


def shuffled(count: int) -> NDArray[np.int64]:
    """An order of ``count`` > 1 things, always the same, in which nothing stays in its place."""
    order = np.random.default_rng(8).permutation(count)
    moved = np.empty(count, dtype=np.int64)
    moved[order] = np.roll(order, 1)
    return moved


def judged(judge: Judge, scenes: Sequence[Scene], pictures: list[NDArray[np.uint8]]) -> Score:
    """The score of pictures of scenes with one object each."""
    right = read_attributes(judge, pictures) == np.array([scene.labels() for scene in scenes])
    return Score(dict(zip(ATTRIBUTES, right.mean(axis=0).tolist(), strict=True)))


def judged_pairs(judge: Judge, scenes: Sequence[Scene], pictures: list[NDArray[np.uint8]]) -> Score:
    """The score of pictures of scenes with two objects each: every object in its own half."""
    halves, owners = [], []
    for scene, picture in zip(scenes, pictures, strict=True):
        for item in scene.items:
            halves.append(half_with(picture, item.place))
            owners.append(Scene((item,), scene.background, scene.time, scene.style))
    return judged(judge, owners, halves)


def chance() -> Score:
    """What guessing would score."""
    return Score({name: 1 / len(values) for name, values in ATTRIBUTES.items()})


def table(columns: dict[str, Score]) -> str:
    """Scores as a Markdown table in per cent, one row an attribute."""
    rows = [f"| attribute | {' | '.join(columns)} |", "|---" + "|---:" * len(columns) + "|"]
    rows.extend(_row(name, [score.shares[name] for score in columns.values()]) for name in ATTRIBUTES)
    rows.append(_row("**object, colour, place**", [score.central for score in columns.values()]))
    rows.append(_row("**all seven**", [score.mean for score in columns.values()]))
    return "\n".join(rows)


def _row(name: str, shares: Sequence[float]) -> str:
    return f"| {name} | " + " | ".join(f"{share:.1%}" for share in shares) + " |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 0 if the mean reaches ``--at-least``, 1 if not."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.world.evaluate", description=__doc__)
    parser.add_argument("--folder", type=Path, default=PACKAGED, help="pipeline to evaluate")
    parser.add_argument("--prompts", type=int, default=PROMPTS, help="held-out prompts")
    parser.add_argument("--objects", type=int, choices=(1, 2), default=1, help="objects a prompt")
    parser.add_argument("--scheduler", choices=sorted(SCHEDULERS), default="ddim")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--guidance", type=float, default=GUIDANCE)
    parser.add_argument("--few-step", action="store_true", help="use the distilled variant and its settings")
    parser.add_argument("--shuffled", action="store_true", help="paint from another scene's prompt")
    parser.add_argument("--at-least", type=float, default=PASS_MARK, help="mean share of attributes to pass")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads of torch")
    parser.add_argument("--json", type=Path, help="also write the shares to this file")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    steps, guidance = few_step_settings() if options.few_step else (options.steps, options.guidance)

    judge = load_judge()
    scenes = held_out_scenes(options.prompts, options.objects)
    prompts = prompts_for(scenes)
    if options.shuffled:
        prompts = [prompts[int(number)] for number in shuffled(len(prompts))]
    pipeline = load_pipeline(options.folder, options.scheduler, options.few_step)
    seeds = range(1, len(prompts) + 1)
    pictures = paint(pipeline, prompts, seeds, steps, guidance)
    scoring = judged if options.objects == 1 else judged_pairs
    renders = [render(scene, 90_000_000 + number) for number, scene in enumerate(scenes)]
    columns = {
        "shuffled prompts" if options.shuffled else "model": scoring(judge, scenes, pictures),
        "renders (the judge's limit)": scoring(judge, scenes, renders),
        "chance": chance(),
    }
    measured = next(iter(columns.values()))
    print(
        f"{len(prompts)} held-out prompts, {options.objects} object(s) each, {options.scheduler}, "
        f"{steps} steps, guidance {guidance:g}{', few-step weights' if options.few_step else ''}\n"
    )
    print(table(columns))
    if options.json:
        options.json.write_text(json.dumps({**measured.shares, "mean": measured.mean}, indent=2) + "\n")
    passed = measured.mean >= options.at_least
    print(
        f"\n{'passed' if passed else 'FAILED'}: {measured.mean:.1%} of attributes right, "
        f"{options.at_least:.0%} asked"
    )
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
