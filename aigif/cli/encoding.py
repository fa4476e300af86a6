"""`aigif encode`: files from JSON of the elements, or from pictures with another program's metadata."""

from __future__ import annotations

from typing import Any

import click

from aigif import file, pictures
from aigif._gen import paper
from aigif._gen.container import PIXEL_PAYLOAD_BYTES, PROFILE_NAMES
from aigif._gen.enums import PixelCompressor, TextCompressor
from aigif._gen.types import Aigif
from aigif.cli.batch import Made, run_batch
from aigif.cli.common import as_json, examples, force
from aigif.cli.files import pairs, read_input, shown_name
from aigif.cli.jsontext import loads
from aigif.errors import AigifError, ImportMetadataError, UsageError
from aigif.pixels import as_samples

__all__ = ["encode", "with_text", "write_profile"]

ENDINGS = (".png", ".json")
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
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


@click.command(
    short_help="Write files from JSON or pictures.",
    epilog=examples(
        "aigif encode lighthouse.png",
        "aigif encode pictures/ -o small/",
        "aigif encode elements.json -o lighthouse.aigif",
        "aigif info --json a.aigif | aigif encode - > b.aigif",
    ),
)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("-o", "--output", metavar="OUT", help="File, folder, or -; default: beside the input.")
@click.option(
    "--pixels",
    type=click.Choice(["auto", "none", *_PIXELS]),
    default="auto",
    help="Save the picture's pixels; auto: only where it has no generation metadata.",
)
@text_option
@write_profile
@click.option(
    "--hash-bytes", type=click.IntRange(0, 32), default=pictures.HASH_BYTES, show_default=True,
    help="Bytes of the pixels' SHA-256 that are kept.",
)  # fmt: skip
@click.option("--preview", is_flag=True, help="Keep a ThumbHash, about 25 bytes.")
@force
@as_json
def encode(
    inputs: tuple[str, ...],
    output: str | None,
    pixels: str,
    text: str,
    profile: str | None,
    hash_bytes: int,
    preview: bool,
    force: bool,
    as_json: bool,
) -> int:
    """Write .aigif files from INPUTs: JSON of the elements, PNGs with an A1111 text, or folders of both."""

    def make(source: str) -> Made:
        data = read_input(source, _MOST_JSON)
        if data.startswith(PNG_SIGNATURE):
            aigif, notes, report = _from_picture(data, pixels, hash_bytes, preview)
            stated = False
        else:
            if pixels not in ("auto", "none") or preview:
                raise UsageError("JSON brings no picture", hint="leave out --pixels and --preview")
            aigif, stated = _from_json(data, shown_name(source))
            notes, report = (), {}
        return Made(_coded(aigif, text, profile, stated), len(data), notes, report, compared=True)

    return run_batch(
        pairs(inputs, output, ".aigif", ENDINGS), make, into=output, force=force, as_json=as_json
    )


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
            "is neither JSON of the elements nor a PNG",
            file=name,
            hint="`aigif info --json` shows the JSON that is wanted",
        )
    held: Any = loads(data, name)
    if isinstance(held, dict) and "syntax" in held and "file" in held:
        held = held["syntax"]  # a line that `aigif info --json` prints for one of several files
    compression = held.get("compression") if isinstance(held, dict) else None
    return from_json(held), isinstance(compression, dict) and "text_compressor" in compression


def _from_picture(
    data: bytes, pixels: str, hash_bytes: int, preview: bool
) -> tuple[Aigif, tuple[str, ...], dict[str, Any]]:
    from aigif import importers

    image = None
    try:
        found = importers.read(data)
        aigif, notes = found.aigif, found.notes
        report = {"tool": found.tool, "metadata_bytes": found.metadata_bytes}
        compressor = _PIXELS.get(pixels)
    except ImportMetadataError as error:
        if pixels == "none":
            raise
        image = pictures.read_picture(data)
        aigif, report = pictures.pixels_alone(image), {}
        compressor = _PIXELS.get(pixels) or pictures.smallest_usual_compressor(image)
        notes = (f"{error.message}: its pixels are saved instead ({compressor.name.lower()})",)
    if image is None and (compressor or hash_bytes or preview):
        image = _decoded(data, needed=compressor is not None or preview)
        if image is None:
            notes += ("its pixels can't be decoded, so that their hash is not recorded",)
    if image is not None:
        aigif = pictures.with_picture(aigif, image, pixels=compressor, hash_bytes=hash_bytes, preview=preview)
    return aigif, notes, report


def _decoded(data: bytes, needed: bool) -> Any:
    """The picture, in RGB or RGBA; None where it can't be had and isn't needed."""
    try:
        return as_samples(pictures.read_picture(data))
    except AigifError:
        if needed:
            raise
        return None
