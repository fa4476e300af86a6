"""The format's page defines the prompt coder: a decoder written from it reads what the coder writes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aigif.text import prompt
from tests.text.page_decoder import PageDecoder
from tests.text.test_prompt_coder import PROMPTS, STRINGS


@pytest.fixture(scope="module")
def page() -> PageDecoder:
    return PageDecoder(prompt.TABLES)


@settings(max_examples=60)
@given(strings=st.lists(STRINGS, min_size=1, max_size=3).map(tuple))
def test_any_text(page: PageDecoder, strings: tuple[str, ...]) -> None:
    assert page.decode(prompt.coder().encode(strings)) == strings


@pytest.mark.parametrize("strings", [*PROMPTS, ("a cat, a dog, a bird, " * 125,)])
def test_prompts(page: PageDecoder, strings: tuple[str, ...]) -> None:
    assert page.decode(prompt.coder().encode(strings)) == strings
