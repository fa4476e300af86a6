"""The files of every release: what they mean, and that they are written again as they were."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.conformance.making.wire import Entry, both
from tests.helpers import REPOSITORY


def files() -> Iterator[tuple[str, list[Entry]]]:
    for folder in sorted((REPOSITORY / "tests" / "released").iterdir()):
        if folder.is_dir() and folder.name[0].isdigit():
            for path in sorted(folder.glob("*.aigif")):
                # What was a tail of that release may have a meaning by now.
                if path.stem.startswith("later-"):
                    continue
                yield f"released-{folder.name}/{path.stem}", entries(folder.name, path.stem)


def entries(release: str, name: str) -> list[Entry]:
    folder = REPOSITORY / "tests" / "released" / release
    value = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    compressed = value.get("compression", {}).get("text_compressor") in ("zlib", "deflate")
    about = f"The file {name} of release {release}."
    data = (folder / f"{name}.aigif").read_bytes()
    return both(name, about, "versions", data, value, encode=not compressed)
