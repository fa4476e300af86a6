"""The grammar says what the scene holds, and the held-out split holds."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.world.prompts import complete_phrase, phrase, plain_prompt, words_of_the_world
from benchmarks.world.scene import TRIPLES, held_out_scenes, held_out_triples, is_held_out, training_scene
from benchmarks.world.vocabulary import (
    ATTRIBUTES,
    BACKGROUND_WORDS,
    COLOUR_WORDS,
    DEFAULTS,
    OBJECT_WORDS,
    PLACE_WORDS,
    SIZE_WORDS,
    STYLE_WORDS,
    TIME_WORDS,
)

WORDS = {
    "object": OBJECT_WORDS,
    "colour": COLOUR_WORDS,
    "place": PLACE_WORDS,
    "size": SIZE_WORDS,
    "background": BACKGROUND_WORDS,
    "time": TIME_WORDS,
    "style": STYLE_WORDS,
}


def says(prompt: str, attribute: str, value: str) -> bool:
    return any(words in prompt for words in WORDS[attribute][value])


@pytest.mark.parametrize("attribute", list(ATTRIBUTES))
def test_every_value_has_words_of_its_own(attribute: str) -> None:
    assert set(WORDS[attribute]) == set(ATTRIBUTES[attribute])
    spoken = [words for value in WORDS[attribute].values() for words in set(value)]
    assert len(spoken) == len(set(spoken))


def test_complete_phrases_say_every_attribute() -> None:
    for number, scene in enumerate(held_out_scenes(300)):
        prompt = complete_phrase(scene, np.random.default_rng(number))
        for attribute in ATTRIBUTES:
            assert says(prompt, attribute, scene.attribute(attribute)), (prompt, attribute)


def test_phrases_leave_only_defaults_backgrounds_and_colours_unsaid() -> None:
    unsaid = set()
    for number in range(600):
        scene = training_scene(number)
        if len(scene.items) == 2:
            continue
        prompt = phrase(scene, np.random.default_rng(number))
        for attribute in ATTRIBUTES:
            if not says(prompt, attribute, value := scene.attribute(attribute)):
                unsaid.add(attribute)
                assert attribute in ("background", "colour") or value == DEFAULTS[attribute], prompt
    assert unsaid == {"background", "colour", *DEFAULTS}


def test_phrases_vary_and_repeat_with_their_seed() -> None:
    scene = training_scene(5)
    prompts = [phrase(scene, np.random.default_rng(seed)) for seed in range(40)]
    assert len(set(prompts)) > 20
    assert prompts == [phrase(scene, np.random.default_rng(seed)) for seed in range(40)]


def test_plain_prompt() -> None:
    scene = held_out_scenes(1)[0]
    item = scene.items[0]
    assert f"{item.size} {item.colour} {item.object}" in plain_prompt(scene)


def test_training_never_shows_a_held_out_combination() -> None:
    assert len(held_out_triples()) == round(TRIPLES / 10)
    assert not any(is_held_out(training_scene(seed)) for seed in range(4000))


def test_training_shows_nearly_every_other_combination() -> None:
    shown = {item.triple for seed in range(9000) for item in training_scene(seed).items}
    assert len(shown) > 0.97 * (TRIPLES - len(held_out_triples()))


@pytest.mark.parametrize("objects", [1, 2])
def test_held_out_scenes_are_distinct_and_held_out(objects: int) -> None:
    scenes = held_out_scenes(60, objects)
    assert len(set(scenes)) == 60
    assert all(item.triple in held_out_triples() for scene in scenes for item in scene.items)
    assert all(len(scene.items) == objects for scene in scenes)


def test_held_out_scenes_ask_for_every_value() -> None:
    scenes = held_out_scenes(324)
    for attribute, values in ATTRIBUTES.items():
        assert {scene.attribute(attribute) for scene in scenes} == set(values)


def test_thousands_of_distinct_prompts() -> None:
    prompts = {phrase(training_scene(seed), np.random.default_rng(seed)) for seed in range(5000)}
    assert len(prompts) > 4900


def test_words_of_the_world_are_sorted_and_lower_case() -> None:
    words = words_of_the_world()
    assert words == sorted(set(words))
    assert all(word == word.lower() for word in words)
