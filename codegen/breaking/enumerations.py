"""Rules about the values of enumerations."""

from __future__ import annotations

from collections.abc import Iterator

from codegen.breaking.rule import Change, Complaint, rule
from codegen.locked import LockedEnumeration, LockedValue


def _both(change: Change) -> Iterator[tuple[str, LockedEnumeration, LockedEnumeration]]:
    for name, old in change.old.enumerations.items():
        if name in change.new.enumerations:
            yield name, old, change.new.enumerations[name]


def _kept(old: LockedEnumeration, new: LockedEnumeration) -> Iterator[tuple[str, LockedValue, LockedValue]]:
    """The values whose names are still there: each name, as it was released, and as it is."""
    for value, before in old.values.items():
        if value in new.values:
            yield value, before, new.values[value]


@rule("wire", across=True)
def enum_value_renumbered(change: Change) -> Iterator[Complaint]:
    """A value keeps its code."""
    for name, old, new in _both(change):
        for value, before, now in _kept(old, new):
            if before.code != now.code:
                message = f"{name}.{value} was released with the code {before.code} and has {now.code} now"
                yield change.enumeration_place(name, value), f"{message}; put it back"


@rule("wire", across=True)
def enum_value_removed_unreserved(change: Change) -> Iterator[Complaint]:
    """The code and name of a value that is taken out are reserved."""
    for name, old, new in _both(change):
        numbers, names = change.reserved_in(name)
        for value, released in old.values.items():
            if value in new.values or released.code in new.codes():
                continue
            if released.code not in numbers or value not in names:
                message = f"{name}.{value} is gone; reserve its number {released.code} and its name {value}"
                yield change.enumeration_place(name), message


@rule("json")
def label_changed(change: Change) -> Iterator[Complaint]:
    """A value keeps its label, which says what the code in a file means."""
    for name, old, new in _both(change):
        for value, before, now in _kept(old, new):
            if before.label != now.label:
                message = f"{name}.{value} was released as {before.label!r} and is {now.label!r} now"
                yield change.enumeration_place(name, value), f"{message}; put it back and add a new value"


@rule("json")
def attribute_changed(change: Change) -> Iterator[Complaint]:
    """An attribute that a value was released with keeps its value; one that was empty or 0 may be filled in."""
    for name, old, new in _both(change):
        lasting = [key for key, type_name in old.attributes.items() if new.attributes.get(key) == type_name]
        for value, before, now in _kept(old, new):
            for key in lasting:
                was, has = before.attributes.get(key), now.attributes.get(key)
                if was and was != has:
                    spelled = repr(has) if has else "empty"
                    message = f"{key} of {name}.{value} was released as {was!r} and is {spelled} now"
                    yield change.enumeration_place(name, value), f"{message}; put it back"


@rule("api")
def enum_removed(change: Change) -> Iterator[Complaint]:
    """An enumeration stays, since programs import it."""
    for name in change.old.enumerations:
        if name not in change.new.enumerations:
            yield change.schema.position, f"the enumeration {name} was released and is gone; put it back"


@rule("api")
def enum_kind_changed(change: Change) -> Iterator[Complaint]:
    """An enumeration stays an enum or a table, since the generated types differ."""
    for name, old, new in _both(change):
        if old.kind != new.kind:
            message = f"{name} was released as {old.kind} and is {new.kind} now; put it back"
            yield change.enumeration_place(name), message


@rule("api")
def attribute_removed(change: Change) -> Iterator[Complaint]:
    """The attributes of a table stay, with their types."""
    for name, old, new in _both(change):
        for attribute, type_name in old.attributes.items():
            if new.attributes.get(attribute) != type_name:
                now = new.attributes.get(attribute, "gone")
                message = f"the attribute {attribute} of {name} was released as {type_name} and is {now} now"
                yield change.enumeration_place(name), f"{message}; put it back"


RULES = (
    enum_value_renumbered,
    enum_value_removed_unreserved,
    label_changed,
    attribute_changed,
    enum_removed,
    enum_kind_changed,
    attribute_removed,
)
