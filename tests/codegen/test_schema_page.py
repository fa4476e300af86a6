"""docs/schema.md: its schema compiles, its recipes work, and its tables name every rule."""

from __future__ import annotations

import re
from pathlib import Path

from codegen import breaking, lint, lock, passes
from codegen.compile import compile_schema
from codegen.model import Schema
from codegen.passes.check import Pass
from codegen.passes.versions import parsed
from tests.codegen.bad_files import OWN, REPOSITORY, complaints, edited

PAGE = (REPOSITORY / "docs" / "schema.md").read_text(encoding="utf-8")


def blocks(heading: str) -> list[str]:
    """The YAML under a heading."""
    text = PAGE.split(f"\n{heading}\n")[1].split("\n#")[0]
    return re.findall(r"```yaml\n(.*?)```", text, flags=re.DOTALL)


def test_the_example_compiles(tmp_path: Path) -> None:
    path = tmp_path / "trip.yaml"
    path.write_text(re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)[0], encoding="utf-8")
    assert complaints(path) == []


def numbered(line: str, number: int, version: str) -> str:
    """A line of a recipe with the id or code and the version that are next by now."""
    return re.sub(
        r'since: "[^"]*"',
        f'since: "{version}"',
        re.sub(r"(id|code): \d+", rf"\g<1>: {number}", line, count=1),
    )


def next_code(schema: Schema, name: str) -> int:
    enumeration = schema.enumerations[name]
    registered = (code for first, last in enumeration.ranges["registered"] for code in range(first, last + 1))
    return next(code for code in registered if enumeration.by_code(code) is None)


def test_the_recipes_work(tmp_path: Path) -> None:
    own, _ = compile_schema(OWN)
    released = lock.lock_of(own)
    major, minor = parsed(own.version)
    version, next_id = f"{major}.{minor + 1}", own.root_elements()[-1][1].id + 1
    held, group = blocks("### … add a nested group")
    elements = numbered(blocks("### … add an element")[0], next_id, version) + numbered(
        held, next_id + 1, version
    )
    value = numbered(blocks("### … add an enum value")[0], next_code(own, "data_type"), version)
    text = OWN.read_text(encoding="utf-8")
    value_line = next(line for line in text.splitlines(keepends=True) if line.startswith("      fp4:"))
    last_line = next(line for line in text.splitlines(keepends=True) if line.startswith("      preview:"))
    path = edited(
        tmp_path / "schema",
        OWN,
        (f'version: "{own.version}"\n', f'version: "{version}"\n'),
        (value_line, value_line + value),
        (last_line, last_line + elements),
        ("\nprofiles:\n", "\n" + numbered(group, 1, version) + "\nprofiles:\n"),
    )
    for name, table, heading in (("model", "models", "a model"), ("gpu", "gpus", "a GPU")):
        file = path.parent / "exp" / f"{table}.yaml"
        line = numbered(blocks(f"### … add {heading}")[0], next_code(own, name), version)
        file.write_text(file.read_text(encoding="utf-8") + line, encoding="utf-8")
    schema, layouts = compile_schema(path)
    assert lint.run(schema, layouts) == []
    assert breaking.run(released, schema) == []
    assert schema.find("verification.picture_count") is not None
    assert len(schema.groups) == len(own.groups) + 1
    added = {
        name: len(schema.enumerations[name].values) - len(old.values)
        for name, old in own.enumerations.items()
    }
    assert {name for name, more in added.items() if more} == {"model", "gpu", "data_type"}


def test_every_rule_is_in_its_table() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \|", PAGE, flags=re.MULTILINE)
    checks = [check.name for check in passes.PASSES if isinstance(check, Pass)]
    assert rows == [*checks, *(rule.name for rule in lint.RULES), *(rule.name for rule in breaking.RULES)]


def test_every_command_is_named() -> None:
    for command in ("generate", "check", "lint", "breaking", "lock", "docs"):
        assert f"python -m codegen {command}" in PAGE
