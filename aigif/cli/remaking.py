"""`aigif recreate` makes the picture of a file; `aigif verify` grades one."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from aigif import file, pictures
from aigif.cli.batch import Made, run_batch
from aigif.cli.common import Bar, as_json, examples, force, runtime_options, watching
from aigif.cli.files import (
    check_folder_of,
    check_target,
    is_folder,
    pairs,
    read_input,
    shown_name,
    write_output,
)
from aigif.cli.jsontext import dumps
from aigif.cli.making import is_whole_png, png_bytes
from aigif.cli.terminal import emit, note, visible
from aigif.errors import AigifError, UsageError

if TYPE_CHECKING:
    from PIL.Image import Image

    from aigif._gen.types import Aigif
    from aigif.runtime.recreate import Recreated
    from aigif.runtime.verify import Verdict

__all__ = ["recreate", "verify"]


@click.command(
    short_help="Make the picture of a file.",
    epilog=examples(
        "aigif recreate lighthouse.aigif",
        "aigif recreate lighthouse.aigif -o - | display -",
        "aigif recreate photo.aigif --saved-pixels -o photo.png",
        "aigif recreate lighthouse.aigif --model models/my-sd15 --device cuda",
        "aigif recreate album/ -o pictures/ --resume",
    ),
)
@click.argument("sources", nargs=-1, required=True, metavar="FILE...")
@click.option("-o", "--output", metavar="OUT", help="The PNG, a folder, or -; default: beside FILE.")
@click.option(
    "--saved-pixels/--by-model", "saved", default=None,
    help="Decode the saved pixels, or run the model; default: the model, unless there is no generation syntax.",
)  # fmt: skip
@click.option("--strict", is_flag=True, help="Exit with 0 only where the picture is bit-exact.")
@click.option("--resume", is_flag=True, help="Leave out pictures that are there already.")
@click.option("--metadata", is_flag=True, help="Write the program's own metadata into the PNG too.")
@runtime_options
@force
@as_json
def recreate(
    sources: tuple[str, ...],
    output: str | None,
    saved: bool | None,
    strict: bool,
    resume: bool,
    metadata: bool,
    force: bool,
    as_json: bool,
    **settings: Any,
) -> int:
    """Make the pictures of FILEs by running their models, or from their saved pixels, and write them as PNG.

    Says first what to expect on this platform, and grades each picture where its file holds a hash: exit code 1
    where it is another one. A folder stands for the .aigif files in it. Of several files those of one model are made
    one after the other, so that it is loaded once; one bad file never stops the rest.
    """
    jobs = pairs(sources, output, ".png", (".aigif",))
    if resume:
        force = True  # what is there and no whole picture is made again
        jobs = [job for job in jobs if not is_whole_png(job[1])]
        if not jobs:
            note("every picture is there already")
            return 0
    if len(jobs) > 1 or is_folder(output) or any(os.path.isdir(source) for source in sources):
        return _many(jobs, output, saved, strict, metadata, force, as_json, settings)
    source, target = jobs[0]
    check_target(target, force)
    check_folder_of(target)
    aigif = _load(source)
    made = _recreated(aigif, source, saved, settings)
    write_output(target, _png(made.image, aigif, metadata, source), force)
    verdict = made.verdict
    shown = shown_name(target, output=True)
    stream = sys.stderr if target == "-" else None
    if as_json:
        size = {"width": made.image.width, "height": made.image.height}
        emit(
            dumps({"output": shown, **size, **_made_report(made), **_verdict_report(verdict, strict)}), stream
        )
    else:
        graded = f"; {_verdict_words(verdict)}" if verdict else ""
        emit(f"{visible(shown)}: {made.image.width} x {made.image.height} pixels{graded}", stream)
    return _exit_code(verdict, strict)


def _many(
    jobs: list[tuple[str, str]],
    output: str | None,
    saved: bool | None,
    strict: bool,
    metadata: bool,
    force: bool,
    as_json: bool,
    settings: dict[str, Any],
) -> int:
    from aigif.runtime.series import by_model
    from aigif.runtime.warm import Models

    if settings["watch"] is not None:
        raise UsageError("--watch shows one picture", hint="name one file, or leave it out")
    models = Models(low_memory=settings["low_memory"])

    def make(source: str) -> Made:
        data = read_input(source)
        aigif = file.loads(data)
        made = _recreated(aigif, source, saved, settings | {"models": models, "watch": None})
        size = {"width": made.image.width, "height": made.image.height}
        return Made(
            _png(made.image, aigif, metadata, source),
            len(data),
            report={**size, **_made_report(made), **_verdict_report(made.verdict, strict)},
            words=_verdict_words(made.verdict) if made.verdict else "",
            exit_code=_exit_code(made.verdict, strict),
        )

    readable = {job: held for job in jobs if (held := _held(job[0])) is not None}
    order = [list(readable)[at] for at in by_model(list(readable.values()))]
    order += [job for job in jobs if job not in readable]
    return run_batch(order, make, into=output, force=force, as_json=as_json)


def _png(image: Image, aigif: Aigif, metadata: bool, source: str) -> bytes:
    """The picture as a PNG, with the metadata that the file keeps where they are asked for."""
    if not metadata:
        return png_bytes(image)
    from aigif.importers import keeping, writing

    kept = keeping.blocks_of(aigif)
    if kept is None:
        note(f"{shown_name(source)}: it keeps no metadata of a program")
        return png_bytes(image)
    if kept.changed:
        note(f"{shown_name(source)}: its elements were changed since; the metadata tell of them as they are now")
    return writing.with_metadata(png_bytes(writing.hidden(image, kept.blocks)), kept.blocks)


def _held(source: str) -> Aigif | None:
    """What a file holds, or None where it can't be read: that is said when its turn comes."""
    try:
        return file.loads(read_input(source)) if source != "-" else None
    except AigifError:
        return None


@click.command(
    short_help="Grade a picture against a file.",
    epilog=examples(
        "aigif verify lighthouse.aigif",
        "aigif verify lighthouse.aigif recreated.png",
        "aigif verify lighthouse.aigif recreated.png --against original.png",
    ),
)
@click.argument("source", metavar="FILE")
@click.argument("picture", metavar="[PICTURE]", required=False)
@click.option("--against", metavar="PICTURE", help="The original, to measure how far a picture is from it.")
@click.option("--strict", is_flag=True, help="Exit with 0 only where the picture is bit-exact.")
@runtime_options
@as_json
def verify(
    source: str, picture: str | None, against: str | None, strict: bool, as_json: bool, **settings: Any
) -> int:
    """Grade PICTURE against the hash, or the saved pixels, of FILE: bit-exact, same picture, or different.

    Without PICTURE it is recreated by the model first. Exit code 0 for bit-exact and same picture, 1 for different.
    """
    from aigif.runtime.verify import verify as grade

    if [source, picture, against].count("-") > 1:
        raise UsageError("stdin can be read only once", hint="name files for the others")
    aigif = _load(source)
    original = None if against is None else _picture(against)
    made = None
    if picture is None:
        if not aigif.verification.pixel_hash and original is None and file.section(aigif, 2) is None:
            raise UsageError(
                "holds neither a hash nor pixels to compare with",
                file=shown_name(source),
                hint="give the original picture with --against FILE",
            )
        made = _recreated(aigif, source, False, settings)
        image, differences = made.image, made.differences
    else:
        image, differences = _picture(picture), ()
    verdict = grade(aigif, image, reference=original, differences=differences)
    if as_json:
        report = {"file": shown_name(source), "picture": picture, **(_made_report(made) if made else {})}
        emit(dumps({**report, **_verdict_report(verdict, strict)}))
    else:
        emit(f"{visible(shown_name(source))}: {_verdict_words(verdict)}")
    return _exit_code(verdict, strict)


def _load(source: str) -> Aigif:
    try:
        return file.loads(read_input(source))
    except AigifError as error:
        error.file = error.file or shown_name(source)
        raise


def _picture(name: str) -> Image:
    try:
        return pictures.read_picture(read_input(name))
    except AigifError as error:
        error.file = error.file or shown_name(name)
        raise


def _recreated(aigif: Aigif, source: str, saved: bool | None, settings: dict[str, Any]) -> Recreated:
    from aigif.runtime.recreate import recreate as run_model

    settings = settings | {"watch": watching(settings["watch"])}
    try:
        made = run_model(aigif, use_saved_pixels=saved, progress=Bar(), announce=note, **settings)
    except AigifError as error:
        error.file = error.file or shown_name(source)
        raise
    for warning in made.warnings:
        note(f"warning: {warning}")
    return made


def _made_report(made: Recreated) -> dict[str, Any]:
    return {
        "source": made.source,
        "expectation": made.expectation,
        "differences": [
            {"element": found.element, "recorded": found.recorded, "here": found.here}
            for found in made.differences
        ],
        "warnings": list(made.warnings),
    }


def _verdict_report(verdict: Verdict | None, strict: bool) -> dict[str, Any]:
    if verdict is None:
        return {"grade": None}
    return {
        "grade": verdict.grade,
        "psnr_db": verdict.psnr_db,
        "ms_ssim": verdict.ms_ssim,
        "cause": verdict.cause or None,
        "details": list(verdict.details),
        "exit_code": _exit_code(verdict, strict),
    }


def _verdict_words(verdict: Verdict) -> str:
    figures = []
    if verdict.psnr_db is not None:
        figures.append(f"PSNR {verdict.psnr_db:.2f} dB")
    if verdict.ms_ssim is not None:
        figures.append(f"MS-SSIM {verdict.ms_ssim:.4f}")
    words = verdict.grade + (f" ({', '.join(figures)})" if figures else "")
    if verdict.cause:
        words += f"; likely cause: {verdict.cause}"
    return visible("; ".join((words, *verdict.details)))


def _exit_code(verdict: Verdict | None, strict: bool) -> int:
    if verdict is None:
        return 0
    return 1 if strict and verdict.grade != "bit-exact" else verdict.exit_code
