"""The prompt coder: every text comes back, each has one stream, and nothing else is read."""

from __future__ import annotations

import ast
import random
from pathlib import Path
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aigif import text
from aigif.errors import AigifError, CorruptError, LimitError, NotCanonicalError
from aigif.text import joined, prompt
from aigif.text.prompt import literals
from aigif.text.prompt.tokens import LITERAL, case_of, in_case

MOST = 32768
PROMPT = text.coders.PROMPT
ANY = st.characters()  # lone surrogates among them
ALPHABETS = (
    "abcdefgh ,.()[]<>:lora1234567890\n",
    "ABCdefGHI jklMNO, .!?'\"",
    "абвгдежзиклмнопрстуфхцчшщьюя ",
    "אבגדהוזחטיכלמנסעפצקרשת ",
    "红色连衣裙女孩樱花树下杰作最高质量，。 ",
    "😀🎉🏳🌈👩‍🚀",
    "\0\1\2\t\r\x7f\ud800\udfff",
)
STRINGS = st.text(ANY, max_size=80) | st.one_of([st.text(alphabet, max_size=120) for alphabet in ALPHABETS])
PROMPTS = (
    ("a photo of an astronaut riding a horse on mars, highly detailed, 8k",),
    (
        "masterpiece, best quality, 1girl, (red hair:1.2), <lora:add_detail:0.8>",
        "lowres, bad anatomy, bad hands",
    ),
    ("A Portrait Of The Old King, oil painting", ""),
    ("TWO CATS, ONE DOG", "blurry", "4x-UltraSharp", "k", "v"),
)


def coded(*strings: str) -> bytes:
    return prompt.coder().encode(strings)


def decoded(stream: bytes) -> tuple[str, ...]:
    return prompt.coder().decode(stream, MOST)


@given(st.lists(STRINGS, min_size=1, max_size=4).map(tuple))
@example(("",))
@example(("", ""))
@example(("\0", "\1", ""))
@example(("a  b   c\n\n d ",))
@example(("McDonald's iPhone 4K HDR'S It's ﬁ İ ß",))
@example(("字 " * 300, "Ю ж" * 200))
@example((" " * 100, "\n" * 100, "." * 100, "x" * 100, "X" * 100, "9" * 100))
def test_every_text_comes_back(strings: tuple[str, ...]) -> None:
    stream = prompt.coder().encode(strings)
    assert decoded(stream) == strings
    assert len(stream) <= len(joined.join(strings)) + 1


@given(STRINGS)
def test_a_string_alone_comes_back(string: str) -> None:
    assert text.decode_one(text.encode_one(string, PROMPT), PROMPT) == string


@given(st.text(st.sampled_from("aäöAZ ,.!\n09:()'-漢字🎉é"), max_size=200))
def test_words_joined_are_the_text(string: str) -> None:
    tokenizer = prompt.coder().tokenizer
    assert "".join(tokenizer.words(string)) == string
    ids: list[int] = []
    cases: list[int] = []
    runs: list[str] = []
    tokenizer.cut(string, ids, cases, runs)
    left = iter(runs)
    pieces = [
        next(left) if id == LITERAL else in_case(tokenizer.tokens[id], case)
        for id, case in zip(ids, cases, strict=True)
    ]
    assert "".join(pieces) == string


@given(st.binary(max_size=60) | st.binary(min_size=1, max_size=60).map(lambda data: b"\xfe" + data))
def test_any_bytes_are_refused_or_canonical(stream: bytes) -> None:
    try:
        strings = decoded(stream)
    except AigifError as error:
        assert isinstance(error, CorruptError | LimitError | NotCanonicalError)
        return
    assert prompt.coder().encode(strings) == stream


@pytest.mark.parametrize("strings", PROMPTS)
def test_changed_streams_are_refused_or_canonical(strings: tuple[str, ...]) -> None:
    stream = prompt.coder().encode(strings)
    kept = 0
    for at in range(len(stream)):
        for bit in range(8):
            changed = bytearray(stream)
            changed[at] ^= 1 << bit
            try:
                other = decoded(bytes(changed))
            except AigifError:
                continue
            kept += 1
            assert prompt.coder().encode(other) == changed
            assert other != strings
    assert kept < 8 * len(stream)
    for end in range(len(stream)):
        try:
            assert prompt.coder().encode(decoded(stream[:end])) == stream[:end]
        except AigifError:
            pass


@pytest.mark.parametrize(
    ("stream", "kind", "message"),
    [
        (b"", NotCanonicalError, "zero byte"),
        (b"\0", NotCanonicalError, "zero byte"),
        (b"\x05\0", NotCanonicalError, "zero byte"),
        (b"\xff" + b"a plain text that is coded smaller", NotCanonicalError, "not larger"),
        (b"\xff\xff", CorruptError, "UTF-8"),
        (b"\xfe", CorruptError, "cut"),
        (b"\xfe\x05\0\0ab", CorruptError, "cut"),
        (b"\xfe\x02\0\0a\0", NotCanonicalError, "zero byte"),
        (b"\xff" * (MOST + 2), LimitError, "at most"),
    ],
)
def test_refusals(stream: bytes, kind: type[AigifError], message: str) -> None:
    with pytest.raises(kind, match=message):
        decoded(stream)


def test_a_short_text_is_not_read_in_chunks() -> None:
    tokens, cases, runs = prompt.coder()._cut(("a photo of a cat",))
    (events,) = prompt.chunks(prompt.coder().model, tokens, cases, runs)
    payload = prompt._bytes(prompt.number(events))
    with pytest.raises(NotCanonicalError, match="long"):
        decoded(b"\xfe" + len(payload).to_bytes(3, "little") + payload)


def test_other_tokens_for_the_same_text_are_refused() -> None:
    """' cat' as ' c' and 'at', which an encoder never writes."""
    coder = prompt.coder()
    ids = {token: id for id, token in enumerate(coder.tokenizer.tokens)}
    stream = coder._modelled([ids["a"], ids[" c"], ids["at"], 0], [0, 0, 0, 0], [])
    with pytest.raises(NotCanonicalError, match="other tokens"):
        decoded(stream)


@pytest.mark.parametrize(
    "string",
    [
        "一个穿着红色连衣裙的女孩，站在樱花树下，杰作，最高质量",
        "Портрет девушки в стиле аниме, высокое качество",
        "دختری با لباس قرمز زیر درخت",
        "🎨🖌🌅",
    ],
)
def test_other_scripts_stay_below_their_utf8(string: str) -> None:
    assert len(coded(string)) < 0.8 * len(string.encode())


def test_no_text_grows_by_more_than_a_byte() -> None:
    source = random.Random(1)
    for size in (1, 10, 100, 1000):
        noise = "".join(chr(source.randrange(33, 127)) for _ in range(size))
        assert len(coded(noise)) <= size + 1


def test_an_empty_negative_costs_next_to_nothing() -> None:
    assert len(coded("a red house by the sea", "")) <= len(coded("a red house by the sea")) + 2


@pytest.mark.parametrize(
    "strings", [("a cat, " * 1000,), ("漢字" * 3000,), tuple("ab" * 4000), ("Ab cD " * 1500,)]
)
def test_long_texts_come_back_in_bounded_time(strings: tuple[str, ...]) -> None:
    start = process_time()
    stream = prompt.coder().encode(strings)
    assert decoded(stream) == strings
    assert process_time() - start < 3


@pytest.mark.parametrize("fill", [b"\0", b"\x55", b"\xf0", b"\xfd", b"\x03\x9a\x51"])
def test_large_hostile_streams_take_bounded_time(fill: bytes) -> None:
    """The text limit bounds a stream; each chunk bounds the work on its number."""
    body = (fill * MOST)[: MOST - 6]
    start = process_time()
    for stream in (b"\x01" + body + b"\x01", b"\xfe" + (len(body)).to_bytes(3, "little") + body + b"\x01"):
        with pytest.raises(AigifError):
            decoded(stream)
    assert process_time() - start < 3


def test_too_long_a_text_is_not_written() -> None:
    with pytest.raises(LimitError, match="32768"):
        text.encode(("a" * 40_000,), PROMPT)


def test_what_decodes_to_more_than_the_limit_is_stopped() -> None:
    with pytest.raises(LimitError, match="more than 20 bytes"):
        prompt.coder().decode(coded("a photo of a cat on the moon, highly detailed"), 20)


@given(st.text(ANY, min_size=1, max_size=64))
def test_events_of_a_literal_fit_their_classes(run: str) -> None:
    for start, slots, whole in literals.events(run):
        assert 0 <= start < start + slots <= whole


@pytest.mark.parametrize(
    ("written", "case"), [("cat", 0), (" cat", 0), ("Cat", 1), (" A", 1), ("CAT", 2), (" CAT", 2)]
)
def test_cases(written: str, case: int) -> None:
    assert case_of(written, written.lower()) == case
    assert in_case(written.lower(), case) == written


def test_there_are_no_floats_in_the_coder() -> None:
    """Neither a float literal, nor a division, nor a call of float, nor anything of math but isqrt."""
    for path in Path(prompt.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, float | complex)), path
            assert not (isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div)), path
            assert not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow)), path
            assert not (isinstance(node, ast.Name) and node.id in ("float", "round", "sum_of_floats")), path
            if isinstance(node, ast.ImportFrom) and node.module == "math":
                assert [name.name for name in node.names] == ["isqrt"]
            assert not (isinstance(node, ast.Import) and any(n.name in ("math", "numpy") for n in node.names))
