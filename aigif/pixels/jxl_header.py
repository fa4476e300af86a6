"""The head of a JPEG XL codestream: what picture it declares (ISO/IEC 18181-1, annex D).

Read here because libjxl's binding decodes a whole picture before it tells its size.
"""

from __future__ import annotations

from typing import Final

from aigif.pixels.coder import Shape, corrupt
from aigif.pixels.jxl_bits import Bits

SIGNATURE: Final = b"\xff\x0a"
_SIDES: Final = ((9, 1), (13, 1), (18, 1), (30, 1))
# Numerator and denominator of width to height for the ratio codes 1 to 7.
_RATIOS: Final = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))


def read_shape(payload: bytes) -> tuple[Shape, Bits]:
    """The picture that a bare codestream declares, and where its frames begin.

    Raises CorruptError unless it is one 8-bit sRGB picture, with or without straight alpha, not coded in
    XYB: no grey, other colour space, ICC profile, orientation, preview or animation.
    """
    if payload[: len(SIGNATURE)] != SIGNATURE:
        raise corrupt("jxl", "not a bare JPEG XL codestream", 0)
    bits = Bits(payload, len(SIGNATURE))
    width, height = _size(bits)
    bits.zero(1, "its colours are coded in XYB, which is not lossless")
    bits.zero(1, "orientation, preview and animation have no place in saved pixels")
    bits.zero(1, "its samples are not integers")
    bits.zero(2, "its samples are not of 8 bits")
    bits.take(1)  # whether 16-bit buffers are enough to decode it
    extra = bits.take(2)
    if extra > 1 or (extra and not bits.take(1)):
        raise corrupt("jxl", "it has channels other than colours and 8-bit straight alpha", bits.byte)
    bits.zero(1, "its colours are coded in XYB, which is not lossless")
    if not bits.take(1):
        raise corrupt("jxl", "its colours are not sRGB", bits.byte)
    bits.zero(2, "it has extensions")
    if not bits.take(1):
        raise corrupt("jxl", "it has transforms of its own", bits.byte)
    bits.align()
    return Shape("RGBA" if extra else "RGB", width, height), bits


def _size(bits: Bits) -> tuple[int, int]:
    """Width and height in pixels (SizeHeader)."""
    eights = bits.take(1)
    height = _side(bits, eights)
    ratio = bits.take(3)
    if ratio:
        over, under = _RATIOS[ratio - 1]
        return height * over // under, height
    return _side(bits, eights), height


def _side(bits: Bits, eights: int) -> int:
    return 8 * (1 + bits.take(5)) if eights else bits.pick(*_SIDES)
