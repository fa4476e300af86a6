"""Options as a person gives them (names, numbers, enumeration members), made into element values."""

from __future__ import annotations

from enum import IntEnum
from typing import TypeVar

from aigif._gen.enums import (
    BatchGenerators,
    DataType,
    ModelCompressor,
    NoiseSource,
    PixelCompressor,
    PromptDialect,
    Scheduler,
    SigmaSchedule,
)
from aigif._gen.tables import scheduler as scheduler_table
from aigif.errors import UsageError

__all__ = [
    "DTYPES",
    "batch_generators_of",
    "compressor_of",
    "data_type_of",
    "dialect_of",
    "label_of",
    "model_compressor_of",
    "noise_source_of",
    "scheduler_of",
    "sigma_schedule_of",
]

E = TypeVar("E", bound=IntEnum)

DTYPES = {
    DataType.FLOAT32: "float32",
    DataType.FLOAT16: "float16",
    DataType.BFLOAT16: "bfloat16",
    DataType.FLOAT64: "float64",
}
"""The data types that a model can be loaded in, and torch's names of them."""


def scheduler_of(value: Scheduler | int | str | None) -> Scheduler | None:
    """A scheduler from its member, code, name in the table, or AUTOMATIC1111's or diffusers' name of it."""
    if value is None:
        return None
    if isinstance(value, str):
        table = scheduler_table.TABLE
        code = table.code_of(value.lower().replace("_", "-"))
        if code is None:
            named = [
                c for c in table if value in (table.attribute(c, "a1111"), table.attribute(c, "diffusers"))
            ]
            code = named[0] if named else None
        if code is None:
            raise UsageError(
                f"there is no scheduler {value[:40]!r}",
                element="model.scheduler",
                hint=f"choose one of {', '.join(_names(Scheduler))}",
            )
        return Scheduler(code)
    return _member(Scheduler, value, "model.scheduler")


def sigma_schedule_of(value: SigmaSchedule | int | str | None) -> SigmaSchedule | None:
    """A sigma schedule from its member, code or name; UsageError for another."""
    return None if value is None else _member(SigmaSchedule, value, "model.sigma_schedule")


def data_type_of(value: DataType | int | str | None) -> DataType | None:
    """A data type from its member, code or name (float16, fp16, bf16); UsageError for one that can't be run."""
    short = {"fp16": "float16", "half": "float16", "bf16": "bfloat16", "fp32": "float32", "fp64": "float64"}
    if isinstance(value, str):
        value = short.get(value, value)
    if value is None:
        return None
    member = _member(DataType, value, "model.data_type")
    if member not in DTYPES:
        raise UsageError(
            f"{member.name.lower()} can't be run",
            element="model.data_type",
            hint=f"choose one of {', '.join(DTYPES.values())}",
        )
    return member


def compressor_of(value: PixelCompressor | int | str) -> PixelCompressor:
    """A pixel compressor from its member, code or name; UsageError for another."""
    return _member(PixelCompressor, value, "compression.pixel_compressor")


def model_compressor_of(value: ModelCompressor | int | str) -> ModelCompressor:
    """A model compressor from its member, code or name; UsageError for another."""
    return _member(ModelCompressor, value, "compression.model_compressor")


def dialect_of(value: PromptDialect | int | str) -> PromptDialect:
    """A prompt dialect from its member, code or name; UsageError for another."""
    return _member(PromptDialect, value, "model.prompt_dialect")


def noise_source_of(value: NoiseSource | int | str) -> NoiseSource:
    """A noise source from its member, code or name; UsageError for another."""
    return _member(NoiseSource, value, "platform.noise_source")


def batch_generators_of(value: BatchGenerators | int | str) -> BatchGenerators:
    """Shared or separate generators from their member, code or name; UsageError for another."""
    return _member(BatchGenerators, value, "data.batch_generators")


def label_of(kind: type[IntEnum], code: int) -> str:
    """The name of a code for a person, in small letters; `code 77` where the enumeration doesn't list it."""
    known = {member.value: member for member in kind}
    return known[code].name.lower() if code in known else f"code {int(code)}"


def _member(kind: type[E], value: int | str, element: str) -> E:
    if isinstance(value, str):
        key = value.strip().upper().replace("-", "_").replace(".", "_")
        if key in kind.__members__:
            return kind[key]
    else:
        known = {member.value: member for member in kind}
        if value in known:
            return known[value]
    raise UsageError(
        f"there is no {element.rpartition('.')[2].replace('_', ' ')} {str(value)[:40]!r}",
        element=element,
        hint=f"choose one of {', '.join(_names(kind))}",
    )


def _names(kind: type[IntEnum]) -> list[str]:
    return [member.name.lower().replace("_", "-") for member in kind]
