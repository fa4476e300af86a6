"""The renderer draws what the scene says, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.world.render import PIXEL_STYLE_CELL, render, training_picture
from benchmarks.world.scene import Item, Scene
from benchmarks.world.vocabulary import ATTRIBUTES, BACKGROUNDS, COLOURS, OBJECTS, PLACES, SIZES, TIMES


def scene(
    thing: str = "ball", colour: str = "red", size: str = "medium", place: str = "centre",
    background: str = "meadow", time: str = "day", style: str = "flat",
) -> Scene:  # fmt: skip
    return Scene((Item(thing, colour, size, place),), background, time, style)


def painted(picture: NDArray[np.uint8], colour: str) -> NDArray[np.bool_]:
    """Where a picture has the palette's colour, give or take what the seed and the edges may do."""
    distance = np.abs(picture.astype(int) - np.array(COLOURS[colour])).max(axis=2)
    return np.asarray(distance < 12)


def test_equal_arguments_give_equal_pictures() -> None:
    assert np.array_equal(render(scene(), 7), render(scene(), 7))
    assert not np.array_equal(render(scene(), 7), render(scene(), 8))
    assert training_picture(3).shape == (128, 128, 3)
    assert training_picture(3).dtype == np.uint8


@pytest.mark.parametrize("colour", list(COLOURS))
def test_an_object_has_its_colour(colour: str) -> None:
    share = painted(render(scene(colour=colour, size="big", background="city"), 1), colour).mean()
    assert share > 0.15


@pytest.mark.parametrize("place", list(PLACES))
@pytest.mark.parametrize("size", list(SIZES))
def test_an_object_is_in_its_place_and_in_the_picture(place: str, size: str) -> None:
    mask = painted(render(scene(size=size, place=place), 2), "red")
    rows, columns = np.nonzero(mask)
    right, down = PLACES[place]
    reach = 64 - SIZES[size] - 5
    assert abs(columns.mean() - 63.5 - right * reach) < 5
    assert abs(rows.mean() - 63.5 - down * reach) < 5
    assert min(rows.min(), columns.min()) > 0
    assert max(rows.max(), columns.max()) < 127


def test_sizes_differ_in_area() -> None:
    areas = [int(painted(render(scene(size=size), 3), "red").sum()) for size in SIZES]
    assert areas[0] * 1.8 < areas[1] < areas[2] / 1.8


@pytest.mark.parametrize("attribute", list(ATTRIBUTES))
def test_every_attribute_changes_the_picture(attribute: str) -> None:
    names = {"object": "thing"}
    pictures = [
        render(scene(**{names.get(attribute, attribute): value}), 4) for value in ATTRIBUTES[attribute]
    ]
    for first, picture in enumerate(pictures):
        for other in pictures[first + 1 :]:
            assert (np.abs(picture.astype(int) - other) > 20).any(axis=2).mean() > 0.005


def test_objects_have_silhouettes_of_their_own() -> None:
    masks = [painted(render(scene(thing=thing, size="big"), 5), "red") for thing in OBJECTS]
    for first, mask in enumerate(masks):
        assert mask.sum() > 300
        for other in masks[first + 1 :]:
            assert (mask & other).sum() / (mask | other).sum() < 0.95


def test_pixel_style_is_made_of_cells() -> None:
    picture = render(scene(style="pixel"), 6)
    cells = picture.reshape(32, PIXEL_STYLE_CELL, 32, PIXEL_STYLE_CELL, 3)
    assert (cells == cells[:, :1, :, :1]).all()


def test_nights_are_dark() -> None:
    for background in BACKGROUNDS:
        light = {time: render(scene(background=background, time=time), 8).mean() for time in TIMES}
        assert light["night"] < 0.62 * min(light[time] for time in TIMES if time != "night")


def test_two_objects_stand_on_their_sides() -> None:
    pair = Scene(
        (Item("ball", "red", "medium", "left"), Item("star", "blue", "medium", "right")),
        "snow",
        "day",
        "flat",
    )
    picture = render(pair, 9)
    assert np.nonzero(painted(picture, "red"))[1].max() < 64
    assert np.nonzero(painted(picture, "blue"))[1].min() >= 64
