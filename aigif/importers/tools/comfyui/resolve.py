"""From an input to what it really is: links followed through reroutes, switches, pipes and computed values."""

from __future__ import annotations

import math
from dataclasses import dataclass

from aigif.importers.tools.comfyui.classes import Kind, NodeClass
from aigif.importers.tools.comfyui.graph import Graph, Link, Node, link_of
from aigif.importers.values import Unreadable, number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

# Each takes up to five calls of Python, which stops at 1000.
MAX_HOPS = 100
MAX_WORK = 100_000
MAX_INTEGER = 1 << 64
MAX_TEXT = 1 << 20
# Inputs by which a bundle of links comes in, of the packages that have bundles.
PIPES = (
    "basic_pipe",
    "pipe",
    "base_ctx",
    "ctx",
    "context",
    "sdxl_tuple",
    "sdxl_pipe",
    "detailer_pipe",
    "bus",
)
# What bundles call their members, by what we call them.
MEMBERS = {
    "latent_image": ("latent", "samples"),
    "sampler_name": ("sampler",),
    "optional_vae": ("vae",),
    "cfg": ("cfg",),
    "seed": ("seed", "noise_seed"),
    "noise_seed": ("seed",),
}
# Inputs in which nodes hold a constant, the likeliest first.
_CONSTANTS = (
    "value",
    "text",
    "string",
    "int",
    "float",
    "number",
    "seed",
    "noise_seed",
    "prompt",
    "Value",
    "Text",
)


@dataclass(frozen=True, slots=True)
class Source:
    """An output of a node that does something itself: the node, its class (None if unknown), and which output."""

    node: Node
    cls: NodeClass | None
    role: str

    @property
    def kind(self) -> Kind | None:
        return self.cls.kind if self.cls else None


@dataclass(frozen=True, slots=True)
class Constant:
    """A value of JSON."""

    value: Any


class Resolver:
    """A graph and the table of classes. All walks together take at most MAX_WORK steps, and no walk goes in a circle:
    beyond that an input is nothing.

    Attributes:
        guessed: Nodes of unknown classes whose value was guessed.
    """

    def __init__(self, graph: Graph, classes: Mapping[str, NodeClass]) -> None:
        self.graph = graph
        self.classes = classes
        self.guessed: dict[str, Node] = {}
        self._work = MAX_WORK
        self._depth = 0

    def class_of(self, node: Node) -> NodeClass | None:
        return self.classes.get(node.kind)

    def follow(self, node: Node, name: str) -> Source | Constant | None:
        """What comes in by an input, by its own name; None for nothing, or where a walk gets too long."""
        if not self.enter():
            return None
        self._depth += 1
        try:
            return self._followed(node, name)
        finally:
            self._depth -= 1

    def _followed(self, node: Node, name: str) -> Source | Constant | None:
        raw = node.inputs.get(name)
        link = link_of(raw)
        if link is not None:
            return self.output(link)
        if raw is not None:
            return Constant(raw)
        return None if name in PIPES else self._member(node, name)

    def _member(self, node: Node, name: str) -> Source | Constant | None:
        """An input that comes in a bundle."""
        for pipe in PIPES:
            link = link_of(node.inputs.get(pipe))
            bundle = self.graph.nodes.get(link.node) if link else None
            if bundle is None:
                continue
            for alias in (name, *MEMBERS.get(name, ())):
                found = self.follow(bundle, alias)
                if found is not None:
                    return found
        return None

    def output(self, link: Link) -> Source | Constant | None:
        """What an output of a node is."""
        node = self.graph.nodes.get(link.node)
        if node is None:
            return None
        cls = self.class_of(node)
        if cls is None:
            return Source(node, None, "")
        role = cls.outputs[link.slot] if link.slot < len(cls.outputs) else ""
        if role.startswith("="):
            return self.follow(node, role[1:])
        if cls.kind is Kind.SWITCH and cls.compute is not None:
            chosen = cls.compute(self, node)
            return self.follow(node, chosen) if isinstance(chosen, str) else None
        if cls.kind is Kind.VALUE and cls.compute is not None and (not role or role == cls.outputs[0]):
            computed = self.computed(cls, node)
            return None if computed is None else Constant(computed)
        return Source(node, cls, role)

    def computed(self, cls: NodeClass, node: Node) -> Any:
        """What a node of a class with a `compute` gives; None where a walk gets too long."""
        assert cls.compute is not None
        if not self.enter():
            return None
        self._depth += 1
        try:
            result = cls.compute(self, node)
        finally:
            self._depth -= 1
        return None if isinstance(result, str) and len(result) > MAX_TEXT else result

    def enter(self) -> bool:
        """Whether one more step may be taken."""
        self._work -= 1
        return self._work > 0 and self._depth <= MAX_HOPS

    @property
    def exhausted(self) -> bool:
        """Whether a walk was cut off because all of them took too many steps."""
        return self._work <= 0

    def source(self, node: Node, name: str) -> Source | None:
        """The node behind an input; None for a value or nothing."""
        found = self.follow(node, name)
        return found if isinstance(found, Source) else None

    def raw(self, node: Node, name: str, wanted: type | tuple[type, ...]) -> Any:
        """The constant behind an input, of a type; None for another. What a node of an unknown class gives is guessed
        from its only likely input."""
        found = self.follow(node, name)
        if isinstance(found, Constant):
            return found.value if _is_a(found.value, wanted) else None
        if found is None or found.cls is not None:
            return None
        return self._guess(found.node, wanted)

    def _guess(self, node: Node, wanted: type | tuple[type, ...]) -> Any:
        fitting = {
            key: value
            for key, value in node.inputs.items()
            if link_of(value) is None and _is_a(value, wanted)
        }
        name = next((name for name in _CONSTANTS if name in fitting), None)
        if name is None and len(fitting) == 1:
            name = next(iter(fitting))
        if name is not None:
            self.guessed[node.id] = node
            return fitting[name]
        linked = [key for key, value in node.inputs.items() if link_of(value) is not None]
        return self.raw(node, linked[0], wanted) if len(linked) == 1 else None

    def text(self, node: Node, name: str) -> str | None:
        found = self.raw(node, name, (str, list))
        if isinstance(found, list):  # a node that was given a list of one text
            found = found[0] if len(found) == 1 else None
        return found if isinstance(found, str) else None

    def number(self, node: Node, name: str) -> float | None:
        """A finite number, also one written as text."""
        return number_of(self.raw(node, name, (int, float, str)))

    def integer(self, node: Node, name: str) -> int | None:
        found = self.raw(node, name, (int, float, str))
        if isinstance(found, int):
            return found if abs(found) <= MAX_INTEGER else None
        if isinstance(found, str) and found.strip().isascii() and found.strip().isdecimal():
            return int(found) if len(found) < 30 else None
        value = number_of(found)
        return int(value) if value is not None and value.is_integer() else None

    def truth(self, node: Node, name: str) -> bool | None:
        """A truth value, also "enable" and "disable"."""
        found = self.raw(node, name, (bool, str, int))
        if isinstance(found, str):
            return {"enable": True, "disable": False, "true": True, "false": False}.get(found.lower())
        return None if found is None else bool(found)


def _is_a(value: Any, wanted: type | tuple[type, ...]) -> bool:
    kinds = wanted if isinstance(wanted, tuple) else (wanted,)
    if isinstance(value, bool):
        return bool in kinds
    return isinstance(value, kinds)


def number_of(found: Any) -> float | None:
    """A finite number, also one written as text."""
    if isinstance(found, str):
        try:
            return number(found.strip())
        except Unreadable:
            return None
    if not isinstance(found, int | float):
        return None
    try:
        value = float(found)
    except OverflowError:
        return None
    return value + 0.0 if math.isfinite(value) else None
