"""What an importer is: a name, the evidence that a picture is its own, and how it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from aigif import grading
from aigif._gen.types import Aigif
from aigif.importers.texts import PictureText, TextEntry
from aigif.text.joined import to_utf8


class Strength(IntEnum):
    """How much a text tells of the picture; where several importers have evidence, the strongest reads it.

    GUESS: a text that may mean something else. SHARED: a format that several programs write (an A1111 text).
    OWN: a program's own format, or a shared one that names the program. EXECUTED: what was executed (ComfyUI's
    graph), which is right where a companion text is not. WRAPPED: a program's own format around an executed
    graph, read by an importer that reads the graph too.
    """

    GUESS = 1
    SHARED = 2
    OWN = 3
    EXECUTED = 4
    WRAPPED = 5


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a picture is an importer's own: how strong that is, a sentence that says it, and the text that tells it.

    Of several claims on one text only the strongest is read.
    """

    strength: Strength
    sentence: str
    entry: TextEntry | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What an importer found.

    Attributes:
        aigif: The generation syntax; what is missing stands in `data.gaps`.
        notes: Sentences for a person about what is missing, odd or only guessed.
        sources: The texts that it was read from.
    """

    aigif: Aigif
    notes: tuple[str, ...]
    sources: tuple[TextEntry, ...]

    @property
    def metadata_bytes(self) -> int:
        """Length of the texts in bytes of UTF-8."""
        return sum(len(to_utf8(entry.text)) for entry in self.sources)

    @property
    def grade(self) -> grading.Grade:
        """Whether the picture can be recreated: exact, approximate or not."""
        return grading.grade(self.aigif)


@dataclass(frozen=True, slots=True)
class Importer:
    """One program's metadata.

    `evidence` says why a picture is this program's, or gives None; it is cheap and never raises. `read` is called
    only where there is evidence, and raises nothing but AigifError.
    """

    name: str
    evidence: Callable[[PictureText], Evidence | None]
    read: Callable[[PictureText], Reading]
