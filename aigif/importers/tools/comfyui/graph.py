"""The graph that ComfyUI executed: nodes by their ids, read from JSON with caps.

It is the "API format": {"3": {"class_type": "KSampler", "inputs": {"seed": 1, "model": ["4", 0], …}}, …}. An input is
a value, or a link: the id of another node and the number of one of its outputs (ComfyUI, execution.py,
`get_input_data`; comfy_execution/graph_utils.py, `is_link`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from aigif.errors import LimitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_NODES = 20_000
MAX_INPUTS = 1_000


@dataclass(frozen=True, slots=True)
class Link:
    """An output of a node: the node's id and the output's number, from 0."""

    node: str
    slot: int


@dataclass(frozen=True, slots=True)
class Node:
    """One node: its id, its class, its inputs by name (values of JSON) and the title that the person gave it."""

    id: str
    kind: str
    inputs: Mapping[str, Any]
    title: str = ""

    def shown(self) -> str:
        """What a note calls it: 'KSampler (3)'."""
        return f"{printable(self.kind)} ({printable(self.id)})"


@dataclass(frozen=True, slots=True)
class Graph:
    """The nodes in the order of the text."""

    nodes: Mapping[str, Node]
    users: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Ids of the nodes that take something from a node."""

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes.values())


def printable(text: str, most: int = 60) -> str:
    """A foreign text as a note may hold it: short, without control characters."""
    short = text if len(text) <= most else text[:most] + "..."
    return short if short.isprintable() else ascii(short)[1:-1]


def link_of(value: Any) -> Link | None:
    """The link that an input is; None for a value."""
    if not isinstance(value, list) or len(value) != 2:
        return None
    node, slot = value
    if isinstance(node, bool) or not isinstance(node, str | int) or isinstance(slot, bool):
        return None
    if isinstance(slot, float) and slot.is_integer():
        slot = int(slot)
    return Link(str(node), slot) if isinstance(slot, int) and 0 <= slot < MAX_INPUTS else None


def graph_of(value: Any) -> Graph | None:
    """The graph that a value of JSON is; None where it holds no node. Members that are no nodes are left out.

    Raises LimitError for more than MAX_NODES nodes.
    """
    if not isinstance(value, dict):
        return None
    nodes: dict[str, Node] = {}
    for key, member in value.items():
        if isinstance(member, dict) and isinstance(member.get("class_type"), str):
            nodes[key] = _node(key, member)
    if len(nodes) > MAX_NODES:
        raise LimitError(f"a graph of {len(nodes)} nodes; at most {MAX_NODES} are read")
    return with_users(nodes) if nodes else None


def with_users(nodes: Mapping[str, Node]) -> Graph:
    """A graph of these nodes."""
    users: dict[str, dict[str, None]] = {}
    for node in nodes.values():
        for value in node.inputs.values():
            link = link_of(value)
            if link is not None:
                users.setdefault(link.node, {})[node.id] = None
    return Graph(nodes, {key: tuple(found) for key, found in users.items()})


def _node(key: str, member: Mapping[str, Any]) -> Node:
    inputs = member.get("inputs")
    meta = member.get("_meta")
    title = meta.get("title") if isinstance(meta, dict) else None
    held = dict(list(inputs.items())[:MAX_INPUTS]) if isinstance(inputs, dict) else {}
    return Node(key, member["class_type"], held, title if isinstance(title, str) else "")
