"""Every implementation passes the conformance suite, the case files are fresh, and the runner finds what is wrong."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.codegen.page_reader import Page
from tests.conformance import generate
from tests.conformance.cases import Case, load
from tests.conformance.judge import FAILED, NOT_SUPPORTED, PASSED, checks, normal
from tests.conformance.run import Testee, implementations, main, run, table
from tests.helpers import REPOSITORY

CASES = load()
LEAST = {"Kaitai": 300}
LIAR = """
import json, sys, time
for line in sys.stdin:
    request = json.loads(line)
    answer = {"name": "liar", "operations": ["decode", "edit", "reencode"], "profiles": ["compact"]}
    if request["op"] != "hello":
        answer = ANSWER
    print(json.dumps({"id": request.get("id"), **answer}), flush=True)
"""


@pytest.mark.parametrize("testee", implementations(), ids=lambda testee: testee.name)
def test_every_implementation(testee: Testee) -> None:
    report = run(testee, CASES)
    assert report.problems() == []
    passed, failed, known, unsupported = report.counts("Required")
    assert passed >= LEAST.get(testee.name, 2500)
    assert (unsupported == 0) == (testee.name != "Kaitai")
    assert failed == 0 and known <= len(testee.known_failures)


def test_case_files_are_what_the_schema_gives() -> None:
    changed, stale = generate.differences()
    assert not changed and not stale


def test_there_are_enough_cases_of_every_kind() -> None:
    assert len(CASES) == len({case.id for case in CASES}) > 2000
    for op, least in {"decode": 1000, "encode": 500, "reencode": 200, "edit": 15}.items():
        assert sum(case.op == op for case in CASES) >= least, op
    for kind in ("corrupt", "not canonical", "unsupported", "over a limit", "value"):
        assert sum(kind in case.kinds for case in CASES) >= 15, kind
    assert sum(case.id.startswith("hand/") for case in CASES) >= 50
    assert sum(case.level == "Recommended" for case in CASES) >= 50


def test_every_rule_is_one_of_the_page_and_every_canonical_rule_is_tested() -> None:
    page = Page((REPOSITORY / "docs" / "format.md").read_text(encoding="utf-8"))
    canonical = {f"R{number}" for number in range(1, 18)}
    rules = {case.rule.partition(":")[0] for case in CASES}
    assert rules - canonical <= page.anchors()
    assert canonical <= rules


def lying(tmp_path: Path, answer: str) -> Testee:
    program = tmp_path / "liar.py"
    program.write_text(LIAR.replace("ANSWER", answer), encoding="utf-8")
    return Testee("liar", [sys.executable, str(program)])


def few() -> list[Case]:
    names = ("prelude: empty", "prelude: major 2", "prelude: seed, again", "prelude: seed, written")
    return [case for case in CASES if case.id.endswith(names) and case.id.startswith("file/")]


@pytest.mark.parametrize(
    ("answer", "outcomes"),
    [
        ('{"ok": {}}', {PASSED: 1, FAILED: 2}),
        ('{"ok": {"data": {"seed": 829557441}}, "hex": "00"}', {FAILED: 3}),
        ('{"error": "corrupt"}', {PASSED: 1, FAILED: 3}),
        ('{"error": "unsupported"}', {PASSED: 2, FAILED: 2}),
        ('{"id": 77}', {FAILED: 3}),
        ("sys.exit(3)", {FAILED: 3}),
        ("time.sleep(60)", {FAILED: 3}),
    ],
)
def test_wrong_answers_fail(tmp_path: Path, answer: str, outcomes: dict[str, int]) -> None:
    report = run(lying(tmp_path, answer), few(), timeout=0.5 if "sleep" in answer else 20.0)
    found = [check.outcome for check in report.checks]
    assert {outcome: found.count(outcome) for outcome in (PASSED, FAILED) if outcome in found} == outcomes
    assert found.count(NOT_SUPPORTED) == 1
    assert len(report.problems()) == outcomes[FAILED]


def test_known_failures_are_no_problem_until_they_pass(tmp_path: Path) -> None:
    cases = few()
    liar = lying(tmp_path, '{"ok": {}}')
    wrong = {check.id: "why" for check in run(liar, cases).failed()}
    report = run(Testee("liar", liar.command, wrong), cases)
    assert report.problems() == []
    assert "2 known to fail" in table([report], ["Required"])
    report = run(Testee("liar", liar.command, wrong | {"file/prelude: empty": "why"}), cases)
    assert report.problems() == ["file/prelude: empty: a known failure passes"]


def test_the_exit_code_says_whether_all_is_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    liar = lying(tmp_path, '{"ok": {}}')
    assert main(["--testee", " ".join(liar.command), "--only", "prelude: empty"]) == 1
    assert main(["--testee", "python", "--only", "prelude: empty", "--level", "Required"]) == 0
    assert "Python          3 passed, 0 failed, 0 not supported\n" in capsys.readouterr().out
    assert main(["--testee", "no-such-program", "--only", "prelude: empty"]) == 1


def test_values_compare_whatever_way_they_are_written() -> None:
    named = {"platform": {"device": "cuda"}, "data": {"seed": 7, "guidance_scale": 8}}
    coded = {"platform": {"device": 1, "torch": 0}, "data": {"seed": 7, "guidance_scale": 8.0, "hires": None}}
    assert normal(named) == normal(coded)
    assert normal({"data": {"hires": {}}}) != normal({})
    assert normal({"data": {"hires": {"scale": 2.0}}}) == normal({"data": {"hires": {}}})
    assert normal({"unknown": {"width": 9, "value": "0AB", "strings": []}}) == normal(
        {"unknown": {"width": 9, "value": "ab", "strings": []}}
    )
    assert normal({"data": {"nothing": 0}}) != normal({})


def test_a_value_that_can_not_be_told_is_not_passed() -> None:
    (case,) = (case for case in CASES if case.id == "file/prelude: seed")
    hello = {"operations": ["decode"], "profiles": ["compact"]}
    (check,) = checks(case, hello, {"ok": {}, "untold": ["data.seed"]})
    assert check.outcome == NOT_SUPPORTED
    (check,) = checks(case, hello, {"ok": {"data": {"steps": 1}}, "untold": ["data.seed"]})
    assert check.outcome == NOT_SUPPORTED
    (check,) = checks(
        case, hello, {"ok": {"data": {"steps": 1, "seed": 829557441}}, "untold": ["data.tiling"]}
    )
    assert check.outcome == FAILED
