"""Rules about what a released element means and how it is coded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from codegen.breaking.rule import Change, Complaint, rule, spelled, wire_type
from codegen.lock_codes import shown
from codegen.locked import LockedCondition, LockedElement


@rule("wire")
def type_changed(change: Change) -> Iterator[Complaint]:
    """A released element keeps its type."""
    for pair, new in change.kept():
        if wire_type(pair.old) != wire_type(new):
            message = f"{spelled(pair)} was released as {_type(pair.old)} and is {_type(new)} now"
            yield pair.position, f"{message}; put it back and append a new element"


def _type(element: LockedElement) -> str:
    return f"{element.kind} {element.of}".strip()


@rule("wire")
def code_changed(change: Change) -> Iterator[Complaint]:
    """A released element keeps its code."""
    for pair, new in change.alike():
        old_code, new_code = pair.old.code, new.code
        if old_code == new_code or (_width(old_code, "enum") and _width(new_code, "enum")):
            continue
        if not _width(old_code, "bytes"):
            message = (
                f"the code of {spelled(pair)} was released as {shown(old_code)} and is {shown(new_code)} now"
            )
            yield pair.position, f"{message}; put it back"


@rule("wire")
def escape_changed(change: Change) -> Iterator[Complaint]:
    """The width whose all-ones value escapes is a released element's forever."""
    for pair, new in change.alike():
        before, now = _width(pair.old.code, "enum"), _width(new.code, "enum")
        if before and now and before != now:
            message = f"{spelled(pair)} was released with {before} bits before its escape and has {now} now"
            yield pair.position, f"{message}; put it back"


def _width(code: object, key: str) -> int:
    return int(code.get(key, 0)) if isinstance(code, Mapping) else 0


@rule("wire")
def presence_changed(change: Change) -> Iterator[Complaint]:
    """A released element keeps its presence bit, or goes without."""
    for pair, new in change.alike():
        if pair.old.always != new.always:
            was, now = ("without", "with") if pair.old.always else ("with", "without")
            message = f"{spelled(pair)} was released {was} a presence bit and is {now} one now"
            yield pair.position, f"{message}; put it back"


@rule("wire")
def default_changed(change: Change) -> Iterator[Complaint]:
    """A released element keeps its default for a whole major version."""
    for pair, new in change.alike():
        if pair.old.default != new.default:
            change_made = f"was released as {pair.old.default!r} and is {new.default!r} now"
            yield pair.position, f"the default of {spelled(pair)} {change_made}; put it back"


@rule("wire")
def range_shrunk(change: Change) -> Iterator[Complaint]:
    """Every value that was allowed still is."""
    for pair, new in change.alike():
        if _less(new, pair.old):
            message = f"{spelled(pair)} was released with {_bounds(pair.old)} and has {_bounds(new)} now"
            yield pair.position, f"{message}; files with other values exist"
    for name, old in change.old.enumerations.items():
        current = change.new.enumerations.get(name)
        for purpose in ("registered", "private") if current and old.ranges else ():
            assert current is not None
            lost = _codes(old.ranges.get(purpose, ())) - _codes(current.ranges.get(purpose, ()))
            if lost:
                message = f"the {purpose} range of {name} was released with the code {min(lost)}; put it back"
                yield change.enumeration_place(name), message


@rule("wire")
def range_grown(change: Change) -> Iterator[Complaint]:
    """No value is allowed that a reader of the release would refuse."""
    for pair, new in change.alike():
        if _less(pair.old, new):
            message = f"{spelled(pair)} was released with {_bounds(pair.old)} and has {_bounds(new)} now"
            yield pair.position, f"{message}; older readers refuse the rest, so append a new element"


def _less(one: LockedElement, other: LockedElement) -> bool:
    """Whether some value of `other` is none of `one`."""
    if one.minimum is not None and other.minimum is not None and one.minimum > other.minimum:
        return True
    if one.maximum is not None and other.maximum is not None and one.maximum < other.maximum:
        return True
    return one.max_length < other.max_length


def _bounds(element: LockedElement) -> str:
    if element.minimum is None:
        return f"max_length {element.max_length}"
    return f"the range {element.minimum} to {element.maximum}"


def _codes(spans: tuple[tuple[int, int], ...]) -> set[int]:
    return {code for first, last in spans for code in range(first, last + 1)}


@rule("wire")
def condition_changed(change: Change) -> Iterator[Complaint]:
    """A released element keeps its condition; one on an attribute may come to name more values."""
    for pair, new in change.alike():
        if not _still_holds(change, pair.old.when, new.when):
            message = f"the condition of {spelled(pair)} was released as {_spell(pair.old.when)}"
            yield pair.position, f"{message} and is {_spell(new.when)} now; put it back"


def _still_holds(change: Change, old: LockedCondition | None, new: LockedCondition | None) -> bool:
    if old is None or new is None:
        return old is new
    same = (old.attribute, old.negated) == (new.attribute, new.negated)
    same = same and change.same_element(old.element, new.element)
    if old.attribute and not old.negated:
        return same and set(old.values) <= set(new.values)
    return same and set(old.values) == set(new.values)


def _spell(when: LockedCondition | None) -> str:
    if when is None:
        return "none"
    what = f"{when.attribute} of {when.element}" if when.attribute else when.element
    return f"{what} {'not in' if when.negated else 'in'} [{', '.join(str(value) for value in when.values)}]"


@rule("wire")
def unit_changed(change: Change) -> Iterator[Complaint]:
    """A released number keeps its unit."""
    for pair, new in change.alike():
        if pair.old.unit != new.unit:
            message = f"the unit of {spelled(pair)} was released as {pair.old.unit!r} and is {new.unit!r} now"
            yield pair.position, f"{message}; put it back"


@rule("json")
def since_changed(change: Change) -> Iterator[Complaint]:
    """A released element keeps the version in which it came."""
    for pair, new in change.kept():
        if pair.old.since != new.since:
            message = f"{spelled(pair)} was released with since {pair.old.since} and has {new.since} now; put it back"
            yield pair.position, message


RULES = (
    type_changed,
    code_changed,
    escape_changed,
    presence_changed,
    default_changed,
    range_shrunk,
    range_grown,
    condition_changed,
    unit_changed,
    since_changed,
)
