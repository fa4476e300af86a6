"""What a lock file holds, as values: one class for each thing that a release promises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from codegen.model import Scalar

# The scope of the ids of all top-level groups; any other scope is a nested group's name.
ROOT = ""

Code = Mapping[str, Any] | str | None


@dataclass(frozen=True, slots=True)
class LockedWire:
    """What the compiler itself lays down of every code: the code of sizes, and how far exp codes go."""

    size: Code
    escape_byte: int
    exp_depth: int


@dataclass(frozen=True, slots=True)
class LockedCondition:
    """`values` are codes, or values of the attribute where there is one."""

    element: str
    attribute: str
    values: tuple[Scalar, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class LockedElement:
    """An element. `name` is group.element at the top level.

    A default of bytes stands as hex, an enumeration's as its code.
    """

    id: int
    name: str
    kind: str
    of: str
    default: Scalar | None
    minimum: int | float | None
    maximum: int | float | None
    max_length: int
    unit: str
    since: str
    always: bool
    when: LockedCondition | None
    code: Code


@dataclass(frozen=True, slots=True)
class LockedValue:
    """A value of an enumeration. `attributes` leaves out those that are "" or 0."""

    code: int
    label: str
    attributes: Mapping[str, Scalar]


@dataclass(frozen=True, slots=True)
class LockedEnumeration:
    """An enumeration: values by name, ranges by purpose, types of attributes by name."""

    kind: str
    values: Mapping[str, LockedValue]
    ranges: Mapping[str, tuple[tuple[int, int], ...]]
    attributes: Mapping[str, str]

    def codes(self) -> set[int]:
        return {value.code for value in self.values.values()}


@dataclass(frozen=True, slots=True)
class LockedSection:
    """The numbers of a section."""

    id: int
    critical: bool
    safe_to_copy: bool
    present: str
    coder: str


@dataclass(frozen=True, slots=True)
class LockedProfile:
    """A profile: a record's fields are pairs of a path and its code."""

    number: int
    form: str
    sealed: bool
    fields: tuple[tuple[str, Code], ...]


@dataclass(frozen=True, slots=True)
class LockedReserved:
    """What is reserved in one scope."""

    numbers: tuple[int, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lock:
    """A release. `scopes` holds the elements by scope, in the order of their ids."""

    name: str
    version: str
    magic: str
    major: int
    wire: LockedWire
    limits: Mapping[str, int]
    sections: Mapping[str, LockedSection]
    enumerations: Mapping[str, LockedEnumeration]
    scopes: Mapping[str, tuple[LockedElement, ...]]
    type_names: Mapping[str, str]
    profiles: Mapping[str, LockedProfile]
    reserved: Mapping[str, LockedReserved]
