"""The lines that read and write a record profile."""

from __future__ import annotations

from dataclasses import dataclass

from codegen import model
from codegen.backends.python import names
from codegen.backends.python.decoding import condition, default_of, indent, range_tests, value_lines
from codegen.backends.python.encoding import check_call, describe, root_comparison
from codegen.layout import Record, RecordField


@dataclass(frozen=True, slots=True)
class StringField:
    """A string of a record: its path, group and element."""

    path: str
    group: str
    element: str


def string_fields(record: Record) -> list[StringField]:
    return [
        StringField(item.field.path, item.field.group.name, names.attribute_name(item.field.element.name))
        for item in record.fields
        if isinstance(item.field.code, model.StringCode)
    ]


def all_reading_lines(schema: model.Schema, record: Record) -> list[tuple[str, list[str]]]:
    """Each field's path with the lines that read it.

    Runs of fields between strings are read from a window: their bits as one number. `place` is the bit offset
    in `data` of a string, `origin` that of the window's end.
    """
    blocks = []
    windowed = False
    for index, item in enumerate(record.fields):
        lines = []
        if not isinstance(item.field.code, model.StringCode) and not windowed:
            lines += [
                f"bits, at = window(data, place, {_window_bytes(record, index)})",
                "origin = place + at",
            ]
            windowed = True
        if isinstance(item.field.code, model.StringCode):
            lines += _string_lines(item, windowed)
            windowed = False
        else:
            lines += _reading_lines(schema, item)
        blocks.append((item.field.path, lines))
    return blocks


def _window_bytes(record: Record, first: int) -> int:
    """The bytes that the fields from `first` up to the next string can take, with what aligns the string."""
    bits = 0
    for item in record.fields[first:]:
        if isinstance(item.field.code, model.StringCode):
            break
        assert item.field.size.most is not None
        bits += item.field.size.most
    return bits // 8 + 2


def _string_lines(item: RecordField, windowed: bool) -> list[str]:
    field = item.field
    assert isinstance(field.code, model.StringCode)
    lines = []
    if windowed:
        lines += ["at = read_fill(bits, at, origin)"] if item.align else []
        lines += ["place = origin - at"]
    return [
        *lines,
        f'payload, place = read_string(data, place, origin, {field.code.width}, "{field.path}")',
        "payloads.append(payload)",
        f'{names.local_name(field.group.name, field.element.name)} = ""',
    ]


def _reading_lines(schema: model.Schema, item: RecordField) -> list[str]:
    field = item.field
    local = names.local_name(field.group.name, field.element.name)
    lines = value_lines(field, local, {})
    if _is_bool(item):
        lines[-1] += " == 1"
    element = field.element
    if tests := range_tests(element, field.code, local):
        lines.append(f"if {' or '.join(tests)}:")
        lines.append(f'    raise out_of_range("{field.path}", at, {local})')
    if names.is_enum(schema, element):
        lookup = f"{names.constant_name(element.type.name)}_BY_CODE"
        lines.append(f"{local} = {lookup}.get({local}, {local})")
    if field.test is not None:
        lines.append(f"if not ({condition(field.test)}) and {local} != {default_of(schema, field)}:")
        message = f"applies only where {describe(schema, field.test)}"
        lines.append(f'    raise CorruptError("{message}", element="{field.path}", bit=-at)')
    return lines


def ends_windowed(record: Record) -> bool:
    """Whether the last field is read from a window, not a string."""
    return bool(record.fields) and not isinstance(record.fields[-1].field.code, model.StringCode)


def fitting_lines(schema: model.Schema, item: RecordField) -> list[str]:
    """Refuse a value that the field can't carry; complaints are gathered in `problems`."""
    field = item.field
    local = names.local_name(field.group.name, field.element.name)
    value = f"syntax.{field.group.name}.{names.attribute_name(field.element.name)}"
    lines = [f"{local} = {value}", check_call(schema, field.element, f'"{field.path}"', local)]
    if field.test is not None:
        lines += [
            f"if not ({root_comparison(field.test)}) and {local} != {default_of(schema, field)}:",
            f'    raise not_applicable("{field.path}", "{describe(schema, field.test)}")',
        ]
    code = field.code
    top = (1 << code.width) - 1 if isinstance(code, model.Bits) else 0
    if isinstance(code, model.Bits) and not _is_plain(code):
        lines.append(f"{local}_number = {_number(code, local)}")
        back = _value(code, f"{local}_number")
        lines.append(f"if {local}_number >> {code.width} or {back} != {local}:")
        lines.append(f'    problems.append(f"{field.path} {{{local}!r}} does not fit {code.width} bits")')
    elif isinstance(code, model.Bits) and not _is_bool(item) and _largest(field.element) > top:
        lines.append(f"if {local} >> {code.width}:")
        shown = "{" + local + "!r}" if field.element.type.kind in ("uint", "int") else "{int(" + local + ")}"
        lines.append(f'    problems.append(f"{field.path} {shown} does not fit {code.width} bits")')
    if isinstance(code, model.Float) and code.width == 32:
        lines.append(f"if not fits_float32({local}):")
        lines.append(f'    problems.append(f"{field.path} {{{local}!r}} has no exact 32-bit float")')
    return lines


def omitted_lines(schema: model.Schema, record: Record) -> list[str]:
    """Refuse elements that the record lacks, where they differ from their defaults."""
    lines = []
    for group, element, _ in record.omitted:
        value = f"syntax.{group.name}.{names.attribute_name(element.name)}"
        default = names.default_literal(schema, element)
        lines.append(f"if {value} {'is not' if default == 'None' else '!='} {default}:")
        lines.append(f'    problems.append("{group.name}.{element.name} has no place in this profile")')
    return lines


def writing_lines(item: RecordField) -> list[str]:
    """Write one field to `acc`."""
    field = item.field
    local = names.local_name(field.group.name, field.element.name)
    lines = ["acc = put_align(acc)"] if item.align else []
    code = field.code
    if isinstance(code, model.StringCode):
        return [*lines, f'acc = put_string(acc, {code.width}, next(coded), "{field.path}")']
    if isinstance(code, model.Exp):
        return [*lines, f"acc = put_exp(acc, {local})"]
    if isinstance(code, model.Float):
        return [*lines, f"acc = acc << {code.width} | pattern_of({local}, {code.width})"]
    assert isinstance(code, model.Bits)
    number = local if _is_plain(code) else f"{local}_number"
    return [*lines, f"acc = acc << {code.width} | {number}"]


def defaults(schema: model.Schema, group: model.Group, record: Record) -> list[tuple[str, str]]:
    """The constructor arguments of a group: local variables for the record's fields."""
    carried = {item.field.path for item in record.fields}
    return [
        (names.attribute_name(element.name), names.local_name(group.name, element.name))
        for element in group.elements
        if f"{group.name}.{element.name}" in carried
    ]


def _is_plain(code: model.Bits) -> bool:
    return code.step == code.per == 1 and not code.offset


def _value(code: model.Bits, number: str) -> str:
    """The expression of the value that a number of bits stands for."""
    scaled = f"({number} * {code.step} + {code.offset})"
    return scaled if code.per == 1 else f"{scaled} / {code.per}"


def _number(code: model.Bits, value: str) -> str:
    """The expression of the number of bits that is closest to a value."""
    whole = value if code.per == 1 else f"numerator({value}, {code.per})"
    return f"({whole} - {code.offset}) // {code.step}"


def _largest(element: model.Element) -> float:
    return model.EXP_MAX if element.maximum is None else element.maximum


def _is_bool(item: RecordField) -> bool:
    return item.field.element.type.kind == "bool"


__all__ = [
    "all_reading_lines", "defaults", "ends_windowed", "fitting_lines", "indent", "omitted_lines", "string_fields",
    "writing_lines",
]  # fmt: skip
