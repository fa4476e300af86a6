"""Run the conformance suite: `python -m tests.conformance.run [--testee NAME|COMMAND] [--level LEVEL]`.

Without --testee, all implementations of testees.json. The exit code is not 0 where a check fails that is not among
an implementation's known failures, or where a known failure passes.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conformance.cases import CASES, LEVELS, Case, load
from tests.conformance.judge import FAILED, NOT_SUPPORTED, PASSED, Check, checks, lacking
from tests.conformance.process import Broken, Process

TESTEES = Path(__file__).parent / "testees.json"


@dataclass(frozen=True, slots=True)
class Testee:
    """An implementation: its command, and the ids of checks that it is known to fail, with the reasons."""

    name: str
    command: Sequence[str]
    known_failures: Mapping[str, str] = field(default_factory=dict)

    __test__ = False


@dataclass(frozen=True, slots=True)
class Report:
    """What an implementation did."""

    testee: Testee
    checks: Sequence[Check]

    def problems(self) -> list[str]:
        """Failures that are not known, and known ones that do not fail."""
        known = self.testee.known_failures
        found = [f"{check.id}: {check.message}" for check in self.failed() if check.id not in known]
        failed = {check.id for check in self.failed()}
        ran = {check.id for check in self.checks}
        return found + [f"{id}: a known failure passes" for id in known if id in ran - failed]

    def failed(self) -> list[Check]:
        return [check for check in self.checks if check.outcome == FAILED]

    def counts(self, level: str) -> tuple[int, int, int, int]:
        """Passed, failed, known to fail, not supported."""
        known = self.testee.known_failures
        found = Counter(
            "known" if check.outcome == FAILED and check.id in known else check.outcome
            for check in self.checks
            if check.level == level
        )
        return found[PASSED], found[FAILED], found["known"], found[NOT_SUPPORTED]


def implementations() -> list[Testee]:
    """The implementations of testees.json."""
    return [Testee(**entry) for entry in json.loads(TESTEES.read_text(encoding="utf-8"))]


def run(testee: Testee, cases: Iterable[Case], timeout: float = 20.0) -> Report:
    """Every case through one implementation."""
    found: list[Check] = []
    with Process(testee.command, timeout) as process:
        hello = process.ask({"op": "hello"})
        for number, case in enumerate(cases):
            if lacking(case, hello):
                found.append(Check(case.id, case.level, NOT_SUPPORTED))
            else:
                found += checks(case, hello, _asked(process, {"id": number, **case.request}))
    return Report(testee, found)


def _asked(process: Process, request: dict[str, Any]) -> Mapping[str, Any] | str:
    try:
        if not process.running:
            process.ask({"op": "hello"})
        answer = process.ask(request)
    except Broken as broken:
        return str(broken)
    if not isinstance(answer, dict) or answer.get("id") != request["id"]:
        return f"no answer to the request {request['id']}: {str(answer)[:200]}"
    return answer


def table(reports: Iterable[Report], levels: Sequence[str]) -> str:
    """Implementations by levels: passed, failed, known to fail, not supported."""
    head = ["implementation", *levels]
    rows = [[report.testee.name, *(cell(report.counts(level)) for level in levels)] for report in reports]
    widths = [max(len(row[at]) for row in [head, *rows]) for at in range(len(head))]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in [head, *rows]
    ]
    return "\n".join(line.rstrip() for line in lines)


def cell(counts: tuple[int, int, int, int]) -> str:
    passed, failed, known, unsupported = counts
    parts = [f"{passed} passed", f"{failed} failed"]
    parts += [f"{known} known to fail"] if known else []
    return ", ".join([*parts, f"{unsupported} not supported"])


def chosen(name: str | None) -> list[Testee]:
    listed = implementations()
    if name is None:
        return listed
    found = [testee for testee in listed if testee.name.lower() == name.lower()]
    return found or [Testee(name, shlex.split(name))]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print the table; gives the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--testee", help="a name of testees.json, or a command line")
    parser.add_argument("--level", choices=LEVELS, help="checks of this level only")
    parser.add_argument("--cases", type=Path, default=CASES, help="a folder of case files")
    parser.add_argument("--only", default="", help="cases whose id contains this")
    parser.add_argument("--timeout", type=float, default=20.0, help="seconds for an answer")
    options = parser.parse_args(arguments)
    cases = [case for case in load(options.cases) if options.only in case.id]
    levels = [options.level] if options.level else list(LEVELS)
    reports, problems = [], []
    for testee in chosen(options.testee):
        try:
            report = run(testee, cases, options.timeout)
        except Broken as broken:
            print(f"{testee.name}: {broken}", file=sys.stderr)
            return 1
        kept = [check for check in report.checks if check.level in levels]
        reports.append(Report(testee, kept))
        problems += [f"{testee.name}: {problem}" for problem in reports[-1].problems()]
    print(f"{len(cases)} cases\n\n{table(reports, levels)}")
    if problems:
        print("\n" + "\n".join(problems), file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
