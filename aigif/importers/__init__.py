"""Metadata that other programs leave in their pictures, read as generation syntax.

Standard library only, and no pixel is decoded, unless a text may be hidden in the pixels. docs/importing.md says what
becomes what.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from aigif import file, pictures
from aigif._gen import compact
from aigif._gen.container import TEXT_BYTES
from aigif._gen.types import Aigif
from aigif.atomic import read_bytes
from aigif.errors import AigifError, ImportMetadataError, LimitError
from aigif.grading import Grade, grade
from aigif.importers import conflicts, registry, stealth
from aigif.importers.base import Importer, Reading
from aigif.importers.carriers import read_carriers
from aigif.importers.texts import Block, PictureText
from aigif.text import joined

TYPE_CHECKING = False
if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Imported", "read"]
_NAMES_SHOWN = 8
_MOST_PICTURE = 256 << 20


@dataclass(frozen=True, slots=True)
class Imported:
    """What was read from a picture.

    Attributes:
        aigif: The generation syntax, with the text compressor that makes it smallest.
        tool: The importer's name; the program itself is `aigif.platform.program`, where it is known.
        notes: Sentences about what is missing, odd or only guessed.
        metadata_bytes: Length of the texts that it was read from, in bytes of UTF-8.
        width, height: The picture's own size in pixels.
        blocks: All metadata of the picture, byte for byte.
    """

    aigif: Aigif
    tool: str
    notes: tuple[str, ...]
    metadata_bytes: int
    width: int
    height: int
    blocks: tuple[Block, ...] = ()

    @property
    def grade(self) -> Grade:
        """Whether the picture can be recreated: exact, approximate or not."""
        return grade(self.aigif)


def read(source: str | os.PathLike[str] | bytes, image: Image | None = None) -> Imported:
    """The generation syntax in a picture's metadata; `source` is a path, or the picture's bytes.

    `image` is the decoded picture, where the caller has it: then texts hidden in its pixels are read too. Without it
    the pixels are decoded only where the file's own texts tell nothing, and only of a PNG.

    Raises ImportMetadataError where there is none or the file is no picture, FileAccessError, CorruptError, and
    LimitError where the texts exceed what a file can hold.
    """
    try:
        picture = read_carriers(source)
        if image is None and picture.format == "png" and not registry.claims(picture):
            image = _decoded(source)
        if image is not None and picture.format in ("png", "webp"):
            picture = stealth.with_stealth(picture, image)
        importer, reading, notes = _strongest(picture)
    except AigifError as error:
        if error.file is None and not isinstance(source, bytes):
            error.file = os.fsdecode(os.fspath(source))
        raise
    return Imported(
        aigif=file.with_best_text(reading.aigif),
        tool=importer.name,
        notes=picture.notes + reading.notes + notes,
        metadata_bytes=reading.metadata_bytes,
        width=picture.width,
        height=picture.height,
        blocks=picture.blocks,
    )


def _decoded(source: str | os.PathLike[str] | bytes) -> Image | None:
    """The picture, in the hope of a hidden text; None where it can't be decoded."""
    try:
        data = source if isinstance(source, bytes) else read_bytes(source, _MOST_PICTURE)
        return pictures.read_picture(data)
    except (AigifError, ImportError):
        return None


def _strongest(picture: PictureText) -> tuple[Importer, Reading, tuple[str, ...]]:
    """The reading of the importer with the strongest evidence that could read it, and notes on the others."""
    refused: AigifError | None = None
    notes: list[str] = []
    best: tuple[Importer, Reading] | None = None
    for importer, evidence in registry.claims(picture):
        if best is not None and evidence.entry in best[1].sources:
            continue
        try:
            reading = importer.read(picture)
            _check_text(reading.aigif)
        except AigifError as error:
            refused = refused or error
            notes.append(f"{evidence.sentence}, but it can't be read: {error.message}")
            continue
        if best is None:
            best = importer, reading
        else:
            notes += conflicts.between(best[0], best[1], importer, reading)
    if best is not None:
        return (*best, tuple(notes))
    raise refused or _nothing_found(picture)


def _check_text(aigif: Aigif) -> None:
    size = len(joined.join(compact.encode_compact(aigif)[1]))
    if size > TEXT_BYTES:
        raise LimitError(
            f"{size} bytes of text; a file holds at most {TEXT_BYTES}",
            hint="shorten the prompt or the settings",
        )


def _nothing_found(picture: PictureText) -> ImportMetadataError:
    names = dict.fromkeys(entry.key for entry in picture.entries)
    shown = [name if name.isprintable() else ascii(name) for name in list(names)[:_NAMES_SHOWN]]
    message = "no generation metadata that this version reads"
    if shown:
        message += f"; the picture's texts are {', '.join(shown)}"
    message += "".join(f"; {note}" for note in picture.notes)
    return ImportMetadataError(
        message,
        hint="give the file that the program saved (editors and web pages remove metadata), "
        "or write the elements as JSON for `aigif encode`",
    )
