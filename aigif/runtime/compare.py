"""How this platform differs from the recorded one, and what that lets a recreation expect.

The expectations are those of Table V of the AIGIF paper (Gao, Feng, Li, Chen, "Towards Defining an Efficient and
Expandable File Format for AI-Generated Contents"), measured there at 512 x 512 and 25 steps, for DDIM
and DPM++ 2M: another CPU 80.2 and 80.7 dB PSNR (DDIM), 73.7 to 75.1 dB (DPM++ 2M); the same model of GPU no loss
(DDIM), 57.9 dB (DPM++ 2M); another GPU, or a CPU against a GPU, 58.4 dB (DDIM) and 51.2 to 51.3 dB (DPM++ 2M), but
80.1 and 74.9 dB in its one pair of an old CPU and an old GPU. The paper measures no other versions, precisions or
systems; what is said of those here is a judgement, and worded as one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum

from aigif._gen.enums import Arithmetic, Attention, Device, NoiseSource, OperatingSystem
from aigif._gen.support import Table
from aigif._gen.tables import cuda, diffusers_version, gpu, program, torch_version, transformers_version
from aigif._gen.types import Platform
from aigif.runtime.exact import is_exact
from aigif.runtime.options import label_of

__all__ = ["NOT_HONOURED", "Difference", "Expectation", "compare", "expectation"]


class Expectation(Enum):
    """What to expect of the pixels, best first."""

    EXACT = "exact"
    SAME = "visually same"
    MAY_DIFFER = "may differ"


NOT_HONOURED = "not honoured"
"""Stands for the value here of an element that an approximation runs without."""


@dataclass(frozen=True, slots=True)
class Difference:
    """An element of the platform that is not as recorded."""

    element: str
    """Path of the syntax element."""
    recorded: str
    here: str
    expectation: Expectation
    """The most that can be expected with this difference."""


_CPU = "another CPU: 73 to 81 dB PSNR in Table V of the AIGIF paper"
_GPU = "another GPU: 51 to 59 dB PSNR in Table V of the AIGIF paper"
_BOTH = "a CPU against a GPU: 51 to 59 dB PSNR, in one pair 75 to 80, in Table V of the AIGIF paper"


def compare(recorded: Platform, here: Platform) -> list[Difference]:
    """The differences of two platforms, heaviest first. What the file doesn't record is no difference."""
    found: list[Difference] = []

    def add(element: str, then: str, now: str, expected: Expectation) -> None:
        if then and then != now:
            found.append(Difference(f"platform.{element}", then, now or "not known", expected))

    exact = is_exact(recorded.arithmetic) and recorded.arithmetic == here.arithmetic
    if recorded.arithmetic != here.arithmetic:
        then, now = (_name(each.arithmetic, Arithmetic) for each in (recorded, here))
        add("arithmetic", then, now, Expectation.SAME)
    same_kind = recorded.device == here.device
    add("device", _name(recorded.device, Device), _name(here.device, Device), Expectation.SAME)
    if same_kind:
        add("gpu", _gpu(recorded), _gpu(here), Expectation.SAME)
        add("cuda", _listed(cuda.TABLE, recorded.cuda), _listed(cuda.TABLE, here.cuda), Expectation.SAME)
        add("cpu", recorded.cpu, here.cpu, Expectation.SAME)
        if recorded.threads:
            add("threads", str(recorded.threads), str(here.threads), Expectation.SAME)
    for element, table in (
        ("torch", torch_version.TABLE),
        ("diffusers", diffusers_version.TABLE),
        ("transformers", transformers_version.TABLE),
    ):
        add(element, _release(table, recorded, element), _release(table, here, element), Expectation.SAME)
    add("attention", _name(recorded.attention, Attention), _name(here.attention, Attention), Expectation.SAME)
    add(
        "operating_system",
        _name(recorded.operating_system, OperatingSystem),
        _name(here.operating_system, OperatingSystem),
        Expectation.SAME,
    )
    other_program = _listed(program.TABLE, recorded.program)
    add("program", other_program, _listed(program.TABLE, here.program), Expectation.MAY_DIFFER)
    add(
        "noise_source",
        _name(recorded.noise_source, NoiseSource),
        _name(here.noise_source, NoiseSource),
        Expectation.MAY_DIFFER,
    )
    if not exact:
        return found
    if here.schedule_digest:  # known once the picture is made
        add("schedule_digest", recorded.schedule_digest.hex(), here.schedule_digest.hex(), Expectation.SAME)
    return [difference for difference in found if difference.element not in _WITHOUT_EFFECT]


_WITHOUT_EFFECT = frozenset(
    f"platform.{name}" for name in ("device", "gpu", "cuda", "cpu", "threads", "torch", "operating_system")
)
"""Elements that pixels don't depend on under exact arithmetic."""


def expectation(differences: Sequence[Difference], recorded: Platform) -> str:
    """One or two sentences for a person: what to expect of the pixels, and why."""
    elements = {difference.element: difference for difference in differences}
    may_differ = [d for d in differences if d.expectation is Expectation.MAY_DIFFER]
    if may_differ:
        named = ", ".join(_words(difference) for difference in may_differ)
        return f"The picture may differ visibly: {named}."
    if is_exact(recorded.arithmetic) and not differences:
        return "The file asks for exact arithmetic: the same pixels are expected on every platform, bit for bit."
    if recorded.device == Device.UNSPECIFIED and not is_exact(recorded.arithmetic):
        return (
            "The file doesn't say on which device the picture was made; the same picture is expected, not the same "
            "bits."
        )
    if not differences:
        unsaid = [name for name in ("torch", "diffusers") if not _release(_TABLES[name], recorded, name)]
        if unsaid:
            return (
                f"The platform is the recorded one as far as the file says (it doesn't give {' and '.join(unsaid)}); "
                "the same pixels are likely."
            )
        return "The platform is the recorded one: the same pixels are expected, bit for bit."
    named = ", ".join(_words(difference) for difference in differences)
    text = f"The same picture is expected, with differences too small to see: {named}."
    device = elements.get("platform.device")
    if device is not None:
        return f"{text} For {_BOTH if 'cpu' in (device.recorded, device.here) else _GPU}."
    for element, figures in (("gpu", _GPU), ("cpu", _CPU)):
        if f"platform.{element}" in elements:
            return f"{text} For {figures}."
    return text


_TABLES = {"torch": torch_version.TABLE, "diffusers": diffusers_version.TABLE}


def _words(difference: Difference) -> str:
    name = difference.element.rpartition(".")[2].replace("_", " ")
    if difference.here == NOT_HONOURED:
        return f"{name} not honoured"
    return f"{name} {difference.here} instead of {difference.recorded}"


def _name(code: int, kind: type[IntEnum]) -> str:
    name = label_of(kind, code).replace("_", " ")
    return "" if name == "unspecified" else name


def _listed(table: Table, code: int) -> str:
    if code not in table:
        return f"code {code}"
    return table[code].label


def _gpu(platform: Platform) -> str:
    return platform.gpu_name or _listed(gpu.TABLE, platform.gpu)


def _release(table: Table, platform: Platform, element: str) -> str:
    return str(getattr(platform, f"{element}_build")) or _listed(table, getattr(platform, element))
