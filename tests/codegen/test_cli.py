"""`python -m codegen`: what it prints, where, and its exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from codegen import backend, emit
from codegen.cli import main
from codegen.layout import Layouts
from codegen.model import Schema
from codegen.problems import Problem
from tests.codegen.bad_files import BREAKING, HERE, OTHER, RELEASED, REPOSITORY, edited, expected

LINT_FILE = HERE / "bad" / "NAME_STYLE.yaml"
PASS_FILE = HERE / "bad" / "ID_TWICE.yaml"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def one_file_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each target gives one file that says its name and the schema's."""

    def load(target: str) -> backend.Backend:
        def generate(schema: Schema, layouts: Layouts) -> dict[str, str]:
            return {f"deep/{target}.txt": f"{target} of {schema.name}\n"}

        def refuse(schema: Schema, layouts: Layouts) -> list[Problem]:
            return [Problem(schema.position, "TOO_HARD", "no")] if target == "strategies" else []

        return backend.Backend(target, frozenset(), generate, refuse)

    monkeypatch.setattr(backend, "load", load)


def test_help_names_every_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "codegen", "--help"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    for command in ("generate", "check", "lint", "breaking", "lock", "docs"):
        assert f"\n  {command} " in done.stdout
        shown = run(command, "--help").stdout
        assert "Example" in shown
        assert f"python -m codegen {command}" in shown


@pytest.mark.usefixtures("one_file_targets")
def test_generate_check_and_docs(tmp_path: Path) -> None:
    options = ("--schema", OTHER, "--out", tmp_path)
    done = run("generate", *options, "--target", "python", "--target", "markdown")
    written = [tmp_path / target / "deep" / f"{target}.txt" for target in ("python", "markdown")]
    assert (done.exit_code, done.stdout.split()) == (0, [path.as_posix() for path in written])
    assert done.stderr == "2 of 2 files changed\n"
    assert written[0].read_text() == "python of SKYLOG\n"
    again = run("generate", *options, "--target", "python")
    assert (again.exit_code, again.stdout, again.stderr) == (0, "", "0 of 1 file changed\n")
    assert run("check", *options, "--target", "python", "--target", "markdown").exit_code == 0
    written[1].write_text("edited by hand")
    stale = run("check", *options, "--target", "python", "--target", "markdown")
    assert (stale.exit_code, stale.stdout) == (1, f"{written[1].as_posix()}\n")
    assert "python -m codegen generate" in stale.stderr
    documents = run("docs", *options)
    assert sorted(documents.stdout.split()) == [
        (tmp_path / target / "deep" / f"{target}.txt").as_posix() for target in ("jsonschema", "markdown")
    ]


@pytest.mark.usefixtures("one_file_targets")
def test_what_a_target_refuses_is_told(tmp_path: Path) -> None:
    done = run("generate", "--schema", OTHER, "--out", tmp_path, "--target", "strategies")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "schema/skylog.yaml:4:1: TOO_HARD: no\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["generate", "check", "docs"])
def test_another_schema_needs_a_folder(command: str) -> None:
    done = run(command, "--schema", OTHER)
    assert done.exit_code == 2
    assert "--out is needed" in done.stderr


def test_a_schema_that_is_not_there() -> None:
    assert run("lint", "--schema", "none.yaml").exit_code == 2


@pytest.mark.parametrize("path", [LINT_FILE, PASS_FILE], ids=lambda path: path.stem)
def test_lint_prints_problems(path: Path) -> None:
    done = run("lint", "--schema", path)
    assert (done.exit_code, done.stdout.splitlines(), done.stderr) == (1, expected(path), "1 problem\n")
    assert run("lint", "--schema", OTHER).output == ""


def test_lint_as_json() -> None:
    rows = json.loads(run("lint", "--schema", LINT_FILE, "--json").stdout)
    assert [f"{r['file']}:{r['line']}:{r['column']}: {r['rule']}: {r['message']}" for r in rows] == expected(
        LINT_FILE
    )
    assert json.loads(run("lint", "--schema", OTHER, "--json").stdout) == []


def test_generate_tells_problems_on_stderr(tmp_path: Path) -> None:
    done = run("generate", "--schema", PASS_FILE, "--out", tmp_path)
    assert (done.exit_code, done.stdout, done.stderr.splitlines()) == (1, "", expected(PASS_FILE))


def test_breaking_against_a_file() -> None:
    path = next(path for path in BREAKING if path.stem == "TYPE_NAME_CHANGED")
    against = ("--against", HERE / "breaking" / "1.1.lock.json")
    done = run("breaking", "--schema", path, *against)
    assert (done.exit_code, done.stdout.splitlines()) == (1, expected(path))
    assert run("breaking", "--schema", path, *against, "--level", "json").exit_code == 0


def test_lock_then_breaking(tmp_path: Path) -> None:
    path = edited(tmp_path, RELEASED)
    before = run("breaking", "--schema", path)
    assert (before.exit_code, before.stdout) == (0, "")
    assert "no release" in before.stderr
    released = tmp_path / "released" / "1.1.lock.json"
    assert run("lock", "--schema", path).stderr == f"wrote {released.as_posix()}\n"
    assert run("lock", "--schema", path).stderr == f"unchanged {released.as_posix()}\n"
    assert run("breaking", "--schema", path).exit_code == 0

    edited(tmp_path, RELEASED, ("default: 4", "default: 3"))
    broken = run("breaking", "--schema", path)
    assert broken.exit_code == 1
    assert "DEFAULT_CHANGED" in broken.stdout
    refused = run("lock", "--schema", path)
    assert refused.exit_code == 1
    assert "LOCK_EXISTS" in refused.stderr

    edited(tmp_path, RELEASED, ("default: 4", "default: 3"), ('version: "1.1"', 'version: "1.2"'))
    refused = run("lock", "--schema", path)
    assert refused.exit_code == 1
    assert "DEFAULT_CHANGED" in refused.stderr
    assert not (tmp_path / "released" / "1.2.lock.json").exists()
    assert run("lock", "--schema", path, "--force").exit_code == 0
    assert run("breaking", "--schema", path).exit_code == 0


def test_lint_and_breaking_agree_that_a_broken_schema_is_broken() -> None:
    for command in ("lint", "breaking", "lock"):
        done = run(command, "--schema", PASS_FILE)
        assert done.exit_code == 1
        assert expected(PASS_FILE)[0] in done.output


@pytest.mark.parametrize("target", backend.TARGETS)
def test_every_target_compiles_another_schema(target: str, tmp_path: Path) -> None:
    done = run("generate", "--schema", OTHER, "--out", tmp_path, "--target", target)
    assert done.exit_code == 0, done.output
    files = [path for path in (tmp_path / target).rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert "aigif" not in path.read_text(encoding="utf-8").lower()


def test_writing_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    emit.write({path: "old"})

    def fail(source: object, target: object) -> None:
        raise OSError("disk full")

    patched: Callable[[object, object], None] = fail
    monkeypatch.setattr("os.replace", patched)
    with pytest.raises(OSError, match="disk full"):
        emit.write({path: "new"})
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]
