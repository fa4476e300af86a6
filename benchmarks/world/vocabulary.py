"""What the little world is made of: its attributes, their values, and the words people use for them.

Every attribute is a tuple of values; a value's position in the tuple is its class number for the
judge. The palette is our own, in sRGB, 0 to 255.
"""

from __future__ import annotations

from typing import Final

PICTURE_SIDE: Final = 128
"""Height and width of every picture, in pixels."""

OBJECTS: Final = (
    "ball", "box", "star", "heart", "diamond", "ring",
    "house", "tree", "fish", "flower", "boat", "mushroom",
)  # fmt: skip

COLOURS: Final[dict[str, tuple[int, int, int]]] = {
    "red": (214, 34, 42),
    "orange": (244, 130, 24),
    "yellow": (250, 216, 40),
    "green": (36, 160, 64),
    "blue": (38, 92, 222),
    "purple": (126, 50, 176),
    "pink": (248, 132, 186),
    "white": (250, 250, 250),
    "black": (26, 26, 30),
}

SIZES: Final[dict[str, float]] = {"small": 16.0, "medium": 25.0, "big": 37.0}
"""Radius of an object in pixels."""

PLACES: Final[dict[str, tuple[int, int]]] = {
    "top left": (-1, -1), "top": (0, -1), "top right": (1, -1),
    "left": (-1, 0), "centre": (0, 0), "right": (1, 0),
    "bottom left": (-1, 1), "bottom": (0, 1), "bottom right": (1, 1),
}  # fmt: skip
"""Direction of an object from the middle of the picture: x to the right, y downwards."""

BACKGROUNDS: Final = ("meadow", "sea", "desert", "snow", "city", "mountains")
TIMES: Final = ("morning", "day", "sunset", "night")
STYLES: Final = ("flat", "outline", "pixel")

ATTRIBUTES: Final[dict[str, tuple[str, ...]]] = {
    "object": OBJECTS,
    "colour": tuple(COLOURS),
    "place": tuple(PLACES),
    "size": tuple(SIZES),
    "background": BACKGROUNDS,
    "time": TIMES,
    "style": STYLES,
}
"""Attribute name to its values, in the order in which evaluations report them."""

DEFAULTS: Final = {"place": "centre", "size": "medium", "time": "day", "style": "flat"}
"""What a prompt means when it does not say."""

OBJECT_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "ball": ("ball", "ball", "sphere", "circle"),
    "box": ("box", "box", "square", "cube"),
    "star": ("star",),
    "heart": ("heart",),
    "diamond": ("diamond", "diamond", "gem"),
    "ring": ("ring", "ring", "hoop"),
    "house": ("house", "house", "cottage"),
    "tree": ("tree",),
    "fish": ("fish",),
    "flower": ("flower", "flower", "blossom"),
    "boat": ("boat", "boat", "sailboat", "ship"),
    "mushroom": ("mushroom", "mushroom", "toadstool"),
}

SIZE_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "small": ("small", "small", "little", "tiny"),
    "medium": ("medium", "medium-sized", "mid-sized"),
    "big": ("big", "large", "large", "huge"),
}

COLOUR_WORDS: Final[dict[str, tuple[str, ...]]] = {
    name: (name,) * 3 + extra
    for name, extra in {
        "red": ("crimson",), "orange": (), "yellow": ("golden",), "green": (), "blue": (),
        "purple": ("violet",), "pink": (), "white": (), "black": (),
    }.items()
}  # fmt: skip

PLACE_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "top left": ("in the top left", "in the top left corner", "in the upper left"),
    "top": ("at the top", "at the top", "near the top"),
    "top right": ("in the top right", "in the top right corner", "in the upper right"),
    "left": ("on the left", "on the left", "on the left side"),
    "centre": ("in the centre", "in the center", "in the middle"),
    "right": ("on the right", "on the right", "on the right side"),
    "bottom left": ("in the bottom left", "in the bottom left corner", "in the lower left"),
    "bottom": ("at the bottom", "at the bottom", "near the bottom"),
    "bottom right": ("in the bottom right", "in the bottom right corner", "in the lower right"),
}

BACKGROUND_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "meadow": ("in a meadow", "over a meadow", "in a green field", "on a grassy hill"),
    "sea": ("by the sea", "over the sea", "at the beach", "on the ocean"),
    "desert": ("in the desert", "in a desert", "among sand dunes"),
    "snow": ("in the snow", "in a snowy field", "over snow"),
    "city": ("in a city", "in the city", "over a city skyline", "in a town"),
    "mountains": ("in the mountains", "before mountains", "with mountains behind"),
}

TIME_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "morning": ("in the morning", "at dawn", "at sunrise"),
    "day": ("by day", "during the day", "at noon", "in daylight"),
    "sunset": ("at sunset", "at sunset", "in the evening", "at dusk"),
    "night": ("at night", "at night", "by night", "at midnight"),
}

STYLE_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "flat": ("flat style", "flat colours", "flat design"),
    "outline": ("outline style", "line drawing", "outline drawing"),
    "pixel": ("pixel art", "pixel style", "8-bit pixel art"),
}

FILLERS: Final = (
    "a picture of", "a painting of", "an image of", "a drawing of", "a photo of", "an illustration of",
)  # fmt: skip
"""Openings that mean nothing."""

PRAISES: Final = (
    "beautiful", "highly detailed", "masterpiece", "best quality", "simple", "cute", "4k", "sharp", "vivid",
)  # fmt: skip
"""Endings that mean nothing."""
