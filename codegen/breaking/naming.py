"""Rules about names, which JSON and generated code use and the bytes do not."""

from __future__ import annotations

from collections.abc import Iterator

from codegen.breaking.rule import Change, Complaint, rule, spelled


@rule("json")
def name_changed(change: Change) -> Iterator[Complaint]:
    """Elements and values keep their names."""
    for pair in change.pairs():
        if pair.fate == "renamed" and pair.new is not None:
            message = f"{spelled(pair)} (id {pair.old.id}) is called {pair.new.name} now"
            yield pair.position, f"{message}; give it its released name"
    for name, old in change.old.enumerations.items():
        enumeration = change.schema.enumerations.get(name)
        for value, released in old.values.items() if enumeration else ():
            assert enumeration is not None
            now = enumeration.by_code(released.code)
            if now and now.name != value and enumeration.value(value) is None:
                message = f"{name}.{value} (code {released.code}) is called {now.name} now"
                yield now.position, f"{message}; give it its released name"


@rule("api")
def type_name_changed(change: Change) -> Iterator[Complaint]:
    """Groups keep their type names."""
    for name, old in change.old.type_names.items():
        new = change.new.type_names.get(name)
        if new is not None and new != old:
            message = f"the type name of {name} was released as {old} and is {new} now; put it back"
            yield change.schema.groups[name].position, message


RULES = (name_changed, type_name_changed)
