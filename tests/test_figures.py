"""The goals that the format sets itself, as tests: docs/measurements.md has the figures."""

from __future__ import annotations

from benchmarks import sizes, speed, typical


def test_a_typical_picture_is_small() -> None:
    elements, total = sizes.measure("compact", typical.with_versions())
    assert elements <= 14
    assert total <= 24


def test_the_generated_codec_is_many_times_as_fast_as_construct() -> None:
    """15 times is the goal and what a quiet machine shows; a busy one gets some slack."""
    for value in speed.pictures().values():
        parse, slow_parse, build, slow_build = speed.compare_compact(value)
        assert slow_parse / parse >= 10
        assert slow_build / build >= 10
        assert parse <= 60


def test_a_typical_header_is_parsed_quickly() -> None:
    parse = speed.compare_compact(speed.pictures()["typical"])[0]
    assert parse <= 15
