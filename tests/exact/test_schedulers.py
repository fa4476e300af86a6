"""Every scheduler runs exactly on a latent UNet: the file's picture is the same on a hostile platform, or refused."""

from __future__ import annotations

from typing import Any

import pytest

import aigif
from aigif._gen.enums import Scheduler, SigmaSchedule
from aigif._gen.tables import scheduler as scheduler_table
from aigif.runtime.honour import NotHonouredError
from aigif.runtime.samplers import Convention
from aigif.runtime.samplers.catalog import CATALOG
from aigif.runtime.samplers.sigmas import SCHEDULES
from aigif.runtime.schedulers import OTHER_LATENTS, SIGMA_SWITCHES
from aigif.runtime.warm import Models
from tests.exact.hostile import Hostile
from tests.runtime import tiny

PROMPT = "a red house"
STEPS = {Scheduler.PNDM: 4, Scheduler.RESTART: 20}
"""Where three are too few to show what the scheduler does."""

TOOLS = [(convention.value, code) for convention in CATALOG for code in CATALOG[convention]]
SCHEDULES_OF_TOOLS = [
    (convention.value, schedule) for convention in Convention for schedule in SCHEDULES[convention]
]


@pytest.fixture(scope="module", name="model")
def _model(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tiny.save_sd(tmp_path_factory.mktemp("models") / "sd")
    return {"model": folder, "models": Models()}


def same_elsewhere(model: dict[str, Any], scheduler: Scheduler, **settings: Any) -> None:
    steps = STEPS.get(scheduler, 3)
    made = aigif.generate(
        PROMPT, seed=1, steps=steps, device="cpu", exact=True, scheduler=scheduler, **model, **settings
    )
    assert made.aigif.platform.schedule_digest
    file = aigif.dumps(made.aigif)
    with Hostile(int(scheduler) + 1):
        again = aigif.recreate(aigif.loads(file), **model)
    assert again.image.tobytes() == made.image.tobytes()
    assert again.differences == ()


def _runs(code: Scheduler) -> bool:
    name = str(scheduler_table.TABLE.attribute(code, "diffusers"))
    return bool(name) and not name.startswith("FlowMatch") and name not in OTHER_LATENTS


@pytest.mark.parametrize("scheduler", [code for code in Scheduler if _runs(code)], ids=lambda code: code.name)
def test_of_diffusers(scheduler: Scheduler, model: dict[str, Any]) -> None:
    same_elsewhere(model, scheduler)


@pytest.mark.parametrize("schedule", SIGMA_SWITCHES, ids=lambda schedule: schedule.name)
@pytest.mark.parametrize("scheduler", [Scheduler.DPMPP_2M, Scheduler.UNIPC], ids=lambda code: code.name)
def test_schedules_of_diffusers(scheduler: Scheduler, schedule: SigmaSchedule, model: dict[str, Any]) -> None:
    same_elsewhere(model, scheduler, sigma_schedule=schedule)


@pytest.mark.slow
@pytest.mark.parametrize(("dialect", "scheduler"), TOOLS, ids=lambda value: getattr(value, "name", value))
def test_of_the_tools(dialect: str, scheduler: Scheduler, model: dict[str, Any]) -> None:
    same_elsewhere(model, scheduler, prompt_dialect=dialect)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("dialect", "schedule"), SCHEDULES_OF_TOOLS, ids=lambda value: getattr(value, "name", value)
)
def test_schedules_of_the_tools(dialect: str, schedule: SigmaSchedule, model: dict[str, Any]) -> None:
    same_elsewhere(model, Scheduler.EULER, prompt_dialect=dialect, sigma_schedule=schedule)


@pytest.mark.parametrize(
    "scheduler",
    [code for code in Scheduler if not _runs(code) and code not in CATALOG[Convention.A1111]],
    ids=lambda code: code.name,
)
def test_others_are_refused_by_name(scheduler: Scheduler, model: dict[str, Any]) -> None:
    with pytest.raises(NotHonouredError) as caught:
        aigif.generate(PROMPT, seed=1, steps=3, device="cpu", exact=True, scheduler=scheduler, **model)
    assert caught.value.element == "model.scheduler"
