"""From the schema's files to the intermediate representation."""

from __future__ import annotations

import hashlib
from pathlib import Path

from codegen import model, source
from codegen.load_codes import load_code
from codegen.load_elements import load_group
from codegen.source import Node

TOP_KEYS = (
    "format", "container", "enums", "tables", "codes", "syntax", "groups", "profiles", "reserved",
)  # fmt: skip
VALUE_KEYS = ("code", "since", "doc", "label")
PURPOSES = ("registered", "private", "reserved")


def load(path: Path) -> model.Schema:
    """Read a schema and the tables that it names; complaints name files as seen from the schema's folder.

    Raises SchemaError with the first complaint about the form; what the schema means is checked by the passes.
    """
    base = path.parent.parent if path.parent.name == "schema" else path.parent
    root = source.read(path, _shown(path, base))
    root.only(*TOP_KEYS)
    sources = {path.name: path.read_text(encoding="utf-8")}
    enumerations = {}
    for name, node in _pairs(root, "enums"):
        enumerations[name] = _load_enumeration(name, "enum", node)
    for name, node in _pairs(root, "tables"):
        node.only("file", "as")
        table_path = path.parent / node.need("file").text()
        table = source.read(table_path, _shown(table_path, base))
        sources[table_path.relative_to(path.parent).as_posix()] = table_path.read_text(encoding="utf-8")
        as_node = node.get("as")
        if as_node and as_node.text() not in ("enum", "table"):
            raise as_node.fail("TABLE_AS", f"a table is read as enum or as table, not as {as_node.text()!r}")
        if name in enumerations:
            raise node.fail("NAME_TWICE", f"an enum is called {name} already")
        enumerations[name] = _load_enumeration(name, as_node.text() if as_node else "table", table)
    head = root.need("format")
    head.only("name", "identifier", "version", "doc", "source", "annex", "examples")
    return model.Schema(
        name=head.need("name").text(),
        identifier=head.need("identifier").text(),
        version=head.need("version").text(),
        doc=head.need("doc").text(),
        source=_text(head, "source"),
        container=_load_container(root.need("container")),
        enumerations=enumerations,
        groups={name: load_group(name, node) for name, node in root.need("groups").pairs()},
        syntax=tuple(node.text() for node in root.need("syntax").items()),
        profiles=tuple(_load_profile(name, node) for name, node in root.need("profiles").pairs()),
        reserved={name: _load_reserved(name, node) for name, node in _pairs(root, "reserved")},
        annex=_beside(path, head, "annex"),
        examples=_beside(path, head, "examples"),
        sources=sources,
        digest=hashlib.sha256("".join(sources.values()).encode()).hexdigest(),
        head_position=head.position,
        syntax_position=root.need("syntax").position,
        position=root.position,
    )


def _shown(path: Path, base: Path) -> str:
    return path.relative_to(base).as_posix() if path.is_relative_to(base) else path.as_posix()


def _beside(path: Path, head: Node, key: str) -> str:
    """The text of a file that the schema names, from the schema's folder; "" where it names none."""
    node = head.get(key)
    if node is None:
        return ""
    named = path.parent / node.text()
    if not named.is_file() or not named.resolve().is_relative_to(path.parent.resolve()):
        raise node.fail("FILE_UNREADABLE", f"there is no file {node.text()!r} in the schema's folder")
    return named.read_text(encoding="utf-8")


def _text(node: Node, key: str) -> str:
    child = node.get(key)
    return child.text() if child else ""


def _pairs(root: Node, key: str) -> list[tuple[str, Node]]:
    node = root.get(key)
    return list(node.pairs()) if node else []


def _load_enumeration(name: str, kind: str, node: Node) -> model.Enumeration:
    node.only("doc", "unspecified", "families", "ranges", "attributes", "values")
    attributes = {key: child.text() for key, child in _pairs(node, "attributes")}
    for key, child in _pairs(node, "attributes"):
        if key in VALUE_KEYS:
            raise child.fail(
                "ATTRIBUTE_NAME", f"every value has a {key} already; give the attribute another name"
            )
    values = []
    for key, child in node.need("values").pairs():
        child.only(*VALUE_KEYS, *attributes)
        held: dict[str, model.Scalar] = {}
        for attribute, type_name in attributes.items():
            given = child.get(attribute)
            value = given.scalar() if given else None
            held[attribute] = (0 if type_name == "uint" else "") if value is None else value
        values.append(
            model.EnumValue(
                key,
                child.need("code").integer(),
                child.need("since").text(),
                child.need("doc").text(),
                _text(child, "label") if child.get("label") else key,
                held,
                child.position,
            )
        )
    ranges: dict[str, tuple[tuple[int, int], ...]] = {}
    for purpose, child in _pairs(node, "ranges"):
        if purpose not in PURPOSES:
            raise child.fail("RANGE_PURPOSE", f"a range is {', '.join(PURPOSES)}, not {purpose}")
        ranges[purpose] = tuple(_span(item) for item in child.items())
    return model.Enumeration(
        name=name,
        kind=kind,
        doc=node.need("doc").text(),
        values=tuple(sorted(values, key=lambda value: value.code)),
        ranges=ranges,
        attributes=attributes,
        families={key: child.text() for key, child in _pairs(node, "families")},
        unspecified=_text(node, "unspecified"),
        position=node.position,
    )


def _span(node: Node) -> tuple[int, int]:
    numbers = [item.integer() for item in node.items()]
    if len(numbers) != 2 or numbers[0] > numbers[1]:
        raise node.fail("RANGE", "a range is [first, last]")
    return numbers[0], numbers[1]


def _load_container(node: Node) -> model.Container:
    node.only("magic", "major", "limits", "caps", "sections")
    sections = []
    for name, child in _pairs(node, "sections"):
        child.only("id", "critical", "safe_to_copy", "cap", "present", "coder", "doc")
        sections.append(
            model.Section(
                name,
                child.need("id").integer(),
                child.need("critical").boolean(),
                child.need("safe_to_copy").boolean(),
                _text(child, "cap"),
                _text(child, "present"),
                _text(child, "coder"),
                child.need("doc").text(),
                child.position,
            )
        )
    magic = node.need("magic")
    try:
        magic_bytes = bytes.fromhex(magic.text())
    except ValueError as error:
        raise magic.fail("HEX_EXPECTED", f"{magic.text()!r} is not hexadecimal") from error
    return model.Container(
        magic_bytes,
        node.need("major").integer(),
        _load_numbers(node, "limits"),
        _load_numbers(node, "caps"),
        tuple(sorted(sections, key=lambda section: section.id)),
        node.position,
    )


def _load_numbers(node: Node, key: str) -> tuple[model.Number, ...]:
    numbers = []
    for name, child in _pairs(node, key):
        child.only("value", "doc")
        value, doc = child.need("value").integer(), child.need("doc").text()
        numbers.append(model.Number(name, value, doc, child.position))
    return tuple(numbers)


def _load_profile(name: str, node: Node) -> model.Profile:
    node.only("number", "form", "sealed", "doc", "fields")
    form = node.need("form").text()
    if form not in ("bundle", "record"):
        raise node.need("form").fail("PROFILE_FORM", f"a profile is a bundle or a record, not {form!r}")
    fields = []
    listed = node.get("fields")
    if (form == "record") != (listed is not None):
        raise node.fail(
            "PROFILE_FIELDS", "a record lists its fields, and a bundle has none: ids give its order"
        )
    for item in listed.items() if listed else ():
        item.only("element", "code")
        fields.append(
            model.ProfileField(item.need("element").text(), load_code(item.need("code")), item.position)
        )
    sealed = node.get("sealed")
    return model.Profile(
        name,
        node.need("number").integer(),
        form,
        sealed.boolean() if sealed else False,
        node.need("doc").text(),
        tuple(fields),
        node.position,
    )


def _load_reserved(name: str, node: Node) -> model.Reserved:
    node.only("numbers", "names")
    numbers, names = node.get("numbers"), node.get("names")
    return model.Reserved(
        name,
        tuple(item.integer() for item in numbers.items()) if numbers else (),
        tuple(item.text() for item in names.items()) if names else (),
        node.position,
    )
