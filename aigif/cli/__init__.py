"""The command line: parses arguments, calls the library, prints. docs/cli.md shows every command.

`aigif info FILE...` without options takes a short way that imports no click, so that it starts about as fast as
the interpreter.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

INTERRUPTED = 130
PIPE_CLOSED = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; gives its exit code (aigif/errors.py lists them). `argv` are the words after `aigif`."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    _open_missing_streams()
    try:
        code = _run(arguments)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        _silence_stdout()
        print("aigif: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever reads our output has enough; nothing is left to say.
        _silence_stdout()
        return PIPE_CLOSED
    except Exception as error:
        from aigif.cli.terminal import complain
        from aigif.cli.unexpected import refusal

        if isinstance(error, OSError):
            _silence_stdout()
        return complain(refusal(error), "--json" in arguments)


def _run(arguments: list[str]) -> int:
    if _is_plain_info(arguments):
        from aigif.cli.overview import show

        return show(arguments[1:])
    from aigif.cli.app import run

    return run(arguments)


def _is_plain_info(arguments: list[str]) -> bool:
    words = arguments[1:]
    return arguments[:1] == ["info"] and bool(words) and not any(w[:1] == "-" and w != "-" for w in words)


def _open_missing_streams() -> None:
    """A process may be started with stdout or stderr closed; then nobody wants what goes there."""
    import os

    if sys.stdout is None or sys.stderr is None:
        nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
        sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere


def _silence_stdout() -> None:
    """Throw away what stdout still holds: flushing it on exit would fail once more."""
    import os

    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        pass  # a stream without a descriptor, as tests have
