"""A program under test that speaks the line protocol: one JSON object a line, in and out."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.helpers import REPOSITORY

PROGRAM = REPOSITORY / "tests" / "conformance" / "testees" / "typescript.mjs"


class Testee:
    """The TypeScript codec under Node; `folder` holds its JavaScript, `streams` leaves Node's zlib out."""

    __test__ = False

    def __init__(
        self, folder: Path = REPOSITORY / "aigif" / "viewer" / "js" / "codec", *, streams: bool = False
    ) -> None:
        command = ["node", str(PROGRAM), str(folder), *(["streams"] if streams else [])]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer to one request."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def decode(self, data: bytes, profile: str, *, defaults: bool = False) -> dict[str, Any]:
        return self.ask({"op": "decode", "hex": data.hex(), "profile": profile, "defaults": defaults})

    def encode(self, value: Any, profile: str) -> dict[str, Any]:
        return self.ask({"op": "encode", "value": value, "profile": profile})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        assert self._process.wait() == 0


def batch(requests: Iterable[dict[str, Any]], *options: str) -> list[dict[str, Any]]:
    """The answers to many requests at once, which is several times as fast as one by one."""
    text = "".join(json.dumps(request) + "\n" for request in requests)
    done = subprocess.run(
        ["node", str(PROGRAM), *options], input=text, capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in done.stdout.split("\n") if line]
