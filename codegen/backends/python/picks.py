"""The functions that read and write pick codes: one pair for each distinct code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from codegen import model
from codegen.layout import Field


@dataclass(frozen=True, slots=True)
class Alternative:
    """One form of a pick: when it fits, how its body is written, and how its value is read."""

    selector: int
    width: int
    mask: int
    fits: str
    body: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class PickFunctions:
    """What the template needs to print `read_<name>`, `put_<name>` and `select_<name>`."""

    name: str
    kind: str
    width: int
    mask: int
    users: str
    constants: tuple[tuple[str, int], ...]
    alternatives: tuple[Alternative, ...]
    exhaustive: bool

    @property
    def guarded(self) -> tuple[Alternative, ...]:
        """The alternatives that a writer tests for; without constants the last needs no test."""
        return self.alternatives if self.constants else self.alternatives[:-1]


def collect(fields: Iterable[Field]) -> dict[tuple[str, model.Pick], PickFunctions]:
    """The functions for every pick code among the fields, named after the first element that uses each."""
    users: dict[tuple[str, model.Pick], list[Field]] = {}
    for field in fields:
        if isinstance(field.code, model.Pick):
            users.setdefault(_key(field), []).append(field)
    found: dict[tuple[str, model.Pick], PickFunctions] = {}
    taken: set[str] = set()
    for key, group in users.items():
        name = group[0].element.name
        if name in taken:
            name = f"{group[0].group.name}_{name}"
        taken.add(name)
        paths = list(dict.fromkeys(f"{field.group.name}.{field.element.name}" for field in group))
        found[key] = _functions(name, key[0], key[1], ", ".join(paths))
    return found


def functions_of(field: Field, found: dict[tuple[str, model.Pick], PickFunctions]) -> PickFunctions:
    return found[_key(field)]


def _key(field: Field) -> tuple[str, model.Pick]:
    assert isinstance(field.code, model.Pick)
    return ("float" if field.element.type.kind == "float" else "int", field.code)


def _functions(name: str, kind: str, code: model.Pick, users: str) -> PickFunctions:
    alternatives = tuple(
        _alternative(len(code.constants) + index, kind, form) for index, form in enumerate(code.forms)
    )
    constants = tuple((repr(value), index) for index, value in enumerate(code.constants))
    used = len(constants) + len(alternatives)
    return PickFunctions(
        name, kind, code.width, (1 << code.width) - 1, users, constants, alternatives, used == 1 << code.width
    )


def _alternative(selector: int, kind: str, form: model.Bits | model.Float) -> Alternative:
    mask = (1 << form.width) - 1
    if isinstance(form, model.Float):
        fits = "fits_float32(value)" if form.width == 32 else "True"
        return Alternative(
            selector, form.width, mask, fits, f"pattern_of(value, {form.width})",
            f"float_from(body, {form.width}, element, at)", f"a {form.width}-bit float",
        )  # fmt: skip
    scaled = _scaled("body", form)
    if kind == "float":
        if form.step == 1:
            body = f"numerator(value, {form.per})" + (f" - {form.offset}" if form.offset > 0 else "")
            body += f" + {-form.offset}" if form.offset < 0 else ""
        else:
            body = f"(numerator(value, {form.per}) - {form.offset}) // {form.step}"
        fits = f"0 <= (body := {body}) < {1 << form.width} and {scaled} / {form.per} == value"
        return Alternative(selector, form.width, mask, fits, body, f"{scaled} / {form.per}", _note(form))
    moved = (
        f"value - {form.offset}" if form.offset > 0 else f"value + {-form.offset}" if form.offset else "value"
    )
    if form.step == 1:
        least, most = form.offset, form.offset + (1 << form.width) - 1
        return Alternative(
            selector, form.width, mask, f"{least} <= value <= {most}", moved, scaled, _note(form)
        )
    inner = f"({moved})" if form.offset else "value"
    fits = f"not {inner} % {form.step} and 0 <= {inner} // {form.step} < {1 << form.width}"
    return Alternative(selector, form.width, mask, fits, f"{inner} // {form.step}", scaled, _note(form))


def _scaled(name: str, form: model.Bits) -> str:
    text = name if form.step == 1 else f"{name} * {form.step}"
    if form.offset:
        text += f" + {form.offset}" if form.offset > 0 else f" - {-form.offset}"
    return f"({text})" if form.per != 1 and text != name else text


def _note(form: model.Bits) -> str:
    unit = f"n * {form.step}" if form.step != 1 else "n"
    if form.offset:
        unit += f" + {form.offset}" if form.offset > 0 else f" - {-form.offset}"
    if form.per != 1:
        unit = f"({unit}) / {form.per}" if unit != "n" else f"n / {form.per}"
    return f"{unit}, n of {form.width} bits"
