"""What a worker needs besides torch, in the versions of this environment: `python -m benchmarks.platforms.pins`."""

from __future__ import annotations

import importlib.metadata
import re

from packaging.requirements import Requirement

__all__ = ["pins"]


def pins() -> list[str]:
    """The requirements of aigif's extra "recreate", theirs, and so on, that are installed; without torch's CUDA."""
    found: dict[str, str] = {}
    left = [("aigif", frozenset({"recreate"}))]
    while left:
        name, extras = left.pop()
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        key = re.sub(r"[-_.]+", "-", distribution.metadata["Name"]).lower()
        if key in found or key.startswith(("nvidia-", "cuda-", "triton")):
            continue
        found[key] = distribution.version
        for text in distribution.requires or ():
            needed = Requirement(text)
            if needed.marker is None or any(needed.marker.evaluate({"extra": each}) for each in ("", *extras)):
                left.append((needed.name, frozenset(needed.extras)))
    return [f"{key}=={version}" for key, version in sorted(found.items()) if key not in ("aigif", "torch")]


if __name__ == "__main__":
    print("\n".join(pins()))
