"""Rules about which elements there are, and where."""

from __future__ import annotations

from collections.abc import Iterator

from codegen.breaking.rule import Change, Complaint, Pair, rule, spelled
from codegen.locked import ROOT
from codegen.passes.versions import parsed


@rule("wire", across=True)
def id_reused(change: Change) -> Iterator[Complaint]:
    """An id is forever: no other element may have it."""
    for pair in change.pairs():
        if pair.fate == "reused" and pair.new is not None:
            message = f"the id {pair.old.id} was released as {spelled(pair)}, and {pair.new.name} has it now"
            yield pair.position, f"{message}; take a new id"


@rule("wire")
def field_moved(change: Change) -> Iterator[Complaint]:
    """An element keeps its id."""
    for pair in change.pairs():
        if pair.fate == "moved" and pair.new is not None:
            message = f"{spelled(pair)} was released with the id {pair.old.id} and has {pair.new.id} now"
            yield pair.position, f"{message}; put it back"


@rule("wire")
def field_removed(change: Change) -> Iterator[Complaint]:
    """What a bundle codes stays there for a whole major version, since its bits do."""
    for pair in change.pairs():
        if pair.fate == "removed" and _in_bundle(change):
            message = f"{spelled(pair)} (id {pair.old.id}) was released, and its bits must stay"
            yield pair.position, f"{message}; put it back, and say in its doc that it is no longer written"


@rule("wire", across=True)
def field_removed_unreserved(change: Change) -> Iterator[Complaint]:
    """The id and name of an element that is taken out are reserved."""
    for pair in change.pairs():
        if pair.fate != "removed" or (change.same_major and _in_bundle(change)):
            continue
        numbers, names = change.reserved_in(*_scopes(change, pair))
        name = pair.old.name.rpartition(".")[2]
        if pair.old.id not in numbers or name not in names:
            message = f"{spelled(pair)} is gone; reserve its number {pair.old.id} and its name {name}"
            yield pair.position, message


def _in_bundle(change: Change) -> bool:
    return any(profile.form == "bundle" for profile in change.new.profiles.values())


def _scopes(change: Change, pair: Pair) -> tuple[str, ...]:
    return change.schema.syntax if pair.scope == ROOT else (pair.scope,)


@rule("wire")
def field_not_appended(change: Change) -> Iterator[Complaint]:
    """A new element comes after all that were released in its scope."""
    for scope, elements in change.old.scopes.items():
        last = max((element.id for element in elements), default=0)
        released = {element.id for element in elements} | {element.name for element in elements}
        for element in change.new.scopes.get(scope, ()):
            if element.id < last and not {element.id, element.name} & released:
                message = f"{element.name} is new and has the id {element.id}; take an id after {last}"
                yield change.element_place(scope, element), message


@rule("wire", across=True)
def new_without_version(change: Change) -> Iterator[Complaint]:
    """What was not in the latest release says that it is there since a later one."""
    for scope, elements in change.old.scopes.items():
        released = {element.id for element in elements} | {element.name for element in elements}
        for element in change.new.scopes.get(scope, ()):
            if not {element.id, element.name} & released and parsed(element.since) <= parsed(
                change.old.version
            ):
                message = f"{element.name} is new, and {element.since} is released; write a later since"
                yield change.element_place(scope, element), message
    for name, released_enum in change.old.enumerations.items():
        enumeration = change.schema.enumerations.get(name)
        for value in enumeration.values if enumeration else ():
            known = value.name in released_enum.values or value.code in released_enum.codes()
            if not known and parsed(value.since) <= parsed(change.old.version):
                message = f"{name}.{value.name} is new, and {value.since} is released; write a later since"
                yield value.position, message


@rule("wire", across=True)
def version_went_back(change: Change) -> Iterator[Complaint]:
    """The format's version is never less than the latest release's."""
    if parsed(change.new.version) < parsed(change.old.version):
        message = f"the version {change.new.version} is older than the release {change.old.version}"
        yield change.schema.head_position, f"{message}; raise it"


@rule("wire", across=True)
def reserved_removed(change: Change) -> Iterator[Complaint]:
    """What is reserved stays reserved."""
    for scope, held in change.old.reserved.items():
        numbers, names = change.reserved_in(scope)
        reserved = change.schema.reserved.get(scope)
        place = reserved.position if reserved else change.schema.position
        for number in held.numbers:
            if number not in numbers:
                yield place, f"the number {number} was reserved in {scope}; reserve it again"
        for name in held.names:
            if name not in names:
                yield place, f"the name {name} was reserved in {scope}; reserve it again"


RULES = (
    id_reused,
    field_moved,
    field_removed,
    field_removed_unreserved,
    field_not_appended,
    new_without_version,
    version_went_back,
    reserved_removed,
)
