"""The profiles of exact arithmetic that a file can name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from aigif._gen.enums import Arithmetic, DataType, NoiseSource
from aigif._gen.types import Aigif
from aigif.errors import UsageError

__all__ = ["PROFILES", "Profile", "arithmetic_of", "is_exact", "unsupported_arithmetic"]


@dataclass(frozen=True, slots=True)
class Profile:
    """A definition of every operation, and the bits that magnitudes of operands of contractions have."""

    name: str
    bits: int


PROFILES: Mapping[int, Profile] = MappingProxyType(
    {Arithmetic.EXACT_1: Profile("exact-1", 24), Arithmetic.EXACT_1_20: Profile("exact-1", 20)}
)
"""By the value of platform.arithmetic."""

_SOURCES = (NoiseSource.TORCH_CPU, NoiseSource.CUDA_PHILOX, NoiseSource.NV)


def arithmetic_of(exact: bool | int) -> Arithmetic:
    """The element's value: False is native, True or 24 exact-1, 20 its fast variant. UsageError for another."""
    if exact is False:
        return Arithmetic.NATIVE
    bits = 24 if exact is True else exact
    for value, profile in PROFILES.items():
        if profile.bits == bits:
            return Arithmetic(value)
    raise UsageError(
        f"exact arithmetic has no {bits} bits", element="platform.arithmetic", hint="choose 20 or 24"
    )


def is_exact(arithmetic: int) -> bool:
    """Whether a value of platform.arithmetic promises the same bits everywhere."""
    return arithmetic in PROFILES


def unsupported_arithmetic(syntax: Aigif) -> str | None:
    """Why this version can't honour platform.arithmetic with the file's other elements; None where it can."""
    platform = syntax.platform
    if platform.arithmetic == Arithmetic.NATIVE:
        return None
    if platform.arithmetic not in PROFILES:
        return "this version has the platform's own arithmetic and exact-1 only"
    if syntax.model.data_type not in (DataType.FLOAT32, DataType.UNSPECIFIED):
        return "exact arithmetic is defined for weights in float32"
    if platform.noise_source not in _SOURCES:
        return "exact arithmetic draws noise as torch does on the CPU or on CUDA, or as AUTOMATIC1111's NV"
    return None
