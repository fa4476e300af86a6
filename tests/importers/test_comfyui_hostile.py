"""ComfyUI's graphs that are wrong, circular or huge: nothing but AigifError, in little time."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aigif._gen.enums import GapKind
from aigif.errors import AigifError, LimitError
from aigif.importers.tools import comfyui
from aigif.importers.tools.comfyui.graph import MAX_NODES
from aigif.importers.tools.comfyui.nodes import CLASSES
from tests.importers.graphs import link, node, picture, plain, read

NAMES = ["file", "empty", "wanted", "unwanted", "run", "seen", "saved", "nowhere"]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=20),
    st.lists(st.integers(), max_size=3),
    st.tuples(st.sampled_from(NAMES), st.integers(-1, 9)).map(list),
    st.dictionaries(
        st.sampled_from(["on", "lora", "strength", "__value__"]), st.text(max_size=5), max_size=3
    ),
)
INPUTS = sorted(
    {name for cls in CLASSES.values() for name in cls.names.values()} | {"model", "clip", "images"}
)


def test_a_circle_ends() -> None:
    for name in ("model", "positive", "latent_image", "seed"):
        graph = plain(**{name: link("round")})
        graph["round"] = node("Reroute", **{"": link("again")})
        graph["again"] = node("Reroute", **{"": link("round")})
        assert read(graph).aigif.data.gaps
    graph = plain(model=link("a"))
    graph["a"] = node("LoraLoader", lora_name="x", strength_model=1.0, strength_clip=1.0, model=link("b"))
    graph["b"] = node("LoraLoader", lora_name="y", strength_model=1.0, strength_clip=1.0, model=link("a"))
    assert len(read(graph).aigif.model.adapters) == 2


def test_a_text_that_doubles_itself_ends() -> None:
    graph = plain()
    for place in range(60):
        graph[f"t{place}"] = node(
            "StringConcatenate", string_a=link(f"t{place + 1}"), string_b=link(f"t{place + 1}"), delimiter=""
        )
    graph["t60"] = node("PrimitiveString", value="ab")
    graph["wanted"]["inputs"]["text"] = link("t0")
    started = time.perf_counter()
    assert read(graph).aigif.data.gaps
    assert time.perf_counter() - started < 5


def test_prompts_that_are_combined_without_end() -> None:
    graph = plain(positive=link("c0"))
    for place in range(200):
        graph[f"c{place}"] = node(
            "ConditioningCombine", conditioning_1=link(f"c{place + 1}"), conditioning_2=link(f"c{place + 1}")
        )
    graph["c200"] = graph["wanted"]
    started = time.perf_counter()
    assert read(graph).aigif.data.prompt == "a red kite, \n"
    assert time.perf_counter() - started < 5


def test_a_long_chain_is_followed_as_far_as_it_goes() -> None:
    graph = plain(model=link("l0"))
    for place in range(3000):
        graph[f"l{place}"] = node(
            "LoraLoaderModelOnly", lora_name=f"n{place}", strength_model=1.0, model=link(f"l{place + 1}")
        )
    started = time.perf_counter()
    reading = read(graph)
    assert len(reading.aigif.model.adapters) == 256 and time.perf_counter() - started < 5


def test_a_graph_that_takes_too_many_steps_says_so() -> None:
    graph = plain()
    for place in range(40):
        graph[f"t{place}"] = node(
            "StringConcatenate", string_a=link(f"t{place + 1}"), string_b=link(f"t{place + 1}"), delimiter=""
        )
    graph["t40"] = node("PrimitiveString", value="")
    graph["wanted"]["inputs"]["text"] = link("t0")
    assert GapKind.RECORD in {gap.kind for gap in read(graph).aigif.data.gaps}


def test_many_nodes_are_refused() -> None:
    graph = {str(place): node("SaveImage", images=link(str(place + 1))) for place in range(MAX_NODES + 1)}
    with pytest.raises(LimitError):
        comfyui.read(picture(graph))


def test_many_outputs_are_read_in_time() -> None:
    graph = plain()
    for place in range(3000):
        graph[f"s{place}"] = node("SaveImage", images=link("seen"))
    started = time.perf_counter()
    read(graph)
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    "text",
    [
        '{"1": {"class_type": "KSampler", "inputs": {"seed": NaN, "cfg": Infinity}}}',
        '{"1": {"class_type": "KSampler", "inputs": []}}',
        '{"1": {"class_type": 5}, "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}}}',
        '{"1": {"class_type": "KSampler", "inputs": {"seed": ' + "9" * 5000 + "}}}",
        "{" * 100_000 + '"class_type"',
        '{"1": {"class_type": "KSampler"',
        '{"prompt": "{\\"1\\": {\\"class_type\\": \\"KSampler\\"}}"}',
    ],
)
def test_odd_texts_give_a_reading_or_one_typed_error(text: str) -> None:
    seen = picture(text)
    comfyui.evidence(seen)
    try:
        reading = comfyui.read(seen)
    except AigifError:
        return
    assert reading.aigif.data.gaps


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_graph_that_was_changed_at_random_is_read_or_refused(data: st.DataObject) -> None:
    graph: dict[str, Any] = plain()
    for _ in range(data.draw(st.integers(1, 8))):
        name = data.draw(st.sampled_from(NAMES))
        if data.draw(st.booleans()):
            kind = data.draw(st.sampled_from(sorted(CLASSES)))
            old = graph.get(name, {}).get("inputs", {})
            graph[name] = {"class_type": kind, "inputs": dict(old)}
        if name in graph:
            held = graph[name]["inputs"]
            held[data.draw(st.sampled_from([*INPUTS, *held]))] = data.draw(VALUES)
    text = json.dumps(graph)
    try:
        reading = comfyui.read(picture(text))
    except AigifError:
        return
    assert all(note.isprintable() for note in reading.notes)
