"""Prints the tables of docs/importing.md: what is read of the public samples, whether it is right, and how fast.

sd-parsers, another reader, is timed in the same run where it is installed.
"""

from __future__ import annotations

import os
import time
from argparse import ArgumentParser
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from aigif import file, importers, pictures
from aigif._gen.container import METADATA_SECTION
from aigif.errors import AigifError
from aigif.grading import Grade
from aigif.importers import Imported, keeping
from benchmarks.importer_fields import agrees, said
from benchmarks.importer_samples import Expected, Sample, expected, folder, samples

COLUMNS = (
    "tool", "files", "exact", "approximate", "not recreatable", "fields right", "metadata given back",
    "original", "metadata", "elements only", "with metadata",
)  # fmt: skip
_BEST_OF = 5
_SHOWN = 90


@dataclass
class Row:
    """What became of the files of one tool; sizes in bytes."""

    files: int = 0
    grades: Counter[Grade] = field(default_factory=Counter)
    right: int = 0
    fields: int = 0
    back: int = 0
    regenerated: int = 0
    original: int = 0
    metadata: int = 0
    elements: int = 0
    kept: int = 0


def read(sample: Sample) -> Imported:
    """A sample, with the texts that its pixels may hide."""
    data = sample.path.read_bytes()
    try:
        image = pictures.read_picture(data)
    except AigifError:
        image = None
    return importers.read(data, image)


def measure(sample: Sample, imported: Imported, row: Row) -> None:
    small = file.dumps(imported.aigif.replace(data=imported.aigif.data.replace(extra=())))
    whole = keeping.with_blocks(imported.aigif, imported.blocks)
    data = file.dumps(whole)
    row.files += 1
    row.grades[imported.grade] += 1
    row.back += keeping.blocks_of(file.loads(data)) == keeping.Kept(imported.blocks)
    row.regenerated += (file.section(whole, METADATA_SECTION) or b"\0")[0] >= keeping.FIRST_SHAPE
    row.original += sample.size
    row.metadata += sum(len(block.data) for block in imported.blocks)
    row.elements += len(small)
    row.kept += len(data)


def why(sample: Sample, imported: Imported, wanted: Expected) -> str | None:
    """The evidence that the other suite is wrong, from the picture's own texts; None where there is none."""
    texts = [entry["text"] for entry in sample.texts]
    held = {"prompt": imported.aigif.data.prompt, "negative prompt": imported.aigif.data.negative_prompt}
    if wanted.field in held:
        ours = str(held[wanted.field])
        if ours.strip() == str(wanted.value).strip() and any(ours in text for text in texts):
            return "its ends are trimmed there; the picture's text has them"
        graphs = [entry["text"] for entry in sample.texts if entry["key"] == "prompt"]
        plain = str(wanted.value).strip().rpartition("#")[2].encode("unicode_escape").decode()
        if (
            graphs
            and plain not in graphs[0].lower()
            and str(wanted.value).strip().rpartition("#")[2] not in graphs[0]
        ):
            return f"the graph that was executed has no {wanted.value.strip().rpartition(' ')[2]!r}"
    if wanted.field == "software" and any("Version: ComfyUI" in text for text in texts):
        return "the text says that its version is ComfyUI, a node of which wrote it"
    return None


def speed(run: Callable[[Path], object], paths: list[Path]) -> float:
    """Files in a second of processor time, the best of a few rounds."""
    best = float("inf")
    for _ in range(_BEST_OF):
        start = time.process_time()
        for path in paths:
            run(path)
        best = min(best, time.process_time() - start)
    return len(paths) / best


def peer() -> Callable[[Path], object] | None:
    """sd-parsers, or None where it is not installed."""
    try:
        from sd_parsers import ParserManager  # type: ignore[import-not-found]
    except ImportError:
        return None
    manager = ParserManager()
    return lambda path: manager.parse(str(path))


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=Path, default=folder(), help="the folder with carriers.json")
    place = parser.parse_args().samples
    if not (place / "carriers.json").is_file():
        raise SystemExit(f"{place} holds no carriers.json: the samples are not part of this repository")
    every = samples(place)
    found: dict[str, tuple[Sample, Imported]] = {}
    rows: dict[str, Row] = defaultdict(Row)
    refused: list[tuple[Sample, str]] = []
    for sample in every:
        try:
            imported = read(sample)
        except AigifError as error:
            refused.append((sample, error.message))
            continue
        found[sample.name] = sample, imported
        measure(sample, imported, rows[imported.tool])
    disputed, wrong = compare(place, found, rows)
    print_table(rows)
    total = sum(row.files for row in rows.values())
    with_texts = [sample for sample, _ in refused if sample.texts]
    print(f"\n{len(every)} samples, {total} with generation metadata, all of them read.")
    print(
        f"{len(refused)} hold none: {len(refused) - len(with_texts)} no text, {len(with_texts)} only others'."
    )
    for sample in with_texts:
        print(f"- {sample.name}: {', '.join(sorted({entry['key'] for entry in sample.texts}))[:_SHOWN]}")
    regenerated = sum(row.regenerated for row in rows.values())
    print(f"\nMetadata given back byte for byte: {sum(row.back for row in rows.values())} of {total};")
    print(
        f"of these, {regenerated} are written again from the elements alone, {total - regenerated} are stored."
    )
    fields, right = sum(row.fields for row in rows.values()), sum(row.right for row in rows.values())
    print(f"\nFields of the other suites: {right} of {fields} as expected; {len(disputed)} are wrong there:")
    for reason, count in Counter(reason for _, reason in disputed).items():
        names = sorted(
            {f"{Path(wanted.name).name} ({wanted.field})" for wanted, held in disputed if held == reason}
        )
        print(f"- {reason} ({count}): {', '.join(names)}")
    print(f"\n{len(wrong)} are not explained.")
    for wanted, ours in wrong:
        print(
            f"- {wanted.name} ({wanted.field}): expected {str(wanted.value)[:_SHOWN]!r}, read {ours[:_SHOWN]}"
        )
    print_speed([sample.path for sample, _ in found.values()])


def compare(
    place: Path, found: dict[str, tuple[Sample, Imported]], rows: dict[str, Row]
) -> tuple[list[tuple[Expected, str]], list[tuple[Expected, str]]]:
    """The fields in which the other suite is wrong, and why; and those that are not explained."""
    disputed, wrong = [], []
    for wanted in expected(place):
        sample, imported = found[wanted.name]
        row = rows[imported.tool]
        row.fields += 1
        if agrees(imported, wanted):
            row.right += 1
        elif reason := why(sample, imported, wanted):
            disputed.append((wanted, reason))
        else:
            wrong.append((wanted, said(imported, wanted.field)))
    return disputed, wrong


def print_table(rows: dict[str, Row]) -> None:
    print("|", " | ".join(COLUMNS), "|")
    print("|---|" + "---:|" * (len(COLUMNS) - 1))
    for tool, row in sorted(rows.items()):
        cells = [tool, row.files, *(row.grades[grade] for grade in Grade), f"{row.right}/{row.fields}"]
        cells += [f"{row.back}/{row.files}", *(f"{size:,}" for size in sizes(row))]
        print("|", " | ".join(map(str, cells)), "|")
    total = Row()
    for row in rows.values():
        for name in ("files", "right", "fields", "back", "original", "metadata", "elements", "kept"):
            setattr(total, name, getattr(total, name) + getattr(row, name))
        total.grades += row.grades
    cells = ["all", total.files, *(total.grades[grade] for grade in Grade), f"{total.right}/{total.fields}"]
    cells += [f"{total.back}/{total.files}", *(f"{size:,}" for size in sizes(total))]
    print("|", " | ".join(map(str, cells)), "|")


def sizes(row: Row) -> tuple[int, int, int, int]:
    return row.original, row.metadata, row.elements, row.kept


def print_speed(paths: list[Path]) -> None:
    print(f"\nFiles in a second of processor time, metadata only, best of {_BEST_OF} rounds of {len(paths)} files:")
    print(f"- aigif.importers.read: {speed(importers.read, paths):,.0f}")
    other = peer()
    if other is None:
        print("- sd-parsers is not installed (pip install sd-parsers)")
        return
    print(f"- sd-parsers: {speed(other, paths):,.0f}")
    print(f"({os.cpu_count()} cores; the same files in the same process)")


if __name__ == "__main__":
    main()
