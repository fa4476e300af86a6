"""The tables of the prompt coder: their size, their hash, what can be read in them, and how they are loaded."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zlib
from pathlib import Path
from time import process_time

import pytest

import aigif
from aigif.text import primed, prompt
from aigif.text.prompt.tables import HASH_BYTES, MAGIC, PLANES, Tables, planes_of
from tests.helpers import REPOSITORY

DATA = Path(prompt.TABLES).read_bytes()
# Tables never change: other ones get another file and another code in the schema.
RELEASED = "536d122e68df635aa25b129555c02f443b9a0ef7e89d15d58a9c696ba970b814"
TRAINING = REPOSITORY.parent / "shared" / "prompts" / "train.jsonl"


def test_the_file() -> None:
    assert len(DATA) <= 600_000
    assert DATA[: len(MAGIC)] == MAGIC and DATA[len(MAGIC)] == 1
    stated = DATA[len(MAGIC) + 1 :][:HASH_BYTES]
    body = zlib.decompress(DATA[len(MAGIC) + 1 + HASH_BYTES :])
    assert hashlib.sha256(body).digest() == stated
    assert stated.hex() == RELEASED


def test_the_planes_fit_each_other() -> None:
    tables = prompt.coder().model.tables
    planes = dict(zip(PLANES, planes_of(DATA), strict=True))
    size = len(tables.tokens)
    assert size == len(tables.kinds) == len(tables.classes) == len(set(tables.tokens)) + 2
    assert sorted(tables.order) == list(range(size))
    assert len(tables.following) == max(tables.classes) + 1
    assert tables.bounds[0] == 0 and tables.bounds[-1] == size
    for name in ("pairs", "triples"):
        level = [planes[f"{name}: {plane}"] for plane in ("contexts, low", "counts, low", "classes")]
        assert len({len(plane) for plane in level}) == 1
    for level, most in ((tables.pairs, size), (tables.triples, None)):
        for context in range(0, 3000, 7):
            held = level[context]
            if held is None:
                continue
            ids, slots, odds, _ = held
            assert ids == sorted(set(ids)) and len(slots) == len(ids) + 1 and 0 <= odds < 16
            assert most is None or ids[-1] < most
    assert all(0 < taken < 256 for rows in tables.escapes for row in rows for taken in row)
    assert all(low > 0 and capital > 0 and low + capital < 1024 for low, capital in tables.cases)


def test_places_of_triples_lie_in_their_list_of_pairs() -> None:
    tables = prompt.coder().model.tables
    checked = 0
    for last in range(0, len(tables.tokens), 11):
        pairs = tables.pairs[last]
        for at, token in enumerate(pairs[0] if pairs else ()):
            triples = tables.triples[pairs[3] + at] if pairs else None
            if triples:
                following = tables.pairs[token]
                assert following is not None and triples[0][-1] < len(following[0])
                checked += 1
    assert checked > 500


def test_loading_is_fast_and_lazy() -> None:
    taken = []
    for _ in range(5):
        start = process_time()
        Tables(DATA)
        taken.append(process_time() - start)
    assert min(taken) < 0.06
    code = (
        "import sys, aigif; data = open(sys.argv[1], 'rb').read(); aigif.loads(data); "
        "print(any(name.startswith('aigif.text.prompt') for name in sys.modules))"
    )
    path = REPOSITORY / "tests" / "released" / "1.0" / "empty.aigif"
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def words_of(data: bytes, longest: int) -> list[str]:
    """Runs of printable characters of at least `longest`."""
    found, run = [], bytearray()
    for byte in data + b"\0":
        if 32 <= byte < 127:
            run.append(byte)
            continue
        if len(run) >= longest:
            found.append(run.decode())
        run.clear()
    return found


def test_no_sentence_can_be_read_in_the_tables() -> None:
    """Tokens are the only text, and no token is longer than a word or two."""
    planes = dict(zip(PLANES, planes_of(DATA), strict=True))
    tokens = bytes(planes.pop("tokens")).decode().split("\0")
    assert max(map(len, tokens)) <= 24
    assert all(token.strip().count(" ") == 0 for token in tokens)
    body = b"\0".join(bytes(plane) for plane in planes.values())
    for run in words_of(body, 24):
        assert len(set(run)) < 16 or not any(word in run for word in (" the ", " and ", " of a "))


@pytest.mark.skipif(not TRAINING.is_file(), reason="the training text is not here")
def test_no_long_phrase_of_the_training_text_is_in_the_dictionary() -> None:
    """Phrases of five words of a training text that few others have."""
    import json
    from collections import Counter

    counts: Counter[str] = Counter()
    with TRAINING.open(encoding="utf-8") as lines:
        for line in lines:
            words = json.loads(line)["prompt"].split(" ")
            counts.update({" ".join(words[at : at + 8]) for at in range(len(words) - 7)})
    held = primed.dictionary().decode("utf-8", "replace")
    words = held.split(" ")
    phrases = {" ".join(words[at : at + 8]) for at in range(len(words) - 7)}
    assert not [phrase for phrase in phrases if 0 < counts[phrase] < 10]


def test_the_dictionary_never_changes() -> None:
    held = primed.dictionary()
    assert len(held) == 32768
    assert (
        hashlib.sha256(held).hexdigest() == "f3ec980c807d39bd9c67694b5aaec5639ae25a8d42d78a0601206f821db04245"
    )


def test_the_default_is_the_prompt_coder() -> None:
    from aigif.file import with_best_text
    from tests.helpers import typical

    assert with_best_text(typical()).compression.text_compressor == aigif.TextCompressor.PROMPT
