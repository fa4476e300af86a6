"""The click application: its commands, and how their errors become exit codes."""

from __future__ import annotations

import os
from importlib import import_module

import click

from aigif import __version__
from aigif.cli.terminal import complain
from aigif.errors import AigifError, UsageError

__all__ = ["app", "run"]

# Each command and the module that holds it, imported when it is called or when help is printed.
COMMANDS = {
    "generate": "making",
    "recreate": "remaking",
    "verify": "remaking",
    "encode": "encoding",
    "info": "showing",
    "edit": "editing",
    "convert": "editing",
    "models": "modelstore",
    "schema": "listing",
}


class LazyGroup(click.Group):
    """Imports a command when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"aigif.cli.{COMMANDS[cmd_name]}"), cmd_name)
        assert isinstance(command, click.Command)
        return command


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def app() -> None:
    """AIGIF: AI-generated pictures as their generation syntax, about a hundred bytes each.

    `-` stands for stdin and stdout. Data goes to stdout, messages to stderr.

    \b
    Exit codes: 0 ok, 1 differs or failed, 2 usage, 3 corrupt file, 4 over a limit,
    5 model or package not available, 6 refused by policy, 130 interrupted.
    """


def run(arguments: list[str]) -> int:
    """Run a command; gives its exit code. What is neither click's nor an AigifError is the caller's."""
    as_json = "--json" in arguments
    if "_AIGIF_COMPLETE" in os.environ:
        app.main(args=arguments, prog_name="aigif")  # a shell asks for completions; never returns
    try:
        with app.make_context("aigif", list(arguments)) as context:
            code = app.invoke(context)
            return code if isinstance(code, int) else 0
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return UsageError.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        return complain(_usage_error(error), as_json)
    except AigifError as error:
        return complain(error, as_json)


def _usage_error(error: click.ClickException) -> UsageError:
    command = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "aigif"
    return UsageError(error.format_message().rstrip("."), hint=f"`{command} --help` says more")
