"""`aigif schema` prints the format's definition; the table of models is printed for `aigif models`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from aigif import _gen
from aigif.cli.common import examples
from aigif.cli.jsontext import dumps
from aigif.cli.terminal import bold, emit, visible
from aigif.errors import UsageError

__all__ = ["print_models", "print_table", "schema"]


def print_models(here: bool, as_json: bool) -> int:
    """The table of models that a file can name by number, with `here` only those on this machine."""
    from aigif.runtime.registry import models as known_models

    found = [model for model in known_models() if model.present is not None or not here]
    if as_json:
        rows = [
            {
                "code": model.code,
                "name": model.name,
                "label": model.label,
                "family": model.family,
                "pipeline": model.pipeline,
                "hub": model.hub,
                "licence": model.licence,
                "runnable": model.runnable,
                "present": None if model.present is None else str(model.present),
            }
            for model in found
        ]
        emit(dumps(rows, indent=2))
        return 0
    head = ("code", "name", "family", "state", "licence", "hub")
    print_table(
        [head]
        + [
            (
                str(model.code),
                model.name,
                model.family,
                _state(model.present, model.runnable),
                model.licence,
                model.hub,
            )
            for model in found
        ]
    )
    return 0


def print_table(rows: Sequence[tuple[str, ...]]) -> None:
    """Rows of cells in columns, the first row as their head."""
    shown = [tuple(visible(cell) for cell in row) for row in rows]
    widths = [max(len(row[at]) for row in shown) for at in range(len(shown[0]))]
    for at, row in enumerate(shown):
        line = "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        emit(line if at else bold(line))


def _state(present: Path | None, runnable: bool) -> str:
    if present is not None:
        return "here" if runnable else "here, not runnable"
    return "-" if runnable else "not runnable"


@click.command(
    short_help="Print the format's definition.",
    epilog=examples("aigif schema", "aigif schema --list", "aigif schema models"),
)
@click.argument("name", default="aigif", metavar="[NAME]")
@click.option("--list", "listed", is_flag=True, help="List the schema's files.")
def schema(name: str, listed: bool) -> int:
    """Print the schema that defines the format, or one of its tables."""
    folder = Path(_gen.__file__).parent / "schema"
    files = {path.stem: path for path in (*sorted(folder.glob("*.yaml")), *sorted(folder.glob("exp/*.yaml")))}
    if listed:
        for known in files:
            emit(known)
        return 0
    if name not in files:
        raise UsageError(f"the schema has no file {name!r}", hint=f"choose one of {', '.join(files)}")
    text = files[name].read_text(encoding="utf-8")
    emit(text.removesuffix("\n"))
    return 0
