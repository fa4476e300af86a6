"""How near two pictures are: PSNR in decibels, and MS-SSIM where its packages are installed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["ms_ssim", "psnr"]

_SCALES = 5
_WINDOW = 11


def psnr(first: Image, second: Image) -> float:
    """Peak signal-to-noise ratio in dB of two pictures of one size and mode, over their 8-bit samples.

    10 log10(255^2 / mean squared error), the mean over all pixels and channels; infinite where they are equal.
    The sum of squares is exact: it comes from a histogram of the differences.
    """
    from PIL import ImageChops

    if (first.size, first.mode) != (second.size, second.mode):
        raise ValueError("PSNR wants two pictures of one size and mode")
    histogram = ImageChops.difference(first, second).histogram()
    total = sum(count * (index % 256) ** 2 for index, count in enumerate(histogram))
    if total == 0:
        return math.inf
    return 10 * math.log10(255**2 * sum(histogram) / total)


def ms_ssim(first: Image, second: Image) -> tuple[float | None, str]:
    """Multi-scale structural similarity (Wang, Simoncelli and Bovik 2003) of two pictures, and a note.

    Computed by pytorch-msssim with the paper's five scales and weights on RGB samples of 0 to 255 in float64. Its
    Gaussian window of 11 needs sides of more than 160 pixels. Smaller pictures get the largest odd window that the
    five scales leave room for, (window - 1) * 16 < side, which the note says: such values are not comparable with
    those of the window of 11. None where the side is at most 32 or the packages are missing; the note says why.
    """
    side = min(first.size)
    window = min(_WINDOW, _largest_window(side))
    if window < 3:
        return None, f"MS-SSIM needs sides of more than 32 pixels; the picture has {side}"
    try:
        import torch
        from pytorch_msssim import ms_ssim as compute
    except ImportError as error:
        return None, f'MS-SSIM needs pytorch-msssim ({error}); pip install "aigif[recreate]"'

    def tensor(picture: Image) -> torch.Tensor:
        picture = picture.convert("RGB")
        samples = torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8)
        return samples.reshape(1, picture.height, picture.width, 3).permute(0, 3, 1, 2).to(torch.float64)

    value = float(compute(tensor(first), tensor(second), data_range=255, size_average=True, win_size=window))
    note = (
        ""
        if window == _WINDOW
        else f"MS-SSIM with a window of {window} instead of {_WINDOW}: the picture is small"
    )
    return value, note


def _largest_window(side: int) -> int:
    largest: int = (side - 1) // 2 ** (_SCALES - 1) + 1
    return largest if largest % 2 else largest - 1
