"""The compiler knows no format: the name of the first one stands only in default paths."""

from __future__ import annotations

from pathlib import Path

from codegen import backend, emit, javascript
from codegen.cli import DEFAULT_SCHEMA
from tests.codegen.bad_files import REPOSITORY

CODEGEN = REPOSITORY / "codegen"


def mentions(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if "aigif" in line.lower()]


def test_the_name_stands_in_default_paths_only() -> None:
    defaults = {f'"{target}": "{folder}",' for target, folder in emit.FOLDERS.items()}
    defaults.add(f'DEFAULT_SCHEMA = Path("{DEFAULT_SCHEMA.as_posix()}")')
    defaults.add(f'SOURCES = Path("{javascript.SOURCES.as_posix()}")')
    files = [path for path in CODEGEN.rglob("*") if path.suffix in (".py", ".j2", ".ts")]
    files = [path for path in files if "node_modules" not in path.parts]
    assert len(files) > 30
    assert [line for path in files for line in mentions(path) if line not in defaults] == []


def test_every_target_has_a_folder() -> None:
    assert set(emit.FOLDERS) == set(backend.TARGETS)


def test_the_compiler_does_not_import_what_it_generates() -> None:
    imports = [
        line
        for path in CODEGEN.rglob("*.py")
        if "node_modules" not in path.parts
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.lstrip().startswith(("import aigif", "from aigif", "import torch", "from torch"))
    ]
    assert imports == []
