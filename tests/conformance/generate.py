"""Write the generated case files: `python -m tests.conformance.generate [--check]`.

The same schema gives the same files. Those of the group `hand` are written by hand and left alone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from tests.conformance.cases import CASES, text_of
from tests.conformance.making import (
    bundles,
    edits,
    elements,
    files,
    prompts,
    records,
    released,
    texts,
    values,
)

PARTS: tuple[ModuleType, ...] = (elements, files, bundles, texts, prompts, records, values, released, edits)
BY_HAND = "hand"


def generated() -> Iterator[tuple[str, str]]:
    """Every generated file: its path below the folder of cases, and its text."""
    for part in PARTS:
        for name, entries in part.files():
            if entries:
                yield f"{name}.json", text_of(entries)


def differences(folder: Path = CASES) -> tuple[dict[str, str], list[str]]:
    """The files that must be written, and the names of those that must go."""
    wanted = dict(generated())
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*.json")}
    stale = sorted(name for name in found - set(wanted) if not name.startswith(f"{BY_HAND}/"))
    changed = {
        name: text
        for name, text in wanted.items()
        if name not in found or (folder / name).read_text(encoding="utf-8") != text
    }
    return changed, stale


def main() -> int:
    """Write, or with --check compare; gives the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 where files differ")
    check = parser.parse_args().check
    changed, stale = differences()
    if check:
        for name in [*changed, *stale]:
            print(f"tests/conformance/cases/{name} is not what the schema gives", file=sys.stderr)
        return 1 if changed or stale else 0
    for name, text in changed.items():
        path = CASES / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for name in stale:
        (CASES / name).unlink()
    print(f"{len(changed)} case files written, {len(stale)} removed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
