"""How much quantisation changed the weights."""

from __future__ import annotations

from dataclasses import dataclass
from math import log10, sqrt
from typing import TYPE_CHECKING

from aigif.errors import UsageError
from aigif.weights.tensor import FLOATS, Tensor, import_numpy, shown

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class TensorError:
    """The error of one tensor, or of all together.

    `max_abs_error` is the largest difference, in the weights' own unit; `relative_rms_error` the root mean
    square of the differences over that of the weights (0 where nothing differs); `snr_db` the
    signal-to-noise ratio 10 log10(sum w^2 / sum e^2) in decibels, None where nothing differs.
    """

    name: str
    weights: int
    max_abs_error: float
    relative_rms_error: float
    snr_db: float | None


@dataclass(frozen=True, slots=True)
class QuantisationReport:
    """The error of every floating-point tensor, in the order of the original, and of all together."""

    tensors: tuple[TensorError, ...]
    overall: TensorError


@dataclass(slots=True)
class _Sums:
    """Running sums over weights w and differences e."""

    weights: int = 0
    max_abs: float = 0.0
    signal: float = 0.0
    noise: float = 0.0

    def add(self, other: _Sums) -> None:
        self.weights += other.weights
        self.max_abs = max(self.max_abs, other.max_abs)
        self.signal += other.signal
        self.noise += other.noise

    def error(self, name: str) -> TensorError:
        if not self.noise:
            return TensorError(name, self.weights, self.max_abs, 0.0, None)
        if not self.signal:
            return TensorError(name, self.weights, self.max_abs, float("inf"), float("-inf"))
        ratio = self.noise / self.signal
        return TensorError(name, self.weights, self.max_abs, sqrt(ratio), -10 * log10(ratio))


def measure(original: Mapping[str, Tensor], decoded: Mapping[str, Tensor]) -> QuantisationReport:
    """Compares tensors by name, in float64; where both are the same infinity, nothing differs.

    Tensors of integers and of 8-bit floats are not measured. Raises UsageError where names or shapes
    differ, MissingPackageError without numpy.
    """
    if original.keys() != decoded.keys():
        odd = sorted(original.keys() ^ decoded.keys())
        raise UsageError(f"tensor {shown(odd[0])} and {len(odd) - 1} others are on one side only")
    errors: list[TensorError] = []
    total = _Sums()
    for name, tensor in original.items():
        if tensor.shape != decoded[name].shape:
            raise UsageError(f"tensor {shown(name)} has shape {tensor.shape} and {decoded[name].shape}")
        if tensor.dtype in FLOATS and decoded[name].dtype in FLOATS:
            sums = _sums(tensor, decoded[name])
            errors.append(sums.error(name))
            total.add(sums)
    return QuantisationReport(tuple(errors), total.error("all"))


def _sums(tensor: Tensor, other: Tensor) -> _Sums:
    np = import_numpy()
    if tensor == other or not tensor.size:
        values = tensor.to_numpy().astype("f8")
        return _Sums(tensor.size, signal=float(np.square(values[np.isfinite(values)]).sum()))
    before, after = tensor.to_numpy().astype("f8").ravel(), other.to_numpy().astype("f8").ravel()
    with np.errstate(invalid="ignore"):
        difference = np.where(before == after, 0.0, np.abs(after - before))
    finite = before[np.isfinite(before)]
    return _Sums(
        tensor.size,
        float(difference.max()),
        float(np.square(finite).sum()),
        float(np.square(difference).sum()),
    )
