"""Bytes of a typical picture, text excluded: `python -m benchmarks.sizes`."""

from __future__ import annotations

import aigif
from aigif._gen import compact
from benchmarks import typical

PRELUDE, LENGTH, CHECK = 5, 1, 4

ROWS = (
    ("compact", "known model and GPU", typical.named),
    ("compact", "and versions of CUDA, torch and diffusers", typical.with_versions),
    ("compact", "and all that aigif.generate records, with an 8-byte pixel hash", typical.recorded),
    ("paper", "the rows of Table I", typical.as_the_paper_has_it),
)


def measure(profile: str, value: aigif.Aigif) -> tuple[int, int]:
    """The bytes of the elements, and of the file without text."""
    total = len(aigif.dumps(value, profile=profile))
    if profile == "compact":
        elements = len(compact.encode_compact(value)[0])
        assert total == PRELUDE + LENGTH + elements + CHECK
        return elements, total
    return total - PRELUDE - CHECK, total


def main() -> None:
    """Print the table."""
    print("| profile | what is recorded | elements | prelude, elements and check |")
    print("|---|---|---:|---:|")
    for profile, what, make in ROWS:
        elements, total = measure(profile, make())
        print(f"| {profile} | {what} | {elements} B | {total} B |")


if __name__ == "__main__":
    main()
