"""Pictures that are only texts, and what the importers make of them."""

from __future__ import annotations

import json
from typing import Any

import aigif
from aigif import file
from aigif._gen.tables import program
from aigif.grading import Grade
from aigif.importers import registry
from aigif.importers.base import Reading
from aigif.importers.texts import PictureText, TextEntry


def picture(
    *texts: tuple[str, str], carrier: str = "PNG tEXt", width: int = 512, height: int = 768
) -> PictureText:
    entries = tuple(TextEntry(carrier, key, text, 0, False) for key, text in texts)
    return PictureText("png", width, height, entries)


def told(key: str, value: Any, **options: Any) -> Reading:
    """What the strongest importer reads from one text; `value` is a text, or written as JSON."""
    return strongest(picture((key, value if isinstance(value, str) else json.dumps(value)), **options))[1]


def strongest(texts: PictureText) -> tuple[str, Reading]:
    """The importer that reads a picture, and its reading, after checking that a file can hold it."""
    claims = registry.claims(texts)
    assert claims, "no importer claims it"
    importer, evidence = claims[0]
    assert evidence.entry in texts.entries
    assert evidence.sentence
    reading = importer.read(texts)
    value = file.with_best_text(reading.aigif)
    assert file.loads(file.dumps(value)) == value
    assert reading.sources
    assert all(source in texts.entries for source in reading.sources)
    return importer.name, reading


def program_name(reading: Reading) -> str | None:
    return program.TABLE.name_of(reading.aigif.platform.program)


def gaps(reading: Reading) -> set[tuple[str, str]]:
    """The gaps, as the names of their kinds in lower case and their own."""
    return {(gap.kind.name.lower(), gap.name) for gap in reading.aigif.data.gaps}  # type: ignore[union-attr]


def basics(value: aigif.Aigif) -> tuple[int, int, float, int, int]:
    """Seed, steps, guidance, width and height."""
    data = value.data
    return data.seed, data.steps, data.guidance_scale, data.width, data.height


__all__ = ["Grade", "basics", "gaps", "picture", "program_name", "strongest", "told"]
