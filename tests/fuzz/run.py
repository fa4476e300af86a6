"""Coverage-guided fuzzing of the decoder with atheris: `python -m tests.fuzz.run --seconds 300`.

New inputs that reach new code go to tests/fuzz/work; `--minimise` merges them into the small corpus that is kept
in tests/fuzz/corpus.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
CORPUS, WORK = HERE / "corpus", HERE / "work"
MAX_LENGTH = 512


def main() -> int:
    """Fuzz for a time; exit code 0 where nothing was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=300, help="how long to fuzz")
    parser.add_argument("--minimise", action="store_true", help="merge what was found into the kept corpus")
    parser.add_argument("--in-process", action="store_true", help=argparse.SUPPRESS)
    given, rest = parser.parse_known_args()
    if given.in_process:
        return fuzz(rest)
    WORK.mkdir(exist_ok=True)
    options = [f"-max_total_time={given.seconds}", f"-max_len={MAX_LENGTH}", "-timeout=5", "-rss_limit_mb=2048"]
    folders = [str(WORK), str(CORPUS)]
    if given.minimise:
        options, folders = ["-merge=1", f"-max_len={MAX_LENGTH}"], [str(CORPUS), str(WORK)]
    options.append(f"-artifact_prefix={WORK}/found-")
    command = [sys.executable, "-m", "tests.fuzz.run", "--in-process", *options, *folders]
    return subprocess.run(command, check=False).returncode


def fuzz(arguments: list[str]) -> int:
    """Hand over to libFuzzer, which ends the process."""
    import atheris

    with atheris.instrument_imports(include=["aigif"]):
        from tests.fuzz.target import check_sealed

    def one(data: bytes) -> None:
        check_sealed(data)

    atheris.Setup([sys.argv[0], *arguments], one)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
