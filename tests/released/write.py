"""Write the files of a release: `python -m tests.released.write`.

A released file never changes, so one that is there with other bytes is refused, unless --force is given before the
release.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import aigif
from aigif.atomic import write_bytes
from tests.released.cases import Document, cases

RELEASE = "1.0"
FOLDER = Path(__file__).parent / RELEASE


def pair(profile: str, document: Document) -> tuple[bytes, bytes]:
    """The bytes of a file, and of the JSON form of what is read from it."""
    value = aigif.from_json(document)
    data = aigif.dumps(value, profile=profile)
    read = aigif.loads(data)
    assert read == value
    text = json.dumps(aigif.to_json(read), indent=1)
    return data, text.encode("ascii") + b"\n"


def write(folder: Path, force: bool) -> list[str]:
    """Write all cases; gives the names of the files that changed.

    Raises FileExistsError, before anything is written, where one is there with other bytes and `force` is not set.
    """
    files: dict[Path, bytes] = {}
    for name, (profile, document) in cases().items():
        files[folder / f"{name}.aigif"], files[folder / f"{name}.json"] = pair(profile, document)
    changed = [path for path, data in files.items() if not path.exists() or path.read_bytes() != data]
    released = [path.name for path in changed if path.exists()]
    if released and not force:
        raise FileExistsError(f"released files never change: {', '.join(released)}")
    folder.mkdir(exist_ok=True)
    for path in changed:
        write_bytes(path, files[path])
    return [path.name for path in changed]


def main() -> int:
    """Write the files; exit code 1 where released ones would change."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--force", action="store_true", help="write over files that differ")
    try:
        changed = write(FOLDER, parser.parse_args().force)
    except FileExistsError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(changed)} files written, {2 * len(cases()) - len(changed)} unchanged")
    return 0


if __name__ == "__main__":
    sys.exit(main())
