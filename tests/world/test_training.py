"""Training is deterministic, and resumes where it stopped."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.world import checkpoints, train_unet, train_vae
from benchmarks.world.checkpoints import LossLog, cosine_rate, load_checkpoint, save_atomically
from benchmarks.world.curve import main as draw_curve
from benchmarks.world.distill import ddim_step, velocity_to
from benchmarks.world.focus import cell_weights
from benchmarks.world.latents import Batches
from benchmarks.world.render import item_middle
from benchmarks.world.scene import training_scene
from benchmarks.world.text_start import load_started_text, train_text
from benchmarks.world.tokenizer import CONTEXT, load_tokenizer, write_tokenizer
from benchmarks.world.train_unet import even_timesteps, load_trained_painter, new_painter
from benchmarks.world.train_vae import encode, lesson, picture_batch, standardize
from benchmarks.world.vae_start import start_with_block_colours
from benchmarks.world.workers import run_workers


def small_batches(folder: Path) -> Batches:
    write_tokenizer(folder)
    latents = np.random.default_rng(0).standard_normal((12, 8, 16, 16)).astype(np.float16)
    return Batches(latents, load_tokenizer(folder), batch=4, unsaid=0.1)


def test_a_step_has_the_same_batch_whatever_came_before(tmp_path: Path) -> None:
    batches = small_batches(tmp_path)
    latents, tokens, weights = batches.step(7)
    again, tokens_again, weights_again = small_batches(tmp_path).step(7)
    assert torch.equal(latents, again)
    assert torch.equal(tokens, tokens_again)
    assert torch.equal(weights, weights_again)
    assert weights.shape == (4, 1, 16, 16)
    assert tokens.shape == (4, CONTEXT)


def test_an_epoch_shows_every_picture_once(tmp_path: Path) -> None:
    batches = small_batches(tmp_path)
    seen = torch.cat([batches.step(step)[0] for step in range(3)])
    assert len(torch.unique(seen.flatten(1), dim=0)) == 12


def small_training(work: Path, steps: int) -> None:
    batches = small_batches(work / "tokenizer")
    train_unet.train_unet(work, new_painter(work / "tokenizer"), batches, steps)


def assert_same_painter(first: Path, second: Path) -> None:
    weights, others = (load_trained_painter(work).state_dict() for work in (first, second))
    for name, value in weights.items():
        torch.testing.assert_close(value, others[name], atol=2e-3, rtol=1e-2)


def test_stopping_and_going_on_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_unet, "cosine_rate", lambda step, steps, peak: 1e-3)
    small_training(tmp_path / "a", 4)
    small_training(tmp_path / "b", 2)
    small_training(tmp_path / "b", 4)
    weights, others = (load_trained_painter(tmp_path / name).state_dict() for name in "ab")
    for name, value in weights.items():
        torch.testing.assert_close(value, others[name], atol=1e-6, rtol=1e-4)


def test_two_workers_do_what_one_does(tmp_path: Path) -> None:
    run_workers(1, small_training, tmp_path / "a", 3)
    run_workers(2, small_training, tmp_path / "b", 3)
    assert_same_painter(tmp_path / "a", tmp_path / "b")


def test_standardizing_keeps_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_vae, "MEASURED_PICTURES", 32)
    torch.manual_seed(0)
    vae = train_vae.new_vae().eval().requires_grad_(False)
    start_with_block_colours(vae)
    pictures = picture_batch(0, 4)
    before = vae.decode(encode(vae, pictures)).sample
    standardize(vae)
    torch.testing.assert_close(vae.decode(encode(vae, pictures)).sample, before, atol=2e-3, rtol=1e-2)
    flat = encode(vae, picture_batch(0, 32)).permute(1, 0, 2, 3).flatten(1)
    assert flat.mean(dim=1).abs().max() < 0.01
    assert flat.var(dim=1).mean() == pytest.approx(1.0, abs=0.01)


def test_the_head_start_copies_block_colours() -> None:
    torch.manual_seed(0)
    vae = train_vae.new_vae()
    start_with_block_colours(vae)
    pictures = picture_batch(0, 8)
    with torch.no_grad():
        output = vae.decode(encode(vae, pictures)).sample
    blocks = torch.nn.functional.avg_pool2d(pictures, 8)
    painted = torch.nn.functional.avg_pool2d(output, 8)
    assert torch.corrcoef(torch.stack([blocks.flatten(), painted.flatten()]))[0, 1] > 0.95


def test_lessons_are_crops_first_and_whole_pictures_last() -> None:
    pool = np.zeros((4, 128, 128, 3), dtype=np.uint8)
    assert lesson(pool, 0, whole=False).shape == (12, 3, 64, 64)
    assert lesson(pool, 0, whole=True).shape == (4, 3, 128, 128)


def test_objects_weigh_more_than_the_background() -> None:
    scenes = [training_scene(number) for number in range(200)]
    weights = cell_weights(scenes)
    assert weights.mean() == pytest.approx(1.0, abs=0.25)
    for scene, cells in zip(scenes, weights, strict=True):
        for item in scene.items:
            x, y = item_middle(item)
            assert cells[0, int(y) // 8, int(x) // 8] > 2 * cells.min()


def test_the_text_encoder_learns_to_name_what_is_asked_for(tmp_path: Path) -> None:
    write_tokenizer(tmp_path / "tokenizer")
    train_text(tmp_path, steps=100)
    losses = [
        json.loads(line)["cross_entropy"] for line in (tmp_path / "text-loss.jsonl").read_text().splitlines()
    ]
    assert losses[-1] < 0.6 * losses[0]
    painter = new_painter(tmp_path / "tokenizer")
    before = painter.text_encoder.state_dict()["final_layer_norm.weight"].clone()
    load_started_text(painter.text_encoder, tmp_path)
    assert not torch.equal(painter.text_encoder.state_dict()["final_layer_norm.weight"], before)


def test_timesteps_cover_the_schedule() -> None:
    chosen = even_timesteps(50, torch.Generator().manual_seed(1))
    assert sorted((chosen // 20).tolist()) == list(range(50))


def test_a_velocity_leads_to_its_goal() -> None:
    noisy, goal = torch.randn(4, 8, 16, 16), torch.randn(4, 8, 16, 16)
    now = torch.tensor([999, 749, 499, 249])
    velocity = velocity_to(noisy, goal, now, now - 250)
    torch.testing.assert_close(ddim_step(noisy, velocity, now, now - 250), goal, atol=1e-4, rtol=1e-4)


def test_checkpoints_are_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "state.pt"
    assert load_checkpoint(path) is None
    save_atomically({"step": 3}, path)
    assert load_checkpoint(path) == {"step": 3}
    assert list(path.parent.iterdir()) == [path]


def test_a_resumed_log_drops_what_will_be_done_again(tmp_path: Path) -> None:
    path = tmp_path / "unet-loss.jsonl"
    log = LossLog(path, 0, every=2)
    for step in range(1, 7):
        log.add(step, {"velocity": float(step)})
    LossLog(path, 4, every=2)
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(entry["step"], entry["velocity"]) for entry in entries] == [(2, 1.5), (4, 3.5)]
    assert draw_curve(["--work", str(tmp_path), "--out", str(tmp_path / "curve.png")]) == 0
    assert (tmp_path / "curve.png").stat().st_size > 1000


def test_no_logs_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert draw_curve(["--work", str(tmp_path)]) == 1
    assert "train first" in capsys.readouterr().err


def test_learning_rate_rises_and_falls() -> None:
    rates = [cosine_rate(step, 1000, 1.0) for step in range(1000)]
    assert max(rates) == pytest.approx(1.0)
    assert rates[0] < 0.01
    assert rates[-1] < 0.03


def test_averages_follow_slowly() -> None:
    layer = torch.nn.Linear(1, 1)
    average = checkpoints.Average(layer, 0.9)
    start = average.shadow["weight"].clone()
    torch.nn.init.constant_(layer.weight, 5.0)
    average.update(1000)
    torch.testing.assert_close(average.shadow["weight"], 0.9 * start + 0.1 * 5.0)
