"""The strategies: every value that they give is valid, and between them they reach every form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from codegen import model, oracle
from codegen.layout import Bundle, Nested
from codegen.oracle import bits as oracle_bits
from tests.codegen.backend_cases import SCHEMAS, compiled, generated, module, plain

NAMES = sorted(SCHEMAS)
ROUNDS = 20


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60)
@given(data=st.data())
def test_values_of_a_bundle_profile_make_the_round_trip(name: str, data: st.DataObject) -> None:
    profile, _ = compiled(name)[1].bundles[0]
    codec, support = module(name, profile.name), module(name, "support")
    value = data.draw(module(name, "strategies").syntax())
    written, strings = getattr(codec, f"encode_{profile.name}")(value)
    read = getattr(codec, f"decode_{profile.name}")(written, lambda _: support.Texts(tuple(strings)))
    assert read == value


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=100)
@given(data=st.data())
def test_values_of_a_record_profile_make_the_round_trip(name: str, data: st.DataObject) -> None:
    profile, _ = compiled(name)[1].records[0]
    codec = module(name, profile.name)
    value = data.draw(getattr(module(name, "strategies"), f"{profile.name}_syntax")())
    strings = codec.strings_of(value)
    payloads = tuple(text.encode("utf-8", "surrogatepass") for text in strings)
    written = getattr(codec, f"encode_{profile.name}")(value, payloads)
    read, held, end = getattr(codec, f"decode_{profile.name}")(written, 0)
    assert (codec.with_strings(read, strings), held, end) == (value, payloads, len(written))


def reached(bundle: Bundle, value: Any, nested: bool) -> Iterator[tuple[str, str]]:
    """What a value uses of each step: its selector, its absence, its default."""
    if value["unknown"]:
        yield bundle.name, "tail with strings" if value["unknown"]["strings"] else "tail"
    for step in bundle.steps:
        held = value[step.element.name] if nested else value[step.group.name][step.element.name]
        if isinstance(step, Nested):
            yield step.path, "there" if held else "absent"
            if step.element.type.kind == "list" and len(held) == step.element.max_length:
                yield step.path, "full"
        elif isinstance(step.code, model.Pick):
            yield (
                str(step.code),
                f"selector {oracle_bits.alternative(step.code, step.element.type.kind, held)}",
            )
        else:
            yield step.path, "default" if held == step.default else "other"


def wanted(bundle: Bundle) -> Iterator[tuple[str, str]]:
    """What values must use of each step between them."""
    yield from ((bundle.name, what) for what in ("tail", "tail with strings"))
    for step in bundle.steps:
        if isinstance(step, Nested):
            yield from ((step.path, what) for what in ("there", "absent"))
            if step.element.type.kind == "list":
                yield step.path, "full"
        elif isinstance(step.code, model.Pick):
            yield from ((str(step.code), f"selector {at}") for at in range(alternatives(step.code)))
        else:
            yield from ((step.path, what) for what in ("default", "other"))


def alternatives(code: model.Pick) -> int:
    return len(code.constants) + len(code.forms)


def bundles(name: str) -> list[str]:
    layouts = compiled(name)[1]
    return [bundle.name for bundle in (*layouts.nested, layouts.bundles[0][1])]


@pytest.mark.parametrize(("name", "inner"), [(name, inner) for name in NAMES for inner in bundles(name)])
def test_every_form_of_every_element_is_reached(name: str, inner: str) -> None:
    layouts = compiled(name)[1]
    bundle = next(entry for entry in (*layouts.nested, layouts.bundles[0][1]) if entry.name == inner)
    nested = bundle in layouts.nested
    strategies = module(name, "strategies")
    seen: Counter[tuple[str, str]] = Counter()

    @settings(max_examples=300, database=None)
    @given(getattr(strategies, inner)() if nested else strategies.syntax())
    def collect(value: Any) -> None:
        seen.update(reached(bundle, plain(value), nested))

    # Hypothesis varies what it has drawn before, so that one run may keep to a corner.
    for attempt in range(ROUNDS):
        seed(attempt)(collect)()
        missing = set(wanted(bundle)) - set(seen)
        if not missing:
            return
    assert sorted(missing) == []


def test_codes_and_strings_of_every_kind_are_drawn() -> None:
    drawn: list[Any] = []

    @seed(1)
    @settings(max_examples=400, database=None)
    @given(module("aigif", "strategies").syntax())
    def collect(value: Any) -> None:
        drawn.append(value)

    collect()
    enums = module("aigif", "enums")
    schedulers = [value.model.scheduler for value in drawn]
    assert any(isinstance(code, enums.Scheduler) for code in schedulers)
    assert any(code not in set(enums.Scheduler) for code in schedulers)
    assert max(schedulers) == model.EXP_MAX
    texts = "".join(value.data.prompt for value in drawn)
    for mark in ("\0", "\1", "\ud800", "\N{GRINNING FACE}", "\N{ARABIC LETTER BEH}"):
        assert mark in texts


@pytest.mark.parametrize("name", NAMES)
def test_only_its_own_format_is_named(name: str) -> None:
    text = generated(name, "strategies")["strategies.py"].lower()
    assert [other for other in NAMES if other != name and other in text] == []


def test_the_oracle_takes_all_of_it() -> None:
    root = compiled("aigif")[1].bundles[0][1]

    @settings(max_examples=50)
    @given(module("aigif", "strategies").syntax())
    def check(value: Any) -> None:
        held = plain(value)
        assert oracle.decode_bundle(root, *oracle.encode_bundle(root, held)) == held

    check()
