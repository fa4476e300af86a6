"""From backends to files: write them, or check that those on disk are fresh."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from codegen import backend as backends
from codegen.files import write_atomically
from codegen.layout import Layouts
from codegen.model import Schema
from codegen.problems import SchemaError

# Where each target's files go, from the repository's root.
FOLDERS = {
    "python": "aigif/_gen",
    "construct": "aigif/_gen",
    "strategies": "tests/generated",
    "jsonschema": "docs",
    "markdown": "docs",
    "typescript": "aigif/viewer/codec",
    "kaitai": "docs",
}


def outputs(schema: Schema, layouts: Layouts, targets: Iterable[str], out: Path | None) -> Mapping[Path, str]:
    """Every generated file by its path; with `out`, each target goes to a folder of its own below it.

    Raises SchemaError with the places of what a target can't express.
    """
    files: dict[Path, str] = {}
    for target in targets:
        backend = backends.load(target)
        problems = backend.refuse(schema, layouts)
        if problems:
            raise SchemaError(problems)
        folder = out / target if out else Path(FOLDERS[target])
        for name, text in backend.generate(schema, layouts).items():
            files[folder / name] = text
    return files


def write(files: Mapping[Path, str]) -> list[Path]:
    """Write what changed; gives the paths of the files that did."""
    changed = []
    for path, text in files.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write_atomically(path, text)
            changed.append(path)
    return changed


def stale(files: Mapping[Path, str]) -> list[Path]:
    """The paths whose file on disk is missing or is not what the schema gives."""
    return [
        path for path, text in files.items() if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
