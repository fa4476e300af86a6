"""The text coders on prompts of sources that training never saw: `python -m benchmarks.text`.

    python -m benchmarks.text [--prompts FOLDER] [--most N]

Mean bytes of each source, all strings of a prompt together, and bits a character; the size of what each coder ships
with; times. Optional packages (brotli, zstandard, unishox2-py3, smaz-py3) are left out where they are missing.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from aigif import text
from aigif._gen.enums import TextCompressor
from aigif.text import joined, primed, prompt
from benchmarks.prompt_coder import corpus

FOLDER = Path("..") / "shared" / "prompts"
Strings = tuple[str, ...]
Coder = Callable[[Strings], int]
FIRST_USE = (
    "import time; import aigif; from aigif import text; start = time.perf_counter(); "
    "text.encode(('a photo of a cat',), 3); print(time.perf_counter() - start)"
)


def ours(code: int) -> Coder:
    return lambda strings: len(text.encode(strings, code))


def coders(training: Path) -> dict[str, tuple[int, Coder]]:
    """Each coder by name: bytes that it ships with, and the length of what it makes of strings."""
    tables = Path(prompt.TABLES).stat().st_size
    dictionary = len(primed.dictionary())
    found: dict[str, tuple[int, Coder]] = {
        "UTF-8": (0, ours(TextCompressor.NONE)),
        "zlib -9": (0, ours(TextCompressor.ZLIB)),
        "deflate": (0, ours(TextCompressor.DEFLATE)),
        "deflate, our dictionary": (dictionary, ours(TextCompressor.DEFLATE_DICTIONARY)),
    }
    if text.known(TextCompressor.BROTLI):
        found["brotli 11"] = 0, ours(TextCompressor.BROTLI)
    if text.known(TextCompressor.ZSTD_DICTIONARY):
        found["zstd 19, our dictionary"] = dictionary, ours(TextCompressor.ZSTD_DICTIONARY)
        if training.is_file():
            found[f"zstd 19, trained dictionary of {tables // 1000} KB"] = tables, _zstd(training, tables)
    for name, module in (("unishox2", "unishox2"), ("smaz", "smaz")):
        coder = _short(module)
        if coder:
            found[name] = 0, coder
    found["prompt coder"] = tables, ours(TextCompressor.PROMPT)
    return found


def _zstd(training: Path, size: int) -> Coder:
    """Zstandard with a dictionary of `size` bytes that its own trainer made from the training text."""
    module: Any = __import__("zstandard")
    samples = [joined.join(one.strings) for one in corpus.read(training)]
    held = module.train_dictionary(size, samples, level=19)
    packer = module.ZstdCompressor(level=19, dict_data=held, write_content_size=False, write_dict_id=False)
    return lambda strings: len(packer.compress(joined.join(strings)))


def _short(name: str) -> Coder | None:
    """A coder of short strings, if its package is there."""
    try:
        module: Any = __import__(name)
    except ImportError:
        return None
    if name == "smaz":
        return lambda strings: len(module.compress("\n".join(strings)))
    return lambda strings: len(module.compress("\n".join(strings))[0])


def read(path: Path, most: int) -> dict[str, list[Strings]]:
    """At most `most` texts of each source."""
    sources: dict[str, list[Strings]] = defaultdict(list)
    for one in corpus.read(path):
        if len(sources[one.source]) < most:
            sources[one.source].append(one.strings)
    return sources


def table(name: str, sources: dict[str, list[Strings]], found: dict[str, tuple[int, Coder]]) -> None:
    """Print the mean bytes of every source by every coder."""
    print(f"\n{name}: mean bytes of a text, means of the sources, bits a character\n")
    print("| coder | ships with | " + " | ".join(sources) + " | mean | bits |")
    print("|---|---:|" + "---:|" * (len(sources) + 2))
    means: dict[str, float] = {}
    for coder, (ships, length) in found.items():
        sizes = {source: [length(strings) for strings in held] for source, held in sources.items()}
        bytes_of = [sum(held) / len(held) for held in sizes.values()]
        characters = [sum(len("".join(strings)) for strings in held) for held in sources.values()]
        bits = [8 * sum(held) / count for held, count in zip(sizes.values(), characters, strict=True)]
        means[coder] = sum(bytes_of) / len(bytes_of)
        row = " | ".join(f"{size:.1f}" for size in bytes_of)
        mean_bits = sum(bits) / len(bits)
        print(f"| {coder} | {_size(ships)} | {row} | {means[coder]:.1f} | {mean_bits:.2f} |", flush=True)
    last = means["prompt coder"]
    for coder, mean in means.items():
        if coder.startswith(("zlib", "zstd 19, trained")):
            print(f"\nprompt coder: {100 * last / mean:.1f} % of {coder}")


def _size(ships: int) -> str:
    return f"{ships / 1000:.0f} KB" if ships else "–"


def times(texts: Sequence[Strings]) -> None:
    """Print how long texts of about 300 characters take, warm, and the first use of all."""
    held = [strings for strings in texts if 250 <= sum(map(len, strings)) <= 350]
    codes = {"zlib -9": TextCompressor.ZLIB, "prompt coder": TextCompressor.PROMPT}
    characters = sum(len("".join(strings)) for strings in held) / len(held)
    print(f"\n{len(held)} texts of {characters:.0f} characters, warm, best of 9 rounds, processor time\n")
    print("| coder | encode | decode |\n|---|---:|---:|")
    for name, code in codes.items():
        coded = [text.encode(strings, code) for strings in held]

        def encode(code: int = code) -> None:
            for strings in held:
                text.encode(strings, code)

        def decode(code: int = code, coded: list[bytes] = coded) -> None:
            for payload in coded:
                text.decode(payload, code)

        row = " | ".join(f"{1e3 * _best(what) / len(held):.3f} ms" for what in (encode, decode))
        print(f"| {name} | {row} |")
    command = [sys.executable, "-c", FIRST_USE]
    first = min(
        float(subprocess.run(command, capture_output=True, text=True, check=True).stdout) for _ in range(9)
    )
    print(
        f"\nfirst use, from importing the coder to the end of the first text: {1e3 * first:.0f} ms (best of 9)"
    )


def _best(what: Callable[[], None]) -> float:
    taken = []
    for _ in range(9):
        start = time.process_time()
        what()
        taken.append(time.process_time() - start)
    return min(taken)


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("--prompts", type=Path, default=FOLDER, help="folder of the prompts")
    parser.add_argument("--most", type=int, default=500, help="most texts of a source")
    chosen = parser.parse_args()
    found = coders(chosen.prompts / "train.jsonl")
    print(f"zlib {zlib.ZLIB_RUNTIME_VERSION}")
    everything: list[Strings] = []
    for name in ("unseen", "heldout"):
        sources = read(chosen.prompts / f"{name}.jsonl", chosen.most)
        everything += [strings for held in sources.values() for strings in held]
        table(name, sources, found)
    times(everything)


if __name__ == "__main__":
    main()
