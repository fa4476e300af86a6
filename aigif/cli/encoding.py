"""`aigif encode`: files from JSON of the elements, or from pictures with another program's metadata."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from typing import Any

import click

from aigif import file, importers, pictures
from aigif._gen import paper
from aigif._gen.container import PIXEL_PAYLOAD_BYTES, PROFILE_NAMES
from aigif._gen.enums import PixelCompressor, TextCompressor
from aigif._gen.types import Aigif
from aigif.cli.batch import Made, run_batch
from aigif.cli.common import as_json, examples, force
from aigif.cli.files import pairs, read_input, shown_name
from aigif.cli.jsontext import loads
from aigif.cli.terminal import note
from aigif.errors import AigifError, ImportMetadataError, UsageError
from aigif.grading import Grade, reasons
from aigif.importers import keeping
from aigif.importers.carriers import SIGNATURE_BYTES, is_picture
from aigif.pixels import as_samples

__all__ = ["encode", "with_text", "write_profile"]

ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".avif", ".json")
_MOST_JSON = 2 * PIXEL_PAYLOAD_BYTES + (1 << 20)  # a payload stands there in hexadecimal
_JSON_STARTS = (b"{", b"[", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\0\0")  # or a byte order mark
_TEXTS = {coder.name.lower(): coder for coder in TextCompressor}
_PIXELS = {"png": PixelCompressor.PNG, "webp": PixelCompressor.WEBP, "jxl": PixelCompressor.JXL}

write_profile = click.option(
    "--profile", type=click.Choice(sorted(PROFILE_NAMES.values())), help="How the elements are coded."
)
text_option = click.option(
    "--text",
    type=click.Choice(["auto", *_TEXTS]),
    default="auto",
    help="Text compressor; auto: what the JSON says, else the smallest.",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options of `aigif encode` that decide on a file's content."""

    pixels: str = "auto"
    keep: str = "all"
    text: str = "auto"
    profile: str | None = None
    hash_bytes: int = pictures.HASH_BYTES
    preview: bool = False


@click.command(
    short_help="Write files from JSON or pictures.",
    epilog=examples(
        "aigif encode lighthouse.png",
        "aigif encode pictures/ -r -o small/ --jobs 4 --resume --report report.jsonl",
        "aigif encode elements.json -o lighthouse.aigif",
        "aigif info --json a.aigif | aigif encode - > b.aigif",
    ),
)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("-o", "--output", metavar="OUT", help="File, folder, or -; default: beside the input.")
@click.option("-r/-R", "--recursive/--flat", default=True, help="Folders in folders too; the default.")
@click.option(
    "--pixels",
    type=click.Choice(["auto", "none", *_PIXELS]),
    default="auto",
    help="Save the picture's pixels; auto: unless the file's elements give the same picture again.",
)
@click.option(
    "--keep",
    type=click.Choice(["all", "elements"]),
    default="all",
    show_default=True,
    help="Keep the program's own metadata, byte for byte, or only what recreation needs.",
)
@text_option
@write_profile
@click.option(
    "--hash-bytes", type=click.IntRange(0, 32), default=pictures.HASH_BYTES, show_default=True,
    help="Bytes of the pixels' SHA-256 that are kept.",
)  # fmt: skip
@click.option("--preview", is_flag=True, help="Keep a ThumbHash, about 25 bytes.")
@click.option(
    "--jobs", type=click.IntRange(1, 256), default=1, metavar="N", help="Work on N files at a time."
)
@click.option("--resume", is_flag=True, help="Leave out inputs whose file is there already.")
@click.option("--report", metavar="FILE", help="Add a line of JSON there for each input.")
@force
@as_json
def encode(
    inputs: tuple[str, ...],
    output: str | None,
    recursive: bool,
    jobs: int,
    resume: bool,
    report: str | None,
    force: bool,
    as_json: bool,
    **wanted: Any,
) -> int:
    """Write .aigif files from INPUTs: JSON of the elements, pictures of other programs, or folders of both."""
    todo = pairs(inputs, output, ".aigif", ENDINGS, recursive=recursive)
    if resume:
        left = [job for job in todo if job[1] == "-" or not os.path.lexists(job[1])]
        if todo and len(left) < len(todo):
            note(f"{len(todo) - len(left)} of {len(todo)} files are there already")
        if todo and not left:
            return 0
        todo = left
    make = partial(_make, Wanted(**wanted))
    return run_batch(todo, make, into=output, force=force, as_json=as_json, processes=jobs, report=report)


def _make(wanted: Wanted, source: str) -> Made:
    data = read_input(source, _MOST_JSON)
    if is_picture(data[:SIGNATURE_BYTES]):
        aigif, notes, report, words = _from_picture(data, wanted)
        stated = False
    else:
        if wanted.pixels not in ("auto", "none") or wanted.preview:
            raise UsageError("JSON brings no picture", hint="leave out --pixels and --preview")
        aigif, stated = _from_json(data, shown_name(source))
        notes, report, words = (), {}, ""
    coded = _coded(aigif, wanted.text, wanted.profile, stated)
    return Made(coded, len(data), notes, report, compared=True, words=words)


def with_text(aigif: Aigif, text: str, profile: str) -> Aigif:
    """A copy with a text compressor by its name; auto picks the one that makes the file smallest."""
    if text != "auto":
        chosen: int = _TEXTS[text]
    elif profile == "compact":
        return file.with_best_text(aigif)
    else:
        from aigif.text import available, encode_one

        strings = paper.strings_of(aigif)
        chosen = min(available(), key=lambda code: sum(len(encode_one(one, code)) for one in strings))
    return aigif.replace(compression=aigif.compression.replace(text_compressor=chosen))


def _coded(aigif: Aigif, text: str, profile: str | None, stated: bool) -> bytes:
    named = profile or "compact"
    if text != "auto" or not stated:
        aigif = with_text(aigif, text, named)
    return file.dumps(aigif, profile=named)


def _from_json(data: bytes, name: str) -> tuple[Aigif, bool]:
    """The syntax of a JSON text, and whether that names its text compressor."""
    from aigif.json_form import from_json

    if not data.lstrip().startswith(_JSON_STARTS):
        raise UsageError(
            "is neither JSON of the elements nor a PNG, JPEG, WebP or AVIF picture",
            file=name,
            hint="`aigif info --json` shows the JSON that is wanted",
        )
    held: Any = loads(data, name)
    if isinstance(held, dict) and "syntax" in held and "file" in held:
        held = held["syntax"]  # a line that `aigif info --json` prints for one of several files
    compression = held.get("compression") if isinstance(held, dict) else None
    return from_json(held), isinstance(compression, dict) and "text_compressor" in compression


def _from_picture(data: bytes, wanted: Wanted) -> tuple[Aigif, tuple[str, ...], dict[str, Any], str]:
    """The syntax of a picture, notes, what goes into the report, and words on its grade."""
    asked = _PIXELS.get(wanted.pixels)
    image = None
    if asked is not None or wanted.hash_bytes or wanted.preview or wanted.pixels == "auto":
        image = _decoded(data, needed=asked is not None or wanted.preview)
    try:
        found = importers.read(data, image)
    except ImportMetadataError as error:
        if wanted.pixels == "none":
            raise
        return _pixels_alone(data, error, wanted)
    aigif, notes, grade = found.aigif, found.notes, found.grade
    if wanted.pixels == "auto" and grade is not Grade.EXACT and image is not None:
        asked = pictures.smallest_usual_compressor(image)
    if image is not None:
        aigif = pictures.with_picture(
            aigif, as_samples(image), pixels=asked, hash_bytes=wanted.hash_bytes, preview=wanted.preview
        )
    elif wanted.hash_bytes or (wanted.pixels == "auto" and grade is not Grade.EXACT):
        notes += ("its pixels can't be decoded, so that neither they nor their hash is recorded",)
    if wanted.keep == "all":
        aigif = keeping.with_blocks(aigif, found.blocks)
    else:
        aigif = aigif.replace(data=aigif.data.replace(extra=()))
    report = {
        "tool": found.tool,
        "metadata_bytes": found.metadata_bytes,
        "grade": grade.value,
        "missing": list(reasons(aigif)),
        "pixels": asked.name.lower() if asked is not None else None,
    }
    return aigif, notes, report, grade.value + (", pixels saved" if asked is not None else "")


def _pixels_alone(
    data: bytes, error: ImportMetadataError, wanted: Wanted
) -> tuple[Aigif, tuple[str, ...], dict[str, Any], str]:
    """A file of a picture without generation metadata."""
    image = pictures.read_picture(data)
    compressor = _PIXELS.get(wanted.pixels) or pictures.smallest_usual_compressor(image)
    aigif = pictures.with_picture(
        pictures.pixels_alone(image),
        image,
        pixels=compressor,
        hash_bytes=wanted.hash_bytes,
        preview=wanted.preview,
    )
    name = compressor.name.lower()
    notes = (f"{error.message}: its pixels are saved instead ({name})",)
    report = {"grade": Grade.NOT_RECREATABLE.value, "missing": ["generation metadata"], "pixels": name}
    return aigif, notes, report, "pixels saved"


def _decoded(data: bytes, needed: bool) -> Any:
    """The picture; None where it can't be had and isn't needed."""
    try:
        image = pictures.read_picture(data)
        as_samples(image)
    except AigifError:
        if needed:
            raise
        return None
    return image
