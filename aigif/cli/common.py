"""What several commands share: options, and the progress bar."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from aigif.cli.terminal import visible

if TYPE_CHECKING:
    from aigif.runtime.watch import Watch

__all__ = ["Bar", "as_json", "examples", "force", "low_memory", "runtime_options", "watch", "watching"]

F = TypeVar("F", bound=Callable[..., Any])

as_json = click.option("--json", "as_json", is_flag=True, help="Report as JSON, errors too.")
force = click.option("--force", is_flag=True, help="Overwrite an output that is there already.")

low_memory = click.option(
    "--low-memory", is_flag=True, help="Keep parts of the model on the CPU while they aren't used."
)
watch = click.option("--watch", metavar="PNG", help="Keep a small picture of the work in progress there.")


def examples(*lines: str) -> str:
    """The end of a help text."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def runtime_options(command: F) -> F:
    """The options of every command that runs the model of a file."""
    for option in reversed(
        (
            click.option("--model", metavar="PATH", help="The model: a folder in the hub's layout, or a checkpoint."),
            click.option(
                "--adapter", multiple=True, metavar="FILE", help="An adapter that the file only names; repeatable."
            ),
            click.option("--device", metavar="NAME", help="cpu, cuda, cuda:1 …; default: as recorded."),
            click.option("--dtype", metavar="NAME", help="Data type of the weights; default: as recorded."),
            click.option("--download", is_flag=True, help="Allow a download of the model from the hub."),
            click.option(
                "--approximate",
                is_flag=True,
                help="Go without elements that can't be honoured, with a warning.",
            ),
            low_memory,
            watch,
            click.option(
                "--max-pixels", type=click.IntRange(1), metavar="N", help="Largest picture, in pixels."
            ),
            click.option("--max-cost", type=click.FloatRange(0), metavar="X", help="Highest estimated cost."),
        )
    ):
        command = option(command)
    return command


def watching(path: str | None) -> Watch | None:
    """What shows the picture as it grows, in a PNG at `path`."""
    if path is None:
        return None
    from aigif.runtime.watch import file_watch

    return file_watch(path)


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
