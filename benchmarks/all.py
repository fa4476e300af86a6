"""The figures of the documentation that a command prints without choices: `make bench`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SAMPLES = Path("..") / "shared" / "samples"
COMMANDS = (
    ("benchmarks.sizes",),
    ("benchmarks.speed",),
    ("benchmarks.languages",),
    ("benchmarks.startup",),
    ("benchmarks.coverage",),
    ("benchmarks.coders",),
    ("benchmarks.text",),
    ("benchmarks.pictures",),
    ("benchmarks.families",),
    ("benchmarks.samplers",),
    ("benchmarks.overhead",),
    ("benchmarks.exact",),
    ("benchmarks.exact", "--large"),
    ("benchmarks.exact", "--families"),
    ("benchmarks.platforms",),
    ("benchmarks.world.cost",),
    ("benchmarks.world.evaluate",),
)


def main() -> int:
    """Run every benchmark; gives the number of those that failed."""
    commands = list(COMMANDS)
    if SAMPLES.is_dir():
        commands.append(("benchmarks.importers", "--samples", str(SAMPLES)))
    failed = 0
    for command in commands:
        print(f"\n$ python -m {' '.join(command)}", flush=True)
        failed += subprocess.run([sys.executable, "-m", *command], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
