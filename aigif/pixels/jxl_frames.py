"""The frames of a JPEG XL codestream: how large each is and where the last one ends.

ISO/IEC 18181-1, annexes F.2 (frame header) and F.3 (table of contents). A codestream does not say how
long it is, and a frame can be far larger than the picture; both are found out here, before libjxl
allocates anything. Taken is what a lossless encoder writes: up to three frames of patches that the
picture refers to (libjxl finds repeated letters), then the picture.
"""

from __future__ import annotations

from typing import Final

from aigif.pixels.coder import Shape, corrupt
from aigif.pixels.jxl_bits import Bits

_MOST_PATCH_FRAMES: Final = 3
_SPARE_PIXELS: Final = 1 << 16  # patches of a small picture may take more room than it has
_REGULAR, _REFERENCE_ONLY = 0, 2
_FLAG_FORMS: Final = ((0, 0), (4, 1), (8, 17), (12, 0))
_PATCHES, _SKIP_SMOOTHING = 2, 128
_FRAME_SIDES: Final = ((8, 0), (11, 256), (14, 2304), (30, 18688))
_SECTION_SIZES: Final = ((10, 0), (14, 1024), (22, 17408), (30, 4211712))


def check_frames(payload: bytes, bits: Bits, shape: Shape) -> None:
    """Walks over all frames from `bits` on. Raises CorruptError unless the last ends with the payload."""
    for _ in range(_MOST_PATCH_FRAMES + 1):
        if _frame(bits, shape):
            if bits.byte != len(payload):
                raise corrupt("jxl", "bytes after the end of the picture", bits.byte)
            return
    raise corrupt("jxl", f"more than {_MOST_PATCH_FRAMES} frames of patches", bits.byte)


def _frame(bits: Bits, shape: Shape) -> bool:
    """Steps over a frame; whether it is the picture itself, which is the last."""
    bits.zero(1, "a frame is coded in XYB, which is not lossless")
    kind = bits.take(2)
    if kind not in (_REGULAR, _REFERENCE_ONLY):
        raise corrupt("jxl", "a frame is neither the picture nor patches", bits.byte)
    if not bits.take(1):
        raise corrupt("jxl", "a frame is coded by VarDCT, which is not lossless", bits.byte)
    if bits.pick(*_FLAG_FORMS) & ~(_PATCHES | _SKIP_SMOOTHING):
        raise corrupt(
            "jxl", "a frame has noise, splines or a frame of its own for low frequencies", bits.byte
        )
    bits.zero(1, "a frame is coded in YCbCr")
    extra = shape.channels - 3
    bits.zero(2 * (1 + extra), "a frame is enlarged")
    group = 128 << bits.take(2)
    width, height = shape.width, shape.height
    if kind == _REGULAR:
        bits.zero(2, "a frame comes in passes")
        bits.zero(1, "the picture's frame is not of the picture's size")
        bits.zero(2 * (1 + extra), "a frame is blended")
        if not bits.take(1):
            raise corrupt("jxl", "more than one frame is shown", bits.byte)
    else:
        if bits.take(1):
            width, height = bits.pick(*_FRAME_SIDES), bits.pick(*_FRAME_SIDES)
        if not 0 < width * height <= shape.width * shape.height + _SPARE_PIXELS:
            raise corrupt("jxl", f"a frame of patches is {width} by {height} pixels", bits.byte)
        bits.take(2 + 1)  # its slot, and whether it is kept before the colour transform
    bits.zero(2, "a frame has a name")
    _no_loop_filter(bits)
    bits.zero(2, "a frame has extensions")
    _sections(bits, _count(width, height, group))
    return kind == _REGULAR


def _no_loop_filter(bits: Bits) -> None:
    bits.zero(1 + 1 + 2, "a frame is filtered, which is not lossless")  # not the default; no Gabor, no EPF
    bits.zero(2, "a frame's filter has extensions")


def _count(width: int, height: int, group: int) -> int:
    """Sections of a frame: one, or two global ones, one a square of 8 groups, one a group."""
    groups = -(-width // group) * -(-height // group)
    squares = -(-width // (8 * group)) * -(-height // (8 * group))
    return 1 if groups == 1 else 2 + squares + groups


def _sections(bits: Bits, count: int) -> None:
    """Steps over the table of contents and what it lists."""
    bits.zero(1, "the sections of a frame are permuted")
    bits.align()
    length = sum(bits.pick(*_SECTION_SIZES) for _ in range(count))
    bits.align()
    bits.skip(length)
