"""Saved weights: safetensors files as they are, or with their matrices as 8-bit integers.

    payload = encode(unet.state_dict(), ModelCompressor.INT8)
    tensors = decode(payload, ModelCompressor.INT8, max_bytes=2**33)
    unet.load_state_dict({name: tensor.to_torch() for name, tensor in tensors.items()})

Reading needs the standard library alone with `none`, numpy with `int8`; torch is imported only where
torch tensors go in or come out.
"""

from __future__ import annotations

from aigif._gen.enums import ModelCompressor
from aigif.errors import UnsupportedError, UsageError
from aigif.weights import safetensors_file
from aigif.weights.tensor import Tensor, as_tensors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

    from aigif.weights.report import QuantisationReport

__all__ = ["ELEMENT", "Tensor", "decode", "encode", "measure", "read_metadata"]

ELEMENT: Final = "compression.model_compressor"


def encode(
    tensors: Mapping[str, object], compressor: int, metadata: Mapping[str, str] | None = None
) -> bytes:
    """A payload of named tensors; the same tensors always give the same bytes.

    `tensors` are `Tensor`s, numpy arrays or torch tensors, `compressor` is a code of the model_compressor
    element, `metadata` the free texts of the safetensors file. Raises UsageError for a tensor, name or
    code that can't be stored, MissingPackageError where int8 finds no numpy.
    """
    items = as_tensors(tensors)
    texts = dict(metadata or {})
    if compressor == ModelCompressor.NONE:
        return safetensors_file.write(items, texts)
    if compressor == ModelCompressor.INT8:
        from aigif.weights import int8

        return safetensors_file.write(*int8.quantise(items, texts))
    raise UsageError(f"model compressor {compressor} is unknown", element=ELEMENT, hint="choose none or int8")


def decode(payload: bytes, compressor: int, max_bytes: int) -> dict[str, Tensor]:
    """The tensors of a payload, by name, in their original data types.

    With `none` they are views of `payload`. `max_bytes` bounds all tensors together and is checked before
    any is made. Raises UnsupportedError for an unknown `compressor`, LimitError, CorruptError for anything
    that is not a payload of this coder, MissingPackageError where int8 finds no numpy.
    """
    tensors, metadata = safetensors_file.read(payload)
    if compressor == ModelCompressor.NONE:
        safetensors_file.check_size(tensors, max_bytes)
        return tensors
    if compressor == ModelCompressor.INT8:
        from aigif.weights import int8

        return int8.restore(tensors, metadata, max_bytes)
    raise UnsupportedError(
        f"model compressor {compressor} is unknown", element=ELEMENT, hint="a newer aigif may read it"
    )


def read_metadata(payload: bytes) -> dict[str, str]:
    """The free texts that were given to `encode`. Raises CorruptError."""
    from aigif.weights import marks

    return marks.without(safetensors_file.read(payload)[1])


def measure(original: Mapping[str, object], decoded: Mapping[str, object]) -> QuantisationReport:
    """How far decoded tensors are from the original ones. Raises UsageError where names or shapes differ."""
    from aigif.weights.report import measure as measure_tensors

    return measure_tensors(as_tensors(original), as_tensors(decoded))
