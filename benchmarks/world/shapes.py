"""The objects, as signed distance functions: negative inside, in units of the object's radius.

Each shape is a list of parts, painted in order. Distances follow the usual constructions (a
half-plane, a circle, a box, a polygon by its edges, unions as minima), derived here for numpy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]
"""One value a pixel, shape (height, width)."""


class Part(NamedTuple):
    """A piece of an object: where it is, and what paints it."""

    distance: Field
    paint: str
    """``main`` is the colour of the prompt; others are names in ``render.PAINTS``."""


def circle(x: Field, y: Field, cx: float, cy: float, radius: float) -> Field:
    """Distance to a disc."""
    distance: Field = np.hypot(x - cx, y - cy) - np.float32(radius)
    return distance


def ellipse(x: Field, y: Field, cx: float, cy: float, rx: float, ry: float) -> Field:
    """Distance to an ellipse, to first order (the value over the length of its gradient)."""
    px, py = (x - cx) / rx, (y - cy) / ry
    length = np.hypot(px, py)
    slope = np.hypot(px / rx, py / ry)
    distance: Field = (length - 1) * length / np.maximum(slope, 1e-4)
    return distance


def box(x: Field, y: Field, cx: float, cy: float, half_width: float, half_height: float) -> Field:
    """Distance to an upright rectangle."""
    dx, dy = np.abs(x - cx) - half_width, np.abs(y - cy) - half_height
    distance: Field = np.hypot(np.maximum(dx, 0), np.maximum(dy, 0)) + np.minimum(np.maximum(dx, dy), 0)
    return distance


def polygon(x: Field, y: Field, corners: Sequence[tuple[float, float]]) -> Field:
    """Distance to a simple polygon: nearest edge, negative where a ray to the right crosses it oddly."""
    nearest = np.full_like(x, np.inf)
    inside = np.zeros(x.shape, dtype=bool)
    previous = corners[-1]
    for corner in corners:
        ax, ay = previous
        ex, ey = corner[0] - ax, corner[1] - ay
        along = np.clip(((x - ax) * ex + (y - ay) * ey) / (ex * ex + ey * ey), 0, 1)
        nearest = np.minimum(nearest, np.hypot(x - ax - along * ex, y - ay - along * ey))
        if ey:
            crosses = (ay > y) != (corner[1] > y)
            inside ^= crosses & (x < ax + (y - ay) * (ex / ey))
        previous = corner
    return np.where(inside, -nearest, nearest).astype(np.float32)


def _star_corners() -> list[tuple[float, float]]:
    angles = np.arange(10) * np.pi / 5 - np.pi / 2
    radii = np.where(np.arange(10) % 2 == 0, 1.0, 0.45)
    return [(float(r * np.cos(a)), float(r * np.sin(a) + 0.06)) for r, a in zip(radii, angles, strict=True)]


def _heart_corners() -> list[tuple[float, float]]:
    t = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    x = 16 * np.sin(t) ** 3
    y = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
    return [(float(a / 17), float((b - 2.5) / 16)) for a, b in zip(x, y, strict=True)]


_STAR: Final = _star_corners()
_HEART: Final = _heart_corners()


def _ball(x: Field, y: Field) -> list[Part]:
    return [Part(circle(x, y, 0, 0, 0.92), "main")]


def _box(x: Field, y: Field) -> list[Part]:
    return [Part(box(x, y, 0, 0, 0.8, 0.8), "main")]


def _star(x: Field, y: Field) -> list[Part]:
    return [Part(polygon(x, y, _STAR), "main")]


def _heart(x: Field, y: Field) -> list[Part]:
    return [Part(polygon(x, y, _HEART), "main")]


def _diamond(x: Field, y: Field) -> list[Part]:
    outline = [(-0.5, -0.72), (0.5, -0.72), (0.95, -0.22), (0.0, 0.95), (-0.95, -0.22)]
    return [Part(polygon(x, y, outline), "main"), Part(box(x, y, 0, -0.22, 0.9, 0.035), "shade")]


def _ring(x: Field, y: Field) -> list[Part]:
    return [Part(np.abs(circle(x, y, 0, 0, 0.7)) - np.float32(0.25), "main")]


def _house(x: Field, y: Field) -> list[Part]:
    roof = polygon(x, y, [(0.0, -0.98), (0.98, -0.1), (-0.98, -0.1)])
    body = np.minimum(box(x, y, 0, 0.38, 0.72, 0.52), roof)
    return [Part(body, "main"), Part(box(x, y, 0, 0.58, 0.2, 0.32), "dark"), Part(roof + 0.16, "shade")]


def _tree(x: Field, y: Field) -> list[Part]:
    crown = np.minimum(circle(x, y, -0.4, -0.12, 0.48), circle(x, y, 0.4, -0.12, 0.48))
    crown = np.minimum(crown, circle(x, y, 0, -0.48, 0.5))
    return [Part(box(x, y, 0, 0.6, 0.17, 0.4), "wood"), Part(crown, "main")]


def _fish(x: Field, y: Field) -> list[Part]:
    tail = polygon(x, y, [(0.4, 0.0), (1.0, -0.5), (1.0, 0.5)])
    body = np.minimum(ellipse(x, y, -0.2, 0, 0.78, 0.52), tail)
    return [Part(body, "main"), Part(circle(x, y, -0.58, -0.12, 0.11), "dark")]


def _flower(x: Field, y: Field) -> list[Part]:
    petals = [
        circle(x, y, 0.42 * np.cos(a), 0.42 * np.sin(a) - 0.3, 0.3) for a in np.arange(5) * 0.4 * np.pi - 0.31
    ]
    stem = np.minimum(box(x, y, 0, 0.55, 0.08, 0.45), ellipse(x, y, 0.3, 0.62, 0.28, 0.12))
    return [
        Part(stem, "leaf"),
        Part(np.minimum.reduce(petals), "main"),
        Part(circle(x, y, 0, -0.3, 0.2), "gold"),
    ]


def _boat(x: Field, y: Field) -> list[Part]:
    hull = polygon(x, y, [(-0.98, 0.3), (0.98, 0.3), (0.6, 0.85), (-0.6, 0.85)])
    sail = polygon(x, y, [(0.08, -0.98), (0.8, 0.16), (0.08, 0.16)])
    jib = polygon(x, y, [(-0.08, -0.7), (-0.08, 0.16), (-0.62, 0.16)])
    return [Part(np.minimum(sail, jib), "cloth"), Part(hull, "main")]


def _mushroom(x: Field, y: Field) -> list[Part]:
    cap = np.maximum(ellipse(x, y, 0, 0.05, 0.95, 0.95), y - 0.1)
    spots = np.minimum(circle(x, y, -0.42, -0.3, 0.15), circle(x, y, 0.36, -0.36, 0.17))
    return [Part(box(x, y, 0, 0.5, 0.26, 0.42), "cream"), Part(cap, "main"), Part(spots, "cream")]


SHAPES: Final[dict[str, Callable[[Field, Field], list[Part]]]] = {
    "ball": _ball, "box": _box, "star": _star, "heart": _heart, "diamond": _diamond, "ring": _ring,
    "house": _house, "tree": _tree, "fish": _fish, "flower": _flower, "boat": _boat, "mushroom": _mushroom,
}  # fmt: skip
"""Object name to a function of pixel positions, in radii from the object's middle, giving its parts."""
