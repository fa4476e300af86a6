"""docs/cli.md shows what the commands print."""

from __future__ import annotations

import re
from pathlib import Path

from aigif.cli import app
from tests.cli.page import PAGE, rerun

NUMBER = re.compile(r"\d[\d,.]*")


def without_picture_sizes(page: str) -> list[str]:
    """The lines; without numbers where they say how large a picture file is, which depends on its library."""
    return [NUMBER.sub("N", line) if ".png -> " in line else line for line in page.splitlines()]


def test_the_page_is_what_the_commands_print(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert without_picture_sizes(rerun(page, tmp_path, models=False)) == without_picture_sizes(page)


def test_blocks_that_run_a_model_differ_in_numbers_only(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    found = rerun(page, tmp_path)
    assert NUMBER.sub("N", found) == NUMBER.sub("N", page)


def test_every_command_is_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name in app.COMMANDS:
        assert f"\n## {name}\n" in page
        assert f"$ aigif {name} " in page
