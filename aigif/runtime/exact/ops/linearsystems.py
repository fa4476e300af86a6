"""Solving small systems of linear equations: UniPC's weights. Gauss' elimination in Python's float64."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aigif.runtime.exact.errors import UnsupportedOperation
from aigif.runtime.exact.table import Context, meaning
from aigif.runtime.torchlib import require

__all__ = ["solved"]

torch: Any = require("torch")

_LARGEST = 32


def solved(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """The x with matrix · x = right: rows are exchanged for the first of the largest pivots of a column, and x is
    found from the last element on; products are subtracted one at a time, from the left."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    count = len(rows)
    for k in range(count):
        pivot = max(range(k, count), key=lambda i: abs(rows[i][k]))
        rows[k], rows[pivot] = rows[pivot], rows[k]
        if rows[k][k] == 0.0:
            raise UnsupportedOperation("solve", "a singular matrix")
        for i in range(k + 1, count):
            factor = rows[i][k] / rows[k][k]
            for j in range(k + 1, count + 1):
                rows[i][j] -= factor * rows[k][j]
    found = [0.0] * count
    for i in range(count - 1, -1, -1):
        value = rows[i][count]
        for j in range(i + 1, count):
            value -= rows[i][j] * found[j]
        found[i] = value / rows[i][i]
    return found


@meaning("linalg_solve")
def _solve(context: Context, matrix: Any, right: Any, *, left: bool = True) -> Any:
    if matrix.ndim != 2 or right.ndim not in (1, 2) or not left or len(matrix) > _LARGEST:
        raise UnsupportedOperation(
            "aten::linalg_solve", "of several matrices, from the right, or of a large one"
        )
    rows = matrix.to(torch.float64).tolist()
    columns = right.to(torch.float64).reshape(len(right), -1).t().tolist()
    found = torch.tensor([solved(rows, column) for column in columns], dtype=torch.float64).t()
    return found.reshape(right.shape).to(device=right.device, dtype=right.dtype)
