"""The few-step variant: what is trained is what the file adds to the UNet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open

from benchmarks.world.checkpoints import save_atomically
from benchmarks.world.distill import TEACHER_STEPS_EACH, ddim_step, distill, few_step_tensors, teacher_goal
from benchmarks.world.few_step import add_low_rank, product, write_few_step
from benchmarks.world.latents import Batches, tokens
from benchmarks.world.tokenizer import load_tokenizer, write_tokenizer
from benchmarks.world.train_unet import new_painter


def test_product_is_what_two_layers_in_a_row_do() -> None:
    narrow, wide = torch.randn(3, 5, 3, 3), torch.randn(7, 3, 1, 1)
    pictures = torch.randn(2, 5, 9, 9)
    both = torch.nn.functional.conv2d(torch.nn.functional.conv2d(pictures, narrow), wide)
    torch.testing.assert_close(
        torch.nn.functional.conv2d(pictures, product(narrow, wide)), both, atol=1e-4, rtol=1e-4
    )


def test_a_trained_file_changes_the_unet_and_fits_the_budget(tmp_path: Path) -> None:
    write_tokenizer(tmp_path / "tokenizer")
    tokenizer = load_tokenizer(tmp_path / "tokenizer")
    latents = np.random.default_rng(0).standard_normal((12, 8, 16, 16)).astype(np.float16)
    batches = Batches(latents, tokenizer, batch=4, unsaid=0.0)
    teacher = new_painter(tmp_path / "tokenizer").eval().requires_grad_(False)
    distill(tmp_path, teacher, batches, tokens(tokenizer, [""]), 3)
    tensors = few_step_tensors(tmp_path)
    write_few_step(tensors, tmp_path / "few.safetensors")
    assert (tmp_path / "few.safetensors").stat().st_size < 1_000_000
    with safe_open(tmp_path / "few.safetensors", "pt") as file:
        assert file.metadata() == {"format": "pt"}
    before = teacher.unet.conv_in.weight.clone()
    add_low_rank(teacher.unet, tmp_path / "few.safetensors")
    change = product(
        tensors["unet.conv_in.lora_A.weight"].float(), tensors["unet.conv_in.lora_B.weight"].float()
    )
    assert change.abs().max() > 0
    torch.testing.assert_close(teacher.unet.conv_in.weight - before, change, atol=1e-6, rtol=1e-4)


def test_a_file_for_another_unet_is_refused(tmp_path: Path) -> None:
    write_tokenizer(tmp_path / "tokenizer")
    unet = new_painter(tmp_path / "tokenizer").unet
    tensors = {
        "unet.nowhere.lora_A.weight": torch.zeros(1, 2),
        "unet.nowhere.lora_B.weight": torch.zeros(2, 1),
    }
    write_few_step(tensors, tmp_path / "few.safetensors")
    with pytest.raises(KeyError, match="nowhere"):
        add_low_rank(unet, tmp_path / "few.safetensors")


def test_the_goal_is_the_teachers_guided_walk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tokenizer(tmp_path / "tokenizer")
    teacher = new_painter(tmp_path / "tokenizer").eval().requires_grad_(False)
    noisy, now = torch.randn(2, 8, 16, 16), torch.tensor([999, 249])
    states = torch.randn(2, 40, 128)
    # With equal states, guidance changes nothing, and the walk is plain DDIM.
    expected, reached = noisy, now
    for part in range(1, TEACHER_STEPS_EACH + 1):
        later = now - 250 * part // TEACHER_STEPS_EACH
        velocity = teacher.unet(expected, reached, states[:1].expand(2, -1, -1)).sample
        expected, reached = ddim_step(expected, velocity, reached, later), later
    goal = teacher_goal(teacher, noisy, now, states[:1].expand(2, -1, -1), states[:1])
    assert reached.tolist() == [749, -1]
    torch.testing.assert_close(goal, expected, atol=1e-3, rtol=1e-3)


def test_no_checkpoint_no_tensors(tmp_path: Path) -> None:
    save_atomically({"average": {}}, tmp_path / "few-step.pt")
    assert few_step_tensors(tmp_path) == {}


def test_equal_tensors_give_equal_files(tmp_path: Path) -> None:
    tensors = {"unet.a.lora_A.weight": torch.ones(2, 3), "unet.a.lora_B.weight": torch.ones(3, 2)}
    for name in range(8):
        write_few_step(tensors, tmp_path / f"{name}.safetensors")
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 1
