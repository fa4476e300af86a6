"""One command on many files: a bad one never stops the others."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from aigif.atomic import access_error
from aigif.cli.files import check_target, make_folder_of, shown_name, write_output
from aigif.cli.jsontext import dumps
from aigif.cli.terminal import complain, emit, error_object, note, visible
from aigif.cli.workers import each
from aigif.errors import AigifError, UsageError

if TYPE_CHECKING:
    from typing import TextIO

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
    processes: int = 1,
    report: str | None = None,
) -> int:
    """Make and write the output of each (input, output); gives the highest exit code.

    Folders that are missing inside the folder `into` are made. With more than one of `processes`, `make` runs in that
    many, and must be one that pickles.

    Reports a line for each on stdout, or on stderr where the output itself goes to stdout; and a line of JSON, of
    refusals too, at the end of the file `report`.
    """
    if not jobs:
        raise UsageError("there is nothing to do", hint="the folder holds no files that this command reads")
    worst = 0
    ready, refused = _ready(jobs, force)
    bar = len(jobs) > 1 and sys.stderr.isatty()
    with ExitStack() as stack:
        lines = stack.enter_context(open_report(report)) if report is not None else None
        results = each(make, [source for source, _ in ready], processes)
        progress = (
            click.progressbar(length=len(jobs), label="files", file=sys.stderr) if bar else nullcontext()
        )
        shown = stack.enter_context(progress)
        for source, target in jobs:
            made = refused.get((source, target)) or next(results)
            if isinstance(made, Made):
                made = _written(source, target, made, into, force)
            _fresh_line(bar)
            if isinstance(made, AigifError):
                made.file = made.file or shown_name(source)
                worst = max(worst, complain(made, as_json))
                held: dict[str, Any] = {"file": shown_name(source), "error": error_object(made)}
            else:
                worst = max(worst, made.exit_code)
                held = _report(source, target, made, as_json)
            if lines is not None:
                lines.write(dumps(held) + "\n")
            if shown is not None:
                shown.update(1)
    return worst


def open_report(name: str) -> TextIO:
    """A file to which lines are added. Raises FileAccessError."""
    try:
        return open(name, "a", encoding="utf-8")
    except OSError as error:
        raise access_error(name, "can't be written", error) from error


def _ready(
    jobs: Sequence[tuple[str, str]], force: bool
) -> tuple[list[tuple[str, str]], dict[tuple[str, str], AigifError]]:
    """The jobs that can be done, and why the others can't."""
    taken: dict[str, str] = {}
    ready, refused = [], {}
    for source, target in jobs:
        try:
            _refuse_second(taken, source, target)
            _refuse_own_input(source, target)
            check_target(target, force)
            ready.append((source, target))
        except AigifError as error:
            refused[source, target] = error
    return ready, refused


def _written(source: str, target: str, made: Made, into: str | None, force: bool) -> Made | AigifError:
    try:
        if into is not None and target not in (into, "-"):
            make_folder_of(target)
        write_output(target, made.data, force)
    except AigifError as error:
        return error
    return made


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


def _report(source: str, target: str, made: Made, as_json: bool) -> dict[str, Any]:
    for line in made.notes:
        note(f"{shown_name(source)}: {line}")
    stream = sys.stderr if target == "-" else None
    names = shown_name(source), shown_name(target, output=True)
    size = len(made.data)
    held = {"file": names[0], "output": names[1], "bytes_in": made.bytes_in, "bytes": size}
    held |= {"notes": list(made.notes)} | made.report
    if as_json:
        emit(dumps(held), stream)
        return held
    ratio = f", {ratio_words(made.bytes_in, size)}" if made.compared else ""
    words = f"; {made.words}" if made.words else ""
    emit(
        f"{visible(names[0])} -> {visible(names[1])}: {made.bytes_in:,} -> {size:,} bytes{ratio}{words}",
        stream,
    )
    return held


def _fresh_line(bar: bool) -> None:
    """Take the bar off its line before something is printed there."""
    if bar:
        click.echo("\r\x1b[K", nl=False, err=True)
