"""Nested bundles: groups, lists, string counts, and the tails that later versions put behind them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from codegen.layout import Bundle, Nested
from codegen.oracle.bits import to_bits, write_size
from tests.conformance.making import wire
from tests.conformance.making.wire import (
    Entry,
    both,
    case,
    compact,
    delimited,
    placed,
    value_at,
    with_strings,
)
from tests.conformance.testees.plain_json import compact_layout
from tests.test_codec_refusals import prefix

NO, NOT_CANONICAL = "corrupt", "not canonical"


def files() -> Iterator[tuple[str, list[Entry]]]:
    for bundle in wire.bundles():
        for step in bundle.steps:
            if isinstance(step, Nested):
                name = step.path if "." in step.path else f"{bundle.name}.{step.path}"
                yield f"bundles/{name}", [*good(bundle, step), *bad(bundle, step)]
    yield "bundles/tails", list(tails())


def document(bundle: Bundle, step: Nested, held: Any) -> Entry:
    return value_at(bundle, {step.path if "." in step.path else step.element.name: held})


def good(bundle: Bundle, step: Nested) -> Iterator[Entry]:
    head = prefix(bundle, step) + "1"
    is_list = step.element.type.kind == "list"
    one = write_size(0, "") if is_list else ""
    empty: Any = [{}] if is_list else {}
    about = f"{step.path} is there, all of it at its defaults."
    data = compact(placed(bundle, head + one + delimited("") + "0"))
    if bundle is compact_layout():  # In a nested bundle this would end in zeros.
        yield from both("empty", about, "delimited-bundles", data, document(bundle, step, empty))
    inner = "0" * zeros(step.inner) + "101"
    tail = {"unknown": {"width": 3, "value": "5", "strings": []}}
    filled: Any = [tail] if is_list else tail
    about = f"{step.path} has a tail of three bits."
    data = with_strings(placed(bundle, head + one + delimited(inner)), [])
    yield from both("tail", about, "unknown-tails", data, document(bundle, step, filled))
    tail = {"unknown": {"width": 3, "value": "5", "strings": ["new"]}}
    filled = [tail] if is_list else tail
    about = f"{step.path} has a tail with a string of its own."
    data = with_strings(placed(bundle, head + one + delimited(inner, 1), 1), [b"new"])
    yield from both("tail with a string", about, "unknown-tails", data, document(bundle, step, filled))
    if is_list and bundle is compact_layout():
        for count in sorted({min(count, step.element.max_length) for count in (2, 4, 5, 32, 33, 1 << 16)}):
            bits = head + write_size(count - 1, "") + delimited("") * count
            value = document(bundle, step, [{}] * count)
            yield from both(f"{count} items", f"{count} items.", "delimited-bundles", compact(bits), value)


def zeros(bundle: Bundle) -> int:
    """How many bits the elements of a bundle take where all of them are zero."""
    return wire.zero_bits(bundle)


def bad(bundle: Bundle, step: Nested) -> Iterator[Entry]:
    head = prefix(bundle, step) + "1"
    is_list = step.element.type.kind == "list"
    one, none = (write_size(0, "") if is_list else ""), write_size(0, "")
    rule = "delimited-bundles"
    path = step.path

    def made(name: str, about: str, rule: str, bits: str, error: Any) -> Entry:
        return case(name, f"{path}: {about}", rule, compact(placed(bundle, head + bits)), error=error)

    far = one + none + write_size(60000, "") + "1"
    yield made("past the end", "it is longer than what is left.", rule, far, NO)
    zero = one + none + write_size(3, "") + "1101"
    yield made("zero at the end", "it ends in a zero bit.", "R7", zero, NOT_CANONICAL)
    padded = one + "01" + to_bits(1, 5) + none + "1"
    yield made(
        "padded count", "the number of strings is not in its shortest form.", "R12", padded, NOT_CANONICAL
    )
    padded = one + none + "10" + to_bits(5, 9) + "11111" + "1"
    yield made("padded length", "the length is not in its shortest form.", "R12", padded, NOT_CANONICAL)
    wrong = [NO, NOT_CANONICAL]
    missing = one + write_size(3, "") + none + "1"
    yield made("missing strings", "it has strings that are not there.", "R14", missing, wrong)
    about = f"{path}: it has a string that no element takes."
    data = with_strings(placed(bundle, head + one + delimited("", 1) + "1", 1), [b"x"])
    yield case("left-over string", about, "R14", data, error=wrong)
    if is_list:
        many = write_size(step.element.max_length, "") + "1"
        yield made("too many items", f"more than {step.element.max_length} items.", "bundles", many, NO)
        padded = "01" + to_bits(0, 5) + delimited("") + "1"
        yield made(
            "padded items", "the number of items is not in its shortest form.", "R12", padded, NOT_CANONICAL
        )
        cut = write_size(1, "") + delimited("") + none + write_size(500, "") + "1"
        yield made("cut item", "the second item is longer than what is left.", rule, cut, NO)


def tails() -> Iterator[Entry]:
    start = "0" * zeros(compact_layout())
    for width, value in (
        (1, 1),
        (2, 1),
        (8, 0x81),
        (9, 0x101),
        (64, (1 << 64) - 1),
        (65, 1 << 64 | 1),
        (900, 1),
    ):
        bits = start + to_bits(value, width)
        tail = {"width": width, "value": f"{value:x}", "strings": []}
        about = f"The root bundle has a tail of {width} bits."
        yield from both(f"{width} bits", about, "unknown-tails", compact(bits), {"unknown": tail})
    tail = {"width": 1, "value": "1", "strings": ["one", "\0two", "grün"]}
    data = with_strings(start + "1", [b"one", b"\1\1two", "grün".encode()])
    yield from both(
        "strings", "The tail of the root owns three strings.", "unknown-tails", data, {"unknown": tail}
    )
    tail = {"width": 1, "value": "1", "strings": ["", ""]}
    about = "Strings of a tail may be empty: only known elements have defaults."
    yield from both(
        "empty strings", about, "unknown-tails", with_strings(start + "1", [b"", b""]), {"unknown": tail}
    )
    prompt = (
        prefix(compact_layout(), next(s for s in compact_layout().steps if s.path == "data.prompt")) + "1"
    )
    known = {"data": {"prompt": "cat"}}
    rest = start[len(prompt) :]
    tail = {"width": 2, "value": "3", "strings": ["later"]}
    data = with_strings(prompt + rest + "11", [b"cat", b"later"])
    about = "A tail's strings stand after those of the known elements."
    yield from both("after known", about, "unknown-tails", data, known | {"unknown": tail})
    data = with_strings(prompt, [b"cat", b"later"])
    about = "A string more than the elements take, and no tail."
    yield case("left over", about, "R14", data, error=[NO, NOT_CANONICAL])
