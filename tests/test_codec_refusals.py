"""Every refusal of the generated codec, element by element: found from the layouts, so that none is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import aigif
from aigif._gen import compact, meta, paper, types
from aigif._gen.support import (
    TAIL_BITS,
    CorruptError,
    ElementError,
    LimitError,
    NotCanonicalError,
    Record,
    Texts,
    Unknown,
)
from codegen import model
from codegen.layout import Bundle, Field, Nested, Step, zero_value
from codegen.oracle.bits import Refused, body_of, to_bits, write_exp, write_size, write_value
from tests.helpers import compact_layout, layouts, paper_layout

Read = Callable[[str, tuple[str, ...]], object]


def bundles() -> list[Bundle]:
    return [*layouts().nested, compact_layout()]


def reader(bundle: Bundle) -> Read:
    """Reads a bundle from bits as text."""
    if bundle is compact_layout():

        def read_root(bits: str, strings: tuple[str, ...]) -> object:
            bits += "0" * (-len(bits) % 8)
            data = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))
            return compact.decode_compact(data.rstrip(b"\0"), lambda _: Texts(strings))

        return read_root
    inner = getattr(compact, f"_read_{bundle.name}")

    def read_nested(bits: str, strings: tuple[str, ...]) -> object:
        number = int(bits or "0", 2) << bundle.padding
        return inner(number, len(bits) + bundle.padding, Texts(strings), len(strings))

    return read_nested


def prefix(bundle: Bundle, until: Step) -> str:
    """The bits of every step before `until`, at its default, or at what makes a later condition hold."""
    wanted: dict[str, int] = {}
    if until.test is not None:
        codes = until.test.codes
        wanted[until.test.path] = next(c for c in range(99) if (c in codes) != until.test.negated)
    bits = ""
    for step in bundle.steps:
        if step is until:
            return bits
        if step.test is not None:
            held = wanted.get(step.test.path)
            default = next(s.default for s in bundle.fields() if s.path == step.test.path)
            if ((default if held is None else held) in step.test.codes) == step.test.negated:
                continue
        if isinstance(step, Nested):
            bits += "0"
        elif step.path in wanted and wanted[step.path] != step.default:
            value = write_value(step.code, step.element.type.kind, wanted[step.path], step.path)
            bits += ("1" if step.presence else "") + value
        elif step.presence:
            bits += "0"
        else:
            bits += write_value(step.code, step.element.type.kind, step.default, step.path)
    raise AssertionError(until)


def bad_bodies(field: Field) -> Iterator[tuple[str, type[CorruptError]]]:
    """Codes of a field that must be refused."""
    code, kind = field.code, field.element.type.kind
    if field.presence and kind not in ("string", "bool"):
        yield write_value(code, kind, field.default, ""), NotCanonicalError
    if isinstance(code, model.EscapedEnum):
        yield "1" * code.width + write_exp(model.EXP_MAX), CorruptError
        yield "1" * (code.width + 8 * model.EXP_DEPTH), CorruptError
    if isinstance(code, model.Exp):
        yield "1" * (8 * model.EXP_DEPTH), CorruptError
    if isinstance(code, model.BytesCode):
        yield write_size(code.max_length + 1, "") + "1" * (8 * code.max_length + 8), CorruptError
        yield "01" + to_bits(1, 5) + "0" * 8, NotCanonicalError
    if isinstance(code, model.Pick):
        yield from bad_picks(field, code)


def bad_picks(field: Field, code: model.Pick) -> Iterator[tuple[str, type[CorruptError]]]:
    alternatives = len(code.constants) + len(code.forms)
    if alternatives < 1 << code.width:
        yield to_bits(alternatives, code.width) + "0" * 64, CorruptError
    for index, form in enumerate(code.forms):
        head = to_bits(len(code.constants) + index, code.width)
        if isinstance(form, model.Float):
            infinity = (255 << 23) if form.width == 32 else (2047 << 52)
            for pattern in (infinity, infinity + 1, 1 << form.width - 1):
                yield head + to_bits(pattern, form.width), CorruptError
        if index or code.constants:
            earlier = code.constants[0] if code.constants else zero_value(code.forms[0])
            assert isinstance(earlier, int | float)
            body = body_of(form, field.element.type.kind, earlier)
            if body is not None:
                yield head + to_bits(body, form.width), NotCanonicalError
    for value in outside(field):
        try:
            yield write_value(code, field.element.type.kind, value, ""), CorruptError
        except Refused:
            continue


def outside(field: Field) -> list[float]:
    """Numbers just out of a field's range."""
    low, high = field.element.minimum, field.element.maximum
    assert low is not None and high is not None
    if field.element.type.kind == "float":
        return [low - 1.0, high * 2 + 1.0]
    return [low - 1, high + 1]


@pytest.mark.parametrize("bundle", bundles(), ids=lambda bundle: bundle.name)
def test_every_bad_code_is_refused(bundle: Bundle) -> None:
    read = reader(bundle)
    tried = 0
    for field in bundle.fields():
        head = prefix(bundle, field)
        for body, kind in bad_bodies(field):
            with pytest.raises(kind) as caught:
                read(head + ("1" if field.presence else "") + body + "1", ())
            assert caught.value.element == field.path, (field.path, body)
            tried += 1
        if isinstance(field.code, model.Bits) and field.element.type.kind == "uint":
            for value in outside(field):
                body_value = int(value) - field.code.offset
                if 0 <= body_value < 1 << field.code.width:
                    with pytest.raises(CorruptError, match="out of range"):
                        read(head + "1" + to_bits(body_value, field.code.width) + "1", ())
        if isinstance(field.code, model.TextCode):
            with pytest.raises(CorruptError, match="too few strings"):
                read(head + "1", ())
            with pytest.raises(NotCanonicalError, match="empty string"):
                read(head + "1", ("",))
    assert tried or all(isinstance(field.code, model.TextCode) for field in bundle.fields())


def nested_steps() -> list[tuple[Bundle, Nested]]:
    return [(bundle, step) for bundle in bundles() for step in bundle.steps if isinstance(step, Nested)]


@pytest.mark.parametrize(("bundle", "step"), nested_steps(), ids=lambda item: getattr(item, "path", "in"))
def test_bad_delimited_bundles(bundle: Bundle, step: Nested) -> None:
    read, head = reader(bundle), prefix(bundle, step) + "1"
    is_list = step.element.type.kind == "list"
    one = write_size(0, "") if is_list else ""
    none = write_size(0, "")
    with pytest.raises(CorruptError, match="runs past the end"):
        read(head + one + none + write_size(9000, "") + "1", ())
    with pytest.raises(NotCanonicalError, match="ends in a zero bit"):
        read(head + one + none + write_size(3, "") + "110" + "1", ())
    with pytest.raises(NotCanonicalError, match="shortest form"):
        read(head + one + "01" + to_bits(1, 5) + none + "1", ())
    with pytest.raises(CorruptError, match="strings are announced"):
        read(head + one + write_size(3, "") + none + "1", ())
    if is_list:
        with pytest.raises(CorruptError, match="items, where"):
            read(head + write_size(step.element.max_length, "") + "1", ())


def wrong_values(info: Any) -> list[object]:
    """Values that an element can't hold."""
    if info.kind in ("uint", "int", "float"):
        return [info.minimum - 1, info.maximum * 2 + 1, "7", None]
    return {
        "bool": [1, None, "true"],
        "string": [None, 5, b"x"],
        "bytes": [None, "00", b"x" * (info.max_length + 1)],
        "enum": [-1, 5000, "cuda"],
        "table": [-1, 5000, "x"],
        "group": [5, "x"],
        "list": [[], (5,), None, ((),) * (info.max_length + 1)],
    }[info.kind]


@pytest.mark.parametrize("group", sorted(meta.GROUPS))
def test_values_that_an_element_cannot_hold(group: str) -> None:
    kind = getattr(types, meta.GROUPS[group].type_name)
    for info in meta.GROUPS[group].elements:
        for value in wrong_values(info):
            record = kind(**{info.name: value})
            with pytest.raises(ElementError) as caught:
                if group in meta.SYNTAX:
                    compact.encode_compact(satisfying(info, aigif.Aigif(**{group: record}), group))
                else:
                    getattr(compact, f"_put_{group}")(record, [])
            assert caught.value.element is not None and info.name in caught.value.element


def satisfying(info: Any, value: aigif.Aigif, group: str) -> aigif.Aigif:
    """The value with the element's condition made true."""
    if info.applies is None or info.applies[1]:
        return value
    device = 0 if info.name == "cpu" else 1
    return value.replace(platform=value.platform.replace(device=device))


def test_negative_zero_and_inexact_numbers() -> None:
    with pytest.raises(ElementError, match="negative zero"):
        compact.encode_compact(aigif.Aigif(data=aigif.Data(guidance_scale=-0.0)))
    with pytest.raises(ElementError, match="negative zero"):
        compact.encode_compact(aigif.Aigif(data=aigif.Data(guidance_rescale=-0.0)))
    adapter = aigif.Adapter(weight=10**400)
    with pytest.raises(ElementError):
        compact.encode_compact(aigif.Aigif(model=aigif.GenerativeModel(adapters=(adapter,))))


@pytest.mark.parametrize(
    ("platform", "element"),
    [
        (aigif.Platform(gpu=1), "platform.gpu"),
        (aigif.Platform(device=1, cpu="x"), "platform.cpu"),
    ],
)
def test_elements_that_do_not_apply(platform: aigif.Platform, element: str) -> None:
    with pytest.raises(ElementError, match=r"applies only where platform\.device is") as caught:
        compact.encode_compact(aigif.Aigif(platform=platform))
    assert caught.value.element == element


def test_groups_must_be_records() -> None:
    for name in meta.SYNTAX:
        for encode in (compact.encode_compact, lambda value: paper.encode_paper(value, (b"", b""))):
            with pytest.raises(ElementError) as caught:
                encode(aigif.Aigif(**{name: "text"}))  # type: ignore[arg-type]
            assert caught.value.element == name


@pytest.mark.parametrize("unknown", [
    Unknown(), Unknown(2, 4), Unknown(3, 2), Unknown(1, -1), Unknown(-1, 1), Unknown(TAIL_BITS + 1, 1), "tail",
    Unknown("1", 1), Unknown(1, "1"), Unknown(1, 1, "text"), Unknown(1, 1, (3,)),
])  # type: ignore[arg-type]  # fmt: skip
def test_tails_that_no_reader_makes(unknown: object) -> None:
    with pytest.raises(ElementError, match="tail"):
        compact.encode_compact(aigif.Aigif(unknown=unknown))  # type: ignore[arg-type]


def test_bundles_that_are_too_long() -> None:
    for tail in (Unknown(70_000, 1 << 69_999 | 1), Unknown(1, 1, ("x",) * 70_000)):
        with pytest.raises(LimitError, match="at most 65535"):
            compact.encode_compact(aigif.Aigif(data=aigif.Data(extra=(aigif.ExtraEntry(unknown=tail),))))
    with pytest.raises(LimitError, match="at most 16384"):
        compact.encode_compact(aigif.Aigif(unknown=Unknown(TAIL_BITS, 1)))
    longest = Unknown(TAIL_BITS - 1000, (1 << TAIL_BITS - 1000) - 1)
    assert repr(longest).startswith("Unknown(width=130072, value=0xfff")


def paper_bits(changes: dict[str, str]) -> bytes:
    """A record of defaults with the bits of some fields replaced."""
    bits = ""
    for item in paper_layout().fields:
        field = item.field
        if item.align:
            bits += changes.get("padding", "0" * (-len(bits) % 8))
        if field.path in changes:
            bits += changes[field.path]
        elif isinstance(field.code, model.StringCode):
            bits += to_bits(0, field.code.width)
        else:
            bits += write_value(field.code, field.element.type.kind, field.default, field.path)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"platform.gpu": to_bits(1, 8), "platform.device": "0000"}, "applies only where"),
        ({"model.model_id": "1" * 64}, "more than 8 bytes"),
        ({"data.height": to_bits(0, 32)}, "out of range"),
        ({"data.width": to_bits(0, 32)}, "out of range"),
        ({"data.guidance_scale": to_bits(255 << 23, 32)}, "infinity"),
        ({"data.guidance_scale": to_bits(0xFF000000, 32)}, "out of range"),
        ({"data.prompt": to_bits(500, 16)}, "cut"),
        ({"padding": "000001"}, "not zero"),
    ],
)
def test_bad_records(changes: dict[str, str], message: str) -> None:
    with pytest.raises(CorruptError, match=message):
        paper.decode_paper(paper_bits(changes), 0)


def test_a_record_that_is_cut() -> None:
    record = paper_bits({})
    for size in range(len(record)):
        with pytest.raises(CorruptError):
            paper.decode_paper(record[:size], 0)


def test_what_the_paper_profile_cannot_carry() -> None:
    """Every element that it lacks is named, and every value that is too wide."""
    changed: dict[str, Record] = {}
    lacking = []
    for group, element, _ in paper_layout().omitted:
        info = next(info for info in meta.GROUPS[group.name].elements if info.name == element.name)
        record = changed.get(group.name, getattr(types, group.type_name)())
        changed[group.name] = record.replace(**{element.name: another(info)})
        lacking.append(f"{group.name}.{element.name} has no place in this profile")
    changed["platform"] = changed["platform"].replace(cpu="x", device=0)
    value = aigif.Aigif(**changed, unknown=Unknown(1, 1))  # type: ignore[arg-type]
    with pytest.raises(ElementError) as caught:
        paper.encode_paper(value, (b"", b""))
    assert set(lacking) <= set(caught.value.problems)
    assert "elements of a newer version have no place in this profile" in caught.value.problems


def narrow_fields() -> list[Field]:
    """The fields of the paper profile whose elements hold more than their bits."""
    return [
        item.field
        for item in paper_layout().fields
        if isinstance(item.field.code, model.Bits)
        and item.field.element.type.kind != "bool"
        and (item.field.element.maximum or 1 << 64) >= 1 << item.field.code.width
    ]


@pytest.mark.parametrize("field", narrow_fields(), ids=lambda field: field.path)
def test_values_too_wide_for_the_paper_profile(field: Field) -> None:
    assert isinstance(field.code, model.Bits)
    wide = aigif.Aigif(platform=aigif.Platform(device=1))
    record = getattr(wide, field.group.name).replace(**{field.element.name: 1 << field.code.width})
    with pytest.raises(ElementError, match=f"does not fit {field.code.width} bits"):
        paper.encode_paper(wide.replace(**{field.group.name: record}), (b"", b""))


def test_inapplicable_and_long_fields_of_the_paper_profile() -> None:
    with pytest.raises(ElementError, match="applies only where"):
        paper.encode_paper(aigif.Aigif(platform=aigif.Platform(gpu=1)), (b"", b""))
    with pytest.raises(ElementError, match="do not fit a length of 16 bits"):
        paper.encode_paper(aigif.Aigif(), (b"x" * 65536, b""))
    with pytest.raises(ElementError, match="exact 32-bit float"):
        paper.encode_paper(aigif.Aigif(data=aigif.Data(guidance_scale=0.1)), (b"", b""))


def another(info: Any) -> object:
    """A value that is not the element's default and that it can hold."""
    default = getattr(getattr(types, meta.GROUPS[info_group(info)].type_name)(), info.name)
    if info.kind == "bool":
        return not default
    if info.kind == "group":
        return getattr(types, meta.GROUPS[info.of].type_name)()
    if info.kind == "list":
        return (getattr(types, meta.GROUPS[info.of].type_name)(),)
    if info.kind in ("string", "bytes"):
        return "x" if info.kind == "string" else b"x"
    return default + 1 if info.maximum is None or default + 1 <= info.maximum else default - 1


def info_group(info: Any) -> str:
    return next(name for name, group in meta.GROUPS.items() if any(info is held for held in group.elements))
