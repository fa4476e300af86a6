"""Coverage-guided fuzzing of the decoder with atheris: `python -m tests.fuzz.run --seconds 300`.

With `--importers` the importers and the readers of pictures are fuzzed; their inputs go to
tests/fuzz/found-importers.

New inputs that reach new code go to tests/fuzz/found; `--minimise` keeps, in tests/fuzz/corpus, the smallest input
for every outcome: each way to be refused, and each set of elements that a valid file holds.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
CORPUS, FOUND, FOUND_IMPORTERS = HERE / "corpus", HERE / "found", HERE / "found-importers"
MAX_LENGTH = 512
MAX_TEXTS = 4096


def main() -> int:
    """Fuzz for a time; exit code 0 where nothing was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=300, help="how long to fuzz")
    parser.add_argument("--minimise", action="store_true", help="keep the smallest input for every outcome")
    parser.add_argument("--importers", action="store_true", help="fuzz the importers rather than the decoder")
    parser.add_argument("--in-process", action="store_true", help=argparse.SUPPRESS)
    given, rest = parser.parse_known_args()
    if given.in_process:
        return fuzz(rest, importers=given.importers)
    if given.minimise:
        return minimise()
    found, corpus = (FOUND_IMPORTERS, []) if given.importers else (FOUND, [str(CORPUS)])
    found.mkdir(exist_ok=True)
    if given.importers:
        seed(found)
    options = [
        f"-max_total_time={given.seconds}",
        f"-max_len={MAX_TEXTS if given.importers else MAX_LENGTH}",
        "-timeout=5",
        "-rss_limit_mb=2048",
    ]
    options += [f"-artifact_prefix={found}/crash-", str(found), *corpus]
    which = ["--importers"] if given.importers else []
    command = [sys.executable, "-m", "tests.fuzz.run", "--in-process", *which, *options]
    return subprocess.run(command, check=False).returncode


def minimise() -> int:
    """Keep the smallest input for every outcome; gives the exit code."""
    from tests.fuzz.target import check_sealed, outcome

    smallest: dict[str, bytes] = {}
    for path in [*CORPUS.iterdir(), *FOUND.glob("*")]:
        body = path.read_bytes()
        key = outcome(body)
        if key not in smallest or (len(body), body) < (len(smallest[key]), smallest[key]):
            smallest[key] = body
    for path in CORPUS.iterdir():
        path.unlink()
    for body in smallest.values():
        verdict = "accepted" if check_sealed(body) else "refused"
        (CORPUS / f"{hashlib.sha256(body).hexdigest()[:16]}.{verdict}").write_bytes(body)
    print(f"{len(smallest)} inputs, {sum(map(len, smallest.values()))} bytes")
    return 0


def seed(folder: Path) -> None:
    """A first input for every importer and carrier."""
    from tests.fuzz.importer_seeds import SEEDS

    for body in SEEDS:
        (folder / hashlib.sha256(body).hexdigest()[:16]).write_bytes(body)


def fuzz(arguments: list[str], *, importers: bool) -> int:
    """Hand over to libFuzzer, which ends the process."""
    import atheris

    with atheris.instrument_imports(include=["aigif"]):
        from tests.fuzz import importer_target
        from tests.fuzz.target import check_sealed

        importer_target.registry.importers()

    def one(data: bytes) -> None:
        if importers:
            importer_target.check(data)
        else:
            check_sealed(data)

    atheris.Setup([sys.argv[0], *arguments], one)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
