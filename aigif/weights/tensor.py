"""A tensor as it lies in a file: data type, shape and bytes, without numpy or torch."""

from __future__ import annotations

import sys
from math import prod

from aigif.errors import MissingPackageError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType
    from typing import Any, Final

    import numpy
    import torch
    from numpy.typing import NDArray

# Bytes of one number of each safetensors data type, and its name in numpy and torch; numpy has no
# bfloat16 and no 8-bit floats.
SIZES: Final = {
    "BOOL": 1,
    "U8": 1,
    "I8": 1,
    "F8_E5M2": 1,
    "F8_E4M3": 1,
    "U16": 2,
    "I16": 2,
    "F16": 2,
    "BF16": 2,
    "U32": 4,
    "I32": 4,
    "F32": 4,
    "U64": 8,
    "I64": 8,
    "F64": 8,
}
_NUMPY: Final = {
    "BOOL": "bool",
    "U8": "uint8",
    "I8": "int8",
    "U16": "uint16",
    "I16": "int16",
    "F16": "float16",
    "U32": "uint32",
    "I32": "int32",
    "F32": "float32",
    "U64": "uint64",
    "I64": "int64",
    "F64": "float64",
}
_TORCH: Final = _NUMPY | {"BF16": "bfloat16", "F8_E5M2": "float8_e5m2", "F8_E4M3": "float8_e4m3fn"}
FLOATS: Final = ("F16", "BF16", "F32", "F64")
DAMAGED: Final = "the file is damaged; get it again"
_LONGEST_SHOWN: Final = 100


class Tensor:
    """A tensor of safetensors data type `dtype`; `data` holds its numbers, little-endian, last axis first."""

    __slots__ = ("data", "dtype", "shape")

    def __init__(self, dtype: str, shape: tuple[int, ...], data: bytes | memoryview) -> None:
        self.dtype = dtype
        self.shape = shape
        self.data = data

    def __eq__(self, other: object) -> bool:
        """Whether type, shape and every bit are the same."""
        if not isinstance(other, Tensor):
            return NotImplemented
        return (self.dtype, self.shape, self.data) == (other.dtype, other.shape, other.data)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Tensor({self.dtype}, {self.shape}, {len(self.data)} bytes)"

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return prod(self.shape)

    def to_numpy(self) -> NDArray[Any]:
        """A numpy array over the same bytes; BF16 becomes a new float32 array, which holds it exactly.

        Raises UsageError for 8-bit floats, MissingPackageError without numpy.
        """
        np = import_numpy()
        if self.dtype == "BF16":
            wide = np.frombuffer(self.data, "<u2").astype("<u4") << np.uint32(16)
            floats: NDArray[Any] = wide.view("<f4").reshape(self.shape)
            return floats
        if self.dtype not in _NUMPY:
            raise UsageError(f"numpy has no data type {self.dtype}", hint="use to_torch()")
        dtype = np.dtype(_NUMPY[self.dtype]).newbyteorder("<")
        array: NDArray[Any] = np.frombuffer(self.data, dtype).reshape(self.shape)
        return array

    def to_torch(self) -> torch.Tensor:
        """A torch tensor on the CPU over a copy of the bytes. Raises MissingPackageError without torch."""
        try:
            import torch
        except ImportError as error:
            raise MissingPackageError("this needs torch", hint='pip install "aigif[recreate]"') from error
        _check_little_endian()
        dtype: torch.dtype = getattr(torch, _TORCH[self.dtype])
        if not self.data:
            return torch.empty(self.shape, dtype=dtype)
        return torch.frombuffer(bytearray(self.data), dtype=dtype).reshape(self.shape)


def as_tensors(tensors: Mapping[str, object]) -> dict[str, Tensor]:
    """Named tensors from `Tensor`s, numpy arrays and torch tensors.

    Raises UsageError for anything else, and for a data type that safetensors lacks (complex numbers).
    """
    return {name: _as_tensor(name, value) for name, value in tensors.items()}


def shown(name: str) -> str:
    """A tensor's name for a message: printable, and cut where it is long."""
    return repr(name if len(name) <= _LONGEST_SHOWN else name[:_LONGEST_SHOWN] + "...")


def import_numpy() -> ModuleType:
    """numpy. Raises MissingPackageError where it is not installed."""
    try:
        import numpy
    except ImportError as error:
        raise MissingPackageError("this needs numpy", hint='pip install "aigif[recreate]"') from error
    module: ModuleType = numpy
    return module


def _as_tensor(name: str, value: object) -> Tensor:
    if isinstance(value, Tensor):
        return value
    if _is_a("torch", "Tensor", value):
        return _from_torch(name, value)  # type: ignore[arg-type]
    if _is_a("numpy", "ndarray", value):
        return _from_numpy(name, value)  # type: ignore[arg-type]
    raise UsageError(f"{shown(name)} is a {type(value).__name__}, not a tensor")


def _is_a(module: str, kind: str, value: object) -> bool:
    """Whether a value is of a class of a module, without importing it: no value is, where nobody did."""
    loaded = sys.modules.get(module)
    return loaded is not None and isinstance(value, getattr(loaded, kind))


def _from_numpy(name: str, array: numpy.ndarray[Any, Any]) -> Tensor:
    dtype = next((ours for ours, theirs in _NUMPY.items() if theirs == array.dtype.name), None)
    if dtype is None:
        raise _no_such_type(name, array.dtype.name)
    return Tensor(dtype, array.shape, array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes())


def _from_torch(name: str, tensor: torch.Tensor) -> Tensor:
    import torch

    _check_little_endian()
    theirs = str(tensor.dtype).removeprefix("torch.")
    dtype = next((ours for ours, known in _TORCH.items() if known == theirs), None)
    if dtype is None or tensor.layout != torch.strided:
        raise _no_such_type(name, theirs if dtype is None else str(tensor.layout))
    flat = tensor.detach().cpu().contiguous().reshape(-1)
    return Tensor(dtype, tuple(tensor.shape), flat.view(torch.uint8).numpy().tobytes())


def _no_such_type(name: str, dtype: str) -> UsageError:
    return UsageError(
        f"tensor {shown(name)} is of type {dtype}, which safetensors lacks", hint="convert it first"
    )


def _check_little_endian() -> None:
    if sys.byteorder != "little":
        raise UsageError("torch tensors need a little-endian machine here", hint="use numpy arrays")
