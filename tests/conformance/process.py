"""An implementation as a process that answers one JSON object a line, with a time-out for every answer."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from tests.helpers import REPOSITORY


class Broken(Exception):
    """The process gave no answer: too late, ended, or no JSON."""


class Process:
    """A testee. After Broken it is started anew with the next request."""

    def __init__(self, command: Sequence[str], timeout: float = 20.0, first: float = 120.0) -> None:
        self.command = [sys.executable if word == "{python}" else word for word in command]
        self.timeout, self.first = timeout, first
        self._running: subprocess.Popen[bytes] | None = None
        self._rest = b""

    @property
    def running(self) -> bool:
        return self._running is not None

    def ask(self, request: dict[str, Any]) -> Any:
        """The answer to a request; raises Broken."""
        return self.ask_line(json.dumps(request), self.first if self._running is None else self.timeout)

    def ask_line(self, line: str, timeout: float | None = None) -> Any:
        self.send(line)
        return self.receive(timeout)

    def send(self, line: str) -> None:
        """Write a line, whose answer `receive` gives."""
        process = self._running or self._start()
        assert process.stdin
        try:
            process.stdin.write(line.encode() + b"\n")
            process.stdin.flush()
        except OSError as error:
            self.kill()
            raise Broken(str(error)) from error

    def receive(self, timeout: float | None = None) -> Any:
        assert self._running
        try:
            return json.loads(self._line(self._running, timeout or self.timeout))
        except ValueError as error:
            self.kill()
            raise Broken(f"{type(error).__name__}: {error}") from error
        except Broken:
            self.kill()
            raise

    def _start(self) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        environment = os.environ | {"PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"}
        try:
            self._running = subprocess.Popen(
                self.command, stdin=pipe, stdout=pipe, cwd=REPOSITORY, env=environment
            )
        except OSError as error:
            raise Broken(str(error)) from error
        self._rest = b""
        return self._running

    def _line(self, process: subprocess.Popen[bytes], timeout: float) -> bytes:
        assert process.stdout
        until = time.monotonic() + timeout
        pieces = [self._rest]
        with selectors.DefaultSelector() as ready:
            ready.register(process.stdout, selectors.EVENT_READ)
            while b"\n" not in pieces[-1]:
                if not ready.select(max(until - time.monotonic(), 0)):
                    raise Broken(f"no answer within {timeout:g} s")
                piece = os.read(process.stdout.fileno(), 1 << 20)
                if not piece:
                    raise Broken(f"the process ended with {process.wait()}")
                pieces.append(piece)
        line, _, self._rest = b"".join(pieces).partition(b"\n")
        return line

    def kill(self) -> None:
        """End the process, if one runs."""
        process, self._running = self._running, None
        if process:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream:
                    try:
                        stream.close()
                    except BrokenPipeError:
                        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
