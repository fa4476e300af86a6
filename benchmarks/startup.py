"""How long `aigif info FILE` takes as a process, as a multiple of `python -c pass`.

    python -m benchmarks.startup [--rounds N]

Both are started the same way, by `python -c`, in turn; byte code is compiled beforehand, as an installation does.
The ratio is that of the medians, for times of single runs vary on a busy machine.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import aigif
from benchmarks.typical import recorded

__all__ = ["Startup", "measure"]

INFO = "import sys; from aigif.cli import main; sys.exit(main())"
REPOSITORY = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Startup:
    """Medians of a number of rounds, in seconds."""

    rounds: int
    nothing: float
    info: float

    @property
    def ratio(self) -> float:
        return self.info / self.nothing


def measure(rounds: int = 41) -> Startup:
    """Start both `rounds` times, in turn, and give the medians."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.aigif"
        aigif.save(_picture(), path)
        environment = {
            key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"
        } | {"PYTHONPYCACHEPREFIX": folder, "PYTHONPATH": str(REPOSITORY)}
        commands = ["-c", "pass"], ["-c", INFO, "info", str(path)]
        times: tuple[list[float], list[float]] = ([], [])
        for command in commands:
            _time(command, environment)  # compiles and warms up
        for _ in range(rounds):
            for command, taken in zip(commands, times, strict=True):
                taken.append(_time(command, environment))
        return Startup(rounds, *(statistics.median(taken) for taken in times))


def _picture() -> aigif.Aigif:
    held = recorded()
    return held.replace(
        data=held.data.replace(prompt="a lighthouse on a cliff at dusk", negative_prompt="blurry")
    )


def _time(arguments: list[str], environment: dict[str, str]) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, env=environment)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=41, help="how often each is started")
    found = measure(parser.parse_args().rounds)
    print(f"rounds             {found.rounds}")
    print(f"python -c pass     {1e3 * found.nothing:.1f} ms (median)")
    print(f"aigif info FILE    {1e3 * found.info:.1f} ms (median)")
    print(f"ratio              {found.ratio:.2f} (at most 3)")


if __name__ == "__main__":
    main()
