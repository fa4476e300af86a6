"""One command on many files: a bad one never stops the others."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import click

from aigif.cli.files import check_target, is_folder, make_folder_of, shown_name, write_output
from aigif.cli.jsontext import dumps
from aigif.cli.terminal import complain, emit, note, visible
from aigif.errors import AigifError, UsageError

__all__ = ["Made", "ratio_words", "run_batch"]


@dataclass(frozen=True, slots=True)
class Made:
    """What became of one input: the bytes to write, the input's size, notes for the person, more for the report,
    whether it says how many times smaller it is, words for the end of its line, and an exit code."""

    data: bytes
    bytes_in: int
    notes: tuple[str, ...] = ()
    report: dict[str, Any] = field(default_factory=dict)
    compared: bool = False
    words: str = ""
    exit_code: int = 0


def run_batch(
    jobs: Sequence[tuple[str, str]],
    make: Callable[[str], Made],
    *,
    into: str | None = None,
    force: bool,
    as_json: bool,
) -> int:
    """Make and write the output of each (input, output); gives the highest exit code.

    Folders that are missing inside the folder `into` are made.

    Reports a line for each on stdout, or on stderr where the output itself goes to stdout.
    """
    if not jobs:
        raise UsageError("there is nothing to do", hint="the folder holds no files that this command reads")
    worst = 0
    taken: dict[str, str] = {}
    bar = len(jobs) > 1 and sys.stderr.isatty()
    progress = click.progressbar(jobs, label="files", file=sys.stderr) if bar else nullcontext(jobs)
    with progress as shown:
        for source, target in shown:
            try:
                _refuse_second(taken, source, target)
                _refuse_own_input(source, target)
                check_target(target, force)
                made = make(source)
                if is_folder(into):
                    make_folder_of(target)
                write_output(target, made.data, force)
            except AigifError as error:
                error.file = error.file or shown_name(source)
                _fresh_line(bar)
                worst = max(worst, complain(error, as_json))
                continue
            _fresh_line(bar)
            worst = max(worst, made.exit_code)
            _report(source, target, made, as_json)
    return worst


def ratio_words(larger: int, smaller: int) -> str:
    """How many times smaller, or that it is larger."""
    ratio = larger / smaller
    if ratio < 1:
        return f"{smaller / larger:.2f} times larger"
    return f"{ratio:.2f} times smaller" if ratio < 10 else f"{ratio:,.0f} times smaller"


_ORIGINALS = (".png", ".jpg", ".jpeg", ".webp", ".avif", ".jxl", ".json")


def _refuse_own_input(source: str, target: str) -> None:
    """A picture or JSON is never replaced by the file that is made of it, also not through a link."""
    if source.lower().endswith(_ORIGINALS) and os.path.realpath(source) == os.path.realpath(target):
        raise UsageError(
            "the output is the input itself", file=shown_name(source), hint="choose another with -o"
        )


def _refuse_second(taken: dict[str, str], source: str, target: str) -> None:
    if target == "-":
        return
    first = taken.setdefault(os.path.abspath(target), source)
    if first != source:
        raise UsageError(
            f"its output {target} is already that of {shown_name(first)}",
            file=shown_name(source),
            hint="rename one of them, or run them apart",
        )


def _report(source: str, target: str, made: Made, as_json: bool) -> None:
    for line in made.notes:
        note(f"{shown_name(source)}: {line}")
    stream = sys.stderr if target == "-" else None
    names = shown_name(source), shown_name(target, output=True)
    size = len(made.data)
    if as_json:
        held = {"file": names[0], "output": names[1], "bytes_in": made.bytes_in, "bytes": size}
        held |= {"notes": list(made.notes)} | made.report
        emit(dumps(held), stream)
        return
    ratio = f", {ratio_words(made.bytes_in, size)}" if made.compared else ""
    words = f"; {made.words}" if made.words else ""
    emit(f"{visible(names[0])} -> {visible(names[1])}: {made.bytes_in:,} -> {size:,} bytes{ratio}{words}", stream)


def _fresh_line(bar: bool) -> None:
    """Take the bar off its line before something is printed there."""
    if bar:
        click.echo("\r\x1b[K", nl=False, err=True)
