"""Scenes of the little world: what a picture shows, drawn from an integer seed, and the held-out split."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from benchmarks.world.vocabulary import (
    ATTRIBUTES,
    BACKGROUNDS,
    COLOURS,
    OBJECTS,
    PLACES,
    SIZES,
    STYLES,
    TIMES,
)

TWO_OBJECT_SHARE: Final = 0.12
HELD_OUT_SHARE: Final = 0.1
HELD_OUT_SEED: Final = 20240
TRIPLES: Final = len(OBJECTS) * len(COLOURS) * len(PLACES)

_SIZE_NAMES: Final = tuple(SIZES)
_COLOUR_NAMES: Final = tuple(COLOURS)
_PLACE_NAMES: Final = tuple(PLACES)
_PAIRS: Final = (("left", "right"), ("top", "bottom"))


@dataclass(frozen=True, slots=True)
class Item:
    """One object of a scene."""

    object: str
    colour: str
    size: str
    place: str

    @property
    def triple(self) -> int:
        """Number of this (object, colour, place) combination, 0 to ``TRIPLES`` - 1."""
        index = OBJECTS.index(self.object) * len(COLOURS) + _COLOUR_NAMES.index(self.colour)
        return index * len(PLACES) + _PLACE_NAMES.index(self.place)


@dataclass(frozen=True, slots=True)
class Scene:
    """What a picture shows: one or two items before a background, at a time of day, in a style."""

    items: tuple[Item, ...]
    background: str
    time: str
    style: str

    def attribute(self, name: str) -> str:
        """Value of an attribute of the scene, or of its first item."""
        owner: object = self if name in ("background", "time", "style") else self.items[0]
        return str(getattr(owner, name))

    def labels(self) -> list[int]:
        """Class number of every attribute, in the order of ``ATTRIBUTES``."""
        return [values.index(self.attribute(name)) for name, values in ATTRIBUTES.items()]


@lru_cache(maxsize=1)
def held_out_triples() -> frozenset[int]:
    """The (object, colour, place) combinations that no training picture shows."""
    order = np.random.default_rng(HELD_OUT_SEED).permutation(TRIPLES)
    return frozenset(int(number) for number in order[: round(TRIPLES * HELD_OUT_SHARE)])


def is_held_out(scene: Scene) -> bool:
    """Whether any item of the scene is a combination kept from training."""
    return any(item.triple in held_out_triples() for item in scene.items)


def _pick(rng: np.random.Generator, values: tuple[str, ...]) -> str:
    return values[int(rng.integers(len(values)))]


def _item(rng: np.random.Generator, size: str | None = None, place: str | None = None) -> Item:
    return Item(
        object=_pick(rng, OBJECTS),
        colour=_pick(rng, _COLOUR_NAMES),
        size=size or _pick(rng, _SIZE_NAMES),
        place=place or _pick(rng, _PLACE_NAMES),
    )


def random_scene(rng: np.random.Generator, two_object_share: float = TWO_OBJECT_SHARE) -> Scene:
    """Any scene of the world, held-out combinations included."""
    items: tuple[Item, ...]
    if rng.random() < two_object_share:
        first, second = _PAIRS[int(rng.integers(2))]
        items = (_item(rng, "medium", first), _item(rng, "medium", second))
    else:
        items = (_item(rng),)
    return Scene(items, _pick(rng, BACKGROUNDS), _pick(rng, TIMES), _pick(rng, STYLES))


def training_scene(seed: int) -> Scene:
    """Scene number ``seed`` of the training set: never a held-out combination."""
    rng = np.random.default_rng([1, seed])
    while True:
        scene = random_scene(rng)
        if not is_held_out(scene):
            return scene


def held_out_scenes(count: int, objects: int = 1) -> list[Scene]:
    """``count`` different scenes with ``objects`` items, each item a combination never trained on.

    Held-out combinations take turns, so that every one is asked for about equally often.
    """
    rng = np.random.default_rng([2, objects])
    triples = sorted(held_out_triples())
    scenes: dict[Scene, None] = {}
    while len(scenes) < count:
        if objects == 1:
            number = triples[len(scenes) % len(triples)]
            rest, place = divmod(number, len(PLACES))
            thing, colour = divmod(rest, len(COLOURS))
            item = Item(OBJECTS[thing], _COLOUR_NAMES[colour], _pick(rng, _SIZE_NAMES), _PLACE_NAMES[place])
            scenes[Scene((item,), _pick(rng, BACKGROUNDS), _pick(rng, TIMES), _pick(rng, STYLES))] = None
        else:
            scene = random_scene(rng, two_object_share=1.0)
            if all(item.triple in held_out_triples() for item in scene.items):
                scenes[scene] = None
    return list(scenes)
