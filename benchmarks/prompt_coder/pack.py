"""Lists to the file of tables that aigif/text/prompt/tables.py reads."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from math import isqrt

import numpy as np

from aigif.text.prompt.tables import CLASSES, LEVEL, MAGIC, PLANES
from benchmarks.prompt_coder.ngrams import Floats, Ints, List, Lists

HALVES = [(isqrt(36 << step) + 1) // 2 for step in range(48)]  # 3 times 2 to the half of a step, rounded
QUARTERS = [(isqrt(isqrt(81 << (step + 32))) + 128) >> 8 for step in range(96)]  # to the quarter of a step


@dataclass(frozen=True, slots=True)
class Small:
    """The small tables."""

    kinds: bytes
    escapes: bytes
    cases: list[tuple[int, int]]
    recalls: bytes


def class_of_escape(chance: Floats) -> Ints:
    """The class of an escape's chance: 16 steps of 0.8 bits of odds around even."""
    odds = np.log2(np.maximum(chance, 1e-4) / np.maximum(1 - chance, 1e-4))
    return np.clip(np.rint((odds + 6) * 1.25), 0, CLASSES - 1).astype(np.int64)


def halves(chance: Floats) -> Ints:
    return np.clip(np.rint(-2 * np.log2(np.maximum(chance, 1e-9))), 0, 46).astype(np.int64)


def planes(tokens: list[str], letters: str, classes: Ints, lists: Lists, small: Small) -> dict[str, bytes]:
    """Every plane by its name."""
    rarest = -4 * np.log2(lists.unigram)
    rarities = np.clip(np.rint(rarest.max() - rarest), 0, 95).astype(np.int64)
    made = {
        "letters": letters.encode(),
        "tokens": "".join(token + "\0" for token in tokens).encode(),
        "kinds": small.kinds,
        "classes": plane_bytes(classes),
        "following": _following(lists.following),
        "rarities": bytes(rarities.tolist()),
        "halves": b"".join(weight.to_bytes(4, "little") for weight in HALVES),
        "quarters": b"".join(weight.to_bytes(4, "little") for weight in QUARTERS),
        "escapes": small.escapes,
        "cases": b"".join(one.to_bytes(2, "little") for both in small.cases for one in both),
        "recalls": small.recalls,
    }
    place = _places(lists.pairs.context)
    made |= _level("pairs", lists.pairs, lists.pairs.below)
    made |= _level("triples", lists.triples, place[lists.triples.below])
    return {name: made[name] for name in PLANES}


def _following(counts: Floats) -> bytes:
    chance = counts / counts.sum(1, keepdims=True)
    rarity = np.clip(np.rint(-2 * np.log2(chance)), 0, 46)
    return plane_bytes(rarity.max(1, keepdims=True) - rarity)


def _places(contexts: Ints) -> Ints:
    """The place of each entry in its list."""
    starts = np.searchsorted(contexts, contexts, side="left")
    return np.arange(len(contexts)) - starts


def _level(name: str, held: List, ids: Ints) -> dict[str, bytes]:
    contexts, counts = np.unique(held.context, return_counts=True)
    steps_of = np.diff(contexts, prepend=-1)
    before = np.concatenate(([-1], ids[:-1]))
    before[np.concatenate(([True], held.context[1:] != held.context[:-1]))] = -1
    steps = ids - before - 1
    planes = (
        steps_of & 255, steps_of >> 8, counts & 255, counts >> 8, class_of_escape(held.escape[contexts]),
        steps & 255, steps >> 8, halves(held.chance),
    )  # fmt: skip
    return {f"{name}: {plane}": plane_bytes(values) for plane, values in zip(LEVEL, planes, strict=True)}


def plane_bytes(values: Ints) -> bytes:
    return bytes(values.astype(np.uint8))


def packed(held: dict[str, bytes], version: int) -> bytes:
    """The file."""
    lengths = b"".join(len(plane).to_bytes(4, "little") for plane in held.values())
    body = len(held).to_bytes(4, "little") + lengths + b"".join(held.values())
    return MAGIC + bytes([version]) + hashlib.sha256(body).digest() + zlib.compress(body, 9)
