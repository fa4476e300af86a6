"""The definition's frozen numbers: every operation and a small pipeline, at 24 and at 20 bits."""

from __future__ import annotations

import pytest

from tests.exact.vectors import PROFILES, SCHEDULERS, frozen, pipeline_print, worked_out


@pytest.mark.parametrize("bits", PROFILES)
def test_operations_give_the_frozen_numbers(bits: str) -> None:
    wanted, found = frozen("operations")[bits], worked_out(bits)
    assert [name for name in wanted if found[name] != wanted[name]] == []
    assert set(found) == set(wanted)


@pytest.mark.parametrize("bits", PROFILES)
@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_the_pipeline_gives_the_frozen_picture(scheduler: str, bits: str) -> None:
    assert pipeline_print(scheduler, bits) == frozen("pipeline")[f"{scheduler} {bits}"]
