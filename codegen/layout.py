"""From a profile to steps: which bits stand where, worked out once for every backend.

All arithmetic about bits is done here, so that templates only print.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from codegen import model

EXP_BITS = 8 * model.EXP_DEPTH


@dataclass(frozen=True, slots=True)
class Span:
    """A number of bits between `least` and `most`; `most` is None where nothing bounds it."""

    least: int
    most: int | None

    def __add__(self, other: Span) -> Span:
        bounded = self.most is not None and other.most is not None
        return Span(self.least + other.least, self.most + other.most if bounded else None)  # type: ignore[operator]

    def __str__(self) -> str:
        if self.least == self.most:
            return str(self.least)
        return f"{self.least}…{'' if self.most is None else self.most}"


@dataclass(frozen=True, slots=True)
class Test:
    """A condition on an earlier element, in numbers: it holds where `path` is (not) one of `codes`."""

    path: str
    codes: tuple[int, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One element with a value of its own.

    `presence`: a bit before the value says whether it differs from the default. `default` is a number, a
    string, bytes or a bool; an enumeration's is its code.
    """

    path: str
    group: model.Group
    element: model.Element
    code: model.Code
    default: model.Scalar | bytes
    presence: bool
    test: Test | None
    offset: Span
    size: Span


@dataclass(frozen=True, slots=True)
class Nested:
    """An optional group or a list: a presence bit, for a list the count less one, then delimited bundles."""

    path: str
    group: model.Group
    element: model.Element
    inner: Bundle
    test: Test | None
    offset: Span


Step = Field | Nested


@dataclass(frozen=True, slots=True)
class Bundle:
    """An evolvable run of bits: the root of a bundle profile, or one nested group.

    `padding` is how many zero bits a reader may meet past the end of any valid bundle before it is through.
    """

    name: str
    type_name: str
    doc: str
    steps: tuple[Step, ...]
    padding: int

    def fields(self) -> Iterator[Field]:
        return (step for step in self.steps if isinstance(step, Field))


@dataclass(frozen=True, slots=True)
class RecordField:
    """One field of a record; `align`: zero bits up to the next byte stand before it."""

    field: Field
    align: bool


@dataclass(frozen=True, slots=True)
class Record:
    """A sealed run of fields. `omitted`: top-level paths that it can't carry, with their defaults."""

    name: str
    fields: tuple[RecordField, ...]
    omitted: tuple[tuple[model.Group, model.Element, model.Scalar | bytes | None], ...]


@dataclass(frozen=True, slots=True)
class Layouts:
    """The layouts of a schema's profiles; `nested` stand in an order in which inner ones come first."""

    bundles: tuple[tuple[model.Profile, Bundle], ...]
    nested: tuple[Bundle, ...]
    records: tuple[tuple[model.Profile, Record], ...]


def code_size(code: model.Code) -> Span:
    """How many bits a code takes."""
    if isinstance(code, model.Bits | model.Float):
        return Span(code.width, code.width)
    if isinstance(code, model.EscapedEnum):
        return Span(code.width, code.width + EXP_BITS)
    if isinstance(code, model.Exp):
        return Span(8, EXP_BITS)
    if isinstance(code, model.Pick):
        bodies = [0] * len(code.constants) + [form.width for form in code.forms]
        return Span(code.width + min(bodies), code.width + max(bodies))
    if isinstance(code, model.BytesCode):
        size = code_size(model.SIZE)
        assert size.most is not None
        return Span(size.least, size.most + 8 * code.max_length)
    if isinstance(code, model.TextCode):
        return Span(0, 0)
    return Span(code.width, None)


def zero_bits(code: model.Code) -> int:
    """How many bits are read where all are zero."""
    if isinstance(code, model.Pick):
        return code.width + (0 if code.constants else code.forms[0].width)
    return code_size(code).least


def zero_value(code: model.Code) -> model.Scalar | None:
    """The value that all-zero bits stand for; None where there is none of interest."""
    if isinstance(code, model.Pick):
        return code.constants[0] if code.constants else zero_value(code.forms[0])
    if isinstance(code, model.Bits):
        return code.offset if code.per == 1 else code.offset / code.per
    if isinstance(code, model.EscapedEnum | model.Exp):
        return 0
    return 0.0 if isinstance(code, model.Float) else None


def numeric_default(schema: model.Schema, element: model.Element) -> model.Scalar | bytes:
    """The default as it is compared on the wire: an enumeration's as its code."""
    assert element.default is not None
    if element.type.kind in ("enum", "table"):
        value = schema.enumerations[element.type.name].value(str(element.default))
        assert value is not None
        return value.code
    return element.default


def resolve(schema: model.Schema, condition: model.Condition | None) -> Test | None:
    """A condition in numbers; None for none, and for one on an attribute, which does not change the bits."""
    if condition is None or condition.attribute:
        return None
    found = schema.find(condition.element)
    assert found is not None
    kind = found[1].type
    codes = []
    for value in condition.values:
        if kind.kind in ("enum", "table"):
            entry = schema.enumerations[kind.name].value(str(value))
            assert entry is not None
            codes.append(entry.code)
        else:
            codes.append(int(value))
    return Test(condition.element, tuple(codes), condition.negated)


def build(schema: model.Schema) -> Layouts:
    """The layouts of a schema that has passed all checks."""
    nested: dict[str, Bundle] = {}
    for group in schema.nested_groups():
        pairs = [(group, element) for element in group.elements]
        nested[group.name] = _bundle(schema, group.name, group.type_name, group.doc, pairs, nested, "")
    bundles, records = [], []
    for profile in schema.profiles:
        if profile.form == "bundle":
            root = _bundle(schema, profile.name, "Syntax", profile.doc, schema.root_elements(), nested, ".")
            bundles.append((profile, root))
        else:
            records.append((profile, _record(schema, profile)))
    return Layouts(tuple(bundles), tuple(nested.values()), tuple(records))


def _bundle(
    schema: model.Schema,
    name: str,
    type_name: str,
    doc: str,
    pairs: list[tuple[model.Group, model.Element]],
    nested: dict[str, Bundle],
    separator: str,
) -> Bundle:
    steps: list[Step] = []
    offset, zeros, longest = Span(0, 0), 0, 0
    size = code_size(model.SIZE)
    assert size.most is not None
    for group, element in pairs:
        path = f"{group.name}.{element.name}" if separator else element.name
        test = resolve(schema, element.when)
        if element.type.kind in ("group", "list"):
            steps.append(Nested(path, group, element, nested[element.type.name], test, offset))
            offset += Span(0 if test else 1, None)
            zeros += 1
            longest = max(longest, 1 + 3 * size.most)
            continue
        assert element.code is not None
        presence = not element.always and element.type.kind != "bool"
        body = code_size(element.code)
        assert body.most is not None
        full = Span(1 if presence else body.least, body.most + presence)
        default = numeric_default(schema, element)
        steps.append(Field(path, group, element, element.code, default, presence, test, offset, full))
        offset += Span(0, full.most) if test else full
        zeros += 1 if presence else zero_bits(element.code)
        longest = max(longest, body.most + presence)
    return Bundle(name, type_name, doc, tuple(steps), zeros + longest)


def _record(schema: model.Schema, profile: model.Profile) -> Record:
    fields: list[RecordField] = []
    offset = Span(0, 0)
    listed = set()
    for item in profile.fields:
        found = schema.find(item.path)
        assert found is not None
        group, element = found
        listed.add(item.path)
        align = isinstance(item.code, model.StringCode) and not any(entry.align for entry in fields)
        if align:
            most = None if offset.most is None else -(-offset.most // 8) * 8
            offset = Span(-(-offset.least // 8) * 8, most)
        size = code_size(item.code)
        default = numeric_default(schema, element)
        test = resolve(schema, element.when)
        field = Field(item.path, group, element, item.code, default, False, test, offset, size)
        fields.append(RecordField(field, align))
        offset += size
    omitted = []
    for group, element in schema.root_elements():
        if f"{group.name}.{element.name}" not in listed:
            default_value = None if element.default is None else numeric_default(schema, element)
            omitted.append((group, element, default_value))
    return Record(profile.name, tuple(fields), tuple(omitted))
