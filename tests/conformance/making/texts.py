"""The text section: how strings are joined, escaped, compressed, and what is no text."""

from __future__ import annotations

from collections.abc import Iterator

from codegen.layout import Nested
from codegen.oracle.bits import write_value
from tests.conformance.making.deflate import fixed, run, stored, wrapped
from tests.conformance.making.wire import (
    Entry,
    again,
    both,
    bundle_of,
    case,
    compact,
    delimited,
    text,
    unwritten,
    zero_bits,
)
from tests.conformance.testees.plain_json import compact_layout
from tests.test_codec_refusals import prefix

NO, NOT_CANONICAL, LIMIT = "corrupt", "not canonical", "over a limit"
MOST = 32768
NAMES = {1: "zlib", 2: "deflate"}


def files() -> Iterator[tuple[str, list[Entry]]]:
    yield "text/strings", list(strings())
    yield "text/escapes", list(escapes())
    yield "text/utf-8", list(encodings())
    yield "text/streams", list(streams())
    yield "text/bombs", list(bombs())
    yield "text/unknown-compressor", list(unknown())


def with_prompts(compressor: int, payload: bytes, *names: str) -> bytes:
    """A file whose strings are those of some elements of `data`, with this text section."""
    held: Entry = {"data": dict.fromkeys(names or ("prompt",), "x")}
    return compact(bundle_of(held | {"compression": {"text_compressor": compressor}}), text(payload))


def prompt(string: str, compressor: int = 0) -> Entry:
    value: Entry = {"data": {"prompt": string}}
    return value if not compressor else value | {"compression": {"text_compressor": compressor}}


STRINGS = {
    "ascii": "a cute cat",
    "zero": "\0",
    "one": "\1",
    "zeros and ones": "\0\1\0\0\1\1a\1",
    "two bytes": "Grüße",
    "three bytes": "東京\uffff\ufeff",
    "four bytes": "\U0001f600\U0010ffff",
    "high surrogate": "\ud800",
    "low surrogate": "a\udfffb",
    "low before high": "\udc00\ud800",
    "line ends": "\r\n\n\r\t",
    "not normal": "e\u0301\u00e9",
    "delete": "\x7f\x80",
}


def strings() -> Iterator[Entry]:
    for name, string in STRINGS.items():
        raw = string.encode("utf-8", "surrogatepass").replace(b"\1", b"\1\2").replace(b"\0", b"\1\1")
        about = f"The prompt is {string!r}."
        yield from both(name, about, "text", with_prompts(0, raw), prompt(string))
    pair = b"\xed\xa0\xbd\xed\xb8\x80"
    about = "A high and a low surrogate in three bytes each are not the character of four bytes."
    yield again("two surrogates", about, "text", with_prompts(0, pair))
    three = with_prompts(0, b"one\0two\0three", "prompt", "negative_prompt", "prompt_2")
    value = {"data": {"prompt": "one", "negative_prompt": "two", "prompt_2": "three"}}
    yield from both("three strings", "Strings stand in the order of their elements.", "text", three, value)
    held: Entry = {"data": {"prompt": "1", "hires": {"prompt": "2"}, "extra": [{"key": "3"}, {"value": "4"}]}}
    adapters: Entry = {"model": {"adapters": [{"name": "0"}]}, **held}
    order = compact(bundle_of(adapters), text(b"1\x000\x002\x003\x004"))
    about = "The strings of a nested group stand where the group stands."
    yield from both("nested", about, "text", order, adapters)


def escapes() -> Iterator[Entry]:
    wrong = {"01 03": b"a\1\3b", "01 at the end": b"a\1", "01 before a separator": b"a\1\0b", "01 61": b"\1a"}
    for name, raw in wrong.items():
        names = ("prompt", "negative_prompt")[: raw.count(b"\0") + 1]
        about = f"{name}: an escape that stands for nothing."
        yield case(name, about, "R16", with_prompts(0, raw, *names), error=NOT_CANONICAL)
    for name, raw in {"empty": b"", "empty first": b"\0x", "empty last": b"x\0", "empty both": b"\0"}.items():
        names = ("prompt", "negative_prompt")[: raw.count(b"\0") + 1]
        yield case(name, "A string is empty.", "R15", with_prompts(0, raw, *names), error=NOT_CANONICAL)
    wrong_count = [NO, NOT_CANONICAL]
    yield case(
        "one too many", "Two strings, for one element.", "R14", with_prompts(0, b"a\0b"), error=wrong_count
    )
    data = with_prompts(0, b"a", "prompt", "negative_prompt")
    yield case("one too few", "One string, for two elements.", "R14", data, error=wrong_count)
    data = compact(bundle_of(prompt("x")))
    yield case("no section", "A prompt, and no text section.", "R5", data, error=wrong_count)


def encodings() -> Iterator[Entry]:
    wrong = {
        "lone continuation": b"\x80",
        "lone continuation BF": b"\xbf",
        "overlong of two": b"\xc0\x80",
        "overlong of two C1": b"\xc1\xbf",
        "overlong of three": b"\xe0\x9f\xbf",
        "overlong of four": b"\xf0\x8f\xbf\xbf",
        "beyond the last": b"\xf4\x90\x80\x80",
        "F5": b"\xf5\x80\x80\x80",
        "five bytes": b"\xf8\x88\x80\x80\x80",
        "FE": b"\xfe",
        "FF": b"\xff",
        "cut two": b"\xc3",
        "cut three": b"\xe6\x9d",
        "cut four": b"\xf0\x9f\x98",
        "no continuation": b"\xc3(",
        "surrogate with a wrong byte": b"\xed\xa0(",
        "latin-1": "Grüße".encode("latin-1"),
    }
    for name, raw in wrong.items():
        about = f"{name}: {raw.hex(' ')} is no UTF-8."
        yield case(name, about, "text: utf-8", with_prompts(0, b"a" + raw), error=NO)


def streams() -> Iterator[Entry]:
    raw = b"a cute cat"
    for code, name in NAMES.items():
        kinds = {"stored": stored(raw), "blocks of 3 bytes": stored(raw, 3), "fixed codes": fixed(raw)}
        for kind, stream in kinds.items():
            payload = wrapped(stream, raw) if code == 1 else stream
            about = f"A {name} stream: {kind}."
            data = with_prompts(code, payload)
            yield from both(f"{name} {kind}", about, "R17", data, prompt(raw.decode(), code), encode=False)
        whole = wrapped(stored(raw), raw) if code == 1 else stored(raw)
        for size in (0, 1, 2, len(whole) - 5, len(whole) - 1):
            about = f"A {name} stream cut to {size} of {len(whole)} bytes."
            yield case(
                f"{name} cut to {size}", about, "text-compressors", with_prompts(code, whole[:size]), error=NO
            )
        about = f"A byte follows a {name} stream."
        yield case(
            f"{name} byte after", about, "text-compressors", with_prompts(code, whole + b"\0"), error=NO
        )
        about = f"Another stream follows a {name} stream."
        yield case(f"{name} twice", about, "text-compressors", with_prompts(code, whole * 2), error=NO)
        about = f"The other kind of stream than {name}."
        other = stored(raw) if code == 1 else wrapped(stored(raw), raw)
        yield case(f"{name} swapped", about, "text-compressors", with_prompts(code, other), error=NO)
        broken = whole.replace(stored(raw)[1:3], b"\x0b\x00")
        about = f"A length inside a {name} stream is wrong."
        yield case(f"{name} broken", about, "text-compressors", with_prompts(code, broken), error=NO)
    whole = wrapped(stored(raw), raw)
    changed = {
        "checksum": whole[:-1] + bytes([whole[-1] ^ 1]),
        "method": b"\x77" + whole[1:],
        "header check": b"\x78\x02" + whole[2:],
        "preset dictionary": b"\x78\x20" + bytes(4) + whole[2:],
        "reserved block": b"\x78\x01\x07" + whole[3:],
    }
    for name, payload in changed.items():
        about = f"A zlib stream with a wrong {name}."
        yield case(f"zlib {name}", about, "text-compressors", with_prompts(1, payload), error=NO)
    about = "A deflate stream whose first code refers to a byte before its start."
    yield case("deflate too far back", about, "text-compressors", with_prompts(2, b"\x03\x02\x00"), error=NO)


def bombs() -> Iterator[Entry]:
    for code, name in NAMES.items():
        for count in (MOST + 1, 10 * MOST, 1_500_000):
            stream = run(97, count)
            payload = wrapped(stream, b"a" * count) if code == 1 else stream
            about = f"A {name} stream that gives {count} bytes."
            yield case(f"{name} {count}", about, "limits", with_prompts(code, payload), error=LIMIT)
        stream = run(97, MOST)
        payload = wrapped(stream, b"a" * MOST) if code == 1 else stream
        about = f"A {name} stream that gives as much as there may be."
        yield again(f"{name} {MOST}", about, "limits", with_prompts(code, payload))
    yield again(f"none {MOST}", "As much text as there may be.", "limits", with_prompts(0, b"a" * MOST))
    data = with_prompts(0, b"a" * (MOST + 1))
    yield case(f"none {MOST + 1}", "A byte of text too many.", "limits", data, error=LIMIT)
    about = "Escapes count: as many zero characters as there may be."
    yield again("escapes", about, "limits", with_prompts(0, b"\1\1" * (MOST // 2)))
    value = {"data": {"prompt": "x", "negative_prompt": "\0" * (MOST // 2)}}
    about = "Separators and escapes count: too many zero characters."
    yield unwritten("too many escapes", about, "limits", value, LIMIT)


def adapters_step() -> Nested:
    (step,) = (step for step in compact_layout().steps if step.path == "model.adapters")
    assert isinstance(step, Nested)
    return step


def unknown_code() -> str:
    """The bits of the text compressor 7, with which a bundle begins."""
    (step,) = (step for step in compact_layout().fields() if step.path == "compression.text_compressor")
    return write_value(step.code, step.element.type.kind, 7, step.path)


def unknown() -> Iterator[Entry]:
    for code in (7, 8, 254, 2039):
        about = f"The text compressor {code} is unknown: the prompt can't be read, the rest can."
        value = {
            "compression": {"text_compressor": code},
            "data": {"prompt": None, "seed": 7},
            "opaque_text": "00ff01",
        }
        bundle = bundle_of({"compression": {"text_compressor": code}, "data": {"prompt": "x", "seed": 7}})
        yield from both(str(code), about, "text: unknown", compact(bundle, text(b"\0\xff\1")), value)
    told: Entry = {"compression": {"text_compressor": 7}}
    held = {"model": {"adapters": [{"name": "x"}, {}]}, "data": {"hires": {"prompt": "y"}}}
    shown = {"model": {"adapters": [{"name": None}, {}]}, "data": {"hires": {"prompt": None}}}
    about = "Strings of nested groups that can't be read."
    data = compact(bundle_of(told | held), text(b""))
    yield from both("nested", about, "text: unknown", data, told | shown | {"opaque_text": ""})
    adapters = adapters_step()
    name = next(step for step in adapters.inner.steps if step.element.name == "name")
    bits = unknown_code() + prefix(compact_layout(), adapters)[3:] + "1" + "0000"
    for count in (1, 2):
        nested = bits + delimited("", count) + "0"
        about = f"An adapter has {count} strings, and neither an element nor a tail that takes them."
        yield case(f"{count} left over", about, "R14", compact(nested, text(b"x")), error=[NO, NOT_CANONICAL])
        named = bits + delimited(prefix(adapters.inner, name) + "1", count + 1)
        about = f"The same, behind the string of its name: {count} strings more than it takes."
        yield case(f"{count} behind", about, "R14", compact(named, text(b"x")), error=[NO, NOT_CANONICAL])
    tail = {"width": 1, "value": "1", "strings": [None, None]}
    adapter = {"name": None, "unknown": tail}
    value = told | {"model": {"adapters": [adapter]}, "opaque_text": "78"}
    inner = prefix(adapters.inner, name) + "1"
    inner += "0" * (zero_bits(adapters.inner) - len(inner)) + "1"
    about = "The tail of an adapter owns two strings that can't be read."
    data = compact(bits + delimited(inner, 3), text(b"x"))
    yield from both("nested tail", about, "text: unknown", data, value)
    about = "Text that can't be read, and no string."
    yield case("no string", about, "R5", compact(bundle_of(told), text(b"x")), error=[NO, NOT_CANONICAL])
    about = "A compressor that no codec knows can't code a new string."
    yield unwritten("new string", about, "text: unknown", told | {"data": {"prompt": "x"}}, "value")
    about = "A text compressor that no list names is nothing wrong where there is no string."
    yield from both("no text", about, "text: unknown", compact(bundle_of(told)), told)
