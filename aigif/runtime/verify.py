"""Grading a recreated picture: bit-exact, the same picture, or different; and the likely cause."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aigif._gen.container import PIXELS, PIXELS_SECTION
from aigif._gen.types import Aigif
from aigif.errors import FileAccessError, LimitError, UsageError
from aigif.file import section
from aigif.pixels import as_samples, pixel_hash
from aigif.pixels import decode as decode_pixels
from aigif.runtime.compare import NOT_HONOURED, Difference
from aigif.runtime.exact import is_exact
from aigif.runtime.similarity import ms_ssim, psnr

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["BIT_EXACT", "DIFFERENT", "SAME_PICTURE", "Verdict", "open_picture", "verify"]

BIT_EXACT = "bit-exact"
SAME_PICTURE = "same picture"
DIFFERENT = "different"

IMPERCEPTIBLE_DB = 50.0
"""PSNR above which distortions are imperceptible, by the AIGIF paper, section III-B; all its pairs of platforms in
Table V reach it (lowest: 51.24 dB)."""

STRUCTURE_DB = 40.0
STRUCTURE_MS_SSIM = 0.998
"""Below 50 dB a picture is the same still where MS-SSIM is at least the lowest of Table V (0.9980) and PSNR at least
40 dB, a root mean square error of 2.55 of 255: so a small shift of brightness over the whole picture doesn't make it
another one. The 40 dB are this project's choice."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The grade of a picture against what a file says of the original."""

    grade: str
    """bit-exact, same picture, or different."""
    psnr_db: float | None
    """PSNR in dB; None where the pixels are equal, or where there is no picture of that size to measure against."""
    ms_ssim: float | None
    """MS-SSIM, 0 to 1; None where it can't be computed (`details` says why)."""
    cause: str
    """The likely cause of what differs; "" where nothing does."""
    details: tuple[str, ...] = ()
    strict: bool = False
    """Whether only bit-exact passes."""

    @property
    def exit_code(self) -> int:
        """0 for bit-exact, and for the same picture unless `strict`; else 1."""
        passed = (BIT_EXACT,) if self.strict else (BIT_EXACT, SAME_PICTURE)
        return 0 if self.grade in passed else 1


def verify(
    aigif: Aigif,
    image: Image | str | os.PathLike[str],
    *,
    reference: Image | str | os.PathLike[str] | None = None,
    differences: Sequence[Difference] = (),
    strict: bool = False,
    use_saved_pixels: bool = True,
) -> Verdict:
    """Grade `image` against the original: by the file's hash, and else by measuring.

    It is measured against `reference`, a picture that the caller gives, or against the pixels that the file holds
    (unless not `use_saved_pixels`). `differences` of platform or settings tell the likely cause. torch is imported
    only where pictures of one size differ and MS-SSIM is computed.

    A picture of exact arithmetic (platform.arithmetic) has to be bit-exact, as if `strict` were asked for.

    Raises UsageError where there is neither a hash nor a picture to compare with.
    """
    strict = strict or is_exact(aigif.platform.arithmetic)
    picture = as_samples(open_picture(image))
    original = _original(aigif, reference, use_saved_pixels)
    stored = aigif.verification.pixel_hash
    if not stored and original is None:
        raise UsageError(
            "the file holds neither a hash nor pixels to compare with",
            element="verification.pixel_hash",
            hint="give the original picture (reference=..., --against FILE)",
        )
    details: list[str] = []
    if original is not None and stored and not pixel_hash(original).startswith(stored):
        details.append("the picture that was compared with is not the one whose hash the file holds")
    if stored and pixel_hash(picture).startswith(stored):
        details.append(f"the pixels have the recorded hash ({len(stored)} bytes of SHA-256)")
        if original is None or pixel_hash(picture) == pixel_hash(original):
            return Verdict(BIT_EXACT, None, None, "", tuple(details), strict)
    if original is not None and pixel_hash(picture) == pixel_hash(original):
        return Verdict(BIT_EXACT, None, None, "", tuple(details), strict)
    if original is None:
        details.append(
            "only the hash was compared: without the original's pixels it can't be measured how far it is"
        )
        return Verdict(DIFFERENT, None, None, _cause(differences, None), tuple(details), strict)
    return _measured(picture, original, differences, details, strict)


def open_picture(source: Image | str | os.PathLike[str]) -> Image:
    """A picture, from a file unless it is one already. Raises FileAccessError, or LimitError for a large one."""
    import PIL.Image

    if isinstance(source, PIL.Image.Image):
        return source
    try:
        picture = PIL.Image.open(Path(source))
        if picture.width * picture.height > PIXELS:
            raise LimitError(
                f"{picture.width * picture.height} pixels; the cap is {PIXELS}", file=str(source)
            )
        picture.load()
    except (OSError, SyntaxError, ValueError) as error:
        raise FileAccessError(f"the picture can't be read: {error}", file=str(source)) from error
    return picture


def _original(
    aigif: Aigif, reference: Image | str | os.PathLike[str] | None, use_saved_pixels: bool
) -> Image | None:
    if reference is not None:
        return as_samples(open_picture(reference))
    payload = section(aigif, PIXELS_SECTION)
    if payload is None or not use_saved_pixels:
        return None
    return decode_pixels(payload, aigif.compression.pixel_compressor, PIXELS)


def _measured(
    picture: Image, original: Image, differences: Sequence[Difference], details: list[str], strict: bool
) -> Verdict:
    if picture.size != original.size:
        sizes = f"{picture.width} x {picture.height} pixels instead of {original.width} x {original.height}"
        return Verdict(DIFFERENT, None, None, f"another size: {sizes}", tuple(details), strict)
    if picture.mode != original.mode:
        details.append(f"{picture.mode} was compared with {original.mode}, both as RGBA")
        picture, original = picture.convert("RGBA"), original.convert("RGBA")
    decibels = psnr(picture, original)
    similarity, note = ms_ssim(picture, original)
    details += [note] if note else []
    structure = similarity is not None and similarity >= STRUCTURE_MS_SSIM and decibels >= STRUCTURE_DB
    same = decibels >= IMPERCEPTIBLE_DB or structure
    grade = SAME_PICTURE if same else DIFFERENT
    return Verdict(grade, decibels, similarity, _cause(differences, decibels), tuple(details), strict)


_ORDER = (
    ("model.", "another model or setting"),
    ("platform.noise_source", "other noise"),
    ("platform.arithmetic", "another arithmetic"),
    ("platform.schedule_digest", "another schedule of noise levels"),
    ("platform.program", "made by another program"),
    ("platform.device", "another kind of device"),
    ("platform.gpu", "another GPU"),
    ("platform.cuda", "another CUDA or ROCm release"),
    ("platform.cpu", "another CPU"),
    ("platform.threads", "another number of threads"),
    ("platform.attention", "another form of attention"),
    ("platform.torch", "another version of torch"),
    ("platform.diffusers", "another version of diffusers"),
    ("platform.transformers", "another version of transformers"),
    ("platform.operating_system", "another operating system"),
)
_LARGE_DB = 30.0


def _cause(differences: Sequence[Difference], decibels: float | None) -> str:
    # The first difference in the order of weight; where pictures are far apart, none of the platform explains it.
    named = [f"{d.element} not honoured" for d in differences if d.here == NOT_HONOURED]
    named += [
        f"{words} ({difference.here} instead of {difference.recorded})"
        for prefix, words in _ORDER
        for difference in differences
        if difference.here != NOT_HONOURED
        if difference.element == prefix or (prefix.endswith(".") and difference.element.startswith(prefix))
    ]
    if named and (decibels is None or decibels >= _LARGE_DB or not named[0].startswith("another version")):
        return "; ".join(named[:3])
    if named:
        return f"not the platform alone ({named[0]}): another model, prompt or seed, or an unrecorded setting"
    if decibels is not None and decibels >= _LARGE_DB:
        return "something of the platform that isn't recorded"
    return "another model, prompt or seed, or a setting that isn't recorded"
