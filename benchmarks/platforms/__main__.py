"""`python -m benchmarks.platforms`: Table V of the AIGIF paper, with plain and with exact arithmetic.

Makes files with the embedded model and recreates them in processes of their own under other instruction sets, numbers
of threads, libraries, memory layouts and batches, and, where qemu-x86_64 is installed, on another generation of
processor. Each is compared with a run of one thread in the environment as it is.

The paper's PSNR-I and MSSSIM-I are those with the sampler DDIM, PSNR-II and MSSSIM-II those with DPM++ 2M; both 25
steps. A column "plain I" holds PSNR-I and MSSSIM-I of files with the platform's own arithmetic, "exact I" of files
with exact arithmetic, and so on. PSNR is that of the mean squared error over the seeds, "lossless" where all pixels
are the same. The last two columns count the pictures whose pixels, and whose float32 samples before they were rounded
to 8 bits, are bit-identical. Ends with 1 where an exact picture's samples are not.

`--python COMMAND` adds a row: another environment's Python, named by the version of torch that its worker reports,
and by the machine and torch's own word for the instruction set where they differ. `pins` gives the other packages in
the versions of this environment, since other versions of diffusers or transformers may compute another graph:

    python -m benchmarks.platforms.pins > pins.txt
    python3.11 -m venv OTHER
    OTHER/bin/pip install torch==2.14.1
    OTHER/bin/pip install --no-deps -r pins.txt
    python -m benchmarks.platforms --python OTHER/bin/python

A command can have words before the interpreter, such as `env ATEN_CPU_CAPABILITY=default OTHER/bin/python`. One that
begins with qemu- gets the first seed's files only. 64-bit Arm, with Debian's qemu-user:

    python -m benchmarks.platforms.arm64 ROOT
    python -m benchmarks.platforms --python "qemu-aarch64 -L ROOT ROOT/usr/bin/python3.11"

`qemu-aarch64 -cpu max,sve-max-vq=2` makes torch use its kernels for vectors of 256 bits (SVE256).
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.platforms.running import DoesNotRun, make_files, run
from benchmarks.platforms.table import header, kept, row, title
from benchmarks.platforms.variants import REFERENCE, VARIANTS, Variant, environment


def main() -> int:
    """Print the table; gives 1 where exact arithmetic failed, or a Python that was named doesn't run."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("benchmarks.platforms", description=__doc__, formatter_class=formatter)
    parser.add_argument(
        "--quick", action="store_true", help="one seed, and no emulated processor but those named"
    )
    parser.add_argument("--steps", type=int, default=25)
    parser.add_argument("--python", action="append", default=[], metavar="COMMAND", help="can be repeated")
    parser.add_argument("--alone", action="store_true", help="only the rows of --python")
    given = parser.parse_args()
    named = [environment(command) for command in given.python]
    usual = [each for each in VARIANTS if each.installed and not (given.quick and each.emulated)]
    seeds = (1001,) if given.quick else (1001, 1002, 1003)
    with tempfile.TemporaryDirectory() as folder:
        return _table([*([] if given.alone else usual), *named], Path(folder), seeds, given.steps)


def _table(variants: list[Variant], root: Path, seeds: tuple[int, ...], steps: int) -> int:
    files, few = root / "files", root / "few"
    files.mkdir()
    few.mkdir()
    make_files(files, seeds, steps)
    for path in files.glob(f"*.{seeds[0]}.aigif"):
        shutil.copy(path, few)
    reference = run(REFERENCE, files, root / "reference")
    print(f"against: {REFERENCE.name}; " + ", ".join(" ".join(each) for each in reference.versions.items()))
    print(header(), flush=True)
    same = total = failed = 0
    for number, variant in enumerate(variants):
        try:
            found = run(variant, few if variant.emulated else files, root / str(number))
        except DoesNotRun as error:
            print(error, file=sys.stderr)
            failed += not variant.name
            continue
        print(row(title(variant, found, reference), found, reference), flush=True)
        for library in ("diffusers", "transformers"):
            if found.versions[library] != reference.versions[library]:
                print(
                    f"{library} {found.versions[library]}, which may compute another graph", file=sys.stderr
                )
        counted = kept(found, reference, "exact")
        same, total = same + counted[0], total + counted[1]
    print(f"exact, float32 samples bit-identical: {same} of {total}")
    return int(same != total or failed > 0)


if __name__ == "__main__":
    sys.exit(main())
