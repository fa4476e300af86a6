"""The lines that write one step of a bundle."""

from __future__ import annotations

from codegen import model
from codegen.backends.python import names
from codegen.backends.python.decoding import Picks, comparison, indent
from codegen.backends.python.picks import functions_of
from codegen.layout import Bundle, Field, Nested, Step, Test


def step_lines(schema: model.Schema, bundle: Bundle, step: Step, holder: str, picks: Picks) -> list[str]:
    """The lines that check a step's value and write it; `holder` is the expression of its record."""
    value = f"{holder}.{names.attribute_name(step.element.name)}"
    local = names.local_name(step.group.name, step.element.name)
    path = step.path
    check = check_call(schema, step.element, f'"{path}"', local)
    lines = [f"{local} = {value}"]
    absent = "not " + local if _falsy(step) else f"{local} == {_default(step)}"
    present = local if _falsy(step) else f"{local} != {_default(step)}"
    if isinstance(step, Nested):
        present = f"{local} is not None" if step.element.type.kind == "group" else local
        absent = f"{local} is None" if step.element.type.kind == "group" else f"not {local}"
    written = _written(schema, step, local, present, check, picks)
    if step.test is None:
        return lines + written
    return [
        *lines,
        f"if {root_comparison(step.test)}:",
        *indent(written),
        f"elif not ({absent}):",
        f'    raise not_applicable("{path}", "{describe(schema, step.test)}")',
    ]


def root_comparison(test: Test) -> str:
    group, _, element = test.path.partition(".")
    return comparison(f"syntax.{group}.{names.attribute_name(element)}", test)


def describe(schema: model.Schema, test: Test) -> str:
    """A wire condition in words."""
    found = schema.find(test.path)
    assert found is not None
    kind = found[1].type
    shown = []
    for code in test.codes:
        entry = schema.enumerations[kind.name].by_code(code) if kind.kind in ("enum", "table") else None
        shown.append(
            entry.name if entry else ("true" if code else "false") if kind.kind == "bool" else str(code)
        )
    return f"{test.path} is {'none of ' if test.negated else ''}{', '.join(shown)}"


def check_call(schema: model.Schema, element: model.Element, path: str, value: str) -> str:
    """The call that refuses a value of the wrong type or outside the range."""
    kind = element.type.kind
    if kind in ("uint", "int"):
        return f"check_int({path}, {value}, {element.minimum}, {element.maximum})"
    if kind == "float":
        return f"check_float({path}, {value}, {element.minimum!r}, {element.maximum!r})"
    if kind in ("enum", "table"):
        return f"check_code({path}, {value})"
    if kind == "bytes":
        return f"check_bytes({path}, {value}, {element.max_length})"
    if kind == "group":
        return f"check_record({path}, {value}, {schema.groups[element.type.name].type_name})"
    if kind == "list":
        return (
            f"check_list({path}, {value}, {schema.groups[element.type.name].type_name}, {element.max_length})"
        )
    return f"check_{kind}({path}, {value})"


def _falsy(step: Step) -> bool:
    return isinstance(step, Field) and step.element.type.kind in ("string", "bytes") and not step.default


def _default(step: Step) -> str:
    return names.literal(step.default) if isinstance(step, Field) else "None"


def _written(
    schema: model.Schema, step: Step, local: str, present: str, check: str, picks: Picks
) -> list[str]:
    if isinstance(step, Nested):
        return _nested(step, local, present, check)
    if step.element.type.kind == "bool":
        return [check, f"acc = acc << 1 | {local}"]
    if not step.presence:
        return [check, *_body(step, local, picks, 0)]
    unsure = step.element.type.kind in ("string", "bytes") or (
        step.element.type.kind == "float" and not step.default
    )
    absent = [check, "acc <<= 1"] if unsure else ["acc <<= 1"]
    return [f"if {present}:", *indent([check, *_body(step, local, picks, 1)]), "else:", *indent(absent)]


def _nested(step: Nested, local: str, present: str, check: str) -> list[str]:
    put = f"_put_{step.inner.name}"
    if step.element.type.kind == "group":
        return [
            f"if {present}:",
            f"    {check}",
            "    before = len(strings)",
            f"    inner = {put}({local}, strings)",
            "    acc = put_nested(acc << 1 | 1, inner, len(strings) - before)",
            "else:",
            "    acc <<= 1",
        ]
    return [
        check,
        f"if {local}:",
        f"    acc = put_size(acc << 1 | 1, len({local}) - 1)",
        f"    for {local}_item in {local}:",
        "        before = len(strings)",
        f"        inner = {put}({local}_item, strings)",
        "        acc = put_nested(acc, inner, len(strings) - before)",
        "else:",
        "    acc <<= 1",
    ]


def _body(field: Field, local: str, picks: Picks, presence: int) -> list[str]:
    """Write the presence bit, where there is one, and the value."""
    code = field.code
    head = "acc << 1 | 1" if presence else "acc"
    if isinstance(code, model.TextCode):
        return [f"strings.append({local})", f"acc = {head}"]
    if isinstance(code, model.BytesCode):
        return [f"acc = put_bytes({head}, {local})"]
    if isinstance(code, model.Exp):
        return [f"acc = put_exp({head}, {local})"]
    if isinstance(code, model.Pick):
        return [f"acc = _put_{functions_of(field, picks).name}({head}, {local})"]
    if isinstance(code, model.EscapedEnum):
        escape = (1 << code.width) - 1
        short = f"acc << {code.width + presence} | {_or(presence << code.width, local)}"
        long = f"acc << {code.width + presence} | {presence << code.width | escape}"
        return [
            f"if {local} < {escape}:",
            f"    acc = {short}",
            "else:",
            f"    acc = put_exp({long}, {local} - {escape})",
        ]
    assert isinstance(code, model.Bits | model.Float)
    if isinstance(code, model.Float):
        return [f"acc = ({head}) << {code.width} | pattern_of({local}, {code.width})"]
    number = local
    if code.step != 1 or code.offset or code.per != 1:
        number = f"({local} - {code.offset}) // {code.step}"
    return [f"acc = ({head}) << {code.width} | {number}"]


def _or(constant: int, name: str) -> str:
    return f"{constant} | {name}" if constant else name
