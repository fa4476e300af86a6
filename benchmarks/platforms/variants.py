"""The platforms: what each changes from the process that the table compares with."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["REFERENCE", "VARIANTS", "Variant", "environment"]


@dataclass(frozen=True, slots=True)
class Variant:
    """A platform: variables of the process, options of the worker, and the command of the Python that runs it.

    A variant without a name takes the one that its worker reports.
    """

    name: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    command: tuple[str, ...] = (sys.executable,)

    @property
    def emulated(self) -> bool:
        """Whether it runs in an emulator, tens of times slower."""
        return Path(self.command[0]).name.startswith("qemu-")

    @property
    def installed(self) -> bool:
        return shutil.which(self.command[0]) is not None


REFERENCE = Variant("as it is, 1 thread")
VARIANTS = (
    Variant("2 threads", options={"threads": 2}),
    Variant("without AVX", {"ATEN_CPU_CAPABILITY": "default"}),
    Variant("AVX2", {"ATEN_CPU_CAPABILITY": "avx2"}),
    Variant("AVX-512", {"ATEN_CPU_CAPABILITY": "avx512"}),
    Variant("oneDNN off", options={"onednn": False}),
    Variant("oneDNN at SSE4.1", {"ONEDNN_MAX_CPU_ISA": "SSE41"}),
    Variant("MKL compatible", {"MKL_CBWR": "COMPATIBLE"}),
    Variant("MKL AVX2, without AVX", {"MKL_CBWR": "AVX2", "ATEN_CPU_CAPABILITY": "default"}),
    Variant("channels last", options={"channels_last": True}),
    Variant("third of a batch of 4", options={"batch": 4}),
    Variant("slices of float32", options={"engine": "float32"}),
    Variant("emulated Nehalem", command=("qemu-x86_64", "-cpu", "Nehalem", sys.executable)),
)


def environment(command: str) -> Variant:
    """The variant of another Python environment: `--python`'s argument, split as a shell does."""
    return Variant(command=tuple(shlex.split(command)))
