"""Prints the table of docs/importing.md: pictures of other programs, their texts, and the .aigif files of them.

The pictures are public samples that are not part of this repository. Their pixels were flattened to keep them
small, so that a picture's size is that of the original file, from `carriers.json` beside them.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from aigif import file, importers, text
from aigif._gen import compact
from aigif.importers import a1111, infotext
from aigif.importers.a1111_keys import BY_KEY

HERE = Path(__file__).parent.parent
SAMPLES = HERE.parent / "shared" / "samples"
COLUMNS = (
    "picture",
    "PNG",
    "text",
    ".aigif",
    "elements",
    "coded text",
    "PNG/.aigif",
    "text/.aigif",
    "text comes back",
)
# A picture of this many pixels or fewer was cropped by those who published it: its PNG says nothing of sizes.
CROPPED_PIXELS = 1


@dataclass(frozen=True)
class Row:
    """Sizes in bytes: of the original PNG, of its text (UTF-8), of the .aigif, its elements and its coded text."""

    name: str
    pixels: int
    png: int
    text: int
    aigif: int
    elements: int
    coded: int
    comes_back: bool


def rows(samples: Path) -> Iterator[Row]:
    """A row for each PNG whose text chunks hold an A1111 `parameters` text."""
    for record in json.loads((samples / "carriers.json").read_text("utf-8")):
        texts = [
            entry["text"]
            for entry in record["entries"]
            if entry["key"] == a1111.KEY
            and entry["carrier"] in ("PNG tEXt", "PNG zTXt", "PNG iTXt")
            and infotext.split(entry["text"], BY_KEY) is not None
        ]
        if record["format"] == "png" and texts:
            yield measured(samples / record["path"], record["size"], texts[0])


def measured(path: Path, original_size: int, recorded: str) -> Row:
    """One picture; `recorded` is the text as another reader found it."""
    imported = importers.read(path)
    data = file.dumps(imported.aigif)
    bundle, strings = compact.encode_compact(imported.aigif)
    again = a1111.write(file.loads(data))
    return Row(
        name=path.name,
        pixels=imported.width * imported.height,
        png=original_size,
        text=imported.metadata_bytes,
        aigif=len(data),
        elements=len(bundle),
        coded=len(text.encode(strings, imported.aigif.compression.text_compressor)),
        comes_back=again == recorded,
    )


def cells(row: Row) -> list[str]:
    ratio = f"{row.png / row.aigif:,.0f}" if row.pixels > CROPPED_PIXELS else "(cropped)"
    sizes = [f"{size:,}" for size in (row.png, row.text, row.aigif, row.elements, row.coded)]
    return [row.name, *sizes, ratio, f"{row.text / row.aigif:.2f}", "yes" if row.comes_back else "NO"]


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=Path, default=SAMPLES, help="the folder with carriers.json")
    samples = parser.parse_args().samples
    if not (samples / "carriers.json").is_file():
        raise SystemExit(f"{samples} holds no carriers.json: the samples are not part of this repository")
    found = list(rows(samples))
    print("|", " | ".join(COLUMNS), "|")
    print("|---|" + "---:|" * (len(COLUMNS) - 1))
    for row in found:
        print("|", " | ".join(cells(row)), "|")
    whole = [row for row in found if row.pixels > CROPPED_PIXELS]
    png, size = sum(row.png for row in whole), sum(row.aigif for row in whole)
    print(f"\n{len(found)} pictures, of which {len(found) - len(whole)} were published cropped to one pixel.")
    print(f"Text comes back byte for byte: {sum(row.comes_back for row in found)} of {len(found)}.")
    print(
        f"Whole pictures ({len(whole)}): PNG {png:,} bytes, .aigif {size:,} bytes, ratio of totals "
        f"{png / size:,.0f}, mean of ratios {mean(row.png / row.aigif for row in whole):,.0f}."
    )
    print(
        f"All: text {sum(row.text for row in found):,} bytes, .aigif {sum(row.aigif for row in found):,} bytes "
        f"(elements {sum(row.elements for row in found):,}, coded text {sum(row.coded for row in found):,}); "
        f"a file has {mean(row.aigif for row in found):.0f} bytes on average, "
        f"{mean(row.elements for row in found):.1f} of them elements."
    )


if __name__ == "__main__":
    main()
