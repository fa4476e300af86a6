"""Single-file models of the original layout load offline, and are the very weights of the folder they came from."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aigif._gen.enums import HashKind
from aigif._gen.tables import pipeline as pipeline_table
from aigif._gen.types import GenerativeModel
from aigif.errors import ModelError, PolicyError
from aigif.runtime import registry
from aigif.runtime.store import configs, scan
from aigif.runtime.store.checkpoint import Checkpoint, open_checkpoint
from aigif.runtime.store.configs import Prediction, components, scheduler_config, write_folder
from aigif.runtime.store.find import find_model
from aigif.runtime.store.index import read_index, write_index
from aigif.runtime.store.recognise import UNET, Kind
from aigif.runtime.store.singlefile import load_checkpoint
from tests.runtime.store import files, ldm, tinyfamilies

Made = Callable[[str], tuple[Any, Path, Path]]
FAMILIES = ["sd1", "sd2", "sdxl", "sdxl-refiner"]
UNLISTED = 1

pytestmark = pytest.mark.usefixtures("tiny_families")


def keep(*paths: Path) -> None:
    write_index(scan.add(read_index(), list(paths))[0])


@pytest.mark.parametrize("family", FAMILIES)
def test_every_weight_is_the_one_of_the_folder(made: Made, family: str) -> None:
    import torch

    pipe, path, folder = made(family)
    keep(folder)  # for its tokenizer
    checkpoint = open_checkpoint(path)
    assert (checkpoint.family, checkpoint.pipeline) == (family, type(pipe).__name__)
    loaded = load_checkpoint(checkpoint, "float32", "cpu")
    assert type(loaded) is type(pipe)
    for name, part in pipe.components.items():
        other = getattr(loaded, name)
        assert type(other) is type(part), name
        if isinstance(part, torch.nn.Module):
            wanted, here = part.state_dict(), other.state_dict()
            assert list(wanted) == list(here)
            assert all(torch.equal(wanted[key], here[key]) for key in wanted)
            assert not other.training
        elif name.startswith("tokenizer") and part is not None:
            assert (
                other("a red house", padding="max_length")["input_ids"]
                == (part("a red house", padding="max_length")["input_ids"])
            )
    assert checkpoint.denoiser_parameters() == pipe.unet.num_parameters()


def test_the_picture_is_that_of_the_folder(made: Made) -> None:
    import torch

    pipe, path, folder = made("sd1")
    keep(folder)
    loaded = load_checkpoint(open_checkpoint(path), "float32", "cpu")
    pictures = []
    for each in (pipe, loaded):
        each.set_progress_bar_config(disable=True)
        generator = torch.Generator().manual_seed(3)
        pictures.append(
            each("a red house", num_inference_steps=2, generator=generator, output_type="np").images[0]
        )
    assert pictures[0].tobytes() == pictures[1].tobytes()


def test_half_precision(made: Made) -> None:
    import torch

    _, path, folder = made("sd1")
    keep(folder)
    loaded = load_checkpoint(open_checkpoint(path), "float16", "cpu")
    assert {part.dtype for part in (loaded.unet, loaded.vae, loaded.text_encoder)} == {torch.float16}


def test_without_a_tokenizer_it_is_said_what_to_do(made: Made) -> None:
    _, path, _ = made("sd1")
    with pytest.raises(ModelError, match="no tokenizer") as caught:
        load_checkpoint(open_checkpoint(path), "float32", "cpu")
    assert "aigif models add" in str(caught.value.hint) and "--download" in str(caught.value.hint)


def test_a_vocabulary_is_fetched_only_when_allowed(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    _, path, folder = made("sd1")
    asked: list[list[str]] = []

    def snapshot(_: str, *, revision: str | None, allow_patterns: list[str]) -> str:
        asked.append(allow_patterns)
        return str(folder)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot)
    with pytest.raises(ModelError):
        load_checkpoint(open_checkpoint(path), "float32", "cpu")
    assert asked == []
    assert load_checkpoint(open_checkpoint(path), "float32", "cpu", download=True).tokenizer is not None
    registry.resolve(GenerativeModel(model_id=UNLISTED), folder=path, download=True)
    assert asked == [["tokenizer/*.json", "tokenizer/*.txt"]] * 2


def test_a_tokenizer_of_another_vocabulary_is_not_taken(made: Made, tmp_path: Path) -> None:
    _, path, folder = made("sd1")
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    tokenizer = copy / "tokenizer" / "tokenizer.json"
    content = json.loads(tokenizer.read_text())
    content["model"]["vocab"]["more"] = 999
    tokenizer.write_text(json.dumps(content))
    keep(copy)
    with pytest.raises(ModelError, match="no tokenizer"):
        load_checkpoint(open_checkpoint(path), "float32", "cpu")


def test_incomplete_and_other_networks_are_refused(made: Made, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    _, path, folder = made("sd1")
    keep(folder)
    tensors = load_file(str(path))
    lacking = {name: part for name, part in tensors.items() if "middle_block.1" not in name}
    save_file(lacking, str(tmp_path / "lacking.safetensors"))
    with pytest.raises(ModelError, match="lacks"):
        load_checkpoint(open_checkpoint(tmp_path / "lacking.safetensors"), "float32", "cpu")
    more = tensors | {f"{UNET}middle_block.3.weight": torch.zeros(4)}
    save_file(more, str(tmp_path / "more.safetensors"))
    with pytest.raises(ModelError, match="other layers"):
        load_checkpoint(open_checkpoint(tmp_path / "more.safetensors"), "float32", "cpu")
    wider = tensors | {f"{UNET}input_blocks.0.0.weight": torch.zeros(24, 4, 3, 3)}
    save_file(wider, str(tmp_path / "wider.safetensors"))
    with pytest.raises(ModelError, match="not those of its family"):
        open_checkpoint(tmp_path / "wider.safetensors")


def test_what_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model but: lora"):
        open_checkpoint(files.lora(tmp_path / "a.safetensors"))
    with pytest.raises(ModelError, match="no such file"):
        open_checkpoint(tmp_path / "b.safetensors")
    (tmp_path / "c.ckpt").write_bytes(b"")
    with pytest.raises(PolicyError):
        open_checkpoint(tmp_path / "c.ckpt")


@pytest.mark.parametrize(("spread", "v"), [(0.05, False), (0.2, True)])
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_the_prediction_of_sd2_is_assumed_and_said(
    made: Made, tmp_path: Path, spread: float, v: bool, dtype: str
) -> None:
    import torch

    pipe, _, _ = made("sd2")
    values = torch.tensor([spread, -spread] * 160, dtype=getattr(torch, dtype))
    name = f"{UNET}output_blocks.11.1.transformer_blocks.0.norm1.bias"
    path = ldm.save(pipe, "sd2", tmp_path / "a.safetensors", {name: values})
    opened = open_checkpoint(path)
    assert opened.prediction == Prediction(v)
    assert "assumed" in opened.notes[0]
    assert opened.config("scheduler")["prediction_type"] == ("v_prediction" if v else "epsilon")


def test_what_the_file_says_of_its_prediction_holds(made: Made, tmp_path: Path) -> None:
    import torch

    pipe, _, _ = made("sd2")
    path = ldm.save(pipe, "sd2", tmp_path / "a.safetensors", **{"modelspec.prediction_type": "v"})
    assert (open_checkpoint(path).prediction, open_checkpoint(path).notes) == (Prediction(True), ())
    pipe, _, folder = made("sdxl")
    marks = {"v_pred": torch.zeros(0), "ztsnr": torch.zeros(0)}
    path = ldm.save(pipe, "sdxl", tmp_path / "b.safetensors", marks)
    keep(folder)
    loaded = load_checkpoint(open_checkpoint(path), "float32", "cpu")
    assert loaded.scheduler.config.prediction_type == "v_prediction"
    assert loaded.scheduler.config.rescale_betas_zero_snr is True


def unet_alone(made: Made, path: Path, layout: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The UNet of a tiny SD 1 with other weights, whose text width is told as that of SD 1."""
    from safetensors.torch import save_file

    from aigif.runtime.store import recognise

    monkeypatch.setattr(recognise, "WIDTHS", {32: "sd1"})
    unet = tinyfamilies.pipeline("sd1", seed=9).unet
    tensors = unet.state_dict() if layout == "diffusers" else ldm.unet(unet)
    prefix = UNET if layout == "prefixed" else ""
    save_file({prefix + name: part.contiguous().clone() for name, part in tensors.items()}, str(path))
    return path


@pytest.mark.parametrize("layout", ["prefixed", "plain", "diffusers"])
def test_a_network_alone_takes_the_rest_from_a_folder(
    made: Made, tmp_path: Path, layout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    path = unet_alone(made, tmp_path / "unet.safetensors", layout, monkeypatch)
    with pytest.raises(ModelError, match="denoising network alone"):
        registry.open_model(path)
    pipe, _, folder = made("sd1")
    keep(folder)
    opened = registry.open_model(path)
    assert isinstance(opened, Checkpoint) and opened.kind == Kind.DENOISER
    assert str(folder) in opened.notes[0]
    loaded = load_checkpoint(opened, "float32", "cpu")
    wanted, here = tinyfamilies.pipeline("sd1", seed=9).unet.state_dict(), loaded.unet.state_dict()
    assert all(torch.equal(wanted[name], here[name]) for name in wanted)
    assert torch.equal(loaded.vae.decoder.conv_in.weight, pipe.vae.decoder.conv_in.weight)
    assert opened.config("unet")["cross_attention_dim"] == 32


def test_a_single_file_given_and_chosen(made: Made) -> None:
    _, path, _ = made("sd1")
    model, found = registry.choose(path)
    assert (found.source, model.model_name, model.hash_kind) == ("file", "sd1", HashKind.SHA256)
    assert pipeline_table.TABLE.attribute(model.pipeline, "diffusers") == "StableDiffusionPipeline"
    assert registry.resolve(model, folder=path).warnings == ()
    unchecked = registry.resolve(model.replace(weight_hash=b""), folder=path)
    assert "given file is its model" in unchecked.warnings[0]
    other = model.replace(weight_hash=bytes(8))
    with pytest.raises(ModelError, match="not those that the file names"):
        registry.resolve(other, folder=path)
    assert "not those" in registry.resolve(other, folder=path, approximate=True).warnings[0]
    with pytest.raises(ModelError, match="StableDiffusionXLPipeline"):
        registry.resolve(GenerativeModel(model_id=3), folder=path)


def test_the_store_serves_files_that_name_a_model_by_hash(made: Made, tmp_path: Path) -> None:
    _, path, _ = made("sd1")
    model, _ = registry.choose(path)
    with pytest.raises(ModelError, match="--model DIR"):
        registry.resolve(model)
    renamed = Path(shutil.copy(path, tmp_path / "renamed.safetensors"))
    keep(renamed)
    found = registry.resolve(model)
    assert (found.source, found.folder.path, found.warnings) == ("store", renamed, ())
    named = registry.resolve(GenerativeModel(model_id=UNLISTED, model_name="renamed"))
    assert named.folder.path == renamed and "name alone" in named.warnings[0]
    assert registry.choose("renamed")[1].folder.path == renamed
    short = registry.resolve(model.replace(weight_hash=model.weight_hash[:5]))  # A1111's ten digits
    assert short.folder.path == renamed


def test_a_listed_model_from_the_store(sd: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(sd, tmp_path / "stable-diffusion-v1-5"))
    keep(folder)
    found = registry.resolve(GenerativeModel(model_id=0))
    assert (found.source, found.folder.path) == ("store", folder)
    assert "name alone" in found.warnings[0]
    model, _ = registry.choose("stable-diffusion-v1-5")
    assert (model.model_id, model.hash_kind) == (0, HashKind.FOLDER)
    assert find_model(model, by_name=False) is not None


def test_a_wrong_pipeline_in_the_store_is_refused(made: Made) -> None:
    _, path, _ = made("sdxl")
    keep(path)
    with pytest.raises(ModelError, match="StableDiffusionPipeline, the file's a StableDiffusionXLPipeline"):
        registry.resolve(GenerativeModel(model_id=UNLISTED, model_name="sdxl", pipeline=1))


def test_the_written_configurations_are_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configs, "components", components)  # the real families
    for family in FAMILIES:
        write_folder(tmp_path / family, family, Prediction())
        index = json.loads((tmp_path / family / "model_index.json").read_text())
        assert index["_class_name"] == configs.PIPELINES[family]
        for name, (library, _) in ((n, e) for n, e in index.items() if isinstance(e, list)):
            written = list((tmp_path / family / name).glob("*.json"))
            assert bool(written) == (library is not None and not name.startswith("tokenizer")), name


# Millions of numbers: 860 for SD 1 (its model card), 866 for SD 2 (likewise), 2567 for SDXL and about 2300 for its
# refiner (Podell et al. 2023, Table 1 gives 2.6 and 2.3 billion).
@pytest.mark.parametrize(
    ("family", "millions"), [("sd1", 859.5), ("sd2", 865.9), ("sdxl", 2567.5), ("sdxl-refiner", 2300)]
)
def test_real_architectures_have_the_published_size(family: str, millions: float) -> None:
    import torch
    from diffusers import UNet2DConditionModel

    with torch.device("meta"):
        unet = UNet2DConditionModel(**components(family, Prediction())["unet"])
    assert unet.num_parameters() / 1e6 == pytest.approx(
        millions, rel=0.02 if family == "sdxl-refiner" else 1e-4
    )


def test_schedulers_are_those_of_the_repositories() -> None:
    import diffusers

    for family in FAMILIES:
        config = scheduler_config(family, Prediction())
        scheduler = getattr(diffusers, config["_class_name"]).from_config(config)
        assert float(scheduler.betas[0]) == pytest.approx(0.00085)
        assert float(scheduler.betas[-1]) == pytest.approx(0.012)
