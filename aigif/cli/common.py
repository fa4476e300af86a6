"""What several commands share: options, and the progress bar."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from aigif.cli.terminal import visible

__all__ = ["Bar", "as_json", "examples", "force", "runtime_options"]

F = TypeVar("F", bound=Callable[..., Any])

as_json = click.option("--json", "as_json", is_flag=True, help="Report as JSON, errors too.")
force = click.option("--force", is_flag=True, help="Overwrite an output that is there already.")


def examples(*lines: str) -> str:
    """The end of a help text."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def runtime_options(command: F) -> F:
    """The options of every command that runs the model of a file."""
    for option in reversed(
        (
            click.option("--model", metavar="DIR", help="The model's folder, in the hub's layout."),
            click.option("--adapter", metavar="FILE", help="The adapter, where the file only names it."),
            click.option("--device", metavar="NAME", help="cpu, cuda, cuda:1 …; default: as recorded."),
            click.option("--dtype", metavar="NAME", help="Data type of the weights; default: as recorded."),
            click.option("--download", is_flag=True, help="Allow a download of the model from the hub."),
            click.option(
                "--approximate",
                is_flag=True,
                help="Go without elements that can't be honoured, with a warning.",
            ),
            click.option(
                "--max-pixels", type=click.IntRange(1), metavar="N", help="Largest picture, in pixels."
            ),
            click.option("--max-cost", type=click.FloatRange(0), metavar="X", help="Highest estimated cost."),
        )
    ):
        command = option(command)
    return command


class Bar:
    """The progress of a long operation on stderr; draws nothing where that is no terminal."""

    def __init__(self) -> None:
        self._bar: Any = None

    def start(self, total: int, what: str) -> None:
        if sys.stderr.isatty():
            self._bar = click.progressbar(length=total, label=visible(what), file=sys.stderr)
            self._bar.__enter__()

    def step(self, completed: int) -> None:
        if self._bar is not None:
            self._bar.update(completed - self._bar.pos)

    def done(self) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None
