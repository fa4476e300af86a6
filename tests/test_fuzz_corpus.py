"""The kept fuzzing corpus still passes, and still holds valid files as well as broken ones."""

from __future__ import annotations

from pathlib import Path

from tests.fuzz.target import check, check_sealed

CORPUS = sorted((Path(__file__).parent / "fuzz" / "corpus").iterdir())


def test_every_kept_input_passes() -> None:
    accepted = sum(check_sealed(path.read_bytes()) for path in CORPUS)
    assert len(CORPUS) > 50
    assert 0 < accepted < len(CORPUS)


def test_the_target_can_fail() -> None:
    assert check_sealed(b"\x11\x00") and not check(b"\x11\x00")
