"""The backgrounds, as pictures of shape (height, width, 3), 0 to 1: a sky by the time of day, and a ground.

Functions take pixel positions ``x``, ``y`` in pixels of the 128-pixel picture, so that the pixel style
can draw on a coarser grid.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.world.shapes import Field

Picture = NDArray[np.float32]
"""RGB, shape (height, width, 3), 0 to 1."""

SKIES: Final[dict[str, tuple[tuple[int, int, int], tuple[int, int, int]]]] = {
    "morning": ((150, 190, 235), (255, 214, 222)),
    "day": ((70, 160, 240), (190, 226, 250)),
    "sunset": ((120, 60, 120), (255, 150, 70)),
    "night": ((14, 18, 52), (40, 52, 104)),
}
"""Colour at the top and at the horizon."""

TINTS: Final[dict[str, tuple[float, float, float]]] = {
    "morning": (1.0, 0.93, 0.93),
    "day": (1.0, 1.0, 1.0),
    "sunset": (0.92, 0.68, 0.58),
    "night": (0.30, 0.34, 0.52),
}
"""What the light of the time of day does to the ground."""


def colour(red: float, green: float, blue: float) -> Picture:
    """An RGB triple of 0 to 255 as 0 to 1, shape (3,)."""
    return np.array((red / 255, green / 255, blue / 255), dtype=np.float32)


def cover(picture: Picture, distance: Field, paint: Picture, soft: float) -> None:
    """Paint where ``distance`` (pixels) is negative, with an edge ``soft`` pixels wide (0: hard)."""
    alpha = np.clip(0.5 - distance / np.float32(soft), 0, 1) if soft else (distance < 0).astype(np.float32)
    picture += alpha[..., None] * (paint - picture)


def _wave(x: Field, height: float, swing: float, length: float, phase: float) -> Field:
    level: Field = (height + swing * np.sin(x / length + phase)).astype(np.float32)
    return level


def _meadow(picture: Picture, x: Field, y: Field, rng: np.random.Generator, soft: float) -> None:
    phase = rng.uniform(0, 6.28, 2)
    level = rng.uniform(76, 84)
    cover(picture, _wave(x, level, 5, 26, phase[0]) - y, colour(112, 190, 84), soft)
    cover(picture, _wave(x, level + 20, 4, 20, phase[1]) - y, colour(84, 164, 66), soft)


def _sea(picture: Picture, x: Field, y: Field, rng: np.random.Generator, soft: float) -> None:
    level = rng.uniform(72, 80)
    cover(picture, level - y, colour(30, 124, 168), soft)
    for offset in (9, 20):
        line = np.abs(y - _wave(x, level + offset, 1.6, 4.5, rng.uniform(0, 6.28))) - 1.3
        cover(picture, line, colour(120, 196, 220), soft)
    cover(picture, _wave(x, level + 33, 2.5, 24, rng.uniform(0, 6.28)) - y, colour(236, 214, 160), soft)


def _desert(picture: Picture, x: Field, y: Field, rng: np.random.Generator, soft: float) -> None:
    phase = rng.uniform(0, 6.28, 2)
    level = rng.uniform(76, 84)
    cover(picture, _wave(x, level, 8, 17, phase[0]) - y, colour(232, 188, 112), soft)
    cover(picture, _wave(x, level + 20, 7, 22, phase[1]) - y, colour(206, 154, 84), soft)


def _snow(picture: Picture, x: Field, y: Field, rng: np.random.Generator, soft: float) -> None:
    phase = rng.uniform(0, 6.28, 2)
    level = rng.uniform(76, 84)
    for _ in range(4):
        fir_x, fir_y = rng.uniform(6, 122), level - 10
        fir = np.maximum(np.abs(x - fir_x) * 2.2 - (y - fir_y), y - fir_y - 16)
        cover(picture, fir, colour(56, 96, 92), soft)
    cover(picture, _wave(x, level, 4, 28, phase[0]) - y, colour(226, 238, 250), soft)
    cover(picture, _wave(x, level + 20, 4, 22, phase[1]) - y, colour(202, 220, 240), soft)


def _city(picture: Picture, x: Field, y: Field, rng: np.random.Generator, soft: float) -> None:
    left = -rng.uniform(0, 12)
    while left < 128:
        width = rng.uniform(14, 24)
        top = rng.uniform(56, 84)
        shade = rng.uniform(84, 128)
        block = np.maximum(np.abs(x - left - width / 2) - width / 2 + 0.7, top - y)
        cover(picture, block, colour(shade, shade, shade + 14), soft)
        left += width
    windows = np.maximum(np.abs((x - 2) % 8 - 4) - 1.4, np.abs(y % 10 - 5) - 1.8)
    cover(picture, np.maximum(windows, 88 - y), colour(232, 214, 140), soft)
    cover(picture, 114 - y, colour(72, 72, 80), soft)


def _mountains(picture: Picture, x: Field, y: Field, rng: np.random.Generator, soft: float) -> None:
    for middle in (rng.uniform(10, 34), rng.uniform(94, 118), rng.uniform(52, 76)):
        peak = rng.uniform(44, 58)
        slope = np.abs(x - middle) * np.float32(1.15)
        cover(picture, (slope - (y - peak)) * 0.66, colour(122, 116, 142), soft)
        snow = np.maximum((slope - (y - peak)) * 0.66, y - peak - 11)
        cover(picture, snow, colour(240, 242, 250), soft)
    cover(picture, _wave(x, 106, 3, 24, rng.uniform(0, 6.28)) - y, colour(92, 128, 96), soft)


GROUNDS: Final[dict[str, Callable[[Picture, Field, Field, np.random.Generator, float], None]]] = {
    "meadow": _meadow,
    "sea": _sea,
    "desert": _desert,
    "snow": _snow,
    "city": _city,
    "mountains": _mountains,
}


def backdrop(
    background: str, time: str, x: Field, y: Field, rng: np.random.Generator, soft: float
) -> Picture:
    """Sky and ground without any object."""
    top, low = (colour(*rgb) for rgb in SKIES[time])
    mix = np.clip(y / np.float32(84), 0, 1)[..., None]
    sky: Picture = top + mix * (low - top)
    if time == "night":
        for _ in range(9):
            star = np.hypot(x - rng.uniform(4, 124), y - rng.uniform(3, 60)) - 1.5
            cover(sky, star, colour(250, 246, 214), soft)
    clear = sky.copy()
    picture = sky.copy()
    GROUNDS[background](picture, x, y, rng, soft)
    ground = (np.abs(picture - clear).max(axis=-1, keepdims=True) > 0).astype(np.float32)
    tint = np.array(TINTS[time], dtype=np.float32)
    if background == "city" and time == "night":
        lit = (picture[..., :1] > 0.8).astype(np.float32)
        tint = tint + lit * (np.array((1.0, 0.96, 0.8), dtype=np.float32) - tint)
    lit_picture: Picture = clear * (1 - ground) + picture * tint * ground
    return lit_picture
