"""The README's file is a file, and says what the README says that it does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import aigif
from tests.helpers import REPOSITORY

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```text\n(.*?)```", README, re.DOTALL)
DATA = bytes.fromhex(BLOCKS[0])


def test_the_bytes_are_a_file_of_the_stated_size() -> None:
    (stated,) = re.findall(r"is this file, (\d+) bytes", README)
    assert len(DATA) == int(stated)
    assert aigif.dumps(aigif.loads(DATA)) == DATA


def test_info_shows_what_the_readme_shows(tmp_path: Path) -> None:
    (tmp_path / "tree.aigif").write_bytes(DATA)
    command = [
        sys.executable,
        "-c",
        "import sys; from aigif.cli import main; sys.exit(main())",
        "info",
        "tree.aigif",
    ]
    shown = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=True, env={"PYTHONPATH": str(REPOSITORY)}
    )
    assert shown.stdout.strip() == BLOCKS[1].strip()


def test_every_link_leads_somewhere() -> None:
    for page in [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]:
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), (page.name, target)


def test_every_make_target_that_the_pages_name_exists() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    for page in [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]:
        named = set(re.findall(r"`make ([a-z-]+)`", page.read_text(encoding="utf-8")))
        assert named <= targets, (page.name, named - targets)
