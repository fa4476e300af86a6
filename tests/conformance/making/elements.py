"""Every element in every bundle: the ends of its range, each alternative of its code, and codes that are refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from codegen import model
from codegen.layout import Bundle, Field
from codegen.oracle.bits import Refused, to_bits, write_value
from codegen.oracle.values import valid
from tests.conformance.making.wire import (
    Entry,
    both,
    bundles,
    case,
    encoded,
    placed,
    value_at,
    ways,
    with_strings,
)
from tests.test_codec_refusals import bad_bodies, prefix

# They say which sections there are, and are tested with them.
TOLD = ("compression.saving_pixels", "compression.saving_model")


def files() -> Iterator[tuple[str, list[Entry]]]:
    """A file for each element."""
    for bundle in bundles():
        for field in bundle.fields():
            if field.path in TOLD:
                continue
            name = field.path if "." in field.path else f"{bundle.name}.{field.path}"
            yield f"elements/{name}", [*good(bundle, field), *bad(bundle, field)]


def rule_of(code: model.Code) -> str:
    names = {
        model.Bits: "bits",
        model.EscapedEnum: "enum",
        model.Exp: "exp",
        model.Pick: "pick",
        model.BytesCode: "bytes",
        model.TextCode: "text",
        model.Float: "float",
    }
    return names[type(code)]


def good(bundle: Bundle, field: Field) -> Iterator[Entry]:
    head, key = prefix(bundle, field), field.path if "." in field.path else field.element.name
    for number, value in enumerate(values(field)):
        presence = "1" if field.presence else ""
        strings = []
        if isinstance(field.code, model.TextCode):
            bits, strings = "1", [str(value).encode("utf-8", "surrogatepass")]
        else:
            bits = presence + write_value(field.code, field.element.type.kind, value, field.path)
        shown = value.hex() if isinstance(value, bytes) else value
        document = value_at(bundle, {**conditions(bundle, field), key: shown})
        data = with_strings(placed(bundle, head + bits, len(strings)), strings)
        about = f"{field.path} is {shown!r}."
        if number:
            yield case(str(shown), about, rule_of(field.code), data, value=document)
            if isinstance(field.code, model.Pick):
                yield encoded(str(shown), about, rule_of(field.code), data, document)
        else:
            yield from both(str(shown), about, rule_of(field.code), data, document)


def conditions(bundle: Bundle, field: Field) -> dict[str, Any]:
    """What `prefix` sets so that the element applies."""
    if field.test is None:
        return {}
    test = field.test
    wanted = next(code for code in range(99) if (code in test.codes) != test.negated)
    default = next(step.default for step in bundle.fields() if step.path == test.path)
    return {} if wanted == default else {test.path: wanted}


def values(field: Field) -> list[Any]:
    """Values that differ from the default: ends of ranges, and one for each alternative of a code."""
    element, code = field.element, field.code
    kind = element.type.kind
    found: list[Any] = []
    if kind == "bool":
        found = [not field.default]
    elif kind == "string":
        found = ["Grüße, \U0001f600"]
    elif kind == "bytes":
        found = [b"\x00", bytes(range(element.max_length))]
    elif isinstance(code, model.EscapedEnum):
        escape = (1 << code.width) - 1
        found = [1, escape - 1, escape, escape + 254, escape + 255, model.EXP_MAX]
    elif isinstance(code, model.Exp):
        found = [1, 254, 255, 509, 510, model.EXP_MAX]
    else:
        found = [element.minimum, element.maximum]
        if isinstance(code, model.Pick):
            found += [*code.constants, *(_of_form(form, kind) for form in code.forms)]
        if kind == "float":
            found += [0.1 + 0.2]
    kept: list[Any] = []
    for value in found:
        if value != field.default and value not in kept and valid(element, value) and _codable(field, value):
            kept.append(value)
    return kept


def _of_form(form: model.Bits | model.Float, kind: str) -> Any:
    """A number that a form holds and shorter ones, by its size, most likely do not."""
    if isinstance(form, model.Float):
        return 2.0**-20 if form.width == 32 else 0.7000000000000001
    number = ((1 << form.width) - 1) * form.step + form.offset
    return number / form.per if kind == "float" else number


def _codable(field: Field, value: Any) -> bool:
    try:
        if not isinstance(field.code, model.TextCode):
            write_value(field.code, field.element.type.kind, value, field.path)
    except Refused:
        return False
    return True


def bad(bundle: Bundle, field: Field) -> Iterator[Entry]:
    head = prefix(bundle, field) + ("1" if field.presence else "")
    place = {"element": _path(bundle, field)}
    if isinstance(field.code, model.TextCode):
        data = with_strings(placed(bundle, head + "1"), [])
        about = f"{field.path} is said to be there, but there is no string."
        yield case("no string", about, "R14", data, error=["corrupt", "not canonical"], **place)
        data = with_strings(placed(bundle, head + "1", 1), [b"", b"x"])
        yield case("empty", f"{field.path} is coded as empty.", "R15", data, error="not canonical", **place)
        return
    for number, (body, kind) in enumerate(bad_bodies(field), 1):
        canonical = kind.__name__ == "NotCanonicalError"
        rule, about = described(field, body, canonical)
        if rule == "exp: depth" and ways()[bundle.name]:
            rule = "exp: depth in a group"
        wrong: Any = "not canonical" if canonical else "corrupt"
        if rule == "R13":
            wrong = ["corrupt", "not canonical"]
        data = with_strings(placed(bundle, head + body + "1"), [])
        yield case(f"wrong {number}", f"{field.path}: {about}.", rule, data, error=wrong, **place)
    if isinstance(field.code, model.Bits) and field.element.type.kind == "uint":
        assert field.element.maximum is not None
        number = int(field.element.maximum) + 1 - field.code.offset
        if number < 1 << field.code.width:
            data = with_strings(placed(bundle, head + to_bits(number, field.code.width) + "1"), [])
            about = f"{field.path} is beyond its range."
            yield case("too large", about, "bundles", data, error="corrupt", **place)


def _path(bundle: Bundle, field: Field) -> str:
    path = ""
    for _, step in ways()[bundle.name]:
        at = f"{step.path}[0]" if step.element.type.kind == "list" else step.path
        path = f"{path}.{at}" if path else at
    return f"{path}.{field.path}" if path else field.path


def described(field: Field, body: str, canonical: bool) -> tuple[str, str]:
    """The rule that a bad code breaks, and what is wrong."""
    code = field.code
    if isinstance(code, model.EscapedEnum):
        width = code.width
        if canonical:
            return "R9", "the default is coded"
        if set(body) == {"1"} and len(body) == width + 8 * model.EXP_DEPTH:
            return "exp: depth", "an exp code of more than 8 bytes"
        return "enum", "a code beyond 2039"
    if isinstance(code, model.Exp):
        return (
            ("R9", "the default is coded")
            if canonical
            else ("exp: depth", "an exp code of more than 8 bytes")
        )
    if isinstance(code, model.BytesCode):
        if not canonical:
            return "bytes", "more bytes than it may have"
        return (
            ("R9", "the default is coded") if len(body) == 4 else ("R12", "a size in more bits than it needs")
        )
    if isinstance(code, model.Pick):
        selector = int(body[: code.width], 2)
        if canonical:
            default = write_value(code, field.element.type.kind, field.default, "")
            return (
                ("R9", "the default is coded")
                if body == default
                else ("R11", "an earlier alternative would do")
            )
        if selector >= len(code.constants) + len(code.forms):
            return "pick", "a selector that is not in use"
        form = code.forms[selector - len(code.constants)] if selector >= len(code.constants) else None
        rest = body[code.width :]
        if isinstance(form, model.Float) and (_infinite(form, rest) or not int(rest[1:], 2)):
            return "R13", "infinity, NaN or negative zero"
        return "bundles", "a number out of its range"
    return ("R9", "the default is coded") if canonical else ("bundles", "a value out of its range")


def _infinite(form: model.Float, bits: str) -> bool:
    width = 8 if form.width == 32 else 11
    return set(bits[1 : 1 + width]) == {"1"}
