"""What the self-test must give on every platform: part of the definition of the profile, and never changed in it."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["PINNED"]

PINNED: Mapping[str, str] = {
    "basics": "c0b07c28d166e976",
    "functions": "994713102cbe2d6a",
    "grids": "583446692c5443f6",
    "engine": "532866d53540cdcb",
}
