"""What the self-test must give on every platform: part of the definition of the profile, and never changed in it."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["PINNED"]

PINNED: Mapping[str, str] = {
    "basics": "c0b07c28d166e976",
    "functions": "994713102cbe2d6a",
    "grids": "2f40561cb187c599",
    "engine": "37773cbab6937c2f",
}
