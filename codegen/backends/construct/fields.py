"""The construct expressions of codes, elements and conditions."""

from __future__ import annotations

from collections.abc import Iterator

from codegen import model
from codegen.layout import Bundle, Field, Nested, RecordField, Step, Test

WIDTH = 110


class Codes:
    """The expressions of codes; a pick code has a constant named after the first element that uses it."""

    def __init__(self) -> None:
        self.names: dict[tuple[str, model.Pick], str] = {}

    def constants(self) -> list[tuple[str, str]]:
        return [(name, pick_expression(code)) for (_, code), name in self.names.items()]

    def expression(self, field: Field) -> str:
        code = field.code
        if field.element.type.kind == "bool":
            return "Flag()"
        if isinstance(code, model.Pick):
            return self._named(field, code)
        if isinstance(code, model.Bits | model.Float):
            return form_expression(code)
        if isinstance(code, model.EscapedEnum):
            return f"Escaped({code.width})"
        if isinstance(code, model.Exp):
            return "EXP"
        if isinstance(code, model.BytesCode):
            return f"SizedBytes({code.max_length})"
        return f"CodedText({code.width})" if isinstance(code, model.StringCode) else "Text()"

    def _named(self, field: Field, code: model.Pick) -> str:
        # 1 and 1.0 are equal in Python, and so are codes that differ only there: the type tells them apart.
        key = (field.element.type.kind, code)
        if key not in self.names:
            name = f"{field.element.name}_code".upper()
            if name in self.names.values():
                name = f"{field.group.name}_{name}".upper()
            self.names[key] = name
        return self.names[key]


def form_expression(form: model.Bits | model.Float) -> str:
    if isinstance(form, model.Float):
        return f"Float({form.width})"
    extras = [("step", form.step, 1), ("offset", form.offset, 0), ("per", form.per, 1)]
    named = [f"{name}={value}" for name, value, usual in extras if value != usual]
    return f"Bits({', '.join([str(form.width), *named])})"


def pick_expression(code: model.Pick) -> str:
    constants = ", ".join(repr(value) for value in code.constants)
    return f"Pick({', '.join([str(code.width), f'[{constants}]', *map(form_expression, code.forms)])})"


def check_expression(element: model.Element) -> str:
    """The values that an element holds."""
    kind = element.type.kind
    if kind in ("uint", "int"):
        return f"Whole({element.minimum}, {element.maximum})"
    if kind == "float":
        return f"Real({element.minimum!r}, {element.maximum!r})"
    if kind == "bytes":
        return f"Kind(bytes, {element.max_length})"
    return {"bool": "FLAG", "string": "STRING"}.get(kind, "ENUM")


def step_expression(step: Step, codes: Codes) -> str:
    """One line of a bundle: the name of a step and how it is read and written."""
    when = [condition(step.test)] if step.test else []
    if isinstance(step, Nested):
        inner = constant_name(step.inner)
        if step.element.type.kind == "list":
            return call(f'"{step.path}" / ListOf', [inner, str(step.element.max_length), *when])
        return call(f'"{step.path}" / Group', [inner, *when])
    always = [] if step.presence else ["always=True"]
    return call(f'"{step.path}" / Element', [*_parts(step, codes), *always, *when])


def field_expressions(item: RecordField, codes: Codes) -> Iterator[str]:
    """The lines of a record for one field."""
    if item.align:
        yield "Fill()"
    when = [condition(item.field.test)] if item.field.test else []
    yield call(f'"{item.field.path}" / RecordField', [*_parts(item.field, codes), *when])


def call(head: str, arguments: list[str]) -> str:
    """A call on one line, or with one argument a line where that is too long."""
    short = f"{head}({', '.join(arguments)})"
    if len(short) + 5 <= WIDTH:
        return short
    return "\n".join([f"{head}(", *(f"        {argument}," for argument in arguments), "    )"])


def condition(test: Test) -> str:
    codes = ", ".join(str(code) for code in test.codes)
    return f'when=When("{test.path}", [{codes}]{", negated=True" if test.negated else ""})'


def constant_name(bundle: Bundle) -> str:
    return bundle.name.upper()


def _parts(field: Field, codes: Codes) -> list[str]:
    return [codes.expression(field), check_expression(field.element), literal(field.default)]


def literal(value: object) -> str:
    """A Python literal, with double quotes for text."""
    if isinstance(value, str):
        return '"' + repr("'" + value)[2:-1].replace('"', '\\"').replace("\\'", "'") + '"'
    return 'b""' if value == b"" else repr(value)
