"""The main job from end to end, on the model in the package: `make demo`.

Generates a few pictures, saves each as .aigif, recreates all of them from these files in a fresh process, and
compares the pixels. Everything goes to the folder demo/.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import aigif

OUT = Path("demo")
SCHEDULERS = ("ddim", "dpmpp-2m")


def prompts() -> list[str]:
    """What is drawn."""
    from benchmarks.demo_prompts import PROMPTS

    return list(PROMPTS)


def generate() -> None:
    """Draw every prompt; the picture goes to a PNG, what made it to an .aigif file."""
    print(f"1. Generate {len(prompts())} pictures with the model in the package.")
    for number, prompt in enumerate(prompts(), 1):
        start = time.perf_counter()
        made = aigif.generate(prompt, seed=1000 + number, scheduler=SCHEDULERS[number % 2])
        made.image.save(OUT / f"{number}.png", optimize=True)
        size = aigif.save(made.aigif, OUT / f"{number}.aigif")
        print(f"   {number}. {prompt!r}: {size} bytes, {time.perf_counter() - start:.1f} s")


def recreate() -> None:
    """Recreate every file; runs in a process of its own, which knows nothing but the .aigif files."""
    for path in sorted(OUT.glob("*.aigif"), key=lambda path: int(path.stem)):
        made = aigif.recreate(path)
        assert made.source == "model"
        made.image.save(OUT / f"{path.stem}.recreated.png", optimize=True)


def compare() -> bool:
    """Print the table of sizes; gives whether every recreation is bit-exact."""
    from PIL import Image

    print("3. Compare.\n")
    print("   picture     raw pixels        PNG     .aigif   PNG / .aigif   pixels")
    totals, same = [0, 0, 0], True
    for number, _ in enumerate(prompts(), 1):
        original = Image.open(OUT / f"{number}.png").convert("RGB")
        again = Image.open(OUT / f"{number}.recreated.png").convert("RGB")
        identical = original.size == again.size and original.tobytes() == again.tobytes()
        sizes = [
            len(original.tobytes()),
            (OUT / f"{number}.png").stat().st_size,
            (OUT / f"{number}.aigif").stat().st_size,
        ]
        totals = [total + size for total, size in zip(totals, sizes, strict=True)]
        same &= identical
        print_row(str(number), sizes, "identical" if identical else "DIFFERENT")
    print_row("all", totals, "identical" if same else "DIFFERENT")
    return same


def print_row(name: str, sizes: list[int], verdict: str) -> None:
    raw, png, small = sizes
    print(f"   {name:<8} {raw:>13,} {png:>10,} {small:>10,} {png / small:>14,.0f}   {verdict}")


def sheet() -> Path:
    """A picture of all originals, each above its recreation."""
    from PIL import Image

    originals = [Image.open(OUT / f"{number}.png") for number in range(1, len(prompts()) + 1)]
    width, height = originals[0].size
    made = Image.new("RGB", ((width + 4) * len(originals) - 4, 2 * height + 4), "white")
    for place, original in enumerate(originals):
        made.paste(original, (place * (width + 4), 0))
        made.paste(Image.open(OUT / f"{place + 1}.recreated.png"), (place * (width + 4), height + 4))
    made.save(OUT / "sheet.png", optimize=True)
    return OUT / "sheet.png"


def main() -> int:
    """Run the demo; exit code 1 where a recreation differs."""
    if sys.argv[1:] == ["recreate"]:
        recreate()
        return 0
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    generate()
    print("2. Recreate them in a fresh process, from the .aigif files alone.")
    subprocess.run([sys.executable, "-m", "benchmarks.demo", "recreate"], check=True)
    same = compare()
    print(f"\n   {sheet()} shows the pictures, and their recreations below them.")
    print("   What one of the files holds (aigif info demo/1.aigif):\n")
    shown = subprocess.run(
        [sys.executable, "-m", "aigif", "info", str(OUT / "1.aigif")], capture_output=True, text=True
    )
    print("\n".join(f"   {line}" for line in shown.stdout.splitlines()))
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
