"""The judge can tell, and the evaluation can fail: on shuffled prompts it must fall to chance."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.world.evaluate import chance, judged, judged_pairs, main, prompts_for, shuffled, table
from benchmarks.world.judge import half_with, load_judge
from benchmarks.world.render import render
from benchmarks.world.scene import held_out_scenes
from benchmarks.world.vocabulary import ATTRIBUTES

SCENES = held_out_scenes(240)
RENDERS = [render(scene, 70_000_000 + number) for number, scene in enumerate(SCENES)]


def test_the_judge_reads_renders() -> None:
    score = judged(load_judge(), SCENES, RENDERS)
    assert min(score.shares.values()) > 0.95
    assert score.mean > 0.98


def test_shuffled_renders_score_like_guesses() -> None:
    order = shuffled(len(SCENES))
    score = judged(load_judge(), SCENES, [RENDERS[int(number)] for number in order])
    for name in ATTRIBUTES:
        assert abs(score.shares[name] - chance().shares[name]) < 0.12


def test_the_judge_reads_pairs_by_halves() -> None:
    scenes = held_out_scenes(60, objects=2)
    pictures = [render(scene, 71_000_000 + number) for number, scene in enumerate(scenes)]
    assert judged_pairs(load_judge(), scenes, pictures).mean > 0.95
    assert judged_pairs(load_judge(), scenes, pictures[::-1]).central < 0.6


def test_halves() -> None:
    white = np.full((128, 128, 3), 255, dtype=np.uint8)
    for place, kept in {
        "left": np.s_[:, :64],
        "right": np.s_[:, 64:],
        "top": np.s_[:64],
        "bottom": np.s_[64:],
    }.items():
        shown = half_with(white, place)
        assert (shown[kept] == 255).all()
        assert (shown == 128).mean() == 0.5
    assert (half_with(white, "centre") == 255).all()


@pytest.mark.parametrize("count", [2, 3, 17, 324])
def test_shuffling_leaves_nothing_in_place(count: int) -> None:
    order = shuffled(count)
    assert sorted(order.tolist()) == list(range(count))
    assert (order != np.arange(count)).all()


def test_prompts_are_one_a_scene_and_always_the_same() -> None:
    assert len(set(prompts_for(SCENES))) > 235
    assert prompts_for(SCENES) == prompts_for(SCENES)


def test_table_has_a_row_an_attribute() -> None:
    text = table({"chance": chance()})
    assert all(f"| {name} |" in text for name in ATTRIBUTES)
    assert "| object | 8.3% |" in text


@pytest.mark.slow
def test_evaluation_passes_on_prompts_and_fails_on_shuffled_prompts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    small = ["--prompts", "54", "--steps", "12", "--threads", "1"]
    assert main([*small, "--at-least", "0.8"]) == 0
    assert "passed" in capsys.readouterr().out
    assert main([*small, "--at-least", "0.4", "--shuffled"]) == 1
    assert "FAILED" in capsys.readouterr().out
