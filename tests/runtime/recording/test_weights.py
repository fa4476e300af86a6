"""Weights that are no longer those of the folder: every number of a small tensor, a sample of a large one."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from aigif.runtime.recording import weights
from aigif.runtime.recording.reasons import Reasons
from tests.runtime.recording.pipes import load, refusal

LARGE = (1030, 1021)


def test_rows_after_the_first(sd: Path) -> None:
    pipe = load(sd)
    with torch.no_grad():
        pipe.unet.conv_out.weight[1:] += 0.5
    assert "conv_out.weight" in refusal(pipe)["pipe.unet"]


@pytest.mark.parametrize("place", [(0, 0), (3, 1), (-1, -1)])
def test_a_single_number_of_a_small_tensor(sd: Path, place: tuple[int, int]) -> None:
    pipe = load(sd)
    layer = pipe.text_encoder.get_input_embeddings()
    assert layer.weight.numel() <= weights.WHOLE
    with torch.no_grad():
        layer.weight[place] += 0.25
    assert "embedding" in refusal(pipe)["pipe.text_encoder"]


def test_a_large_tensor_as_it_was(compare: Callable[..., dict[str, str]]) -> None:
    for dtype in (torch.float32, torch.float16, torch.bfloat16):
        assert compare(lambda weight: None, dtype) == {}


def test_a_number_that_equals_nothing(compare: Callable[..., dict[str, str]]) -> None:
    """As a parameter that its model never sets may be."""
    assert compare(lambda weight: None, fill=float("nan")) == {}
    assert "weight" in str(compare(lambda weight: weight.fill_(0.5), fill=float("nan")))


@pytest.mark.parametrize("renamed", [False, True])
def test_a_large_tensor_of_other_order(compare: Callable[..., dict[str, str]], renamed: bool) -> None:
    assert compare(lambda weight: None, transposed=True, renamed=renamed) == {}


@pytest.mark.parametrize("renamed", [False, True])
@pytest.mark.parametrize(
    "change",
    [
        lambda weight: weight[1:].add_(0.5),
        lambda weight: weight[:1].add_(0.5),
        lambda weight: weight[:, 700].add_(0.5),
        lambda weight: weight[500:532].mul_(1.5),
        lambda weight: weight[-40:].mul_(1.5),
    ],
    ids=["all but the first row", "the first row", "a column", "rows in the middle", "the last rows"],
)
def test_a_part_of_a_large_tensor(
    compare: Callable[..., dict[str, str]], change: Callable[[Any], Any], renamed: bool
) -> None:
    assert "weight" in compare(change, renamed=renamed)["pipe.unet"]


@pytest.mark.parametrize("count", [weights.WHOLE + 1, 2 * weights.WHOLE, 999_983, 4_000_000])
def test_the_runs_are_spread_evenly(count: int) -> None:
    runs = weights._sample(torch.arange(count))
    starts = runs[:, 0]
    assert runs.shape[1] == weights.RUN
    assert weights.RUNS <= len(runs) <= 2 * weights.RUNS
    assert len(set((starts[1:] - starts[:-1]).tolist())) == 1
    assert starts[0] == 0
    assert count - int(runs[-1, -1]) <= count // (weights.RUNS - 1)
    assert torch.equal(weights._sample(torch.arange(weights.WHOLE)), torch.arange(weights.WHOLE))


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="counts pages as Linux does")
def test_a_large_file_is_not_read_whole(tmp_path: Path) -> None:
    file, size = tmp_path / "large.safetensors", 2**30
    with file.open("wb") as opened:
        header = json.dumps({"weight": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
        opened.write(len(header).to_bytes(8, "little") + header)
        opened.truncate(8 + len(header) + size)  # zeros that take no room on the disk
    with safe_open(file, framework="pt") as tensors:
        before = resident()
        sample = weights._sample(tensors.get_tensor("weight"))
        assert torch.equal(sample, torch.zeros_like(sample))
        assert resident() - before < size // 4


@pytest.fixture(name="compare")
def _compare(tmp_path: Path) -> Callable[..., dict[str, str]]:
    def compare(
        change: Callable[[Any], Any],
        dtype: Any = torch.float32,
        *,
        renamed: bool = False,
        transposed: bool = False,
        fill: float | None = None,
    ) -> dict[str, str]:
        """The reasons against a network of one large layer that was saved, loaded as `dtype`, and changed."""
        (tmp_path / "unet").mkdir(exist_ok=True)
        layer = torch.nn.Linear(LARGE[1], LARGE[0], bias=False)
        if fill is not None:
            layer.weight.data[7] = fill
        stored = layer.weight.detach().clone()
        save_file({"other" if renamed else "weight": stored}, tmp_path / "unet" / "model.safetensors")
        layer.to(dtype)
        if transposed:
            layer.weight.data = layer.weight.data.t().contiguous().t()
        with torch.no_grad():
            change(layer.weight)
        pipe = type("StableDiffusionPipeline", (), {"components": {"unet": layer}})()
        folder: Any = SimpleNamespace(path=tmp_path, weights=("unet/model.safetensors",))
        reasons = Reasons()
        weights.check_weights(pipe, folder, reasons)
        return {what: why.replace("other", "weight") for what, why in reasons.problems.items()}

    return compare


def resident() -> int:
    """How many bytes of this process are in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
