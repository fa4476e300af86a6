"""What exact arithmetic refuses."""

from __future__ import annotations

from aigif.errors import RecreationError

__all__ = ["InexactDevice", "UnsupportedOperation"]


class UnsupportedOperation(RecreationError):
    """An operation that exact arithmetic doesn't define: `operation` is torch's name, `module` where it ran."""

    def __init__(self, operation: str, reason: str = "", module: str = "") -> None:
        where = f" in {module}" if module else ""
        why = f" ({reason})" if reason else ""
        super().__init__(
            f"exact arithmetic has no definition of {operation}{why}{where}",
            hint="make the picture with the platform's own arithmetic",
        )
        self.operation = operation
        self.reason = reason
        self.module = module


class InexactDevice(RecreationError):
    """The self-test failed: the device's kernels don't give the numbers that exact arithmetic demands."""
