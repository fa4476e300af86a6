"""Rules about profiles, sections, limits, and what the compiler lays down of every file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from codegen.breaking.rule import Change, Complaint, rule
from codegen.lock_codes import shown
from codegen.locked import LockedProfile
from codegen.problems import Position


def _profile_place(change: Change, name: str) -> Position:
    found = (profile.position for profile in change.schema.profiles if profile.name == name)
    return next(found, change.schema.position)


@rule("wire", across=True)
def sealed_profile_changed(change: Change) -> Iterator[Complaint]:
    """A sealed profile never changes."""
    for name, old in change.old.profiles.items():
        new = change.new.profiles.get(name)
        difference = (_difference(change, old, new) if new else "it is gone") if old.sealed else ""
        if difference:
            yield _profile_place(change, name), f"{name} is sealed, and {difference}; put it back"


def _difference(change: Change, old: LockedProfile, new: LockedProfile) -> str:
    """What differs on the wire, or nothing: a new name of an element does not."""
    for key in ("number", "form", "sealed"):
        if getattr(old, key) != getattr(new, key):
            return f"its {key} was {getattr(old, key)} and is {getattr(new, key)} now"
    for index, (before, now) in enumerate(zip(old.fields, new.fields, strict=False), 1):
        if before[1] != now[1] or not change.same_element(before[0], now[0]):
            was, has = (f"{path} {shown(code)}" for path, code in (before, now))
            return f"its field {index} was {was} and is {has} now"
    if len(old.fields) != len(new.fields):
        return f"it had {len(old.fields)} fields and has {len(new.fields)} now"
    return ""


@rule("wire")
def profile_changed(change: Change) -> Iterator[Complaint]:
    """A profile stays, with its number and form."""
    for name, old in change.old.profiles.items():
        new = change.new.profiles.get(name)
        if not old.sealed and (new is None or (old.number, old.form) != (new.number, new.form)):
            now = f"number {new.number}, {new.form}" if new else "gone"
            message = f"the profile {name} was released as number {old.number}, {old.form}, and is {now} now"
            yield _profile_place(change, name), f"{message}; put it back"


@rule("wire", across=True)
def wire_constant_changed(change: Change) -> Iterator[Complaint]:
    """The compiler's own numbers (the code of sizes, the escape byte and the depth of exp codes) never change."""
    for key in (field.name for field in fields(change.old.wire)):
        before, now = getattr(change.old.wire, key), getattr(change.new.wire, key)
        if before != now:
            was, has = (str(held) if isinstance(held, int) else shown(held) for held in (before, now))
            message = f"the compiler's {key} was released as {was} and is {has} now"
            yield change.schema.position, f"{message}; put it back in codegen/model.py"


@rule("wire", across=True)
def magic_changed(change: Change) -> Iterator[Complaint]:
    """The magic bytes never change."""
    if change.old.magic != change.new.magic:
        message = f"the magic was released as {change.old.magic} and is {change.new.magic} now; put it back"
        yield change.schema.container.position, message


@rule("wire")
def section_changed(change: Change) -> Iterator[Complaint]:
    """A section keeps its id, its flags and what it depends on."""
    for section in change.schema.container.sections:
        old, new = change.old.sections.get(section.name), change.new.sections[section.name]
        for key in (field.name for field in fields(new)) if old else ():
            before, now = getattr(old, key), getattr(new, key)
            if before != now and not (isinstance(before, str) and change.same_element(before, now)):
                message = f"{key} of the section {section.name} was released as {before!r} and is {now!r} now"
                yield section.position, f"{message}; put it back"


@rule("wire", across=True)
def section_removed_unreserved(change: Change) -> Iterator[Complaint]:
    """The id and name of a section that is taken out are reserved."""
    numbers, names = change.reserved_in("sections")
    for name, old in change.old.sections.items():
        if name not in change.new.sections and (old.id not in numbers or name not in names):
            message = f"the section {name} is gone; reserve its number {old.id} and its name {name}"
            yield change.schema.container.position, message


@rule("wire")
def limit_changed(change: Change) -> Iterator[Complaint]:
    """Limits are part of the format: older files and older readers know the released ones."""
    places = {limit.name: limit.position for limit in change.schema.container.limits}
    for name in sorted({*change.old.limits, *change.new.limits}):
        before, now = change.old.limits.get(name), change.new.limits.get(name)
        if before != now:
            message = (
                f"the limit {name} was released as {before or 'none'} and is {now or 'none'} now; put it back"
            )
            yield places.get(name, change.schema.container.position), message


RULES = (
    sealed_profile_changed,
    profile_changed,
    wire_constant_changed,
    magic_changed,
    section_changed,
    section_removed_unreserved,
    limit_changed,
)
