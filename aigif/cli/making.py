"""`aigif generate`: a picture from a prompt, and the file that says how it was made."""

from __future__ import annotations

import io
import os
import re
import sys
from typing import TYPE_CHECKING, Any

import click

from aigif.cli.batch import ratio_words
from aigif.cli.common import Bar, as_json, examples, force, low_memory, watch, watching
from aigif.cli.files import check_folder_of, check_target, read_input, shown_name, write_output
from aigif.cli.jsontext import dumps
from aigif.cli.passes import drawing_options, drawing_settings
from aigif.cli.terminal import emit, note, visible
from aigif.errors import UsageError

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["generate", "is_whole_png", "png_bytes"]

_MOST_PROMPT = 1 << 20
_MOST_NAME = 40


@click.command(
    short_help="Make a picture and its file.",
    epilog=examples(
        'aigif generate "a lighthouse at dusk" --seed 7',
        'aigif generate "a lighthouse at dusk" -o dusk.aigif --png --steps 30 --scheduler dpmpp-2m',
        'aigif generate "a red house" --model sdxl-turbo --steps 1 --guidance 1 --save-pixels webp',
        'aigif generate "a (red:1.2) house" --dialect a1111 --noise nv --hires 1.5 --scheduler euler-a',
        "echo a red house | aigif generate - -o - > house.aigif",
    ),
)
@click.argument("prompt")
@click.option("-o", "--output", metavar="OUT", help="The file, or -; default: named after the prompt.")
@click.option("--png", is_flag=True, help="Write the picture beside it as PNG.")
@click.option("-n", "--negative-prompt", default="", metavar="TEXT")
@click.option("--prompt-2", default="", metavar="TEXT", help="For the second text model, where it differs.")
@click.option("--negative-prompt-2", default="", metavar="TEXT")
@click.option("--prompt-3", default="", metavar="TEXT", help="For the third text model, where it differs.")
@click.option("--negative-prompt-3", default="", metavar="TEXT")
@click.option(
    "--model", metavar="NAME", help="A name that `aigif models` lists, or a folder; default: embedded."
)
@click.option("--seed", type=click.IntRange(0, 2**64 - 1), metavar="N", help="Default: 32 random bits.")
@click.option("--height", type=click.IntRange(1), metavar="N", help="In pixels; default: the model's own.")
@click.option("--width", type=click.IntRange(1), metavar="N", help="In pixels; default: the model's own.")
@click.option("--steps", type=click.IntRange(1, 65535), metavar="N", help="Default: 20, embedded 25.")
@click.option("--guidance", "guidance_scale", type=float, metavar="X", help="Guidance scale; 1 is none.")
@click.option("--guidance-rescale", type=click.FloatRange(0, 1), default=0.0, metavar="X")
@click.option("--scheduler", metavar="NAME", help="For example dpmpp-2m; default: the model's own.")
@click.option("--sigma-schedule", metavar="NAME", help="For example karras; default: the scheduler's own.")
@click.option("--clip-skip", type=click.IntRange(1, 32), default=1, metavar="N", help="1 is the last layer.")
@click.option(
    "--exact", is_flag=False, flag_value="24", default=None, type=click.Choice(["20", "24"]), metavar="[BITS]",
    help="Exact arithmetic: the same pixels on every platform, several times slower.",
)  # fmt: skip
@click.option("--device", default="auto", metavar="NAME", show_default=True, help="cpu, cuda, cuda:1 …")
@click.option("--dtype", metavar="NAME", help="Data type of the weights; default: float32.")
@click.option("--threads", type=click.IntRange(1), metavar="N", help="On the CPU; recorded.")
@click.option(
    "--save-pixels", type=click.Choice(["none", "png", "webp", "jxl"]), help="Put the pixels in the file."
)
@click.option("--save-model", type=click.Choice(["none", "int8"]), help="Put the weights in the file.")
@click.option("--few-step", is_flag=True, help="The embedded model's variant of 4 steps.")
@click.option("--adapter", multiple=True, metavar="FILE", help="A LoRA, as a safetensors file; repeatable.")
@click.option(
    "--adapter-weight", multiple=True, type=click.FloatRange(-1000, 1000), metavar="X", help="One for each adapter."
)
@click.option("--save-adapter", type=click.Choice(["none", "int8"]), help="Put the adapter in the file.")
@click.option("--preview", is_flag=True, help="Keep a ThumbHash, about 25 bytes.")
@click.option("--hash-bytes", type=click.IntRange(0, 32), default=8, show_default=True, metavar="N")
@click.option("--max-cost", type=click.FloatRange(0), metavar="X", help="Highest estimated cost.")
@drawing_options
@low_memory
@watch
@force
@as_json
def generate(prompt: str, output: str | None, png: bool, force: bool, as_json: bool, **settings: Any) -> int:
    """Make a picture of PROMPT (- reads it from stdin) and write the .aigif file that recreates it.

    With --save-pixels, --save-model and --save-adapter, none stores them uncompressed.
    """
    from aigif.runtime.generate import generate as run_model

    if prompt == "-":
        prompt = _prompt_from(read_input("-", _MOST_PROMPT))
    target = output or name_of(prompt) + ".aigif"
    picture_target = os.path.splitext(target)[0] + ".png"
    if png and target == "-":
        raise UsageError("--png needs a file name", hint="give -o FILE")
    if png and os.path.abspath(picture_target) == os.path.abspath(target):
        raise UsageError("the file and the PNG would have one name", file=target, hint="end it in .aigif")
    check_target(target, force)
    check_folder_of(target)
    if png:
        check_target(picture_target, force)
    from aigif.file import dumps as file_bytes

    adapters, weights = settings.pop("adapter"), settings.pop("adapter_weight")
    exact = settings.pop("exact")
    made = run_model(
        prompt,
        exact=False if exact is None else int(exact),
        adapter=list(adapters) or None,
        adapter_weight=list(weights) or 1.0,
        progress=Bar(),
        watch=watching(settings.pop("watch")),
        **drawing_settings(settings),
    )
    for warning in made.warnings:
        note(f"warning: {warning}")
    picture, data = png_bytes(made.image), file_bytes(made.aigif)
    write_output(target, data, force)
    if png:
        write_output(picture_target, picture, force)
    stream = sys.stderr if target == "-" else None
    shown = shown_name(target, output=True)
    if as_json:
        report = {
            "output": shown,
            "bytes": len(data),
            "png": picture_target if png else None,
            "png_bytes": len(picture),
            "ratio": round(len(picture) / len(data), 3),
            "width": made.image.width,
            "height": made.image.height,
            "seed": made.aigif.data.seed,
            "warnings": list(made.warnings),
        }
        emit(dumps(report), stream)
        return 0
    beside = visible(picture_target) if png else "as PNG"
    emit(
        f"{visible(shown)}: {len(data):,} bytes; {beside}: {len(picture):,} bytes; "
        f"{ratio_words(len(picture), len(data))} (seed {made.aigif.data.seed})",
        stream,
    )
    return 0


def png_bytes(image: Image) -> bytes:
    """The picture as a PNG file without metadata."""
    held = io.BytesIO()
    image.save(held, format="PNG", optimize=True)
    return held.getvalue()


def is_whole_png(path: str) -> bool:
    """Whether a file is there that begins and ends as a PNG does."""
    try:
        with open(path, "rb") as file:
            start = file.read(8)
            file.seek(-12, os.SEEK_END)
            return start == b"\x89PNG\r\n\x1a\n" and file.read() == b"\0\0\0\0IEND\xaeB`\x82"
    except OSError:
        return False


def name_of(prompt: str) -> str:
    """A file name from the first words of a prompt: ASCII letters, digits and hyphens."""
    words = re.findall(r"[a-z0-9]+", prompt.lower())
    name = "-".join(words)[:_MOST_NAME]
    if len(name) == _MOST_NAME and "-" in name:
        name = name.rpartition("-")[0]
    return name or "picture"


def _prompt_from(data: bytes) -> str:
    try:
        return data.decode("utf-8").removesuffix("\n")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"the prompt is not UTF-8 at its byte {error.start}", file="<stdin>", hint="send UTF-8"
        ) from error
