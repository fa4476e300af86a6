"""The small preview: a ThumbHash, a blurred picture in about 25 bytes.

The format is Evan Wallace's ThumbHash (https://evanw.github.io/thumbhash/, MIT). A picture becomes
luminance `l`, yellow against blue `p`, red against green `q` and, where it is not opaque, alpha `a`;
each is kept as its lowest cosine terms (DCT-II) over a triangle of frequencies:

| bits | content (all little-endian) |
|---|---|
| 6, 6, 6 | mean of `l` in 63rds, of `p` and of `q` in 31.5ths from -1 |
| 5, 1 | scale of `l`'s terms in 31sts; whether alpha follows |
| 3, 6, 6, 1 | terms of `l` along the shorter side; scale of `p`'s and of `q`'s terms in 63rds; landscape |
| 4, 4 | with alpha only: its mean and its scale in 15ths |
| 4 each | the terms of `l`, `p`, `q` and `a`, as 7.5ths of their scale from -1 |
"""

from __future__ import annotations

from math import cos, floor, pi
from typing import TYPE_CHECKING, Final, NamedTuple

from PIL.Image import Resampling, frombytes

from aigif.errors import CorruptError, UsageError
from aigif.pixels.samples import as_samples

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PIL.Image import Image

_MOST_SIDE: Final = 100  # pixels; more change nothing that 7 terms can show
_TERMS: Final = 7  # of luminance along the longer side
_TERMS_WITH_ALPHA: Final = 5
_COLOUR_TERMS: Final = 3
_ALPHA_TERMS: Final = 5
_SATURATION: Final = 1.25  # makes up for colour terms rounded to zero

Plane = list[list[float]]


class _Terms(NamedTuple):
    """A channel as cosine terms: `mean`, the greatest magnitude `scale`, and the rest, each within it."""

    mean: float
    scale: float
    rest: list[float]


def encode(image: Image) -> bytes:
    """The ThumbHash of a picture: 17 to 25 bytes. Raises UsageError as `as_samples` does."""
    picture = as_samples(image).convert("RGBA")
    longest = max(picture.size)
    if longest > _MOST_SIDE:
        sides = [max(1, _round(side * _MOST_SIDE / longest)) for side in picture.size]
        picture = picture.resize((sides[0], sides[1]), Resampling.BOX)
    width, height = picture.size
    planes, alpha = _planes(picture)
    most = _TERMS_WITH_ALPHA if alpha else _TERMS
    along = [max(1, _round(most * side / max(width, height))) for side in (width, height)]
    landscape = width > height
    luminance = _transform(planes[0], max(3, along[0]), max(3, along[1]))
    yellow = _transform(planes[1], _COLOUR_TERMS, _COLOUR_TERMS)
    red = _transform(planes[2], _COLOUR_TERMS, _COLOUR_TERMS)
    fields = [
        (6, luminance.mean * 63),
        (6, 31.5 + yellow.mean * 31.5),
        (6, 31.5 + red.mean * 31.5),
        (5, luminance.scale * 31),
        (1, alpha),
        (3, min(along)),
        (6, yellow.scale * 63),
        (6, red.scale * 63),
        (1, landscape),
    ]
    channels = [luminance, yellow, red]
    if alpha:
        opacity = _transform(planes[3], _ALPHA_TERMS, _ALPHA_TERMS)
        fields += [(4, opacity.mean * 15), (4, opacity.scale * 15)]
        channels.append(opacity)
    for channel in channels:
        for term in channel.rest:
            fields.append((4, 7.5 + 7.5 * term / channel.scale if channel.scale else 0))
    return _pack(fields)


def decode(preview: bytes, side: int = 32) -> Image:
    """The picture of a ThumbHash, mode RGB or RGBA; `side` is its longer side in pixels, 1 to 256.

    Raises CorruptError for bytes that are no ThumbHash, UsageError for another `side`.
    """
    if not 1 <= side <= 256:
        raise UsageError(f"a preview of {side} pixels; 1 to 256 are possible")
    fields = _Fields(preview)
    means = [fields.take(6) / 63, fields.take(6) / 31.5 - 1, fields.take(6) / 31.5 - 1]
    scales = [fields.take(5) / 31]
    alpha = fields.take(1)
    shorter = fields.take(3)
    scales += [fields.take(6) / 63 * _SATURATION, fields.take(6) / 63 * _SATURATION]
    landscape = fields.take(1)
    longer = _TERMS_WITH_ALPHA if alpha else _TERMS
    if not 1 <= shorter <= longer:
        raise _corrupt(f"{shorter} terms along the shorter side")
    across, down = (longer, shorter) if landscape else (shorter, longer)
    sizes = [(max(3, across), max(3, down)), (_COLOUR_TERMS, _COLOUR_TERMS), (_COLOUR_TERMS, _COLOUR_TERMS)]
    if alpha:
        means.append(fields.take(4) / 15)
        scales.append(fields.take(4) / 15)
        sizes.append((_ALPHA_TERMS, _ALPHA_TERMS))
    width = side if across >= down else max(1, _round(side * across / down))
    height = side if down >= across else max(1, _round(side * down / across))
    planes = []
    for mean, scale, size in zip(means, scales, sizes, strict=True):
        rest = [(fields.take(4) / 7.5 - 1) * scale for _ in _triangle(*size)]
        planes.append(_restore(_Terms(mean, scale, rest), size, width, height))
    fields.finish()
    return frombytes("RGBA" if alpha else "RGB", (width, height), _samples(planes))


def _planes(picture: Image) -> tuple[list[Plane], bool]:
    """Luminance, the two colours and alpha, each a list of rows; and whether any pixel is not opaque.

    Transparent pixels take the mean colour, weighted by alpha, of the picture.
    """
    width, height = picture.size
    data = picture.tobytes()
    reds, greens, blues, alphas = (data[start::4] for start in range(4))
    opacity = sum(alphas)
    means = [
        sum(map(int.__mul__, channel, alphas)) / (255 * opacity) if opacity else 0.0
        for channel in (reds, greens, blues)
    ]
    planes: list[Plane] = [[], [], [], []]
    for start in range(0, width * height, width):
        rows: Plane = [[], [], [], []]
        for at in range(start, start + width):
            alpha = alphas[at] / 255
            red = means[0] * (1 - alpha) + alpha * reds[at] / 255
            green = means[1] * (1 - alpha) + alpha * greens[at] / 255
            blue = means[2] * (1 - alpha) + alpha * blues[at] / 255
            values = ((red + green + blue) / 3, (red + green) / 2 - blue, red - green, alpha)
            for row, value in zip(rows, values, strict=True):
                row.append(value)
        for plane, row in zip(planes, rows, strict=True):
            plane.append(row)
    return planes, opacity < 255 * width * height


def _triangle(across: int, down: int) -> Iterator[tuple[int, int]]:
    """The frequencies (horizontal, vertical) that are kept, in their order; without the mean."""
    for vertical in range(down):
        horizontal = 0 if vertical else 1
        while horizontal * down < across * (down - vertical):
            yield horizontal, vertical
            horizontal += 1


def _waves(terms: int, length: int) -> list[list[float]]:
    return [[cos(pi / length * term * (at + 0.5)) for at in range(length)] for term in range(terms)]


def _transform(plane: Plane, across: int, down: int) -> _Terms:
    """The mean and the terms of a channel, `across` along its width and `down` along its height."""
    height, width = len(plane), len(plane[0])
    rows = [[_dot(wave, row) for row in plane] for wave in _waves(across, width)]
    vertical_waves = _waves(down, height)
    area = width * height
    mean = sum(rows[0]) / area
    rest = [_dot(vertical_waves[v], rows[h]) / area for h, v in _triangle(across, down)]
    return _Terms(mean, max(map(abs, rest)), rest)


def _restore(terms: _Terms, size: tuple[int, int], width: int, height: int) -> Plane:
    """The channel of `width` by `height` samples that the terms stand for."""
    across, down = _waves(size[0], width), _waves(size[1], height)
    plane = [[terms.mean] * width for _ in range(height)]
    for (horizontal, vertical), term in zip(_triangle(*size), terms.rest, strict=True):
        for row, weight in zip(plane, down[vertical], strict=True):
            for at, wave in enumerate(across[horizontal]):
                row[at] += 2 * term * weight * wave
    return plane


def _samples(planes: Sequence[Plane]) -> bytes:
    """RGB or RGBA samples of luminance, the two colours and, where there is one, alpha."""
    out = bytearray()
    for rows in zip(*planes, strict=True):
        for luminance, yellow, red_green, *alpha in zip(*rows, strict=True):
            blue = luminance - 2 / 3 * yellow
            red = (3 * luminance - blue + red_green) / 2
            for value in (red, red - red_green, blue, *alpha):
                out.append(_round(255 * min(1.0, max(0.0, value))))
    return bytes(out)


def _dot(left: Sequence[float], right: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(left, right, strict=True))


def _round(value: float) -> int:
    """To the nearest whole number, halves up; a term that is zero but for rounding errors counts as half."""
    return floor(value + 0.5 + 1e-9)


def _pack(fields: Sequence[tuple[int, float]]) -> bytes:
    value = width = 0
    for bits, number in fields:
        value |= min((1 << bits) - 1, max(0, _round(number))) << width
        width += bits
    return value.to_bytes((width + 7) // 8, "little")


class _Fields:
    """The fields of a ThumbHash, taken one by one."""

    def __init__(self, preview: bytes) -> None:
        self._value = int.from_bytes(preview, "little")
        self._left = 8 * len(preview)

    def take(self, width: int) -> int:
        self._left -= width
        if self._left < 0:
            raise _corrupt("it is cut")
        taken = self._value & (1 << width) - 1
        self._value >>= width
        return taken

    def finish(self) -> None:
        if self._left >= 8 or self._value:
            raise _corrupt("bytes after its end")


def _corrupt(problem: str) -> CorruptError:
    return CorruptError(f"the preview is no ThumbHash: {problem}", element="verification.preview")
