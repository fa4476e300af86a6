"""What a release promises, and nothing else: the content of `released/<version>.lock.json`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from codegen.files import write_atomically
from codegen.layout import numeric_default, resolve
from codegen.lock_codes import code_as_json
from codegen.locked import (
    ROOT,
    Lock,
    LockedCondition,
    LockedElement,
    LockedEnumeration,
    LockedProfile,
    LockedReserved,
    LockedSection,
    LockedValue,
    LockedWire,
)  # fmt: skip
from codegen.model import ESCAPE_BYTE, EXP_DEPTH, SIZE, Element, Enumeration, Scalar, Schema
from codegen.passes.versions import parsed
from codegen.problems import Position, Problem, SchemaError

FORM = 1
SUFFIX = ".lock.json"


def lock_of(schema: Schema) -> Lock:
    """What a release of this schema, which has passed all checks, would promise."""
    scopes = {
        ROOT: [_element(schema, element, f"{group.name}.") for group, element in schema.root_elements()]
    }
    for name, group in schema.groups.items():
        if name not in schema.syntax:
            scopes[name] = [_element(schema, element, "") for element in group.elements]
    return Lock(
        name=schema.name,
        version=schema.version,
        magic=schema.container.magic.hex(),
        major=schema.container.major,
        wire=LockedWire(code_as_json(SIZE), ESCAPE_BYTE, EXP_DEPTH),
        limits={limit.name: limit.value for limit in schema.container.limits},
        sections={
            section.name: LockedSection(
                section.id, section.critical, section.safe_to_copy, section.present, section.coder
            )
            for section in schema.container.sections
        },
        enumerations={name: _enumeration(enumeration) for name, enumeration in schema.enumerations.items()},
        scopes={name: tuple(elements) for name, elements in scopes.items()},
        type_names={name: group.type_name for name, group in schema.groups.items()},
        profiles={
            profile.name: LockedProfile(
                profile.number,
                profile.form,
                profile.sealed,
                tuple((field.path, code_as_json(field.code)) for field in profile.fields),
            )
            for profile in schema.profiles
        },
        reserved={
            name: LockedReserved(reserved.numbers, reserved.names)
            for name, reserved in schema.reserved.items()
        },
    )


def _enumeration(enumeration: Enumeration) -> LockedEnumeration:
    values = {
        value.name: LockedValue(
            value.code, value.label, {name: held for name, held in value.attributes.items() if held}
        )
        for value in enumeration.values
    }
    return LockedEnumeration(enumeration.kind, values, dict(enumeration.ranges), dict(enumeration.attributes))


def _element(schema: Schema, element: Element, prefix: str) -> LockedElement:
    when = element.when
    condition = None
    if when:
        test = resolve(schema, when)
        values: tuple[Scalar, ...] = tuple(test.codes) if test else when.values
        condition = LockedCondition(when.element, when.attribute, values, when.negated)
    default = None if element.default is None else numeric_default(schema, element)
    return LockedElement(
        id=element.id,
        name=prefix + element.name,
        kind=element.type.kind,
        of=element.type.name,
        default=default.hex() if isinstance(default, bytes) else default,
        minimum=element.minimum,
        maximum=element.maximum,
        max_length=element.max_length,
        unit=element.unit,
        since=element.since,
        always=element.always,
        when=condition,
        code=code_as_json(element.code),
    )


def to_json(lock: Lock) -> str:
    """The text of a lock file: stable, with one element, value or field a line."""
    content = {"lock": FORM, **asdict(lock)}
    return _lines(content, "") + "\n"


def _lines(value: object, indent: str) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list, tuple)) or len(indent + flat) <= 110 or len(indent) >= 8:
        return flat
    deeper = indent + "  "
    if isinstance(value, dict):
        if "id" in value:
            return flat
        parts = [f"{deeper}{json.dumps(key)}: {_lines(held, deeper)}" for key, held in value.items()]
        return "{\n" + ",\n".join(parts) + f"\n{indent}}}"
    return "[\n" + ",\n".join(deeper + _lines(held, deeper) for held in value) + f"\n{indent}]"


def from_json(text: str, shown_as: str) -> Lock:
    """Read a lock file. Raises SchemaError (LOCK_UNREADABLE) where it is none, or of another form."""
    try:
        content = json.loads(text)
        if content.pop("lock") != FORM:
            raise ValueError("another form of lock file; regenerate it")
        content["wire"] = LockedWire(**content["wire"])
        content["sections"] = {name: LockedSection(**held) for name, held in content["sections"].items()}
        content["enumerations"] = {
            name: LockedEnumeration(
                held["kind"],
                {value: LockedValue(**inner) for value, inner in held["values"].items()},
                {purpose: _tuples(spans) for purpose, spans in held["ranges"].items()},
                held["attributes"],
            )
            for name, held in content["enumerations"].items()
        }
        content["scopes"] = {
            name: tuple(LockedElement(**{**held, "when": _condition(held["when"])}) for held in elements)
            for name, elements in content["scopes"].items()
        }
        content["profiles"] = {
            name: LockedProfile(**{**held, "fields": _tuples(held["fields"])})
            for name, held in content["profiles"].items()
        }
        content["reserved"] = {
            name: LockedReserved(tuple(held["numbers"]), tuple(held["names"]))
            for name, held in content["reserved"].items()
        }
        return Lock(**content)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        message = f"this is no lock file ({error}); restore it, or write it again from its release's schema"
        raise SchemaError([Problem(Position(shown_as, 1, 1), "LOCK_UNREADABLE", message)]) from error


def _tuples(items: list[list[Any]]) -> tuple[Any, ...]:
    return tuple(tuple(item) for item in items)


def _condition(held: dict[str, Any] | None) -> LockedCondition | None:
    return LockedCondition(**{**held, "values": tuple(held["values"])}) if held else None


def read(path: Path) -> Lock:
    """Read a lock file. Raises SchemaError where it can't be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = Problem(Position(path.as_posix(), 1, 1), "LOCK_UNREADABLE", f"can't be read: {error}")
        raise SchemaError([problem]) from error
    return from_json(text, path.as_posix())


def folder_of(schema_path: Path) -> Path:
    """Where the lock files of a schema stand: `released/` beside it."""
    return schema_path.parent / "released"


def path_of(schema_path: Path, version: str) -> Path:
    return folder_of(schema_path) / f"{version}{SUFFIX}"


def latest(schema_path: Path) -> Path | None:
    """The lock file of the latest release; None before the first."""
    found = list(folder_of(schema_path).glob(f"*{SUFFIX}"))
    return max(found, key=lambda path: parsed(path.name.removesuffix(SUFFIX)), default=None)


def write(path: Path, lock: Lock, force: bool) -> bool:
    """Write a lock file; gives whether it changed.

    Raises SchemaError (LOCK_EXISTS) where another one is there already and `force` is not given.
    """
    text = to_json(lock)
    if path.exists():
        if path.read_text(encoding="utf-8") == text:
            return False
        if not force:
            message = (
                f"the release {lock.version} is locked with other content; raise format.version (or --force)"
            )
            raise SchemaError([Problem(Position(path.as_posix(), 1, 1), "LOCK_EXISTS", message)])
    write_atomically(path, text)
    return True
