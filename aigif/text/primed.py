"""DEFLATE after a dictionary of prompts, which both sides know before the text begins."""

from __future__ import annotations

import os
import zlib
from functools import cache

from aigif.text.coders import RAW_DEFLATE, inflated

DICTIONARY = os.path.join(os.path.dirname(__file__), "dictionary-1.bin")


@cache
def dictionary() -> bytes:
    """32768 bytes of common words and short phrases, the most common last."""
    with open(DICTIONARY, "rb") as held:
        return held.read()


def deflate(raw: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, RAW_DEFLATE, 9, zlib.Z_DEFAULT_STRATEGY, dictionary())
    return packer.compress(raw) + packer.flush()


def inflate(payload: bytes, most: int) -> bytes:
    """What `deflate` coded; raises CorruptError or LimitError."""
    return inflated(zlib.decompressobj(RAW_DEFLATE, dictionary()), payload, most)
