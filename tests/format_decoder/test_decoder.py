"""A decoder in Perl, written from docs/format.md alone, gives what that page and the conformance suite expect."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import aigif
from aigif._gen.container import MAGIC
from aigif.errors import AigifError
from tests.codegen.page_reader import Page
from tests.conformance.cases import load
from tests.conformance.judge import PASSED
from tests.conformance.run import Testee, run
from tests.helpers import REPOSITORY, resealed

PAGE = REPOSITORY / "docs" / "format.md"
DECODER = ["perl", str(Path(__file__).parent / "decode.pl"), str(PAGE)]
CORPUS = sorted((REPOSITORY / "tests" / "fuzz" / "corpus").iterdir())
RELEASED = sorted((REPOSITORY / "tests" / "released").glob("*/*.aigif"))
MUTANTS = 2000


def lacking() -> str:
    """Why the decoder can't run here; empty where it can."""
    try:
        subprocess.run(["perl", "-MCompress::Raw::Zlib", "-e", "1"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        return f"no Perl with its own Compress::Raw::Zlib: {error}"
    return ""


pytestmark = pytest.mark.skipif(bool(lacking()), reason=lacking())


def test_the_examples_of_the_page() -> None:
    examples = Page(PAGE.read_text(encoding="utf-8")).examples()
    assert len(examples) > 3
    answers = decoded(example.data for example in examples)
    values = [aigif.from_json(json.loads(example.json)) for example in examples]
    assert answers == [{"ok": aigif.to_json(value)} for value in values]


def test_released_files() -> None:
    """The tails of "later-" files are elements to this release, or no valid ones."""
    kept = [path for path in RELEASED if not path.name.startswith("later-")]
    assert len(kept) > 20
    answers = decoded(path.read_bytes() for path in kept)
    for path, answer in zip(kept, answers, strict=True):
        assert answer == {"ok": json.loads(path.with_suffix(".json").read_text(encoding="ascii"))}, path.name


def test_damaged_files_give_what_the_generated_codec_gives() -> None:
    """The fuzzing corpus, and mutants of it: refused by both, or the same value.

    The decoder has the text compressors of format 1.0; text of later ones it leaves as it is, or refuses in a record.
    """
    inputs = [sealed(path.read_bytes()) for path in CORPUS] + list(mutants(20261125, MUTANTS))
    accepted = 0
    for data, answer in zip(inputs, decoded(inputs), strict=True):
        if "opaque_text" in answer.get("ok", {}) or answer.get("error") == "unsupported":
            continue
        try:
            expected = aigif.to_json(aigif.loads(data))
        except AigifError:
            assert "error" in answer, data.hex()
            continue
        assert answer.get("ok") == expected, (data.hex(), answer)
        accepted += 1
    assert MUTANTS // 40 < accepted < MUTANTS // 2


def test_required_decode_cases_of_the_conformance_suite() -> None:
    """All but those with text of a compressor that came after format 1.0."""
    required = [case for case in load() if case.op == "decode" and case.level == "Required"]
    cases = [case for case in required if case.compressor is None]
    assert len(cases) > 100
    checks = [check for check in run(Testee("Perl", DECODER), cases).checks if check.level == "Required"]
    assert len(checks) == len(cases)
    assert [check for check in checks if check.outcome != PASSED] == []


def decoded(files: Iterable[bytes]) -> list[Any]:
    """The decoder's answers to files, without ids and messages."""
    lines = [json.dumps({"op": "decode", "hex": data.hex()}) for data in files]
    done = subprocess.run(DECODER, input="\n".join(lines), capture_output=True, text=True, check=True)
    assert done.stderr == ""
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(lines)
    return [{key: held for key, held in answer.items() if key in ("ok", "error")} for answer in answers]


def sealed(body: bytes) -> bytes:
    """A file with magic and checksum around what lies between them."""
    return resealed(MAGIC + body + bytes(4))


@cache
def bodies() -> list[bytes]:
    """What mutants are made of: the corpus, and released files without magic and checksum."""
    return [path.read_bytes() for path in CORPUS] + [path.read_bytes()[4:-4] for path in RELEASED]


def mutants(seed: int, count: int) -> Iterable[bytes]:
    """Files with one to four bytes or bits near their beginning changed, left out or put in."""
    source = random.Random(seed)
    for _ in range(count):
        body = bytearray(source.choice(bodies()))
        for _ in range(source.choice((1, 1, 1, 2, 4))):
            at = source.randrange(min(len(body), 60) + 1)
            byte = source.choice((0, 1, 255, source.randrange(256)))
            flipped = bytes([body[at] ^ 1 << source.randrange(8)]) if at < len(body) else b""
            body[at : at + source.randrange(2)] = source.choice((b"", bytes([byte]), flipped))
        yield sealed(bytes(body))
