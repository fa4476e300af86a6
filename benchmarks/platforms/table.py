"""The rows of the table: PSNR, MS-SSIM and equal bits of what a platform made against what the first one made."""

from __future__ import annotations

import math
from collections.abc import Sequence

from benchmarks.platforms.running import SCHEDULERS, Found
from benchmarks.platforms.variants import Variant

__all__ = ["header", "kept", "row", "title"]

KINDS = ("plain", "exact")
_COLUMNS = ("recreated on", *(f"{kind} {number}" for number in ("I", "II") for kind in KINDS), *KINDS)
_WIDTHS = (36, 16, 16, 16, 16, 12, 12)


def title(variant: Variant, found: Found, reference: Found) -> str:
    """The variant's name, or else torch's version, and machine and torch's instruction set where they are others."""
    if variant.name:
        return variant.name
    name = f"torch {found.versions['torch']}"
    if found.versions["machine"] != reference.versions["machine"]:
        name += f" on {found.versions['machine']}"
    if found.versions["instructions"] != reference.versions["instructions"]:
        name += f", {found.versions['instructions']}"
    return name


def header() -> str:
    return f"{_line(_COLUMNS)}\n|{'|'.join('-' * (width + 2) for width in _WIDTHS)}|"


def row(name: str, found: Found, reference: Found) -> str:
    """PSNR and MS-SSIM for plain and exact with each scheduler; how many have the same pixels, the same samples."""
    cells = [
        _nearness(found, reference, _names(found, f"{kind}.{at}."))
        for at in range(len(SCHEDULERS))
        for kind in KINDS
    ]
    for kind in KINDS:
        names = _names(found, kind)
        pixels = sum(found.pixels(each) == reference.pixels(each) for each in names)
        cells.append(f"{pixels}, {kept(found, reference, kind)[0]} of {len(names)}")
    return _line((name, *cells))


def kept(found: Found, reference: Found, kind: str) -> tuple[int, int]:
    """How many pictures of a kind have bit-identical float32 samples, of how many."""
    names = _names(found, kind)
    return sum(found.samples(name) == reference.samples(name) for name in names), len(names)


def _nearness(found: Found, reference: Found, names: Sequence[str]) -> str:
    """PSNR of the mean squared error over all pictures, and the mean of their MS-SSIM."""
    import PIL.Image

    from aigif.runtime.similarity import ms_ssim, psnr

    if all(found.pixels(name) == reference.pixels(name) for name in names):
        return "lossless 1.0000"
    pairs = [[PIL.Image.open(each.folder / f"{name}.png") for each in (reference, found)] for name in names]
    error = sum(10 ** (-psnr(*pair) / 10) for pair in pairs) / len(pairs)
    structure = sum(ms_ssim(*pair)[0] or 0.0 for pair in pairs) / len(pairs)
    return f"{-10 * math.log10(error):.2f} {structure:.4f}"


def _names(found: Found, prefix: str) -> list[str]:
    return [name for name in found.hashes if name.startswith(prefix)]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(f"{cell:{width}s}" for cell, width in zip(cells, _WIDTHS, strict=True)) + " |"
