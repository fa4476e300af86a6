"""The text coders beside the prompt coder: dictionaries, and coders of packages that need not be there."""

from __future__ import annotations

import sys
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

import aigif
from aigif import text
from aigif._gen.enums import TextCompressor
from aigif.errors import AigifError, CorruptError, LimitError, MissingPackageError
from tests.helpers import typical

STRINGS = ("a lighthouse on a cliff at dusk, oil painting, dramatic light", "blurry, low quality")
OPTIONAL = {TextCompressor.BROTLI: "brotli", TextCompressor.ZSTD_DICTIONARY: "zstandard"}
NEW = (TextCompressor.DEFLATE_DICTIONARY, *OPTIONAL)


def needed(coder: TextCompressor) -> None:
    if coder in OPTIONAL:
        pytest.importorskip(OPTIONAL[coder])


@pytest.mark.parametrize("coder", NEW)
def test_round_trip(coder: TextCompressor) -> None:
    needed(coder)
    for strings in (STRINGS, ("",), ("\0\ud800", "漢字"), ("a" * 32768,)):
        assert text.decode(text.encode(strings, coder), coder) == strings
    assert len(text.encode(STRINGS, coder)) < len(text.encode(STRINGS, TextCompressor.DEFLATE))


@pytest.mark.parametrize("coder", NEW)
def test_damage_is_refused(coder: TextCompressor) -> None:
    needed(coder)
    payload = text.encode(STRINGS, coder)
    with pytest.raises(CorruptError):
        text.decode(payload[:-1], coder)
    with pytest.raises(CorruptError):
        text.decode(payload + b"x", coder)
    with pytest.raises(CorruptError):
        text.decode(payload + bytes(40), coder)


@pytest.mark.parametrize("coder", NEW)
@given(data=st.binary(max_size=100))
def test_any_bytes(coder: TextCompressor, data: bytes) -> None:
    needed(coder)
    try:
        text.decode(data, coder)
    except AigifError:
        pass


@pytest.mark.parametrize("coder", NEW)
def test_bombs_are_stopped(coder: TextCompressor) -> None:
    needed(coder)
    with pytest.raises(LimitError):
        text.decode(text.coders.CODERS[coder].encode(b"a" * 60_000), coder)
    bomb = text.coders.CODERS[coder].encode(b"a" * 20_000_000)
    tracemalloc.start()
    with pytest.raises((LimitError, CorruptError)):  # or a window that is too large
        text.decode(bomb, coder)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3_000_000


@pytest.mark.parametrize("coder", OPTIONAL)
def test_without_the_package(coder: TextCompressor, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not offered, and writing says what to install."""
    value = typical().replace(compression=aigif.CompressionOptions(text_compressor=coder))
    monkeypatch.setitem(sys.modules, OPTIONAL[coder], None)
    assert not text.known(coder) and coder not in text.available()
    with pytest.raises(MissingPackageError, match=OPTIONAL[coder]):
        aigif.dumps(value)
    paper = aigif.Aigif(data=aigif.Data(prompt="cat"))
    other = aigif.CompressionOptions(text_compressor=coder)
    with pytest.raises(MissingPackageError):
        aigif.dumps(paper.replace(compression=other), profile="paper")


def test_the_smallest_is_chosen_among_what_every_installation_has() -> None:
    assert text.best(STRINGS) == TextCompressor.PROMPT
    assert set(text.available()) == {0, 1, 2, 3, 4}
    sizes = {code: len(text.encode(STRINGS, code)) for code in text.available()}
    assert sizes[text.best(STRINGS)] == min(sizes.values())
