"""Reading YAML: positions, and what is refused before anything is known about schemas."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen import source
from codegen.compile import compile_schema
from codegen.problems import SchemaError
from tests.codegen.bad_files import OTHER, edited


def read(folder: Path, text: str | bytes) -> source.Node:
    path = folder / "x.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return source.read(path, "x.yaml")


def test_positions_count_from_one(tmp_path: Path) -> None:
    node = read(tmp_path, "a: 1\nb:\n  - c\n  - {d: e}\n")
    assert str(node.need("b").items()[1].need("d").position) == "x.yaml:4:9"


REFUSED = {
    "empty": ("", "x.yaml:1:1: YAML: the file is empty"),
    "not UTF-8": (b"a: \xff\n", "x.yaml:1:1: FILE_UNREADABLE: byte 3 is not UTF-8; save the file as UTF-8"),
    "a control character": ("a: \x01\n", "x.yaml:1:1: YAML: unacceptable character #x0001"),
    "an alias of itself": (
        "a: &x [*x]\n",
        "x.yaml:1:4: YAML: an alias stands inside what it stands for; write it out",
    ),
    "an unknown tag": ("a: !thing 3\n", "x.yaml:1:4: YAML: !thing can't be read"),
    "a number that is none": ("a: !!int b\n", "x.yaml:1:4: YAML: tag:yaml.org,2002:int can't be read"),
    "bytes": ("a: !!binary aGk=\n", "x.yaml:1:4: SCALAR_KIND: 'aGk=' is a bytes; put it in quotes"),
    "a key that YAML takes for a bool": (
        "no: 3\n",
        "x.yaml:1:1: TEXT_EXPECTED: False is not text; put it in quotes",
    ),
    "a list as key": (
        "? [a]\n: 3\n",
        "x.yaml:1:3: SCALAR_EXPECTED: a list stands here; write a single value",
    ),
}


@pytest.mark.parametrize(("text", "complaint"), REFUSED.values(), ids=REFUSED)
def test_refused(text: str | bytes, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(SchemaError) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith(complaint)
    assert "\n" not in str(caught.value)


def test_a_shared_anchor_is_no_cycle(tmp_path: Path) -> None:
    node = read(tmp_path, "a: &x [1]\nb: *x\n")
    assert node.need("b").items()[0].integer() == 1


def test_tables_are_part_of_the_digest(tmp_path: Path) -> None:
    schema, _ = compile_schema(edited(tmp_path, OTHER))
    table = tmp_path / "instruments.yaml"
    table.write_text(table.read_text(encoding="utf-8") + "# more\n", encoding="utf-8")
    assert compile_schema(tmp_path / OTHER.name)[0].digest != schema.digest
