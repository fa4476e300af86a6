"""What a breaking-change rule is, and what it looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from codegen.locked import ROOT, Lock, LockedElement
from codegen.model import Schema
from codegen.problems import Position, Problem

# From what the bytes mean to what programs call it; a level includes those before it.
LEVELS = ("wire", "json", "api")

Complaint = tuple[Position, str]


@dataclass(frozen=True, slots=True)
class Pair:
    """A released element and the one that has its id now.

    `fate`: same, renamed (another name, all else alike), reused (another element), moved (its name has
    another id; `new` is that one), removed (`new` is None).
    """

    scope: str
    old: LockedElement
    new: LockedElement | None
    fate: str
    position: Position


@dataclass(frozen=True, slots=True)
class Change:
    """The latest release, and the schema as it is now: `schema`, and `new`, what it would promise."""

    old: Lock
    new: Lock
    schema: Schema

    @property
    def same_major(self) -> bool:
        return self.old.major == self.new.major

    def pairs(self) -> Iterator[Pair]:
        """Every released element of a scope that is still there."""
        for scope, elements in self.old.scopes.items():
            current = self.new.scopes.get(scope, ())
            by_id = {element.id: element for element in current}
            by_name = {element.name: element for element in current}
            for old in elements:
                new, fate = by_id.get(old.id), "same"
                if new is None or new.name != old.name:
                    if old.name in by_name:
                        new, fate = by_name[old.name], "moved"
                    elif new is None:
                        fate = "removed"
                    else:
                        fate = (
                            "renamed"
                            if wire_type(old) == wire_type(new) and old.code == new.code
                            else "reused"
                        )
                yield Pair(scope, old, new, fate, self.element_place(scope, new or old))

    def kept(self) -> Iterator[tuple[Pair, LockedElement]]:
        """The pairs whose element is still itself, perhaps with another name or id."""
        for pair in self.pairs():
            if pair.new is not None and pair.fate in ("same", "renamed", "moved"):
                yield pair, pair.new

    def alike(self) -> Iterator[tuple[Pair, LockedElement]]:
        """The kept pairs of one type."""
        for pair, new in self.kept():
            if wire_type(pair.old) == wire_type(new):
                yield pair, new

    def element_place(self, scope: str, element: LockedElement) -> Position:
        """Where an element stands; where it is gone, its group; where that is gone too, the schema."""
        group_name, _, name = element.name.partition(".") if scope == ROOT else (scope, "", element.name)
        group = self.schema.groups.get(group_name)
        if group is None:
            return self.schema.position
        found = group.element(name)
        return found.position if found else group.position

    def enumeration_place(self, name: str, value: str = "") -> Position:
        """Where an enumeration or one of its values stands; where it is gone, the schema."""
        enumeration = self.schema.enumerations.get(name)
        if enumeration is None:
            return self.schema.position
        found = enumeration.value(value)
        return found.position if found else enumeration.position

    def same_element(self, before: str, now: str) -> bool:
        """Whether a path of the release and a path of the schema lead to the same id."""
        return before == now or _id_of(self.old, before) == _id_of(self.new, now) != 0

    def reserved_in(self, *scopes: str) -> tuple[set[int], set[str]]:
        """The numbers and the names that are reserved now in any of these scopes."""
        held = [self.new.reserved[scope] for scope in scopes if scope in self.new.reserved]
        return {n for one in held for n in one.numbers}, {n for one in held for n in one.names}


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of breaking change. `across`: it also holds between major versions."""

    name: str
    level: str
    across: bool
    doc: str
    find: Callable[[Change], Iterator[Complaint]]

    def check(self, change: Change) -> Iterator[Problem]:
        if self.across or change.same_major:
            for position, message in self.find(change):
                yield Problem(position, self.name, message)


def rule(level: str, across: bool = False) -> Callable[[Callable[[Change], Iterator[Complaint]]], Rule]:
    """Make a function that finds complaints a rule; its name in capitals names it."""
    assert level in LEVELS

    def make(find: Callable[[Change], Iterator[Complaint]]) -> Rule:
        return Rule(find.__name__.upper(), level, across, find.__doc__ or "", find)

    return make


def _id_of(lock: Lock, path: str) -> int:
    return next((element.id for element in lock.scopes[ROOT] if element.name == path), 0)


def wire_type(element: LockedElement) -> tuple[str, str]:
    """An element's type as far as its bits go: an enum and a table are one."""
    return "enum" if element.kind == "table" else element.kind, element.of


def spelled(pair: Pair) -> str:
    """How a message names a released element."""
    return pair.old.name if pair.scope == ROOT else f"{pair.scope}.{pair.old.name}"
