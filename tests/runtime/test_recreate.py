"""The order of a recreation: caps, pixels, platform, model, data; and what comes of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import aigif
from aigif._gen.enums import Completeness, DataType, Device
from aigif._gen.types import Aigif, Data, Hires, Platform, Refiner
from aigif.errors import LimitError, MissingPackageError, ModelError, RecreationError, UsageError
from aigif.file import with_section
from aigif.runtime.compare import Expectation
from aigif.runtime.cost import estimate
from aigif.runtime.generate import Generated


@pytest.fixture(scope="module", name="made")
def _made(sd: Path) -> Generated:
    return aigif.generate("a house", model=sd, seed=1, steps=3, device="cpu", save_pixels="png", preview=True)


class Recorder:
    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def start(self, total: int, what: str) -> None:
        self.calls.append(("start", total, what))

    def step(self, completed: int) -> None:
        self.calls.append(("step", completed))

    def done(self) -> None:
        self.calls.append(("done",))


def test_generation_records_what_a_recreation_needs(made: Generated) -> None:
    syntax = made.aigif
    assert (syntax.data.prompt, syntax.data.seed, syntax.data.steps) == ("a house", 1, 3)
    assert (syntax.data.width, syntax.data.height) == made.image.size == (64, 64)
    assert syntax.model.model_name == "save_sd"
    assert syntax.model.data_type is DataType.FLOAT32
    assert syntax.platform.device is Device.CPU
    assert len(syntax.verification.pixel_hash) == 8
    assert 17 <= len(syntax.verification.preview) <= 25
    assert aigif.loads(aigif.dumps(syntax)) == syntax


def test_seeds_are_drawn_where_none_is_given(sd: Path) -> None:
    seeds = {aigif.generate("a", model=sd, steps=1, device="cpu").aigif.data.seed for _ in range(3)}
    assert len(seeds) == 3
    assert all(seed < 2**32 for seed in seeds)


def test_progress(sd: Path, made: Generated) -> None:
    progress = Recorder()
    aigif.recreate(made.aigif, model=sd, progress=progress)
    assert progress.calls == [
        ("start", 3, "diffusion steps"), *(("step", number) for number in (1, 2, 3)), ("done",)
    ]  # fmt: skip
    heun = Recorder()
    aigif.generate("a", model=sd, steps=4, scheduler="heun", device="cpu", progress=heun)
    completed = [call[1] for call in heun.calls if call[0] == "step"]
    assert completed == sorted(completed)
    assert completed[-1] == 4
    assert max(completed) == 4


def test_the_expectation_is_told_before_the_model_is_loaded(
    sd: Path, made: Generated, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def load(*_: object) -> None:
        assert told == ["The platform is the recorded one: the same pixels are expected, bit for bit."]
        raise ModelError("stop here")

    monkeypatch.setattr("aigif.runtime.warm.load_pipeline", load)
    with pytest.raises(ModelError, match="stop here"):
        aigif.recreate(made.aigif, model=sd, announce=told.append)


def test_caps_come_before_everything(made: Generated, sd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("a cap must come first")

    syntax = made.aigif
    huge = syntax.replace(data=syntax.data.replace(width=2**32 - 1, height=2**32 - 1))
    many = syntax.replace(data=syntax.data.replace(batch_size=65535))
    monkeypatch.setattr("aigif.runtime.recreate.resolve", never)
    for large in (huge, many):
        with pytest.raises(LimitError) as caught:
            aigif.recreate(large)
        assert caught.value.exit_code == 4
    with pytest.raises(LimitError):
        aigif.recreate(syntax, max_pixels=64 * 64 - 1)
    with pytest.raises(LimitError):
        aigif.recreate(syntax, max_pixels=64 * 64 - 1, use_saved_pixels=True)


def test_the_cost_is_capped_before_the_model_is_loaded(
    made: Generated, sd: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("the model was loaded")

    monkeypatch.setattr("aigif.runtime.warm.load_pipeline", never)
    long = made.aigif.replace(data=made.aigif.data.replace(steps=65535, width=4096, height=4096))
    with pytest.raises(LimitError, match="cost"):
        aigif.recreate(long, model=sd, max_cost=1.0)
    assert estimate(Data(width=1024, height=512, steps=10, guidance_scale=1.0), 2_000_000_000) == 10.0
    assert estimate(Data(width=1024, height=512, steps=10, guidance_scale=7.0), 2_000_000_000) == 20.0
    twice = Data(width=1024, height=512, steps=10, guidance_scale=1.0, hires=Hires(scale=2.0, denoising_strength=0.5))
    assert estimate(twice, 2_000_000_000) == 30.0
    refined = Data(width=1024, height=512, steps=10, guidance_scale=1.0, refiner=Refiner(steps=40))
    assert estimate(refined, 2_000_000_000, refiner_parameters=1_000_000_000) == 30.0


def test_another_data_type_is_a_difference(sd: Path, made: Generated) -> None:
    recreated = aigif.recreate(made.aigif, model=sd, dtype="bf16")
    assert [(d.element, d.recorded, d.here, d.expectation) for d in recreated.differences] == [
        ("model.data_type", "float32", "bfloat16", Expectation.MAY_DIFFER)
    ]
    assert recreated.verdict is not None
    assert recreated.verdict.grade in ("same picture", "different")  # measured against the saved pixels
    assert recreated.verdict.psnr_db is not None
    assert "bfloat16 instead of float32" in recreated.verdict.cause
    with pytest.raises(UsageError):
        aigif.recreate(made.aigif, model=sd, dtype="int8")


def test_an_unrecorded_platform_is_said(sd: Path, made: Generated) -> None:
    bare = made.aigif.replace(
        platform=Platform(), model=made.aigif.model.replace(data_type=DataType.UNSPECIFIED)
    )
    recreated = aigif.recreate(bare, model=sd)
    assert recreated.expectation.startswith("The file doesn't say")
    assert "float32 is used" in recreated.warnings[0]
    assert recreated.image.tobytes() == made.image.tobytes()


def test_too_many_threads_are_not_started(sd: Path, made: Generated) -> None:
    greedy = made.aigif.replace(platform=made.aigif.platform.replace(threads=4095))
    recreated = aigif.recreate(greedy, model=sd)
    assert "4095 threads" in recreated.warnings[0]
    assert [difference.element for difference in recreated.differences] == ["platform.threads"]


def test_a_device_that_is_not_there(sd: Path, made: Generated) -> None:
    with pytest.raises(ModelError, match="not on this machine"):
        aigif.recreate(made.aigif, model=sd, device="tpu")
    elsewhere = made.aigif.replace(platform=Platform(device=Device.MPS, gpu_name="Apple M9"))
    recreated = aigif.recreate(elsewhere, model=sd, device="cpu")
    assert recreated.differences[0].element == "platform.device"
    assert "Table V" in recreated.expectation


def test_saved_pixels_when_asked_for(made: Generated) -> None:
    recreated = aigif.recreate(made.aigif, use_saved_pixels=True)
    assert recreated.source == "pixels"
    assert recreated.image.tobytes() == made.image.tobytes()
    assert recreated.verdict is not None
    assert recreated.verdict.grade == "bit-exact"


def test_saved_pixels_where_generation_syntax_is_missing(made: Generated) -> None:
    missing = made.aigif.replace(data=Data(completeness=Completeness.MISSING))
    assert aigif.recreate(missing).source == "pixels"
    with pytest.raises(RecreationError, match="no generation syntax"):
        aigif.recreate(missing, use_saved_pixels=False)
    nothing = with_section(missing, 2, None)
    with pytest.raises(RecreationError, match="nothing else"):
        aigif.recreate(nothing)
    with pytest.raises(RecreationError, match="recreate it by its model"):
        aigif.recreate(with_section(made.aigif, 2, None), use_saved_pixels=True)


def test_saved_pixels_import_no_torch(made: Generated, tmp_path: Path) -> None:
    path = tmp_path / "missing.aigif"
    aigif.save(made.aigif.replace(data=Data(completeness=Completeness.MISSING)), path)
    script = (
        "import sys, aigif, aigif.runtime\n"
        "made = aigif.recreate(sys.argv[1])\n"
        "print(made.source, made.image.size, made.verdict.grade)\n"
        "assert aigif.verify(aigif.load(sys.argv[1]), made.image).exit_code == 0\n"
        "assert not {'torch', 'diffusers', 'transformers', 'numpy'} & set(sys.modules), 'too much is imported'\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "pixels (64, 64) bit-exact\n"


def test_without_torch_the_error_says_what_to_install(
    made: Generated, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("torch", "diffusers"):
        with monkeypatch.context() as patched:
            patched.setitem(sys.modules, package, None)
            with pytest.raises(MissingPackageError, match=r'pip install "aigif\[recreate\]"'):
                aigif.recreate(made.aigif)


@pytest.mark.parametrize("compressor", ["none", "int8"])
def test_saved_weights_are_what_the_picture_is_made_with(sd: Path, tmp_path: Path, compressor: str) -> None:
    from tests.runtime import tiny

    made = aigif.generate("a house", model=sd, seed=1, steps=2, device="cpu", save_model=compressor)
    other = tiny.save_sd(tmp_path / "other", seed=5)  # the same architecture, other weights
    recreated = aigif.recreate(aigif.loads(aigif.dumps(made.aigif)), model=other)
    assert recreated.image.tobytes() == made.image.tobytes()
    plain = aigif.generate("a house", model=sd, seed=1, steps=2, device="cpu").image
    assert (made.image.tobytes() == plain.tobytes()) is (compressor == "none")


def test_saved_weights_of_another_architecture(sd: Path, made: Generated) -> None:
    from aigif.weights import decode, encode

    whole = aigif.generate("a", model=sd, seed=1, steps=1, device="cpu", save_model="none").aigif
    section = next(entry.payload for entry in whole.sections if entry.id == 3)
    tensors: dict[str, Any] = dict(decode(section, 0, 2**30))
    name = "unet.conv_in.weight"
    for changed, problem in (
        ({key: value for key, value in tensors.items() if key != name}, "lack names"),
        ({**tensors, "unet.extra": tensors[name]}, "model lacks"),
        ({**tensors, name: tensors["unet.conv_out.weight"]}, "shape"),
    ):
        broken: Aigif = with_section(whole, 3, encode(changed, 0))
        with pytest.raises(ModelError, match=problem):
            aigif.recreate(broken, model=sd)


def test_a_picture_that_holds_no_numbers_is_refused(sd: Path, tmp_path: Path) -> None:
    import shutil

    from safetensors.torch import load_file, save_file

    folder = Path(shutil.copytree(sd, tmp_path / "broken"))
    weights = folder / "vae" / "diffusion_pytorch_model.safetensors"
    tensors = load_file(weights)
    tensors["decoder.conv_out.bias"].fill_(float("nan"))
    save_file(tensors, weights, {"format": "pt"})
    with pytest.raises(RecreationError, match="no numbers"):
        aigif.generate("a", model=folder, steps=1, device="cpu")


def test_a_model_that_fails_gives_one_typed_error(
    sd: Path, made: Generated, monkeypatch: pytest.MonkeyPatch
) -> None:
    from diffusers import StableDiffusionPipeline

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("out of memory")

    progress = Recorder()
    monkeypatch.setattr(StableDiffusionPipeline, "prepare_latents", fail)
    with pytest.raises(RecreationError, match="out of memory"):
        aigif.recreate(made.aigif, model=sd, progress=progress)
    assert progress.calls[-1] == ("done",)
