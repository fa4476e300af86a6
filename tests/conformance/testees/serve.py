"""The line protocol of docs/conformance.md for implementations in Python."""

from __future__ import annotations

import json
import sys
from typing import Any, Protocol

from tests.conformance.testees import plain_file, plain_json
from tests.conformance.testees.plain_file import Elements, File, Refusal

Answer = dict[str, Any]


class Served(Protocol):
    """What a testee can do; operations that it does not have are not declared in `hello`."""

    hello: Answer

    def answer(self, request: Answer) -> Answer:
        """The answer to a request; raises Refusal."""
        ...


def serve(testee: Served) -> None:
    """Answer every line of standard input with one on standard output."""
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = testee.hello if request["op"] == "hello" else testee.answer(request)
        except Refusal as refusal:
            answer = {"error": refusal.kind, "message": str(refusal)}
        sys.stdout.write(json.dumps({"id": request.get("id"), **answer}) + "\n")
        sys.stdout.flush()


class PlainFiles:
    """A codec of elements with the plain file around it."""

    def __init__(self, name: str, elements: Elements, **told: Any) -> None:
        self.elements = elements
        self.hello: Answer = {
            "name": name,
            "operations": ["decode", "encode", "reencode", "edit"],
            "profiles": ["compact", "paper"],
            "text_compressors": list(plain_file.COMPRESSORS),
            **told,
        }

    def answer(self, request: Answer) -> Answer:
        if request["op"] == "encode":
            file = plain_json.from_json(request["value"], request.get("profile", "compact"))
            self._bind_text(file)
            return {"hex": plain_file.write_file(file, self.elements).hex()}
        file = plain_file.read_file(bytes.fromhex(request["hex"]), self.elements)
        if request["op"] == "decode":
            return {"ok": plain_json.to_json(file)}
        if request["op"] == "edit":
            plain_json.overlay(file, request["set"])
            kept = [section for section in file.sections if section[2] or section[0] in plain_file.FLAGS]
            file.sections = kept
        return {"hex": plain_file.write_file(file, self.elements).hex()}

    def _bind_text(self, file: File) -> None:
        """Coded text that can't be read belongs to the strings that stand for it."""
        if file.opaque and file.text:
            strings = self.elements.write_bundle(file.value)[1]
            if plain_file.STAND_IN not in strings:
                raise Refusal("value", "coded text without a string")
            file.text = (file.text[0], strings, file.text[2])
