"""The intermediate representation: what a schema means, for no target in particular.

Everything is frozen. Names are those of the schema; how a target spells them is its backend's affair.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from codegen.problems import Position

ESCAPE_BYTE = 255
EXP_DEPTH = 8
EXP_MAX = ESCAPE_BYTE * (EXP_DEPTH - 1) + ESCAPE_BYTE - 1

Scalar = bool | int | float | str


@dataclass(frozen=True, slots=True)
class EnumValue:
    """One value of an enumeration."""

    name: str
    code: int
    since: str
    doc: str
    label: str
    attributes: Mapping[str, Scalar]
    position: Position


@dataclass(frozen=True, slots=True)
class Enumeration:
    """A list of named codes. Codes that it does not list stay numbers.

    `kind` is "enum" for short lists that a program switches on, "table" for long ones that it looks up.
    `families` documents the values of the attribute `family`, and `unspecified` names the value that says
    that nothing was recorded; both are empty where the list has none.
    """

    name: str
    kind: str
    doc: str
    values: tuple[EnumValue, ...]
    ranges: Mapping[str, tuple[tuple[int, int], ...]]
    attributes: Mapping[str, str]
    families: Mapping[str, str]
    unspecified: str
    position: Position

    def value(self, name: str) -> EnumValue | None:
        return next((value for value in self.values if value.name == name), None)

    def by_code(self, code: int) -> EnumValue | None:
        return next((value for value in self.values if value.code == code), None)


@dataclass(frozen=True, slots=True)
class Bits:
    """`width` bits, n, big-endian, standing for (n * step + offset) / per."""

    width: int
    step: int = 1
    offset: int = 0
    per: int = 1


@dataclass(frozen=True, slots=True)
class EscapedEnum:
    """`width` bits; all ones say that an exp code of the rest follows."""

    width: int


@dataclass(frozen=True, slots=True)
class Exp:
    """The paper's exp code (II-B3): bytes of 255 escape; value = 255 * escapes + last byte."""


@dataclass(frozen=True, slots=True)
class Float:
    """An IEEE 754 number of 32 or 64 bits, big-endian."""

    width: int


@dataclass(frozen=True, slots=True)
class Pick:
    """A selector of `width` bits, which names a constant, or a form that follows. The first that fits is used."""

    width: int
    constants: tuple[Scalar, ...]
    forms: tuple[Bits | Float, ...]


@dataclass(frozen=True, slots=True)
class BytesCode:
    """A size code, then so many bytes."""

    max_length: int


@dataclass(frozen=True, slots=True)
class TextCode:
    """Nothing here: the string stands in the text section (bundle profiles)."""


@dataclass(frozen=True, slots=True)
class StringCode:
    """A byte length of `width` bits, then the coded string (record profiles)."""

    width: int


Code = Bits | EscapedEnum | Exp | Float | Pick | BytesCode | TextCode | StringCode

# Lengths and counts: the first of these forms that fits.
SIZE = Pick(2, (), (Bits(2), Bits(5), Bits(9), Bits(16)))


@dataclass(frozen=True, slots=True)
class TypeRef:
    """`kind`: bool, uint, int, float, string, bytes, enum, table, group or list; `name`: of what."""

    kind: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """`element` (group.element) is, or with `negated` is not, one of `values`.

    With `attribute`, it is that attribute of the element's table entry which is compared: such a condition
    says to which models a group applies and does not change the bits.
    """

    element: str
    attribute: str
    values: tuple[Scalar, ...]
    negated: bool
    position: Position


@dataclass(frozen=True, slots=True)
class Element:
    """A syntax element. `id` is forever, and its order of birth."""

    name: str
    id: int
    type: TypeRef
    default: Scalar | bytes | None
    minimum: int | float | None
    maximum: int | float | None
    max_length: int
    unit: str
    since: str
    doc: str
    always: bool
    when: Condition | None
    code: Code | None
    position: Position


@dataclass(frozen=True, slots=True)
class Group:
    """Elements that belong together, in the order of their ids."""

    name: str
    title: str
    type_name: str
    doc: str
    elements: tuple[Element, ...]
    position: Position

    def element(self, name: str) -> Element | None:
        return next((element for element in self.elements if element.name == name), None)


@dataclass(frozen=True, slots=True)
class ProfileField:
    """One field of a record profile: a path (group.element) and its code."""

    path: str
    code: Code
    position: Position


@dataclass(frozen=True, slots=True)
class Profile:
    """How the elements are coded. `form` is "bundle" (open at its end) or "record" (sealed)."""

    name: str
    number: int
    form: str
    sealed: bool
    doc: str
    fields: tuple[ProfileField, ...]
    position: Position


@dataclass(frozen=True, slots=True)
class Number:
    """A named number of the container: a limit or a cap."""

    name: str
    value: int
    doc: str
    position: Position


@dataclass(frozen=True, slots=True)
class Section:
    """A section that follows the elements.

    `cap` names the cap on its length, `present` the bool element that says whether it is there, `coder` the
    element that says how it is coded; each is "" where there is none. The section called text holds the strings.
    """

    name: str
    id: int
    critical: bool
    safe_to_copy: bool
    cap: str
    present: str
    coder: str
    doc: str
    position: Position


@dataclass(frozen=True, slots=True)
class Container:
    """The file around the elements: magic, major version, limits, caps and sections."""

    magic: bytes
    major: int
    limits: tuple[Number, ...]
    caps: tuple[Number, ...]
    sections: tuple[Section, ...]
    position: Position


@dataclass(frozen=True, slots=True)
class Reserved:
    """Ids and names that once were in use and never come back."""

    what: str
    numbers: tuple[int, ...]
    names: tuple[str, ...]
    position: Position


@dataclass(frozen=True, slots=True)
class Schema:
    """A whole schema. `sources`: the text of its files by their path from the schema's folder.

    `annex` (Markdown) and `examples` (YAML) are texts for the format's page, "" where the schema names none.
    """

    name: str
    identifier: str
    version: str
    doc: str
    source: str
    container: Container
    enumerations: Mapping[str, Enumeration]
    groups: Mapping[str, Group]
    syntax: tuple[str, ...]
    profiles: tuple[Profile, ...]
    reserved: Mapping[str, Reserved]
    annex: str
    examples: str
    sources: Mapping[str, str]
    digest: str
    head_position: Position
    syntax_position: Position
    position: Position

    def root_elements(self) -> list[tuple[Group, Element]]:
        """The elements of the top-level groups, in the order of their birth."""
        pairs = [
            (self.groups[name], element) for name in self.syntax for element in self.groups[name].elements
        ]
        return sorted(pairs, key=lambda pair: pair[1].id)

    def nested_groups(self) -> list[Group]:
        """The groups that elements hold, in an order in which each stands after those that it holds."""
        ordered: list[Group] = []

        def visit(group: Group) -> None:
            for element in group.elements:
                if element.type.kind in ("group", "list"):
                    inner = self.groups[element.type.name]
                    if inner not in ordered:
                        visit(inner)
                        ordered.append(inner)

        for name in self.syntax:
            visit(self.groups[name])
        return ordered

    def find(self, path: str) -> tuple[Group, Element] | None:
        """The top-level element at `group.element`."""
        group_name, _, element_name = path.partition(".")
        group = self.groups.get(group_name) if group_name in self.syntax else None
        element = group.element(element_name) if group else None
        return (group, element) if group and element else None

    def all_elements(self) -> Iterator[tuple[Group, Element]]:
        for group in self.groups.values():
            for element in group.elements:
                yield group, element
