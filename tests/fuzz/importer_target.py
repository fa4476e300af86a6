"""What the fuzzer of the importers runs: one input as a picture, as texts of a picture, or as kept metadata."""

from __future__ import annotations

from aigif import file
from aigif._gen.container import METADATA_SECTION
from aigif._gen.types import Aigif
from aigif.errors import AigifError
from aigif.importers import Imported, keeping, read, registry
from aigif.importers.base import Reading
from aigif.importers.texts import EXIF, PictureText, TextEntry

# The keys under which programs leave their texts; an input's first byte picks one.
KEYS = (
    "parameters", "prompt", "workflow", "UserComment", "Comment", "Description", "Software", "Title", "Source",
    "Dream", "sd-metadata", "invokeai_metadata", "invokeai_graph", "invokeai_workflow", "fooocus_scheme",
    "parameters-json", "smproj", "generation_data", "negative_prompt", "seed", "use_stable_diffusion_model",
    "XMP", "stealth", "comment", "Make", "Model", "ImageDescription", "MakerNote", "XPComment", "DocumentName",
    "metadata", "sui_image_params",
)  # fmt: skip
_EXIF_KEYS = frozenset(
    ("UserComment", "Make", "Model", "ImageDescription", "MakerNote", "XPComment", "DocumentName")
)
_SEPARATOR = "\x1e"


def check_picture(data: bytes) -> Imported | None:
    """A picture's bytes: read, or refused by an AigifError."""
    try:
        return read(data)
    except AigifError:
        return None


def picture_of(data: bytes) -> PictureText:
    """Texts of a picture: each begins with a character that picks its key, and ends at a record separator."""
    entries = []
    for part in data.decode("utf-8", "replace").split(_SEPARATOR)[:8]:
        key = KEYS[ord(part[0]) % len(KEYS)] if part else KEYS[0]
        carrier = EXIF if key in _EXIF_KEYS else key if key in ("XMP",) else "PNG tEXt"
        entries.append(TextEntry(carrier, key, part[1:], 0, False))
    return PictureText("png", 512, 768, tuple(entries))


def check_texts(picture: PictureText) -> list[Reading]:
    """Every importer that claims a picture's texts: what they read, or nothing where they refuse."""
    found = []
    for importer in registry.importers():
        if importer.evidence(picture) is None:
            continue
        try:
            reading = importer.read(picture)
            file.loads(file.dumps(reading.aigif))
        except AigifError:
            continue
        found.append(reading)
    return found


def check_kept(payload: bytes) -> None:
    """A section of source metadata: read, or refused."""
    try:
        keeping.blocks_of(file.with_section(Aigif(), METADATA_SECTION, payload))
    except AigifError:
        pass


def check(data: bytes) -> None:
    """One input of the fuzzer."""
    kind, rest = data[:1], data[1:]
    if kind == b"P":
        check_picture(rest)
    elif kind == b"K":
        check_kept(rest)
    else:
        check_texts(picture_of(data))
