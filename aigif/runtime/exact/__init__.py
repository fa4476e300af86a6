"""Exact arithmetic: the same bits on every platform, whatever the order in which its kernels add.

docs/exact-arithmetic.md defines it; `exactly` runs torch under it. Nothing here imports torch before it is used.
"""

from __future__ import annotations

from aigif.runtime.exact.errors import InexactDevice, UnsupportedOperation
from aigif.runtime.exact.profile import PROFILES, Profile, arithmetic_of, is_exact, unsupported_arithmetic
from aigif.runtime.exact.run import ExactRun, exactly

__all__ = [
    "PROFILES",
    "ExactRun",
    "InexactDevice",
    "Profile",
    "UnsupportedOperation",
    "arithmetic_of",
    "exactly",
    "is_exact",
    "unsupported_arithmetic",
]
