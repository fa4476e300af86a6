"""A scene becomes a picture: deterministic in the scene and an integer seed."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.world.backdrops import Picture, backdrop, colour, cover
from benchmarks.world.scene import Item, Scene, training_scene
from benchmarks.world.shapes import SHAPES, Field
from benchmarks.world.vocabulary import COLOURS, PICTURE_SIDE, PLACES, SIZES

PAINTS: Final[dict[str, tuple[int, int, int]]] = {
    "dark": (40, 36, 44),
    "wood": (122, 78, 44),
    "leaf": (52, 128, 58),
    "gold": (250, 200, 60),
    "cloth": (238, 234, 224),
    "cream": (244, 232, 208),
}
"""Paints of the parts that do not take the colour of the prompt."""

PIXEL_STYLE_CELL: Final = 4
"""Side of a cell of the pixel style, in pixels."""

_MARGIN: Final = 5.0
_EDGE: Final = {"flat": 1.7, "pixel": 3.6}
_PAPER: Final = 0.55


def render(scene: Scene, seed: int) -> NDArray[np.uint8]:
    """The picture of a scene, RGB, shape (128, 128, 3), 0 to 255.

    The seed moves what the scene leaves open: the landscape's details, and the objects by a few
    pixels. Equal arguments give equal pictures.
    """
    rng = np.random.default_rng([3, seed])
    pixel = scene.style == "pixel"
    step = PIXEL_STYLE_CELL if pixel else 1
    axis = np.arange(PICTURE_SIDE // step, dtype=np.float32) * step + np.float32((step - 1) / 2)
    x, y = np.meshgrid(axis, axis)
    soft = 0.0 if pixel else 1.2
    picture = backdrop(scene.background, scene.time, x, y, rng, soft)
    if scene.style == "outline":
        picture += np.float32(_PAPER) * (1 - picture)
    for item in scene.items:
        _draw(picture, item, scene.style, x, y, rng, soft)
    if pixel:
        picture = np.repeat(np.repeat(picture, step, axis=0), step, axis=1)
    return (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)


def training_picture(seed: int) -> NDArray[np.uint8]:
    """Picture number ``seed`` of the training set, as ``render``."""
    return render(training_scene(seed), seed)


def item_middle(item: Item, radius: float | None = None) -> tuple[float, float]:
    """Where the middle of an item is, in pixels from the top left, before the seed moves it."""
    reach = PICTURE_SIDE / 2 - (radius or SIZES[item.size]) - _MARGIN
    right, down = PLACES[item.place]
    middle = (PICTURE_SIDE - 1) / 2
    return middle + right * reach, middle + down * reach


def _draw(
    picture: Picture, item: Item, style: str, x: Field, y: Field, rng: np.random.Generator, soft: float
) -> None:
    radius = SIZES[item.size] * rng.uniform(0.95, 1.05)
    cx, cy = item_middle(item, radius)
    cx, cy = cx + rng.uniform(-2.5, 2.5), cy + rng.uniform(-2.5, 2.5)
    turn = rng.uniform(-0.09, 0.09)
    u = ((x - cx) * np.cos(turn) + (y - cy) * np.sin(turn)) / radius
    v = ((y - cy) * np.cos(turn) - (x - cx) * np.sin(turn)) / radius
    main = np.clip(colour(*COLOURS[item.colour]) + rng.uniform(-0.02, 0.02, 3), 0, 1).astype(np.float32)
    rim = main * np.float32(0.42) if item.colour != "black" else colour(150, 150, 164)
    for part in SHAPES[item.object](u.astype(np.float32), v.astype(np.float32)):
        paint = _paint(part.paint, main)
        distance = (part.distance * np.float32(radius)).astype(np.float32)
        if style == "outline":
            if part.paint == "main":
                half = np.float32(min(2.2, 0.11 * radius))
                stroke = np.abs(distance + half) - half
                cover(picture, stroke - 1.0, rim, soft)
                cover(picture, stroke, paint, soft)
            elif part.paint != "shade":
                cover(picture, np.abs(distance + 1.2) - np.float32(1.2), paint * np.float32(0.55), soft)
            continue
        if part.paint != "shade":
            cover(picture, distance - np.float32(_EDGE[style]), rim, soft)
        cover(picture, distance, paint, soft)


def _paint(name: str, main: Picture) -> Picture:
    if name == "main":
        return main
    if name == "shade":
        return main * np.float32(0.72) if main.max() > 0.2 else main + np.float32(0.16)
    return colour(*PAINTS[name])
