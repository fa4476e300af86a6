"""The lines that read one step of a bundle."""

from __future__ import annotations

from codegen import model
from codegen.backends.python import names
from codegen.backends.python.picks import PickFunctions, functions_of
from codegen.layout import Bundle, Field, Nested, Step, Test

Picks = dict[tuple[str, model.Pick], PickFunctions]


def step_lines(schema: model.Schema, bundle: Bundle, step: Step, picks: Picks) -> list[str]:
    """The lines that read a step into its local variable."""
    local = names.local_name(step.group.name, step.element.name)
    lines = _nested(step, local) if isinstance(step, Nested) else _field(schema, step, local, picks)
    if step.test is None:
        return lines
    absent = "None" if isinstance(step, Nested) else default_of(schema, step)
    return [f"if {condition(step.test)}:", *indent(lines), "else:", f"    {local} = {absent}"]


def default_lines(schema: model.Schema, steps: tuple[Step, ...]) -> list[str]:
    """The lines that put steps at their defaults."""
    lines = []
    for step in steps:
        absent = "()" if step.element.type.kind == "list" else "None"
        value = absent if isinstance(step, Nested) else default_of(schema, step)
        hint = names.type_hint(schema, step.element)
        lines.append(f"{names.local_name(step.group.name, step.element.name)}: {hint} = {value}")
    return lines


def condition(test: Test) -> str:
    """A wire condition over local variables."""
    local = test.path.replace(".", "_")
    return comparison(local, test)


def comparison(name: str, test: Test) -> str:
    if len(test.codes) == 1:
        return f"{name} {'!=' if test.negated else '=='} {test.codes[0]}"
    return f"{name} {'not in' if test.negated else 'in'} {test.codes!r}"


def indent(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def default_of(schema: model.Schema, field: Field) -> str:
    return names.default_literal(schema, field.element)


def _nested(step: Nested, local: str) -> list[str]:
    reader, inner = f"_read_{step.inner.name}", f"_{names.constant_name(step.inner.name)}_PADDING"
    is_list = step.element.type.kind == "list"
    call = "read_list" if is_list else "read_nested"
    most = f", {step.element.max_length}" if is_list else ""
    return [
        "at -= 1",
        "if bits >> at & 1:",
        f'    {local}, at = {call}(bits, at, PADDING, {inner}, texts, {reader}, "{step.path}"{most})',
        "else:",
        f"    {local} = {'()' if is_list else 'None'}",
    ]


def _field(schema: model.Schema, field: Field, local: str, picks: Picks) -> list[str]:
    if field.element.type.kind == "bool":
        return ["at -= 1", f"{local} = bits >> at & 1 == 1"]
    lines = [*value_lines(field, local, picks), *_checks(field, local)]
    if names.is_enum(schema, field.element):
        lookup = f"{names.constant_name(field.element.type.name)}_BY_CODE"
        lines.append(f"{local} = {lookup}.get({local}, {local})")
    if not field.presence:
        return lines
    return [
        "at -= 1",
        "if bits >> at & 1:",
        *indent(lines),
        "else:",
        f"    {local} = {default_of(schema, field)}",
    ]


def value_lines(field: Field, local: str, picks: Picks) -> list[str]:
    code, path = field.code, field.path
    if isinstance(code, model.TextCode):
        return [f'{local} = texts.take("{path}")']
    if isinstance(code, model.BytesCode):
        return [f'{local}, at = read_bytes(bits, at, "{path}", {code.max_length})']
    if isinstance(code, model.Exp):
        return [f'{local}, at = read_exp(bits, at, "{path}")']
    if isinstance(code, model.Pick):
        return [f'{local}, at = _read_{functions_of(field, picks).name}(bits, at, "{path}")']
    if isinstance(code, model.EscapedEnum):
        escape = (1 << code.width) - 1
        return [
            f"at -= {code.width}",
            f"{local} = bits >> at & {escape}",
            f"if {local} == {escape}:",
            f'    {local}, at = read_exp(bits, at, "{path}")',
            f"    {local} += {escape}",
        ]
    assert isinstance(code, model.Bits | model.Float)
    mask = (1 << code.width) - 1
    lines = [f"at -= {code.width}"]
    if isinstance(code, model.Float):
        return [*lines, f'{local} = float_from(bits >> at & {mask}, {code.width}, "{path}", at)']
    value = f"bits >> at & {mask}"
    if code.step != 1 or code.offset:
        value = f"({value}) * {code.step} + {code.offset}"
    return [*lines, f"{local} = {value}" if code.per == 1 else f"{local} = ({value}) / {code.per}"]


def reachable(code: model.Code) -> tuple[float, float]:
    """The least and the most value that a numeric code can say."""
    if isinstance(code, model.Bits):
        top = ((1 << code.width) - 1) * code.step + code.offset
        return (code.offset, top) if code.per == 1 else (code.offset / code.per, top / code.per)
    if isinstance(code, model.Pick):
        ends = [reachable(form) for form in code.forms] + [
            (c, c) for c in code.constants if not isinstance(c, str)
        ]
        return min(end[0] for end in ends), max(end[1] for end in ends)
    return float("-inf"), float("inf")


def range_tests(element: model.Element, code: model.Code, local: str) -> list[str]:
    """The tests that find a number out of its range; none where its code can't say one."""
    if element.minimum is None or element.maximum is None:
        return []
    least, most = reachable(code)
    tests = [f"{local} < {element.minimum!r}"] if least < element.minimum else []
    return tests + ([f"{local} > {element.maximum!r}"] if most > element.maximum else [])


def _checks(field: Field, local: str) -> list[str]:
    element = field.element
    lines = []
    if tests := range_tests(element, field.code, local):
        lines += [f"if {' or '.join(tests)}:", f'    raise out_of_range("{field.path}", at, {local})']
    if isinstance(field.code, model.EscapedEnum) and (1 << field.code.width) - 1 > 0:
        lines += [f"if {local} > EXP_MAX:", f'    raise out_of_range("{field.path}", at, {local})']
    if field.presence and element.type.kind not in ("string", "bytes"):
        lines += [f"if {local} == {field.default!r}:", f'    raise default_coded("{field.path}", at)']
    if field.presence and element.type.kind == "bytes":
        lines += [
            f"if {local} == {names.literal(field.default)}:",
            f'    raise default_coded("{field.path}", at)',
        ]
    return lines
