"""The prompt coder in TypeScript agrees with Python's: same streams, same strings, same verdict on any bytes."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aigif import text
from aigif._gen.container import TEXT_BYTES
from aigif._gen.enums import TextCompressor
from aigif.errors import AigifError
from tests.conformance.making import prompts
from tests.conformance.testees.generated import kind_of
from tests.helpers import REPOSITORY
from tests.text import test_prompt_coder as by_hand
from tests.typescript.testee import Testee, batch

PROMPT, PRIMED = TextCompressor.PROMPT, TextCompressor.DEFLATE_DICTIONARY
CODEC = str(REPOSITORY / "aigif" / "viewer" / "js" / "codec")
HELD_OUT = REPOSITORY.parent / "shared" / "prompts"
REAL, CHANGED, NOISE = 2000, 4000, 1500
LONG = [["a cat, " * 1000], ["漢字" * 3000], list("ab" * 4000), ["Ab cD " * 1500], [" " * 5000 + "\n" * 5000]]

Strings = Sequence[str]


@pytest.fixture(scope="module")
def node() -> Iterator[Testee]:
    with Testee() as testee:
        yield testee


def as_javascript(strings: Strings) -> list[str]:
    """Two surrogates in a row are one character there."""
    return list(json.loads(json.dumps(list(strings))))


def coding(strings: Strings, compressor: int = PROMPT) -> dict[str, Any]:
    return {"op": "text", "compressor": int(compressor), "strings": list(strings)}


def reading(stream: bytes, compressor: int = PROMPT) -> dict[str, Any]:
    return {"op": "text", "compressor": int(compressor), "hex": stream.hex()}


def coded(strings: Strings, compressor: int = PROMPT) -> bytes:
    return text.encode(as_javascript(strings), compressor)


def verdict(stream: bytes) -> Any:
    """The strings of a stream, or the kind of the error."""
    try:
        return as_javascript(text.decode(stream, PROMPT))
    except AigifError as error:
        return kind_of(error)


def told(answer: dict[str, Any]) -> Any:
    return answer.get("error", answer.get("strings"))


def random_texts(count: int) -> list[list[str]]:
    """Strings of one alphabet, with characters of the others among them."""
    rng = random.Random(3)
    alphabets = (*by_hand.ALPHABETS, "🍈🍈, áåéíñół·–’“”", "".join(map(chr, range(0x2000, 0x3000))))
    return [
        [
            "".join(
                rng.choice(rng.choice(alphabets) if rng.random() < 0.2 else alphabet)
                for _ in range(rng.randrange(100))
            )
            for alphabet in rng.choices(alphabets, k=rng.randrange(1, 4))
        ]
        for _ in range(count)
    ]


def corpus() -> list[Strings]:
    return [*by_hand.PROMPTS, *prompts.STRINGS.values(), *LONG, *random_texts(600)]


def check_streams(texts: Sequence[Strings], compressor: int = PROMPT) -> None:
    answers = batch([coding(strings, compressor) for strings in texts])
    streams = [coded(strings, compressor) for strings in texts]
    assert [answer["hex"] for answer in answers] == [stream.hex() for stream in streams]
    back = batch([reading(stream, compressor) for stream in streams])
    assert [answer["strings"] for answer in back] == [as_javascript(strings) for strings in texts]


def test_the_corpus() -> None:
    check_streams(corpus())


def test_the_corpus_without_zlib_of_node() -> None:
    texts = [list(strings) for strings in by_hand.PROMPTS]
    answers = batch([coding(strings) for strings in texts], CODEC, "streams")
    assert [answer["hex"] for answer in answers] == [coded(strings).hex() for strings in texts]


def test_deflate_after_a_dictionary() -> None:
    """Node's zlib may pack otherwise than Python's; each reads what the other wrote."""
    texts = [*by_hand.PROMPTS, *random_texts(50)]
    answers = batch([coding(strings, PRIMED) for strings in texts])
    for strings, answer in zip(texts, answers, strict=True):
        assert as_javascript(text.decode(bytes.fromhex(answer["hex"]), PRIMED)) == as_javascript(strings)
    back = batch([reading(coded(strings, PRIMED), PRIMED) for strings in texts])
    assert [answer["strings"] for answer in back] == [as_javascript(strings) for strings in texts]


@pytest.mark.skipif(not HELD_OUT.exists(), reason="the prompts that the tables were trained on are not here")
def test_real_prompts() -> None:
    rows = [
        json.loads(line)
        for name in ("heldout.jsonl", "train.jsonl")
        for line in lines_of(HELD_OUT / name, REAL // 2)
    ]
    check_streams([[row["prompt"]] for row in rows])


def lines_of(path: Path, count: int) -> list[str]:
    with path.open(encoding="utf-8") as held:
        return [line for _, line in zip(range(count), held, strict=False)]


@settings(max_examples=150)
@given(strings=st.lists(by_hand.STRINGS, min_size=1, max_size=4))
def test_any_strings(node: Testee, strings: list[str]) -> None:
    assert node.ask(coding(strings)) == {"strings": as_javascript(strings), "hex": coded(strings).hex()}


def hostile() -> Iterator[bytes]:
    """Streams with bits flipped, bytes added, taken away or cut off; and random bytes."""
    rng = random.Random(4)
    streams = [coded(strings) for strings in corpus()]
    short = [stream for stream in streams if 0 < len(stream) < 400]
    for index in range(CHANGED):
        stream = bytearray(rng.choice(short if index % 100 else streams))
        for _ in range(rng.randrange(1, 3)):
            at = rng.randrange(len(stream) or 1)
            change = rng.random()
            if change < 0.5 and stream:
                stream[at] ^= 1 << rng.randrange(8)
            elif change < 0.7:
                stream.insert(at, rng.randrange(256))
            elif change < 0.9:
                del stream[at : at + 1]
            else:
                del stream[at:]
        yield bytes(stream)
    for index in range(NOISE):
        yield (b"", b"\xfe", b"\xff", b"\xff\xed\xa0\xbd\xed\xb8\x80")[index % 4] + rng.randbytes(
            rng.randrange(40)
        )
    for fill in (b"\0", b"\x55", b"\xf0", b"\xfd"):
        body = fill * (TEXT_BYTES - 6)
        yield b"\x01" + body + b"\x01"
        yield b"\xfe" + len(body).to_bytes(3, "little") + body + b"\x01"
    yield b"\xff" * (TEXT_BYTES + 2)
    yield prompts.bomb()


def test_hostile_streams() -> None:
    streams = list(hostile())
    answers = [told(answer) for answer in batch(map(reading, streams))]
    wanted = [verdict(stream) for stream in streams]
    pairs = zip(streams, wanted, answers, strict=True)
    assert [(stream.hex()[:200], ours, theirs) for stream, ours, theirs in pairs if ours != theirs] == []
    kinds = Counter(each if isinstance(each, str) else "read" for each in wanted)
    assert all(kinds[kind] for kind in ("corrupt", "not canonical", "over a limit")) and kinds["read"] > 20


def test_two_lone_surrogates_are_not_the_character_of_both(node: Testee) -> None:
    """Python's coder tells them apart, and so does the port where it reads a stream."""
    apart = text.encode(("\ud83c\udf48",), PROMPT)
    assert apart != coded(("\ud83c\udf48",)) == text.encode(("🍈",), PROMPT)
    assert told(node.ask(reading(apart))) == ["🍈"]
