"""What an importer is: a name, the evidence that a picture is its own, and how it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aigif._gen.types import Aigif
from aigif.importers.texts import PictureText


@dataclass(frozen=True, slots=True)
class Reading:
    """The generation syntax that an importer found, what a person should know about it, and the number of bytes
    (UTF-8) of the text that it was read from."""

    aigif: Aigif
    notes: tuple[str, ...]
    metadata_bytes: int


@dataclass(frozen=True, slots=True)
class Importer:
    """One program's metadata.

    `evidence` gives a sentence saying why a picture is this program's, or None; `read` is called only where
    there is evidence, and raises nothing but AigifError.
    """

    name: str
    evidence: Callable[[PictureText], str | None]
    read: Callable[[PictureText], Reading]
