"""The importers, the one with the more telling evidence first.

A program that also writes another's format (an A1111 text beside its own graph, say) stands before it.
"""

from __future__ import annotations

from aigif.importers.a1111 import IMPORTER as A1111
from aigif.importers.base import Importer
from aigif.importers.texts import PictureText

IMPORTERS: tuple[Importer, ...] = (A1111,)


def find(picture: PictureText) -> tuple[Importer, str] | None:
    """The importer of a picture and the evidence for it; None where no importer knows its texts."""
    for importer in IMPORTERS:
        evidence = importer.evidence(picture)
        if evidence is not None:
            return importer, evidence
    return None
