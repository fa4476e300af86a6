"""Train the tables of the prompt coder: `python -m benchmarks.train_text [--texts FILE] [-o FILE]`."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from benchmarks.prompt_coder import corpus, dictionary, supplement
from benchmarks.prompt_coder.train import Settings, tables

TEXTS = Path("..") / "shared" / "prompts" / "train.jsonl"
OUT = Path("aigif") / "text" / "prompt" / "tables-1.bin"
SUPPLEMENT = 2000
MOST = 600_000


def main() -> int:
    """Train, write the file, and tell its size; 1 where it became too large."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("--texts", type=Path, default=TEXTS, help="JSON lines with prompt, negative and set")
    parser.add_argument("-o", "--out", type=Path, default=OUT)
    parser.add_argument("--dictionary", type=Path, help="write that of DEFLATE and Zstandard here, too")
    parser.add_argument("--entries", type=int, default=Settings().entries, help="entries of the lists")
    chosen = parser.parse_args()
    start = time.perf_counter()
    texts = corpus.read(chosen.texts)
    made = tables([*texts, *supplement.make(texts, SUPPLEMENT)], Settings(entries=chosen.entries))
    chosen.out.write_bytes(made)
    if chosen.dictionary:
        chosen.dictionary.write_bytes(dictionary.make(texts))
    print(f"{len(texts)} texts, {len(made)} bytes of tables, {time.perf_counter() - start:.0f} s")
    return int(len(made) > MOST)


if __name__ == "__main__":
    sys.exit(main())
