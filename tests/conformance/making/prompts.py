"""The text section as the prompt coder writes it, and what is no stream of it.

A string has one stream only, so that these cases have coded text; it is Python's, which others must write too.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from aigif.errors import CorruptError
from aigif.text import joined, prompt
from aigif.text.prompt.encoder import chunks as chunks_of
from aigif.text.prompt.encoder import number
from tests.conformance.making.records import prompts as paper
from tests.conformance.making.texts import MOST, with_prompts
from tests.conformance.making.wire import Entry, again, both, case, unwritten

CODER = 3
LONG = b"\xfe"
NO, NOT_CANONICAL, LIMIT = "corrupt", "not canonical", "over a limit"
WRONG = [NO, NOT_CANONICAL]
NAMES = ("prompt", "negative_prompt", "prompt_2", "negative_prompt_2")

STRINGS: dict[str, tuple[str, ...]] = {
    "a sentence": ("a photo of an astronaut riding a horse on mars, highly detailed, 8k",),
    "tags": ("masterpiece, best quality, 1girl, (red hair:1.2), <lora:add_detail:0.8>",),
    "prompt and negative": ("A Portrait Of The Old King, oil painting", "lowres, bad anatomy, bad hands"),
    "four strings": ("TWO CATS, ONE DOG", "blurry", "4x-UltraSharp", "k"),
    "spaces and lines": ("a  b   c\n\n d \t.",),
    "runs": (" " * 100 + "\n" * 100 + "." * 100, "x" * 100, "X" * 100, "9" * 100),
    "case": ("McDonald's iPhone 4K HDR'S It's ﬁ İ ß",),
    "letters": ("café señor łódź елена ÉÑ Ł",),
    "Chinese": ("一个穿着红色连衣裙的女孩，站在樱花树下，杰作",),
    "Russian": ("Портрет девушки в стиле аниме, высокое качество",),
    "Persian": ("دختری با لباس قرمز زیر درخت",),
    "emoji": ("🎨🖌🌅 🍈🍈, 🍈 melon 👩‍🚀🏳️‍🌈", "❤️"),
    "surrogates": ("\ud800 \udfff\ud800a", "\udc00"),
    "controls": ("\0\1\2", "\1\r\x7f"),
    "last character": ("\U0010ffff\uffff\ufeff",),
    "recalled": ("zyxw qqq zyxw, zyxw qqq; qqq zyxw. zyxw",),
    "1023 tokens": ("!\n" * 511 + "!",),
    "1024 tokens": ("!\n" * 512,),
    "2049 tokens": ("!\n" * 1024, "cat"),
    "long literals": ("漢字" * 300 + "字 " * 70, "Ю ж" * 50),
}


def files() -> Iterator[tuple[str, list[Entry]]]:
    for name, found in (("strings", strings()), ("refused", refused()), ("records", records())):
        yield f"text/prompt-{name}", [entry | {"compressor": CODER} for entry in found]


def coded(*strings: str) -> bytes:
    return prompt.coder().encode(strings)


def document(strings: Sequence[str]) -> Entry:
    return {
        "compression": {"text_compressor": CODER},
        "data": dict(zip(NAMES, strings, strict=False)),
    }


def strings() -> Iterator[Entry]:
    for name, held in STRINGS.items():
        about = f"Strings in the prompt coder: {name}."
        data = with_prompts(CODER, coded(*held), *NAMES[: len(held)])
        yield from both(name, about, "the-prompt-coder", data, document(held))
    source = random.Random(7)
    noise = "".join(chr(source.randrange(33, 127)) for _ in range(300))
    stored = coded(noise)
    assert stored[0] == 255
    about = "What is smaller as it is stands behind a byte of 255."
    yield from both("noise", about, "the-prompt-coder", with_prompts(CODER, stored), document([noise]))
    full = "".join(chr(source.randrange(33, 127)) for _ in range(MOST))
    about = "As much text as there may be, stored."
    yield again("as much as there may be", about, "limits", with_prompts(CODER, coded(full)))
    about = "A byte of text too many."
    yield unwritten("too much", about, "limits", document(["a" * (MOST + 1)]), LIMIT)


def refused() -> Iterator[Entry]:
    whole = coded("a photo of a cat on the moon, highly detailed")
    raw = b"a plain text that is coded smaller"
    wrong: dict[str, tuple[bytes, str]] = {
        "no byte": (b"", "No byte."),
        "zero": (b"\0", "The first byte is 0."),
        "zero last": (b"\5\0", "The number ends in a zero byte."),
        "zero behind": (whole + b"\0", "A zero byte follows the number."),
        "one behind": (whole + b"\1", "A byte follows the number."),
        "stored": (b"\xff" + raw, "A text is stored although its number is not longer."),
        "no UTF-8": (b"\xff\xff", "What is stored is no UTF-8."),
        "wrong escape": (b"\xff\1\3", "What is stored has an escape that stands for nothing."),
        "no chunk": (LONG, "Chunks, and none of them."),
        "cut length": (LONG + b"\5\0", "The length of a chunk is cut."),
        "cut chunk": (LONG + b"\5\0\0ab", "A chunk is cut."),
        "zero in a chunk": (LONG + b"\2\0\0a\0", "A chunk ends in a zero byte."),
        "short in chunks": (chunk("a photo of a cat"), "A short text stands in a chunk."),
        "other tokens": (other_tokens(), "' cat' as ' c' and 'at', which no writer cuts it into."),
    }
    wrong |= {
        f"cut to {size}": (whole[:size], f"The number is cut to {size} of {len(whole)} bytes.")
        for size in range(1, len(whole), 3)
    }
    chunks = coded("!\n" * 1024)
    wrong["chunk too many"] = (chunks + b"\1\0\0a", "A chunk follows the last one.")
    wrong["chunk missing"] = (chunks[: 4 + int.from_bytes(chunks[1:4], "little")], "A chunk is missing.")
    for name, (payload, about) in wrong.items():
        data = with_prompts(CODER, payload)
        yield case(name, about, "the-prompt-coder", data, error=WRONG)
    data = with_prompts(CODER, b"\xff" * (MOST + 2))
    yield case("too long", "More bytes than any text takes.", "limits", data, error=[LIMIT, *WRONG])
    about = "Many words of many letters each in few bytes: more text than there may be."
    data = with_prompts(CODER, bomb())
    yield case("bomb", about, "limits", data, error=LIMIT)
    source = random.Random(8)
    for at in range(24):
        noise = LONG * (at % 3 == 0) + source.randbytes(source.randrange(2, 40))
        if not reads(noise):
            about = "Random bytes."
            data = with_prompts(CODER, noise)
            yield case(f"noise {at}", about, "the-prompt-coder", data, error=WRONG)
    data = with_prompts(CODER, coded("a", "b"))
    yield case("a string too many", "Two strings, for one element.", "R14", data, error=WRONG)
    data = with_prompts(CODER, coded("a"), *NAMES[:2])
    yield case("a string too few", "One string, for two elements.", "R14", data, error=WRONG)
    data = with_prompts(CODER, coded("a", ""), *NAMES[:2])
    yield case("an empty string", "The second string is empty.", "R15", data, error=WRONG)


def records() -> Iterator[Entry]:
    held = ("A cute cat", "a dog \0\1")
    payloads = [coded(string) for string in held]
    about = "Each string of a record is a stream of its own."
    value = document(held)
    yield from both("two", about, "the-prompt-coder", paper(payloads[0], payloads[1], CODER), value)
    about = "An empty string of a record is no bytes."
    value = document(held[:1])
    yield from both("one", about, "the-prompt-coder", paper(payloads[0], b"", CODER), value)
    data = paper(coded(*held), b"", CODER)
    about = "Two strings in the stream of one element."
    yield case("two in one", about, "the-prompt-coder", data, error=WRONG)
    data = paper(coded(""), b"", CODER)
    yield case("empty", "A stream of the empty string.", "R15", data, error=WRONG)
    data = paper(payloads[0] + b"\0", b"", CODER)
    yield case("zero behind", "A zero byte follows a number.", "the-prompt-coder", data, error=WRONG)


def chunk(string: str) -> bytes:
    coder = prompt.coder()
    (events,) = chunks_of(coder.model, *coder._cut((string,)))
    payload = prompt._bytes(number(events))
    return LONG + len(payload).to_bytes(3, "little") + payload


def other_tokens() -> bytes:
    coder = prompt.coder()
    ids = {token: id for id, token in enumerate(coder.tokenizer.tokens)}
    return coder._modelled([ids["a"], ids[" c"], ids["at"], 0], [0, 0, 0, 0], [])


def bomb() -> bytes:
    word = max(prompt.coder().tokenizer.tokens, key=len)
    string = word * (MOST // len(word) + 1)
    assert len(joined.join((string,))) > MOST
    return coded(string)


def reads(stream: bytes) -> bool:
    try:
        prompt.coder().decode(stream, MOST)
    except CorruptError:
        return False
    return True
