"""Lock files: what they hold comes back, and nothing that is released is written over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codegen import lock
from codegen.compile import compile_schema
from codegen.problems import SchemaError
from tests.codegen.bad_files import OTHER, OWN, RELEASED, RELEASED_LOCK, edited


@pytest.mark.parametrize("path", [OWN, OTHER, RELEASED], ids=lambda path: path.stem)
def test_round_trip(path: Path) -> None:
    locked = lock.lock_of(compile_schema(path)[0])
    assert lock.from_json(lock.to_json(locked), "x") == locked


def test_form_is_stable() -> None:
    """The lock file in the tests is what its schema gives: old lock files stay readable and comparable."""
    locked = lock.lock_of(compile_schema(RELEASED)[0])
    assert lock.to_json(locked) == RELEASED_LOCK.read_text(encoding="utf-8")


def test_documentation_is_not_locked(tmp_path: Path) -> None:
    path = edited(tmp_path, RELEASED, ('doc: "Its wheels."', 'doc: "How many wheels it has."'))
    assert lock.lock_of(compile_schema(path)[0]) == lock.read(RELEASED_LOCK)


def test_latest_compares_numbers(tmp_path: Path) -> None:
    schema = tmp_path / "toy.yaml"
    assert lock.latest(schema) is None
    for version in ("1.2", "1.10", "1.9"):
        path = lock.path_of(schema, version)
        path.parent.mkdir(exist_ok=True)
        path.write_text("{}")
    assert lock.latest(schema) == tmp_path / "released" / "1.10.lock.json"


def test_a_release_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "released" / "1.1.lock.json"
    first = lock.read(RELEASED_LOCK)
    second = lock.lock_of(compile_schema(edited(tmp_path, RELEASED, ("default: 4", "default: 3")))[0])
    assert lock.write(path, first, force=False)
    assert not lock.write(path, first, force=False)
    with pytest.raises(SchemaError, match=r"LOCK_EXISTS: the release 1\.1 is locked with other content"):
        lock.write(path, second, force=False)
    assert lock.read(path) == first
    assert lock.write(path, second, force=True)
    assert lock.read(path) == second
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def broken_locks() -> list[str]:
    whole = RELEASED_LOCK.read_text(encoding="utf-8")
    texts = ["", "[]", "{}", whole[:-20], whole.replace('"lock": 1', '"lock": 2')]
    for key in json.loads(whole):
        content = json.loads(whole)
        del content[key]
        texts.append(json.dumps(content))
    return texts


@pytest.mark.parametrize("text", broken_locks())
def test_what_is_no_lock_file_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "1.0.lock.json"
    path.write_text(text)
    with pytest.raises(SchemaError, match="LOCK_UNREADABLE"):
        lock.read(path)


def test_a_missing_lock_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="LOCK_UNREADABLE: can't be read"):
        lock.read(tmp_path / "none.lock.json")
