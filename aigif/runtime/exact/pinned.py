"""What the self-test must give on every platform: part of the definition of the profile, and never changed in it."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["PINNED"]

PINNED: Mapping[str, str] = {
    "basics": "c0b07c28d166e976",
    "functions": "6b4bbc1d78c8e5f8",
    "grids": "3588faaa5321aaac",
    "engine": "32d99956fe69db74",
}
