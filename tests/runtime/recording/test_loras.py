"""LoRAs on a recorded pipeline: known by their file, weighed as they act, refused where the file isn't known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import aigif
from aigif.runtime.recording import record
from tests.runtime import tiny
from tests.runtime.recording.pipes import PROMPT, assert_exact, load, refusal, settings


@pytest.fixture(scope="module", name="file")
def _file(sd: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save_lora(sd, tmp_path_factory.mktemp("lora") / "style.safetensors", alpha=3)


@pytest.fixture(name="pipe")
def _pipe(sd: Path, file: Path) -> Any:
    pipe = load(sd)
    pipe.load_lora_weights(str(file.parent), weight_name=file.name, adapter_name="style")
    return pipe


def record_with(pipe: Any, *files: Path) -> list[Any]:
    with record(pipe, adapters=files) as rec:
        pipe(PROMPT, **settings())
    return rec.pictures


def test_a_lora_with_its_file(sd: Path, file: Path, pipe: Any) -> None:
    pipe.set_adapters(["style"], adapter_weights=[0.7])
    (one,) = record_with(pipe, file)
    (adapter,) = one.aigif.model.adapters
    assert (adapter.name, adapter.weight, adapter.text_weight) == ("style", 0.7, 0.7)
    assert len(adapter.weight_hash) == 8
    assert_exact([one], sd, adapter=file)


def test_other_weights_for_the_text_model(sd: Path, file: Path, pipe: Any) -> None:
    pipe.set_adapters(["style"], adapter_weights=[{"unet": 0.35, "text_encoder": 1.2}])
    (one,) = record_with(pipe, file)
    (adapter,) = one.aigif.model.adapters
    assert (adapter.weight, adapter.text_weight) == (0.35, 1.2)
    assert_exact([one], sd, adapter=file)


def test_two_loras(sd: Path, file: Path, pipe: Any, tmp_path: Path) -> None:
    second = tiny.save_lora(sd, tmp_path / "second.safetensors", seed=11)
    pipe.load_lora_weights(str(second.parent), weight_name=second.name, adapter_name="second")
    pipe.set_adapters(["second", "style"], adapter_weights=[0.5, 0.25])
    (one,) = record_with(pipe, file, second)
    assert [(entry.name, entry.weight) for entry in one.aigif.model.adapters] == [
        ("second", 0.5),
        ("style", 0.25),
    ]
    assert_exact([one], sd, adapter=[file, second])


def test_without_its_file_it_is_refused(pipe: Any) -> None:
    reasons = refusal(pipe)
    assert list(reasons) == ["adapter style"]
    assert "adapters=" in reasons["adapter style"]


def test_a_lora_that_does_not_act_is_no_matter(sd: Path, pipe: Any) -> None:
    pipe.disable_lora()
    (one,) = record_with(pipe)
    assert one.aigif.model.adapters == ()
    assert_exact([one], sd)


def test_another_file(sd: Path, pipe: Any, tmp_path: Path) -> None:
    other = tiny.save_lora(sd, tmp_path / "other.safetensors", seed=5)
    reasons = refusal(pipe, options={"adapters": other})
    assert set(reasons) == {"adapter other.safetensors", "adapter style"}
    missing = refusal(pipe, options={"adapters": tmp_path / "missing.safetensors"})
    assert "adapter style" in missing
    assert len(missing) == 2


def test_a_fused_lora(file: Path, pipe: Any) -> None:
    pipe.fuse_lora()
    assert "fused" in refusal(pipe, options={"adapters": file})["pipe.unet"]
    for part in (pipe.unet, pipe.text_encoder):  # nothing tells of it any more but the weights
        for layer in part.modules():
            for name, held in list(layer.named_children()):
                if hasattr(held, "base_layer"):
                    setattr(layer, name, held.base_layer)
        part.peft_config = {}
    assert "its weights are not those of its folder" in refusal(pipe)["pipe.unet"]


def test_weights_that_differ_from_layer_to_layer(file: Path, pipe: Any) -> None:
    pipe.set_adapters(["style"], adapter_weights=[{"unet": {"down": 0.3, "up": 0.9, "mid": 1.0}}])
    reasons = refusal(pipe, options={"adapters": file})
    assert "layer to layer" in reasons["adapter style.safetensors"]


def test_the_picture_differs_without_the_lora(sd: Path, file: Path, pipe: Any) -> None:
    (with_it,) = record_with(pipe, file)
    (without,) = record_with(load(sd))
    assert with_it.image.tobytes() != without.image.tobytes()
    assert aigif.dumps(with_it.aigif) != aigif.dumps(without.aigif)
