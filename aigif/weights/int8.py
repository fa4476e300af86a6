"""Weight coder `int8`: matrices as 8-bit integers, one scale for each output channel.

Symmetric quantisation by rows of the first axis (Jacob et al. 2018, arXiv:1712.05877, with zero point 0;
Nagel et al. 2021, arXiv:2106.08295, section 2.2): with s = max|w| / 127 over a row, q = round(w / s) and
w' = q s. No weight is off by more than s / 2, apart from rounding to the original data type.

A file holds, for every tensor of F16, BF16, F32 or F64 with two or more axes,
- `NAME`: I8, the same shape, values -127 to 127;
- `NAME.int8_scale`: F32, one axis, the scales of its rows;
- in the metadata `aigif.int8:NAME` the data type that it had, and once `aigif.int8` = "1".
All other tensors (biases, norms, integers), empty ones, and those with infinities or NaN stay as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aigif.errors import CorruptError, UsageError
from aigif.weights import marks
from aigif.weights.safetensors_file import check_bytes
from aigif.weights.tensor import DAMAGED, FLOATS, SIZES, Tensor, import_numpy, shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from numpy.typing import NDArray

SUFFIX: Final = ".int8_scale"
_MOST: Final = 127
_LARGEST_BFLOAT16: Final = 3.3895313892515355e38


def quantise(
    tensors: Mapping[str, Tensor], metadata: Mapping[str, str]
) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors and the metadata of the file that stands for `tensors`.

    Raises UsageError where a name or a metadata key is one of those that the coder adds.
    """
    if any(marks.is_mark(key) for key in metadata):
        raise UsageError(f"metadata that begins with {marks.SCHEME} is the coder's own")
    stored: dict[str, Tensor] = {}
    data_types: dict[str, str] = {}
    for name, tensor in tensors.items():
        rows = _rows(tensor)
        scales = None if rows is None else _scales(rows)
        if rows is None or scales is None:
            _add(stored, name, tensor)
            continue
        data_types[name] = tensor.dtype
        _add(stored, name, Tensor("I8", tensor.shape, _divided(rows, scales).tobytes()))
        _add(stored, name + SUFFIX, Tensor("F32", (len(scales),), scales.astype("<f4").tobytes()))
    return stored, {**metadata, **marks.of(data_types)}


def restore(tensors: Mapping[str, Tensor], metadata: Mapping[str, str], max_bytes: int) -> dict[str, Tensor]:
    """The tensors that a file stands for, by name.

    Raises CorruptError where tensors, scales and metadata do not go together, LimitError where the result
    would be longer than `max_bytes`.
    """
    data_types = marks.read(metadata)
    scale_names = {name + SUFFIX for name in data_types}
    for name, dtype in data_types.items():
        _check(name, dtype, tensors)
    rest = {name: tensor for name, tensor in tensors.items() if name not in scale_names}
    sizes = (tensor.size * SIZES[data_types.get(name, tensor.dtype)] for name, tensor in rest.items())
    check_bytes(sum(sizes), max_bytes)
    return {
        name: _restored(name, tensor, tensors[name + SUFFIX], data_types[name])
        if name in data_types
        else tensor
        for name, tensor in rest.items()
    }


def _add(stored: dict[str, Tensor], name: str, tensor: Tensor) -> None:
    if name in stored:
        raise UsageError(
            f"two tensors would be called {shown(name)}", hint="rename the one that ends in " + SUFFIX
        )
    stored[name] = tensor


def _rows(tensor: Tensor) -> NDArray[Any] | None:
    """The tensor as a float32 or float64 matrix, one row an output channel; None where it stays as it is."""
    if tensor.dtype not in FLOATS or len(tensor.shape) < 2 or not tensor.size:
        return None
    array = tensor.to_numpy()
    return array.astype("f8" if tensor.dtype == "F64" else "f4").reshape(tensor.shape[0], -1)


def _scales(rows: NDArray[Any]) -> NDArray[Any] | None:
    """One float32 scale a row; None where a weight is infinite or NaN, or no float32 is large enough."""
    np = import_numpy()
    with np.errstate(over="ignore", invalid="ignore"):
        scales: NDArray[Any] = (np.abs(rows).max(axis=1) / rows.dtype.type(_MOST)).astype("f4")
    return scales if np.isfinite(scales).all() else None


def _divided(rows: NDArray[Any], scales: NDArray[Any]) -> NDArray[Any]:
    """The integers. A row whose scale is zero is zero; halves round to even."""
    np = import_numpy()
    column = scales.astype(rows.dtype)[:, None]
    quotients = np.divide(rows, column, out=np.zeros_like(rows), where=column > 0)
    integers: NDArray[Any] = np.clip(np.rint(quotients), -_MOST, _MOST).astype("i1")
    return integers


def _check(name: str, dtype: str, tensors: Mapping[str, Tensor]) -> None:
    """Raises CorruptError unless a quantised tensor and its scales are there and fit each other."""
    integers, scales = tensors.get(name), tensors.get(name + SUFFIX)
    if integers is None or scales is None:
        raise _corrupt(name, "the tensor or its scales are missing")
    if dtype not in FLOATS:
        raise _corrupt(name, f"{shown(dtype)} is no data type that was quantised")
    if integers.dtype != "I8" or len(integers.shape) < 2 or not integers.size:
        raise _corrupt(name, f"{integers!r} is no matrix of 8-bit integers")
    if scales.dtype != "F32" or scales.shape != integers.shape[:1]:
        raise _corrupt(name, f"{scales!r} are not the scales of its {integers.shape[0]} rows")


def _restored(name: str, integers: Tensor, scales: Tensor, dtype: str) -> Tensor:
    np = import_numpy()
    factors = scales.to_numpy()
    values = integers.to_numpy().reshape(integers.shape[0], -1)
    if not np.isfinite(factors).all() or np.signbit(factors).any():
        raise _corrupt(name, "a scale is negative, infinite or not a number")
    if (values < -_MOST).any():
        raise _corrupt(name, "an integer is -128, which symmetric quantisation never gives")
    kind = "f8" if dtype == "F64" else "f4"
    largest = _LARGEST_BFLOAT16 if dtype == "BF16" else float(np.finfo({"F16": "f2"}.get(dtype, kind)).max)
    with np.errstate(over="ignore"):
        products = values.astype(kind) * factors.astype(kind)[:, None]
    np.clip(products, -largest, largest, out=products)
    return Tensor(dtype, integers.shape, _as_bytes(products, dtype))


def _as_bytes(values: NDArray[Any], dtype: str) -> bytes:
    """Finite float32 or float64 numbers in a data type, to nearest, halves to even."""
    np = import_numpy()
    if dtype == "BF16":
        bits = values.astype("<f4").view("<u4")
        bits = bits + (np.uint32(0x7FFF) + (bits >> np.uint32(16) & np.uint32(1)))
        data: bytes = (bits >> np.uint32(16)).astype("<u2").tobytes()
        return data
    return bytes(values.astype({"F16": "<f2", "F32": "<f4", "F64": "<f8"}[dtype]).data)


def _corrupt(name: str, problem: str) -> CorruptError:
    return CorruptError(f"saved weights (int8), tensor {shown(name)}: {problem}", hint=DAMAGED)
