"""The runtime: models in, pixels out. Importing it imports no torch; only a call that runs a model does.

The functions `generate`, `recreate` and `verify` are had from `aigif` itself; here their names are those of the
modules that hold them. `docs/recreation.md` says what is checked and how pictures are graded.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aigif.runtime.compare import Difference, Expectation, expectation
    from aigif.runtime.generate import Generated
    from aigif.runtime.honour import NotHonouredError
    from aigif.runtime.platform import probe
    from aigif.runtime.progress import NoProgress, Progress
    from aigif.runtime.recreate import Recreated
    from aigif.runtime.registry import KnownModel, models
    from aigif.runtime.verify import Verdict

__all__ = [
    "Difference",
    "Expectation",
    "Generated",
    "KnownModel",
    "NoProgress",
    "NotHonouredError",
    "Progress",
    "Recreated",
    "Verdict",
    "expectation",
    "models",
    "probe",
]

_HOMES = {
    "Difference": "compare",
    "Expectation": "compare",
    "Generated": "generate",
    "KnownModel": "registry",
    "NoProgress": "progress",
    "NotHonouredError": "honour",
    "Progress": "progress",
    "Recreated": "recreate",
    "Verdict": "verify",
    "expectation": "compare",
    "models": "registry",
    "probe": "platform",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"aigif.runtime.{home}"), name)
    globals()[name] = value
    return value
