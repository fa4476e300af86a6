"""Every pipeline class of the table, tiny and random; `BUILDERS` saves one in the hub's layout by its class."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable
from pathlib import Path

from tests.runtime.tinymodels.calls import NEEDS, SETTINGS

__all__ = ["BUILDERS", "NEEDS", "SETTINGS", "VARIANTS", "lacking"]

BUILDERS: dict[str, Callable[[Path], Path]] = {}
VARIANTS: dict[str, Callable[[Path], Path]] = {}
"""Further models of the classes, by a name that says what is particular."""

for _module in pkgutil.iter_modules(__path__, f"{__name__}."):
    _content = importlib.import_module(_module.name)
    BUILDERS |= getattr(_content, "BUILDERS", {})
    VARIANTS |= getattr(_content, "VARIANTS", {})


def lacking(name: str) -> str | None:
    """Why a pipeline class can't be built here; None where it can."""
    package = NEEDS.get(name)
    if package is None or importlib.util.find_spec(package) is not None:
        return None
    return f"{name} needs the package {package}, which is not installed"
