"""Differential fuzzing of Python, the oracle and TypeScript: `python -m tests.conformance.fuzz --inputs 2000000`.

Inputs come in chunks, which depend only on the seed and their numbers: `--seed S --start K` goes on at chunk K.
Disagreements are written to tests/conformance/found/ as candidates for case files.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

from tests.conformance.cases import KINDS, shortened, text_of
from tests.conformance.differ import Differ, Disagreement
from tests.conformance.grammar import Grammar
from tests.conformance.process import Broken

FOUND = Path(__file__).parent / "found"
CHUNK = 500
SECONDS_BETWEEN_LINES = 30.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a chunk gave."""

    inputs: int
    accepted: int
    disagreements: Sequence[Disagreement]


@cache
def grammar() -> Grammar:
    return Grammar()


@cache
def differ() -> Differ:
    return Differ()


def inputs_of(seed: int, chunk: int) -> list[bytes]:
    """The inputs of a chunk: always the same ones for the same codecs."""
    return grammar().files(Random(f"{seed}:{chunk}"), CHUNK)


def run_chunk(job: tuple[int, int]) -> Outcome:
    inputs = inputs_of(*job)
    before = differ().accepted
    try:
        found = differ().compare(inputs)
    except Broken:  # One of them ended the process, or made it hang: ask one by one.
        found = list(_one_by_one(inputs))
    return Outcome(len(inputs), differ().accepted - before, found)


def _one_by_one(inputs: Iterable[bytes]) -> Iterator[Disagreement]:
    for data in inputs:
        try:
            yield from differ().compare([data])
        except Broken as broken:
            yield Disagreement(data, None, None, str(broken))


def fuzz(seed: int, start: int, inputs: int, workers: int, *, show: bool = True) -> Outcome:
    """So many inputs, rounded up to whole chunks, in so many processes."""
    jobs = [(seed, chunk) for chunk in range(start, start - (-inputs // CHUNK))]
    began = shown = time.monotonic()
    count = accepted = 0
    found: list[Disagreement] = []
    with get_context("spawn").Pool(workers) as pool:
        for done, outcome in enumerate(pool.imap(run_chunk, jobs), 1):
            count, accepted = count + outcome.inputs, accepted + outcome.accepted
            found += outcome.disagreements
            now = time.monotonic()
            if show and (now - shown > SECONDS_BETWEEN_LINES or done == len(jobs)):
                shown = now
                print(
                    f"{count} inputs, {accepted} accepted, {len(found)} disagreements, "
                    f"{count / (now - began):.0f} inputs/s; goes on with --seed {seed} --start {start + done}",
                    flush=True,
                )
    return Outcome(count, accepted, found)


def keep(found: Iterable[Disagreement], folder: Path = FOUND) -> list[Path]:
    """Write each disagreement as a candidate for a case file: what Python says stands as what is right."""
    paths = []
    for each in found:
        name = hashlib.sha256(each.data).hexdigest()[:16]
        path = folder / f"{name}.json"
        folder.mkdir(exist_ok=True)
        path.write_text(text_of([candidate(name, each)]), encoding="utf-8")
        paths.append(path)
    return paths


def candidate(name: str, found: Disagreement) -> dict[str, Any]:
    """A decode case; `answers` and the rule are for a person to judge."""
    entry: dict[str, Any] = {
        "name": name,
        "about": "Found by differential fuzzing.",
        "level": "Required",
        "rule": "errors",
        "op": "decode",
        "bytes": shortened(found.data),
    }
    refused = isinstance(found.python, str) and found.python in KINDS
    entry |= {"error": found.python} if refused else {"value": found.python}
    answers = {name: repr(getattr(found, name))[:2000] for name in ("python", "oracle", "typescript")}
    kept: dict[str, Any] = json.loads(json.dumps(entry | {"answers": answers}))
    return kept


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz; exit code 0 where all agree."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--inputs", type=int, default=2_000_000, help="how many, rounded up to a chunk of 500"
    )
    parser.add_argument("--seed", type=int, default=5, help="other seeds give other inputs")
    parser.add_argument("--start", type=int, default=0, help="the first chunk")
    parser.add_argument("--workers", type=int, default=2, help="processes, each with a Node of its own")
    options = parser.parse_args(arguments)
    outcome = fuzz(options.seed, options.start, options.inputs, options.workers)
    for path in keep(outcome.disagreements):
        print(path, file=sys.stderr)
    return 1 if outcome.disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
