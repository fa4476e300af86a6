"""One input through the generated Python, the oracle and TypeScript: verdict, value, and bytes written again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aigif
from aigif import json_form
from aigif._gen.container import PROFILE_NAMES
from aigif._gen.support import UNREADABLE, Record, Unknown
from aigif._gen.types import Aigif
from aigif.errors import AigifError
from tests.conformance.process import Process
from tests.conformance.testees import plain_file
from tests.conformance.testees.generated import kind_of
from tests.conformance.testees.oracle import OracleElements
from tests.conformance.testees.plain_json import compact_layout, compiled
from tests.helpers import REPOSITORY, plain

COMMAND = ["node", str(REPOSITORY / "tests" / "conformance" / "testees" / "typescript.mjs")]
AS_JSON = 16  # Of one in so many, TypeScript gives the JSON form rather than the plain value.


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An input, and what each codec says of it."""

    data: bytes
    python: Any
    oracle: Any
    typescript: Any


class Differ:
    """The three codecs. The TypeScript one runs beside the others, in a process of its own."""

    def __init__(self) -> None:
        self.node = Process(COMMAND, timeout=300.0)
        self.elements = OracleElements()
        self.accepted = 0
        self.large = large_numbers()

    def compare(self, inputs: Sequence[bytes]) -> list[Disagreement]:
        """The inputs on which not all three agree."""
        self.node.send(json.dumps([data.hex() for data in inputs]))
        ours = [(self._python(data), self._oracle(data)) for data in inputs]
        answers = self.node.receive()
        assert len(answers) == len(inputs)
        found = []
        for index, (data, (value, oracle), answer) in enumerate(zip(inputs, ours, answers, strict=True)):
            if isinstance(value, str):
                agreed = value == oracle == answer
            else:
                self.accepted += 1
                agreed = self._same_oracle(value, oracle) and self._same_typescript(value, answer, index)
            if not agreed:
                shown = value if isinstance(value, str) else json_form.to_json(value)
                found.append(Disagreement(data, shown, oracle, answer))
        return found

    def _python(self, data: bytes) -> Aigif | str:
        try:
            value = aigif.loads(data)
        except AigifError as error:
            return kind_of(error)
        again = aigif.dumps(value, profile=PROFILE_NAMES[data[4] & 15])
        return value if again == data else f"other bytes: {again.hex()}"

    def _oracle(self, data: bytes) -> plain_file.File | str:
        try:
            file = plain_file.read_file(data, self.elements)
            again = plain_file.write_file(file, self.elements)
        except plain_file.Refusal as refusal:
            return refusal.kind
        return file if again == data else f"other bytes: {again.hex()}"

    @staticmethod
    def _same_oracle(value: Aigif, file: plain_file.File | str) -> bool:
        if isinstance(file, str):
            return False
        sections = [(s.id, s.critical, s.safe_to_copy, s.payload) for s in value.sections]
        found = unreadable(plain(value)) if file.opaque else plain(value)
        return (
            bool(found == (unreadable(file.value) if file.opaque else file.value))
            and sections == file.sections
        )

    def _same_typescript(self, value: Aigif, answer: Any, index: int) -> bool:
        if not isinstance(answer, dict):
            return False
        ours = json_form.to_json(value) if index % AS_JSON == 0 else self.flat(value)
        # JavaScript can't tell two surrogates from the character that they make.
        return bool(ours == answer) or json.loads(json.dumps(ours)) == answer

    def flat(self, held: Any) -> Any:
        """A value as TypeScript writes it in a batch."""
        if isinstance(held, Unknown):
            return {"width": held.width, "value": f"n{held.value}", "strings": self.flat(held.strings)}
        if isinstance(held, Record):
            large = self.large.get(type(held).__name__, ())
            return {
                name: f"n{item}" if name in large else self.flat(item)
                for name in held.__match_args__
                if name != "coded_text"
                for item in (getattr(held, name),)
            }
        if isinstance(held, bytes):
            return held.hex()
        if isinstance(held, tuple):
            return [self.flat(item) for item in held]
        return None if held is UNREADABLE else held


def large_numbers() -> dict[str, list[str]]:
    """By the name of a group's type, the elements that JavaScript holds as bigints."""
    found: dict[str, list[str]] = {}
    for bundle in [compact_layout(), *compiled()[1].nested]:
        for field in bundle.fields():
            if field.element.type.kind == "uint" and (field.element.maximum or 0) > 1 << 53:
                found.setdefault(field.group.type_name, []).append(field.element.name)
    return found


def unreadable(held: Any) -> Any:
    """A value in which every string reads alike: where they can't be read, codecs have different stand-ins."""
    if isinstance(held, dict):
        return {name: unreadable(item) for name, item in held.items()}
    if isinstance(held, list):
        return [unreadable(item) for item in held]
    return "?" if isinstance(held, str) and held else held
