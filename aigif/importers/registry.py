"""The importers, found by themselves: every module in aigif/importers/tools/ that has an `IMPORTER`."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from aigif.importers import tools
from aigif.importers.base import Evidence, Importer
from aigif.importers.texts import PictureText


@cache
def importers() -> tuple[Importer, ...]:
    """All importers, by their modules' names."""
    found: list[Importer] = []
    for name in sorted(module.name for module in pkgutil.iter_modules(tools.__path__)):
        importer = getattr(import_module(f"{tools.__name__}.{name}"), "IMPORTER", None)
        if isinstance(importer, Importer):
            found.append(importer)
    return tuple(found)


def claims(picture: PictureText) -> list[tuple[Importer, Evidence]]:
    """The importers with evidence for a picture, the strongest first; of equal ones the first by module name."""
    found = [(importer, evidence) for importer in importers() if (evidence := importer.evidence(picture))]
    return sorted(found, key=lambda claim: -claim[1].strength)
