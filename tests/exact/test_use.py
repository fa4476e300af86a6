"""Exact pictures from the library and the command line: recorded, promised, demanded."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import aigif
from aigif._gen.enums import Arithmetic, DataType, NoiseSource, Scheduler
from aigif.cli.app import app as main
from aigif.errors import UsageError
from aigif.runtime.honour import NotHonouredError
from aigif.runtime.verify import verify
from tests.runtime import tiny

PROMPT = "a red house"


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save_sd(tmp_path_factory.mktemp("models") / "sd")


def make(folder: Path, **settings: object) -> aigif.Generated:
    usual = {"model": folder, "seed": 1, "steps": 2, "device": "cpu", "exact": True}
    return aigif.generate(PROMPT, **(usual | settings))  # type: ignore[arg-type]


@pytest.mark.parametrize("noise", [NoiseSource.TORCH_CPU, NoiseSource.CUDA_PHILOX, NoiseSource.NV])
def test_recorded_and_recreated(noise: NoiseSource, folder: Path) -> None:
    made = make(folder, noise_source=noise)
    syntax = aigif.loads(aigif.dumps(made.aigif))
    assert syntax.platform.arithmetic == Arithmetic.EXACT_1
    assert len(syntax.platform.schedule_digest) == 4
    again = aigif.recreate(syntax, model=folder)
    assert again.image.tobytes() == made.image.tobytes()
    assert again.expectation.startswith("The file asks for exact arithmetic")
    assert again.differences == ()


@pytest.mark.parametrize("scheduler", [Scheduler.DPMPP_2M, Scheduler.EULER_A, Scheduler.UNIPC, Scheduler.HEUN])
def test_schedulers(scheduler: Scheduler, folder: Path) -> None:
    made = make(folder, scheduler=scheduler, sigma_schedule="karras" if scheduler == Scheduler.DPMPP_2M else None)
    plain = make(folder, scheduler=scheduler, exact=False)
    again = aigif.recreate(made.aigif, model=folder)
    assert again.image.tobytes() == made.image.tobytes()
    assert plain.aigif.platform.arithmetic == Arithmetic.NATIVE
    assert plain.aigif.platform.schedule_digest == b""


@pytest.mark.parametrize("dialect", ["a1111", "comfyui"])
def test_pictures_of_the_tools(dialect: str, folder: Path) -> None:
    made = make(folder, prompt_dialect=dialect, scheduler="dpmpp-2m", sigma_schedule="karras")
    again = aigif.recreate(made.aigif, model=folder)
    assert again.verdict is not None
    assert again.verdict.grade == "bit-exact"


def test_another_platform_is_no_difference(folder: Path) -> None:
    made = make(folder).aigif
    there = made.platform.replace(cpu="Another CPU", threads=7, torch=0, torch_build="2.5.0+rocm")
    again = aigif.recreate(made.replace(platform=there), model=folder)
    assert again.expectation == (
        "The file asks for exact arithmetic: the same pixels are expected on every platform, bit for bit."
    )


def test_bits(folder: Path) -> None:
    fast, full = make(folder, exact=20), make(folder, exact=24)
    assert fast.aigif.platform.arithmetic == Arithmetic.EXACT_1_20
    assert full.aigif.platform.arithmetic == Arithmetic.EXACT_1
    with pytest.raises(UsageError, match="no 22 bits"):
        make(folder, exact=22)


def test_verify_demands_the_same_bits(folder: Path) -> None:
    made = make(folder)
    near = made.image.copy()
    near.putpixel((0, 0), tuple(value ^ 1 for value in near.getpixel((0, 0))))
    assert verify(made.aigif, made.image).exit_code == 0
    verdict = verify(made.aigif, near, reference=made.image)
    assert (verdict.grade, verdict.exit_code) == ("same picture", 1)
    native = made.aigif.replace(platform=made.aigif.platform.replace(arithmetic=Arithmetic.NATIVE))
    assert verify(native, near, reference=made.image).exit_code == 0


def test_another_schedule_is_named(folder: Path) -> None:
    made = make(folder).aigif
    other = made.replace(platform=made.platform.replace(schedule_digest=b"\1\2\3\4"))
    again = aigif.recreate(other, model=folder)
    assert [difference.element for difference in again.differences] == ["platform.schedule_digest"]


def test_refused_with_half_precision_and_numpy_noise(folder: Path) -> None:
    for settings in ({"dtype": DataType.FLOAT16}, {"noise_source": NoiseSource.NUMPY}):
        with pytest.raises(NotHonouredError) as caught:
            make(folder, **settings)
        assert caught.value.element == "platform.arithmetic"


def test_the_command_line(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "a.aigif"
    options = ["--model", str(folder), "--steps", "2", "--seed", "1", "-o", str(target)]
    made = CliRunner().invoke(main, ["generate", PROMPT, *options, "--exact"])
    assert made.exit_code == 0, made.output
    assert aigif.load(target).platform.arithmetic == Arithmetic.EXACT_1
    again = CliRunner().invoke(main, ["recreate", str(target), "--model", str(folder), "-o", str(tmp_path / "a.png")])
    assert again.exit_code == 0, again.output
    assert "bit-exact" in again.output
