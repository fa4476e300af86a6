"""`aigif info`: what files say, as text, JSON or annotated bits."""

from __future__ import annotations

from typing import Any

import click

from aigif import file
from aigif._gen import container
from aigif.cli import overview
from aigif.cli.common import examples
from aigif.cli.files import read_input, shown_name
from aigif.cli.jsontext import dumps
from aigif.cli.terminal import bold, complain, dim, emit, visible
from aigif.errors import AigifError
from aigif.grading import grade, reasons
from aigif.inspection import document

__all__ = ["info"]

_BITS_SHOWN = 40


@click.command(
    short_help="Show what files say.",
    epilog=examples(
        "aigif info lighthouse.aigif",
        "aigif info --all lighthouse.aigif",
        "aigif info --bits lighthouse.aigif",
        "aigif info --json lighthouse.aigif | aigif encode - -o copy.aigif",
    ),
)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--all", "every", is_flag=True, help="Show the elements at their defaults too.")
@click.option("--bits", is_flag=True, help="Show every bit of the file and what it says.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, which `aigif encode` takes.")
def info(files: tuple[str, ...], every: bool, bits: bool, as_json: bool) -> int:
    """Show what FILEs say, without running anything."""
    if not bits and not as_json:
        return overview.show(files, every=every)
    worst = 0
    for name in files:
        try:
            if bits:
                _show_bits(name, as_json)
            else:
                _show_json(name, every, alone=len(files) == 1)
        except AigifError as error:
            error.file = error.file or shown_name(name)
            worst = max(worst, complain(error, as_json))
    return worst


def _show_json(name: str, every: bool, alone: bool) -> None:
    data = read_input(name)
    aigif = file.loads(data)
    syntax = document(aigif, every=every)
    if alone:
        emit(dumps(syntax, indent=2))
        return
    profile = container.PROFILE_NAMES[file.profile_of(data)]
    told = {"grade": grade(aigif).value, "missing": list(reasons(aigif))}
    emit(dumps({"file": shown_name(name), "bytes": len(data), "profile": profile, **told, "syntax": syntax}))


def _show_bits(name: str, as_json: bool) -> None:
    from aigif.annotated import annotate

    lines = annotate(read_input(name))
    if as_json:
        rows: list[dict[str, Any]] = [
            {key: getattr(line, key) for key in line.__match_args__} for line in lines
        ]
        emit(dumps({"file": shown_name(name), "bits": rows}))
        return
    emit(
        bold(f"{'byte.bit':>9}  {'bits':<{_BITS_SHOWN}}  element = value")
        + f"  {dim(visible(shown_name(name)))}"
    )
    for line in lines:
        cut = line.bits if len(line.bits) <= _BITS_SHOWN else line.bits[: _BITS_SHOWN - 1] + "…"
        place = f"{line.offset // 8}.{line.offset % 8}"
        emit(f"{place:>9}  {cut:<{_BITS_SHOWN}}  {visible(line.element)} = {visible(line.meaning)}")
