"""The platform's record, and what its differences let expect."""

from __future__ import annotations

import platform as system
import sys
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from aigif import __version__
from aigif._gen.enums import Attention, Device, NoiseSource, OperatingSystem
from aigif._gen.tables import cuda, gpu, program, torch_version
from aigif._gen.types import Aigif, Platform
from aigif.file import dumps, loads
from aigif.runtime.compare import Expectation, compare, expectation
from aigif.runtime.platform import attention_form, cpu_name, probe


def test_the_probe_tells_this_machine() -> None:
    import diffusers
    import transformers

    here = probe()
    assert here.device is Device.CPU
    assert (here.gpu, here.gpu_name, here.cuda) == (0, "", 0)
    assert 0 < len(here.cpu) <= 120
    assert here.cpu == cpu_name()
    assert here.threads == torch.get_num_threads()
    assert program.TABLE.name_of(here.program) == "aigif"
    assert here.program_version == __version__
    assert here.noise_source is NoiseSource.TORCH_CPU
    names = {
        "Linux": OperatingSystem.LINUX,
        "Darwin": OperatingSystem.MACOS,
        "Windows": OperatingSystem.WINDOWS,
    }
    assert here.operating_system is names[system.system()]
    listed = torch_version.TABLE[here.torch].label if here.torch else here.torch_build
    assert listed == torch.__version__.partition("+")[0] or here.torch_build == torch.__version__
    for name, module in (("diffusers", diffusers), ("transformers", transformers)):
        assert getattr(here, name) or getattr(here, f"{name}_build") == module.__version__
    assert loads(dumps(Aigif(platform=here))).platform == here


@pytest.mark.parametrize(
    ("reported", "listed"), [("NVIDIA GeForce RTX 3090", True), ("NVIDIA GeForce RTX 9999", False)]
)
def test_gpus_by_table_or_name(monkeypatch: pytest.MonkeyPatch, reported: str, listed: bool) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _device: reported)
    monkeypatch.setattr(torch.version, "cuda", "12.6")
    here = probe("cuda:0")
    assert here.device is Device.CUDA
    assert cuda.TABLE.name_of(here.cuda) == "cu126"
    assert (here.cpu, here.threads) == ("", 0)
    assert (gpu.TABLE[here.gpu].label if listed else here.gpu_name) == reported
    assert bool(here.gpu) is listed
    assert bool(here.gpu_name) is not listed
    assert loads(dumps(Aigif(platform=here))).platform == here


def test_rocm_is_told_from_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _device: "AMD Instinct MI300X")
    monkeypatch.setattr(torch.version, "hip", "6.2.41133-dd7f95766")
    here = probe("cuda")
    assert here.device is Device.ROCM
    assert cuda.TABLE.name_of(here.cuda) == "rocm6-2"


def test_versions_that_no_table_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "__version__", "9.9.9+cu999")
    here = probe()
    assert (here.torch, here.torch_build) == (0, "9.9.9+cu999")


def test_the_form_of_attention() -> None:
    def pipe(*processors: str) -> Any:
        made = {name: type(name, (), {})() for name in processors}
        return SimpleNamespace(unet=SimpleNamespace(attn_processors=made))

    assert attention_form(pipe("AttnProcessor2_0")) is Attention.SDPA
    assert attention_form(pipe("AttnProcessor")) is Attention.EAGER
    assert attention_form(pipe("XFormersAttnProcessor")) is Attention.XFORMERS
    assert attention_form(pipe("SlicedAttnProcessor")) is Attention.SLICED
    assert attention_form(pipe("AttnProcessor", "AttnProcessor2_0")) is Attention.UNSPECIFIED
    assert attention_form(pipe("Mine")) is Attention.UNSPECIFIED
    assert attention_form(SimpleNamespace()) is Attention.UNSPECIFIED


HERE = Platform(
    device=Device.CPU,
    cpu="A",
    torch=20,
    diffusers=70,
    transformers=90,
    threads=2,
    attention=Attention.SDPA,
    operating_system=OperatingSystem.LINUX,
    program=1,
)


@pytest.mark.parametrize(
    ("element", "value", "expected", "words"),
    [
        ("cpu", "B", Expectation.SAME, "73 to 81 dB"),
        ("threads", 8, Expectation.SAME, "threads 2 instead of 8"),
        ("torch", 21, Expectation.SAME, "too small to see"),
        ("torch_build", "2.9.0a0+git", Expectation.SAME, "instead of 2.9.0a0+git"),
        ("diffusers", 71, Expectation.SAME, "diffusers"),
        ("transformers", 250, Expectation.SAME, "code 250"),
        ("attention", Attention.XFORMERS, Expectation.SAME, "attention sdpa instead of xformers"),
        ("operating_system", OperatingSystem.WINDOWS, Expectation.SAME, "linux instead of windows"),
        ("program", 2, Expectation.MAY_DIFFER, "may differ visibly: program aigif instead of AUTOMATIC1111"),
        ("noise_source", NoiseSource.NV, Expectation.MAY_DIFFER, "noise source torch cpu instead of nv"),
    ],
)
def test_each_difference(element: str, value: object, expected: Expectation, words: str) -> None:
    recorded = HERE.replace(**{element: value})
    found = compare(recorded, HERE)
    assert [difference.expectation for difference in found] == [expected]
    assert words in expectation(found, recorded)


def test_devices() -> None:
    ours = HERE.replace(device=Device.CUDA, gpu=2, cpu="", threads=0)
    sentence = expectation(compare(ours, HERE), ours)
    assert "device cpu instead of cuda" in sentence
    assert "a CPU against a GPU: 51 to 59 dB" in sentence
    other = ours.replace(gpu=0, gpu_name="NVIDIA GeForce RTX 9999")
    assert [d.element for d in compare(ours, other)] == ["platform.gpu"]
    assert "another GPU: 51 to 59 dB" in expectation(compare(ours, other), ours)
    rocm = ours.replace(device=Device.ROCM)
    assert "another GPU" in expectation(compare(ours, rocm), ours)


def test_what_is_not_recorded_is_no_difference() -> None:
    assert compare(Platform(), HERE) == []
    assert "doesn't say on which device" in expectation([], Platform())
    partly = Platform(device=Device.CPU, torch=20)
    assert compare(partly, HERE) == []
    assert "doesn't give diffusers" in expectation([], partly)
    assert compare(HERE, HERE) == []
    assert expectation([], HERE).endswith("bit for bit.")


def test_importing_the_runtime_imports_no_torch() -> None:
    import subprocess

    modules = ("generate", "recreate", "verify", "registry", "platform", "compare", "schedulers", "engine")
    script = "import sys, aigif, aigif.runtime\n" + "".join(
        f"import aigif.runtime.{name}\n" for name in modules
    )
    script += "from aigif.runtime import Progress, NotHonouredError, models\n"
    script += "assert not {'torch', 'diffusers', 'transformers', 'numpy'} & set(sys.modules)\n"
    subprocess.run([sys.executable, "-c", script], check=True)
