"""Every input of the kept fuzzing corpus is still accepted, or still refused, as its name says."""

from __future__ import annotations

from pathlib import Path

from tests.fuzz.target import check, check_sealed

CORPUS = sorted((Path(__file__).parent / "fuzz" / "corpus").iterdir())


def test_every_kept_input_passes() -> None:
    assert len(CORPUS) > 50
    assert {path.suffix for path in CORPUS} == {".accepted", ".refused"}
    for path in CORPUS:
        assert check_sealed(path.read_bytes()) == (path.suffix == ".accepted"), path.name


def test_the_target_can_fail() -> None:
    assert check_sealed(b"\x11\x00") and not check(b"\x11\x00")
