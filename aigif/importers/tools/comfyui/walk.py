"""What a walk through a graph has at hand: the resolver, and the draft that notes and gaps go to."""

from __future__ import annotations

from dataclasses import dataclass

from aigif._gen.enums import GapKind
from aigif.importers.draft import Draft
from aigif.importers.tools.comfyui.graph import Node, printable
from aigif.importers.tools.comfyui.resolve import Resolver, Source
from aigif.importers.values import Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_STEPS = 1_000


@dataclass(frozen=True, slots=True)
class Walk:
    """A graph that is being read."""

    resolver: Resolver
    draft: Draft

    def changed(self, source: Source) -> None:
        """Say what a node changes that no element holds; a class without a reason changes nothing."""
        cls = source.cls
        if cls is None:
            self.unknown(source.node)
        elif cls.reason:
            reason = cls.reason.replace("{}", source.node.shown())
            self.draft.missing(reason, cls.gap, printable(source.node.kind))

    def unknown(self, node: Node) -> None:
        """A node of a class that no table has."""
        self.draft.missing(
            f"the node {node.shown()} is not understood", GapKind.OPERATION, printable(node.kind)
        )

    def put(self, path: str, value: Any) -> None:
        """Put an element; a value outside its range is a gap."""
        try:
            self.draft.put(path, value)
        except Unreadable as problem:
            name = path.partition(".")[2]
            self.draft.missing(f"{printable(str(value))} is no {name}: {problem}", GapKind.VALUE, name)

    def lost(self, node: Node, name: str) -> None:
        """A value that can't be found."""
        self.draft.missing(
            f"{printable(name)} of {node.shown()} can't be told from the graph",
            GapKind.VALUE,
            printable(name),
        )


def input_of(source: Source, resolver: Resolver, *roles: str) -> Source | None:
    """The node behind the first of these inputs that is connected to one; for a class that is not known, its only
    connected input."""
    for role in roles:
        name = source.cls.name(role) if source.cls else role
        found = resolver.source(source.node, name) if name else None
        if found is not None:
            return found
    if source.cls is None:
        linked = [found for name in source.node.inputs if (found := resolver.source(source.node, name))]
        if len(linked) == 1:
            return linked[0]
    return None
