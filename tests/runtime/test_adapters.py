"""A LoRA: applied, recorded, kept in the file or asked for; and what is refused."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

import aigif
from aigif._gen.container import WEIGHTS_SECTION
from aigif._gen.enums import AdapterKind, HashKind, ModelCompressor, SavedWeights
from aigif._gen.types import Adapter, Aigif
from aigif.errors import MissingPackageError, ModelError, UsageError
from aigif.file import section
from aigif.runtime.adapterfile import SETTINGS
from aigif.runtime.generate import Generated
from aigif.runtime.honour import NotHonouredError
from aigif.weights import read_metadata
from tests.helpers import REPOSITORY
from tests.runtime import tiny

WEIGHT = 0.7


def make(model: Path, **changes: Any) -> Generated:
    return aigif.generate("a house", model=model, seed=1, steps=2, device="cpu", threads=1, **changes)


def pixels(made: Any) -> bytes:
    return bytes(made.image.tobytes())


@pytest.fixture(scope="module", name="lora")
def _lora(sd: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save_lora(sd, tmp_path_factory.mktemp("lora") / "style.safetensors")


@pytest.fixture(scope="module", name="plain")
def _plain(sd: Path) -> Generated:
    return make(sd)


@pytest.fixture(scope="module", name="named")
def _named(sd: Path, lora: Path) -> Generated:
    """A picture whose file names the adapter and doesn't hold it."""
    return make(sd, adapter=lora, adapter_weight=WEIGHT)


@pytest.fixture(scope="module", name="kept")
def _kept(sd: Path, lora: Path) -> Generated:
    return make(sd, adapter=lora, adapter_weight=WEIGHT, save_adapter="none")


def test_it_changes_the_picture_as_diffusers_own_loader_does(
    sd: Path, lora: Path, plain: Generated, named: Generated
) -> None:
    from diffusers import StableDiffusionPipeline

    assert pixels(named) != pixels(plain)
    pipe = StableDiffusionPipeline.from_pretrained(str(sd), safety_checker=None)
    pipe.load_lora_weights(str(lora.parent), weight_name=lora.name, adapter_name="style")
    pipe.set_adapters(["style"], adapter_weights=[WEIGHT])
    generator = torch.Generator().manual_seed(1)
    pipe.scheduler.register_to_config(skip_prk_steps=True)
    direct = pipe("a house", num_inference_steps=2, guidance_scale=7.0, generator=generator).images[0]
    assert direct.tobytes() == pixels(named)


def test_it_is_recorded(lora: Path, named: Generated) -> None:
    syntax = aigif.loads(aigif.dumps(named.aigif))
    digest = hashlib.sha256(lora.read_bytes()).digest()[:8]
    assert syntax.model.adapters == (
        Adapter(name="style", weight_hash=digest, weight=WEIGHT, text_weight=WEIGHT),
    )
    assert not syntax.compression.saving_model
    assert section(syntax, WEIGHTS_SECTION) is None


@pytest.mark.parametrize("compressor", ["none", "int8"])
def test_the_file_alone_recreates_it(
    sd: Path, lora: Path, plain: Generated, named: Generated, kept: Generated, compressor: str, tmp_path: Path
) -> None:
    made = (
        kept if compressor == "none" else make(sd, adapter=lora, adapter_weight=WEIGHT, save_adapter="int8")
    )
    path = tmp_path / "kept.aigif"
    aigif.save(made.aigif, path)
    syntax = aigif.load(path)
    assert syntax.compression.saving_model
    assert syntax.compression.saved_weights == SavedWeights.ADAPTER
    assert syntax.compression.model_compressor == ModelCompressor[compressor.upper()]
    assert syntax.model.adapters == named.aigif.model.adapters
    recreated = aigif.recreate(syntax, model=sd)
    assert pixels(recreated) == pixels(made) != pixels(plain)
    assert recreated.verdict is not None and recreated.verdict.grade == "bit-exact"
    assert recreated.warnings == recreated.differences == ()
    assert (pixels(made) == pixels(named)) is (compressor == "none")
    payload = section(syntax, WEIGHTS_SECTION)
    assert payload is not None
    assert (payload == lora.read_bytes()) is (compressor == "none")


def test_a_fresh_process_recreates_it(sd: Path, kept: Generated, tmp_path: Path) -> None:
    aigif.save(kept.aigif, tmp_path / "kept.aigif")
    script = (
        "import sys, torch, aigif\n"
        "torch.manual_seed(99)\n"
        "print(aigif.recreate(sys.argv[2], model=sys.argv[1]).verdict.grade)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(sd), str(tmp_path / "kept.aigif")],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (ran.stdout, ran.stderr) == ("bit-exact\n", "")


def test_one_that_is_only_named_needs_its_file(sd: Path, lora: Path, named: Generated) -> None:
    with pytest.raises(ModelError, match=r"'style'.*which the file doesn't hold") as caught:
        aigif.recreate(named.aigif, model=sd)
    assert caught.value.exit_code == 5
    assert "--adapter FILE" in str(caught.value)
    recreated = aigif.recreate(named.aigif, model=sd, adapter=lora)
    assert pixels(recreated) == pixels(named)
    assert recreated.warnings == ()


def test_another_file_is_refused_before_the_model_is_loaded(
    sd: Path, named: Generated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tiny.save_lora(sd, tmp_path / "style.safetensors", seed=4)
    monkeypatch.setattr("aigif.runtime.warm.load_pipeline", _never)
    with pytest.raises(ModelError, match="not the one that the file names") as caught:
        aigif.recreate(named.aigif, model=sd, adapter=other)
    assert (caught.value.file, caught.value.element) == (str(other), "model.adapters[0].weight_hash")


def test_an_approximation_goes_without(sd: Path, plain: Generated, named: Generated) -> None:
    recreated = aigif.recreate(named.aigif, model=sd, approximate=True)
    assert pixels(recreated) == pixels(plain)
    assert [warning.partition(" is not")[0] for warning in recreated.warnings] == ["model.adapters"]
    assert "adapters not honoured" in recreated.expectation


@pytest.mark.parametrize("changes", [{"weight_hash": b""}, {"hash_kind": HashKind.BLAKE3}])
def test_an_identity_that_cannot_be_checked_is_said(
    sd: Path, lora: Path, named: Generated, changes: dict[str, Any]
) -> None:
    recreated = aigif.recreate(_with(named.aigif, **changes), model=sd, adapter=lora)
    assert len(recreated.warnings) == 1 and "hash" in recreated.warnings[0]
    assert pixels(recreated) == pixels(named)


def test_the_weights_on_network_and_text_are_two(sd: Path, named: Generated, kept: Generated) -> None:
    pictures = {
        pixels(aigif.recreate(_with(kept.aigif, weight=network, text_weight=text), model=sd))
        for network, text in ((0.0, 0.0), (WEIGHT, 0.0), (0.0, WEIGHT), (WEIGHT, WEIGHT))
    }
    assert len(pictures) == 4
    assert pixels(named) in pictures


def test_the_scale_that_the_file_of_the_adapter_sets_counts(
    sd: Path, kept: Generated, tmp_path: Path
) -> None:
    strong = tiny.save_lora(sd, tmp_path / "style.safetensors", alpha=8)  # the same tensors, twice the effect
    made = make(sd, adapter=strong, adapter_weight=WEIGHT, save_adapter="int8")
    assert pixels(made) != pixels(kept)
    assert pixels(aigif.recreate(made.aigif, model=sd)) == pixels(made)
    payload = section(made.aigif, WEIGHTS_SECTION)
    assert payload is not None
    settings = json.loads(read_metadata(payload)[SETTINGS])
    assert settings["unet.lora_alpha"] == 8
    assert {key.rpartition(".")[2] for key in settings} == {
        *("r", "lora_alpha", "rank_pattern", "alpha_pattern", "target_modules", "use_rslora", "lora_bias")
    }


def test_with_clip_skip_and_the_global_generator_left_alone(sd: Path, lora: Path, kept: Generated) -> None:
    torch.manual_seed(123)
    state = torch.get_rng_state()
    made = make(sd, adapter=lora, save_adapter="none", clip_skip=2)
    assert torch.equal(torch.get_rng_state(), state)
    assert pixels(made) != pixels(make(sd, adapter=lora))
    assert pixels(aigif.recreate(made.aigif, model=sd)) == pixels(made)


def test_another_kind_or_several_in_one_file_are_not_honoured(sd: Path, kept: Generated) -> None:
    one = kept.aigif.model.adapters[0]
    for adapters, reason in (
        ((one, one), "holds one adapter and names 2"),
        ((one.replace(kind=AdapterKind.LYCORIS),), "is no LoRA"),
        ((one.replace(kind=AdapterKind.HYPERNETWORK),), "of kind hypernetwork"),
        ((one.replace(kind=99),), "of kind code 99"),
        ((), "holds one adapter and names 0"),
    ):
        changed = kept.aigif.replace(model=kept.aigif.model.replace(adapters=adapters))
        with pytest.raises(NotHonouredError, match=reason):
            aigif.recreate(changed, model=sd)
    unknown = kept.aigif.compression.replace(saved_weights=7)
    with pytest.raises(NotHonouredError, match="what the saved weights are"):
        aigif.recreate(kept.aigif.replace(compression=unknown), model=sd)


def test_options_that_make_no_sense(
    sd: Path, lora: Path, plain: Generated, kept: Generated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aigif.runtime.warm.load_pipeline", _never)
    for options in (
        {"save_adapter": "none"},
        {"adapter_weight": 0.5},
        {"adapter": lora, "save_adapter": "none", "save_model": "int8"},
        {"adapter": lora, "save_adapter": "zip"},
        {"adapter": [lora, lora], "save_adapter": "none"},
        {"adapter": [lora, lora], "adapter_weight": [1.0]},
    ):
        with pytest.raises(UsageError):
            make(sd, **options)
    for syntax in (plain.aigif, kept.aigif):
        with pytest.raises(UsageError, match="--adapter"):
            aigif.recreate(syntax, model=sd, adapter=lora)


def test_without_peft(sd: Path, lora: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(MissingPackageError, match=r"applying an adapter.*aigif\[recreate\]"):
        make(sd, adapter=lora)


def test_a_model_that_the_file_holds_takes_an_adapter_too(sd: Path, lora: Path, tmp_path: Path) -> None:
    made = make(sd, adapter=lora, save_model="int8")
    other = tiny.save_sd(tmp_path / "other", seed=5)
    assert made.aigif.compression.saved_weights == SavedWeights.MODEL
    recreated = aigif.recreate(aigif.loads(aigif.dumps(made.aigif)), model=other, adapter=lora)
    assert pixels(recreated) == pixels(made)


def _with(syntax: Aigif, **changes: Any) -> Aigif:
    adapter = syntax.model.adapters[0].replace(**changes)
    return syntax.replace(model=syntax.model.replace(adapters=(adapter,)))


def _never(*_: object, **__: object) -> None:
    raise AssertionError("no weights may be loaded for a file that is refused")
