"""YAML with positions: every node remembers the file, line and column that it came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from codegen.problems import Position, Problem, SchemaError

Scalar = bool | int | float | str | None


@dataclass(frozen=True, slots=True)
class Node:
    """A YAML node: `value` is a scalar, a tuple of nodes, or a tuple of (key node, node) pairs."""

    position: Position
    kind: str
    value: Scalar | tuple[Node, ...] | tuple[tuple[Node, Node], ...]

    def fail(self, rule: str, message: str) -> SchemaError:
        return SchemaError([Problem(self.position, rule, message)])

    def scalar(self) -> Scalar:
        if self.kind != "scalar":
            raise self.fail("SCALAR_EXPECTED", f"a {self.kind} stands here; write a single value")
        assert not isinstance(self.value, tuple)
        return self.value

    def text(self) -> str:
        value = self.scalar()
        if not isinstance(value, str):
            raise self.fail("TEXT_EXPECTED", f"{value!r} is not text; put it in quotes")
        return value

    def integer(self) -> int:
        value = self.scalar()
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.fail("INTEGER_EXPECTED", f"{value!r} is not a whole number")
        return value

    def boolean(self) -> bool:
        value = self.scalar()
        if not isinstance(value, bool):
            raise self.fail("BOOLEAN_EXPECTED", f"{value!r} is not true or false")
        return value

    def items(self) -> tuple[Node, ...]:
        if self.kind != "list":
            raise self.fail("LIST_EXPECTED", f"a {self.kind} stands here; write a list")
        assert isinstance(self.value, tuple)
        return self.value  # type: ignore[return-value]

    def pairs(self) -> Iterator[tuple[str, Node]]:
        """The entries of a mapping; keys are text and unique."""
        if self.kind != "mapping":
            raise self.fail("MAPPING_EXPECTED", f"a {self.kind} stands here; write a mapping")
        assert isinstance(self.value, tuple)
        for key, node in self.value:  # type: ignore[misc]
            yield key.text(), node

    def get(self, key: str) -> Node | None:
        return next((node for name, node in self.pairs() if name == key), None)

    def need(self, key: str) -> Node:
        node = self.get(key)
        if node is None:
            raise self.fail("KEY_MISSING", f"the key {key!r} is missing; add it")
        return node

    def only(self, *keys: str) -> None:
        """Refuse keys that nobody reads: a misspelt key must not pass unnoticed."""
        for key, node in self.pairs():
            if key not in keys:
                raise node.fail(
                    "KEY_UNKNOWN", f"nobody reads the key {key!r}; known here: {', '.join(sorted(keys))}"
                )


def read(path: Path, shown_as: str) -> Node:
    """Parse a YAML file; complaints name it as `shown_as`.

    Raises SchemaError where the file is missing or is not YAML.
    """
    start = Position(shown_as, 1, 1)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        message = f"byte {error.start} is not UTF-8; save the file as UTF-8"
        raise SchemaError([Problem(start, "FILE_UNREADABLE", message)]) from error
    except OSError as error:
        message = f"can't be read ({error.strerror}); check the path"
        raise SchemaError([Problem(start, "FILE_UNREADABLE", message)]) from error
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = Position(shown_as, mark.line + 1, mark.column + 1) if mark else start
        message = " ".join(str(getattr(error, "problem", None) or error).split())
        raise SchemaError([Problem(place, "YAML", message)]) from error
    if root is None:
        raise SchemaError([Problem(start, "YAML", "the file is empty")])
    return _convert(root, shown_as, yaml.SafeLoader(""), ())


def _convert(node: yaml.Node, file: str, loader: yaml.SafeLoader, above: tuple[yaml.Node, ...]) -> Node:
    position = Position(file, node.start_mark.line + 1, node.start_mark.column + 1)
    if node in above:
        problem = Problem(position, "YAML", "an alias stands inside what it stands for; write it out")
        raise SchemaError([problem])
    above = (*above, node)
    if isinstance(node, yaml.MappingNode):
        pairs = tuple(
            (_convert(k, file, loader, above), _convert(v, file, loader, above)) for k, v in node.value
        )
        seen: set[str] = set()
        for key, _ in pairs:
            name = key.text()
            if name in seen:
                raise key.fail("KEY_TWICE", f"the key {name!r} stands here twice; remove one")
            seen.add(name)
        return Node(position, "mapping", pairs)
    if isinstance(node, yaml.SequenceNode):
        return Node(position, "list", tuple(_convert(item, file, loader, above) for item in node.value))
    try:
        value = loader.construct_object(node)
    except (yaml.YAMLError, ValueError) as error:
        problem = Problem(position, "YAML", f"{node.tag} can't be read; write true, false, a number or text")
        raise SchemaError([problem]) from error
    if not isinstance(value, (bool, int, float, str, type(None))):
        shown = node.value
        raise SchemaError(
            [Problem(position, "SCALAR_KIND", f"{shown!r} is a {type(value).__name__}; put it in quotes")]
        )
    return Node(position, "scalar", value)
