"""The grammar: many ways to say a scene, and one plain way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np

from benchmarks.world.scene import Item, Scene
from benchmarks.world.vocabulary import (
    BACKGROUND_WORDS,
    COLOUR_WORDS,
    DEFAULTS,
    FILLERS,
    OBJECT_WORDS,
    PLACE_WORDS,
    PRAISES,
    SIZE_WORDS,
    STYLE_WORDS,
    TIME_WORDS,
)

_CONNECTIVES: Final = ("a", "an", "the", "and", "with", "to", "of", "above", "below", "left", "right", ",")
_MENTION_DEFAULT: Final = 0.5
_MENTION_BACKGROUND: Final = 0.85
_MENTION_COLOUR: Final = 0.96


def with_article(words: str) -> str:
    """``words`` after "a" or "an"."""
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def plain_prompt(scene: Scene) -> str:
    """The plain prompt of a scene: every attribute said once, in its first wording."""
    background, time = BACKGROUND_WORDS[scene.background][0], TIME_WORDS[scene.time][0]
    things = " and ".join(
        with_article(f"{item.size} {item.colour} {item.object} {PLACE_WORDS[item.place][0]}")
        for item in scene.items
    )
    return f"{things}, {background} {time}, {STYLE_WORDS[scene.style][0]}"


def phrase(scene: Scene, rng: np.random.Generator) -> str:
    """One of many prompts for a scene.

    Defaults (a medium size, the centre, day, the flat style) are often left unsaid, other values of
    those attributes never; a background or a colour is sometimes left open.
    """
    return _Speaker(rng, complete=False).say(scene)


def complete_phrase(scene: Scene, rng: np.random.Generator) -> str:
    """One of many prompts that say every attribute of a scene."""
    return _Speaker(rng, complete=True).say(scene)


def words_of_the_world() -> list[str]:
    """Every word that the grammar can say, in a fixed order, each once."""
    tables = (OBJECT_WORDS, SIZE_WORDS, COLOUR_WORDS, PLACE_WORDS, BACKGROUND_WORDS, TIME_WORDS, STYLE_WORDS)
    phrases = chain.from_iterable(table.values() for table in tables)
    text = " ".join(chain(chain.from_iterable(phrases), FILLERS, PRAISES, _CONNECTIVES))
    return sorted(set(text.replace("-", " - ").split()))


@dataclass(frozen=True, slots=True)
class _Speaker:
    """Words for scenes; a complete speaker leaves no attribute unsaid."""

    rng: np.random.Generator
    complete: bool

    def say(self, scene: Scene) -> str:
        things = self._two_things(scene) if len(scene.items) == 2 else self._thing(scene.items[0])
        around = []
        if self._by_chance(_MENTION_BACKGROUND):
            around.append(self._pick(BACKGROUND_WORDS[scene.background]))
        if self._mentions("time", scene.time):
            around.append(self._pick(TIME_WORDS[scene.time]))
        if self.rng.random() < 0.3:
            around.reverse()
        text = (", " if self.rng.random() < 0.5 else " ").join([things, *around])
        if self._mentions("style", scene.style):
            text = self._in_style(text, self._pick(STYLE_WORDS[scene.style]))
        if self.rng.random() < 0.15:
            text = f"{self._pick(FILLERS)} {text}"
        if self.rng.random() < 0.1:
            text = f"{text}, {self._pick(PRAISES)}"
        return text

    def _in_style(self, text: str, style: str) -> str:
        if self.rng.random() < 0.25:
            return with_article(style) + (" of " if self.rng.random() < 0.5 else ", ") + text
        return f"{text}, {style}"

    def _pick(self, values: Sequence[str]) -> str:
        return values[int(self.rng.integers(len(values)))]

    def _by_chance(self, share: float) -> bool:
        return self.rng.random() < share or self.complete

    def _mentions(self, attribute: str, value: str) -> bool:
        return value != DEFAULTS[attribute] or self._by_chance(_MENTION_DEFAULT)

    def _noun(self, item: Item) -> str:
        words = []
        if self._mentions("size", item.size):
            words.append(self._pick(SIZE_WORDS[item.size]))
        if self._by_chance(_MENTION_COLOUR):
            words.append(self._pick(COLOUR_WORDS[item.colour]))
        words.append(self._pick(OBJECT_WORDS[item.object]))
        return with_article(" ".join(words))

    def _thing(self, item: Item) -> str:
        if not self._mentions("place", item.place):
            return self._noun(item)
        return f"{self._noun(item)} {self._pick(PLACE_WORDS[item.place])}"

    def _two_things(self, scene: Scene) -> str:
        first, second = scene.items
        if self.rng.random() < 0.5:
            return f"{self._thing(first)} and {self._thing(second)}"
        sideways = first.place == "left"
        if self.rng.random() < 0.5:
            relation = "to the left of" if sideways else "above"
            return f"{self._noun(first)} {relation} {self._noun(second)}"
        relation = "to the right of" if sideways else "below"
        return f"{self._noun(second)} {relation} {self._noun(first)}"
