"""Damaged files are refused, and nothing but AigifError ever comes out of a decoder."""

from __future__ import annotations

import tracemalloc
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

import aigif
from tests.helpers import corpus, resealed

FILES = dict(corpus())
NAMES = sorted(FILES)


def refused(data: bytes) -> bool:
    try:
        aigif.loads(data)
    except aigif.AigifError:
        return True
    return False


@pytest.mark.parametrize("name", NAMES)
def test_every_truncation_is_refused(name: str) -> None:
    data = FILES[name]
    assert not refused(data)
    assert all(refused(data[:size]) for size in range(len(data)))


@pytest.mark.parametrize("name", NAMES)
def test_every_flip_of_one_or_two_bits_is_refused(name: str) -> None:
    data = FILES[name]
    number, bits = int.from_bytes(data, "big"), 8 * len(data)
    for first in range(bits):
        for second in range(first, bits):
            flipped = number ^ (1 << first | 1 << second)
            assert refused(flipped.to_bytes(len(data), "big")), (first, second)


@pytest.mark.parametrize("name", NAMES)
def test_every_appended_byte_is_refused(name: str) -> None:
    assert all(refused(FILES[name] + bytes([byte])) for byte in range(256))


@given(st.binary(max_size=300))
def test_random_bytes(data: bytes) -> None:
    refused(data)


@given(
    st.sampled_from(NAMES), st.lists(st.tuples(st.integers(0), st.integers(0, 255)), min_size=1, max_size=6)
)
def test_mutated_and_resealed_files_are_refused_or_canonical(
    name: str, changes: list[tuple[int, int]]
) -> None:
    damaged = bytearray(FILES[name])
    for place, byte in changes:
        damaged[4 + place % (len(damaged) - 4)] = byte
    data = resealed(bytes(damaged))
    try:
        value = aigif.loads(data)
    except aigif.AigifError as error:
        assert str(error)
        return
    profile = {0: "paper", 1: "compact"}[data[4] & 15]
    assert aigif.dumps(value, profile=profile) == data


@given(st.sampled_from((0, 1, 1, 1, 2)), st.binary(max_size=200))
def test_sealed_random_bodies(profile: int, body: bytes) -> None:
    data = resealed(b"\xa1GIF" + bytes([0x10 | profile]) + body + b"\0\0\0\0")
    if not refused(data):
        assert aigif.dumps(aigif.loads(data), profile=("paper", "compact")[profile]) == data


FULL = b"\xff" * 16384
LARGE = {
    "an endless section id": b"\0\x5f" + b"\xff" * 4_000_000,
    "an endless length": b"\x80" * 4_000_000,
    "a full bundle of ones": b"\x80\x80\x01" + FULL,
    "a full bundle of a pattern": b"\x80\x80\x01" + b"\x55" * 16383 + b"\x01",
    "many sections": b"\0" + b"".join(bytes([0x5F, id - 31]) + b"\0" for id in range(31, 255)),
    "megabytes of an unknown section": b"\0\x67" + bytes(4_000_000),
}


@pytest.mark.parametrize("name", sorted(LARGE))
@pytest.mark.parametrize("version", [0x10, 0x11])
def test_large_hostile_files_take_little_time_and_memory(name: str, version: int) -> None:
    """A second of processor time is hundreds of times what these take, and far less than a linear walk would."""
    data = resealed(b"\xa1GIF" + bytes([version]) + LARGE[name] + bytes(4))
    tracemalloc.start()
    start = process_time()
    assert refused(data) or version == 0x11
    taken, peak = process_time() - start, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken < 1.0
    assert peak < 3 * len(data) + 2_000_000


def test_a_hostile_list_costs_little_memory() -> None:
    """255 announced entries of nothing: the most that a few bytes can ask for."""
    value = aigif.Aigif(data=aigif.Data(extra=(aigif.ExtraEntry(),) * 256))
    data = aigif.dumps(value)
    assert len(data) < 40
    tracemalloc.start()
    aigif.loads(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_a_text_bomb_is_stopped_at_the_limit() -> None:
    import zlib

    value = aigif.Aigif(
        compression=aigif.CompressionOptions(text_compressor=1), data=aigif.Data(prompt="a" * 1000)
    )
    good = aigif.dumps(value)
    bomb = zlib.compress(b"a" * 50_000_000, 9)
    start = good.index(zlib.compress(b"a" * 1000, 9)[:2])
    data = resealed(good[:start] + bomb[:60_000] + good[-4:])
    tracemalloc.start()
    with pytest.raises(aigif.AigifError) as caught:
        aigif.loads(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert caught.value.exit_code == 4
    assert peak < 1_000_000
