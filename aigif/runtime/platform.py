"""The platform of this machine as syntax elements."""

from __future__ import annotations

import functools
import importlib.metadata
import platform as system
import subprocess
import sys
from typing import Any

from aigif import __version__
from aigif._gen.enums import Attention, Device, NoiseSource, OperatingSystem
from aigif._gen.support import Table
from aigif._gen.tables import cuda, diffusers_version, gpu, program, torch_version, transformers_version
from aigif._gen.types import Platform
from aigif.runtime.devices import device_element
from aigif.runtime.torchlib import require

__all__ = ["attention_form", "cpu_name", "operating_system", "probe"]

_LONGEST_NAME = 120
_SYSTEMS = {
    "Linux": OperatingSystem.LINUX,
    "Windows": OperatingSystem.WINDOWS,
    "Darwin": OperatingSystem.MACOS,
    "iOS": OperatingSystem.IOS,
    "iPadOS": OperatingSystem.IOS,
    "Android": OperatingSystem.ANDROID,
    "FreeBSD": OperatingSystem.FREEBSD,
}


def probe(device: str = "cpu", pipe: Any = None, threads: int | None = None) -> Platform:
    """The platform as it is now, for a model on `device` (torch's name of it).

    `pipe`, a diffusers pipeline, tells the form of attention. `threads` are those of the run, where they were not
    the current ones. Imports torch; raises MissingPackageError where it is missing.
    """
    torch = require("torch")
    kind = device_element(device)
    torch_code, torch_build = _version(torch_version.TABLE, str(torch.__version__))
    diffusers_code, diffusers_build = _version(diffusers_version.TABLE, _installed("diffusers"))
    transformers_code, transformers_build = _version(transformers_version.TABLE, _installed("transformers"))
    here = Platform(
        device=kind,
        torch=torch_code,
        torch_build=torch_build,
        diffusers=diffusers_code,
        diffusers_build=diffusers_build,
        transformers=transformers_code,
        transformers_build=transformers_build,
        operating_system=operating_system(),
        attention=Attention.UNSPECIFIED if pipe is None else attention_form(pipe),
        program=program.TABLE.code_of("aigif") or 0,
        program_version=__version__,
        noise_source=NoiseSource.TORCH_CPU,
    )
    if kind == Device.CPU:
        return here.replace(cpu=cpu_name(), threads=torch.get_num_threads() if threads is None else threads)
    name = _gpu_name(torch, device)
    code = gpu.TABLE.code_of(name) or 0
    return here.replace(gpu=code, gpu_name="" if code else name, cuda=_library(torch))


def operating_system() -> OperatingSystem:
    """The operating system of this machine."""
    return _SYSTEMS.get(system.system(), OperatingSystem.UNSPECIFIED)


@functools.cache
def cpu_name() -> str:
    """The processor's name as the system reports it, at most 120 characters; its architecture where it has none."""
    name = ""
    if sys.platform.startswith("linux"):
        name = _linux_cpu()
    elif sys.platform == "darwin":
        name = _output("sysctl", "-n", "machdep.cpu.brand_string")
    return " ".join((name or system.processor() or system.machine()).split())[:_LONGEST_NAME]


def attention_form(pipe: Any) -> Attention:
    """The form of attention of a pipeline's denoising network; UNSPECIFIED where its processors are unknown."""
    network = getattr(pipe, "transformer", None) or getattr(pipe, "unet", None)
    names = {type(processor).__name__ for processor in getattr(network, "attn_processors", {}).values()}
    forms = {_form(name) for name in names}
    return forms.pop() if len(forms) == 1 else Attention.UNSPECIFIED


def _form(name: str) -> Attention:
    if "XFormers" in name:
        return Attention.XFORMERS
    if name.startswith("Sliced"):
        return Attention.SLICED
    if name == "AttnProcessor":
        return Attention.EAGER
    if name.endswith("2_0") or name == "FluxAttnProcessor":
        return Attention.SDPA
    return Attention.UNSPECIFIED


def _installed(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _version(table: Table, version: str) -> tuple[int, str]:
    # The table lists releases without their local part, which the cuda element holds.
    code = table.code_of(version.partition("+")[0]) if version else 0
    return (code or 0), ("" if code or not version else version)


def _library(torch: Any) -> int:
    if torch.version.hip:
        numbers = str(torch.version.hip).split(".")
        tags = ["rocm" + ".".join(numbers[:3]).partition("-")[0], "rocm" + ".".join(numbers[:2])]
    elif torch.version.cuda:
        tags = ["cu" + "".join(str(torch.version.cuda).split(".")[:2])]
    else:
        tags = [str(torch.__version__).partition("+")[2]]
    return next((code for tag in tags if (code := cuda.TABLE.code_of(tag))), 0)


def _gpu_name(torch: Any, device: str) -> str:
    kind = device.partition(":")[0]
    if kind == "mps":
        return _output("sysctl", "-n", "machdep.cpu.brand_string") or system.processor()
    return str(getattr(torch, kind).get_device_name(torch.device(device)))


def _linux_cpu() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            for line in file:
                key, _, value = line.partition(":")
                if key.strip() in ("model name", "Hardware", "cpu model"):
                    return value.strip()
    except OSError:
        pass
    return ""


def _output(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=5, check=False).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
