"""Runs the commands of docs/cli.md in their order, in a folder of its own.

    python -m tests.cli.page [--write]

prints the page as it comes out, or rewrites it. Blocks marked `console model` run a tiny model; their numbers depend
on the machine.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, PngImagePlugin

from tests.cli.calls import environment
from tests.helpers import REPOSITORY
from tests.runtime import tiny

PAGE = REPOSITORY / "docs" / "cli.md"
BLOCK = re.compile(r"^```(console(?: model)?)\n(.*?)^```\n", re.M | re.S)
INFOTEXT = (
    "a lighthouse on a cliff at dusk, oil painting, dramatic light\nNegative prompt: blurry, low quality\n"
    "Steps: 25, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 829557441, Size: 512x768, "
    "Model hash: cc6cb27103, Model: v1-5-pruned-emaonly, Version: v1.9.4"
)
HOUSE = {"model": {"scheduler": "euler-a"}, "data": {"prompt": "a red house", "seed": 7, "steps": 30}}


def rerun(page: str, folder: Path, *, models: bool = True) -> str:
    """The page with what its commands print now; blocks that run a model stay where not `models`."""
    _prepare(folder, models)

    def fresh(block: re.Match[str]) -> str:
        kind, body = block.groups()
        if kind != "console" and not models:
            return block.group()
        commands = [line for line in body.splitlines() if line.startswith("$ ")]
        return f"```{kind}\n" + "".join(f"{line}\n{_output(line[2:], folder)}" for line in commands) + "```\n"

    return BLOCK.sub(fresh, page)


def _output(command: str, folder: Path) -> str:
    path = f"{folder}/.bin:/usr/bin:/bin"
    changes = {
        "PATH": path,
        "HF_HUB_CACHE": str(folder / ".cache"),
        "AIGIF_STORE": str(folder / ".store"),
        "COLUMNS": "100",
        "OMP_NUM_THREADS": "1",
    }
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment(**changes), text=True, timeout=300,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return done.stdout


def _prepare(folder: Path, models: bool) -> None:
    (folder / ".bin").mkdir()
    command = folder / ".bin" / "aigif"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -W ignore -m aigif "$@"\n')
    command.chmod(0o755)
    texts = PngImagePlugin.PngInfo()
    texts.add_text("parameters", INFOTEXT)
    picture = Image.new("RGB", (512, 768))
    picture.putdata([(x * y // 512 % 256, x // 2, y // 3) for y in range(768) for x in range(512)])
    picture.save(folder / "lighthouse.png", pnginfo=texts)
    picture.resize((128, 192)).save(folder / "plain.png")
    (folder / "house.json").write_text(json.dumps(HOUSE) + "\n")
    inside = folder / "pictures" / "old"
    inside.mkdir(parents=True)
    picture.save(inside / "lighthouse.png", pnginfo=texts)
    (inside / "broken.png").write_bytes((inside / "lighthouse.png").read_bytes()[:20])
    if models:
        tiny.save_sd(folder / "tiny")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        text = rerun(PAGE.read_text(encoding="utf-8"), Path(folder))
    if "--write" in sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
