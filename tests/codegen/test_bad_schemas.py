"""Every bad schema is refused with exactly the complaint that its first line asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen import breaking, lint, passes
from codegen.passes.check import Pass
from tests.codegen import bad_files


def name_of(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", bad_files.BAD, ids=name_of)
def test_bad_schema(path: Path) -> None:
    assert bad_files.complaints(path) == bad_files.expected(path)
    assert f": {path.stem}: " in bad_files.expected(path)[0]


@pytest.mark.parametrize("path", bad_files.BREAKING, ids=name_of)
def test_breaking_change(path: Path) -> None:
    assert bad_files.breaking_complaints(path) == bad_files.expected(path)
    assert any(f": {path.stem}: " in line for line in bad_files.expected(path))


def pass_names() -> list[str]:
    return [check.name for check in passes.PASSES if isinstance(check, Pass)]


def test_every_rule_has_a_bad_file() -> None:
    assert len(pass_names()) == len(passes.PASSES)
    rules = {*bad_files.loader_rules(), *pass_names(), *(rule.name for rule in lint.RULES)}
    assert {path.stem for path in bad_files.BAD} == rules


def test_every_breaking_rule_has_a_bad_file() -> None:
    assert {path.stem for path in bad_files.BREAKING} == {rule.name for rule in breaking.RULES}


def test_no_rule_stands_twice() -> None:
    names = [*bad_files.loader_rules(), *pass_names(), *(rule.name for rule in lint.RULES)]
    names += [rule.name for rule in breaking.RULES]
    assert len(names) == len(set(names))


def test_every_rule_is_documented() -> None:
    docs = [check.doc for check in passes.PASSES if isinstance(check, Pass)]
    docs += [rule.doc for rule in lint.RULES] + [rule.doc for rule in breaking.RULES]
    assert all(doc.split("\n")[0].strip().endswith(".") for doc in docs)


@pytest.mark.parametrize("path", [bad_files.OWN, bad_files.OTHER, bad_files.RELEASED], ids=name_of)
def test_good_schema(path: Path) -> None:
    assert bad_files.complaints(path) == []


def test_the_release_breaks_nothing_of_itself() -> None:
    assert bad_files.breaking_complaints(bad_files.RELEASED) == []
