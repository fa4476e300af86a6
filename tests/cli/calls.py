"""Running the command line: in this process, as a process of its own, and on a terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import Any

from click.testing import CliRunner

from aigif.cli import main
from tests.helpers import REPOSITORY

COMMAND = [sys.executable, "-m", "aigif"]


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """The error object that --json puts on stderr."""
        return json.loads(self.err.splitlines()[-1])["error"]


def call(*arguments: object, stdin: bytes = b"") -> Result:
    """A command in this process; neither stdout nor stderr is a terminal."""
    with CliRunner().isolation(input=stdin) as (out, err, _):
        code = main([str(argument) for argument in arguments])
        sys.stdout.flush()
        sys.stderr.flush()
        return Result(code, out.getvalue(), err.getvalue().decode())


def environment(**changes: str) -> dict[str, str]:
    held = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "PYTHONPATH")}
    return held | {"PYTHONPATH": str(REPOSITORY), "TERM": "xterm"} | changes


def spawn(*arguments: object, stdin: bytes = b"", **changes: str) -> Result:
    """A command as a process with pipes."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        env=environment(**changes),
        timeout=120,
    )
    return Result(done.returncode, done.stdout, done.stderr.decode())


def on_terminal(*arguments: object, **changes: str) -> Result:
    """A command whose stdout is a terminal, and whose stderr is a pipe."""
    ours, theirs = pty.openpty()
    parts: list[bytes] = []

    def drain() -> None:
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # how Linux says that the other end was closed
                return
            if not part:
                return
            parts.append(part)

    reader = threading.Thread(target=drain)
    reader.start()
    try:
        done = subprocess.run(
            [*COMMAND, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=subprocess.PIPE,
            env=environment(**changes),
            timeout=120,
        )
    finally:
        os.close(theirs)
        reader.join(30)
        os.close(ours)
    return Result(done.returncode, b"".join(parts), done.stderr.decode())
