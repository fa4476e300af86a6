"""AUTOMATIC1111's composed prompts, `a AND b:0.5`, and the tags of extra networks, `<lora:name:1>`.

Sources of the rules: AUTOMATIC1111/stable-diffusion-webui 1.10, modules/prompt_parser.py (get_multicond_prompt_list)
and modules/extra_networks.py (parse_prompt). Composition is that of Liu et al. 2022, Compositional Visual Generation
with Composable Diffusion Models.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["WeightedPrompt", "split_and", "strip_tags"]

_AND = re.compile(r"\bAND\b")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?|\d*\.\d+)")
_TAG_NAME = re.compile(r"<\w+:")


@dataclass(frozen=True, slots=True)
class WeightedPrompt:
    """One prompt of a composition; `weight` multiplies its part of the guidance."""

    text: str
    weight: float


def split_and(prompt: str) -> list[WeightedPrompt]:
    """The prompts between the words AND, at least one.

    A colon and a number at the end of one is its weight (1 without); that holds without any AND, too.
    """
    return [_weighted(part) for part in _AND.split(prompt)]


def strip_tags(prompt: str) -> str:
    """The prompt without its tags of extra networks: `<`, a word, a colon, at least one character, `>`."""
    kept: list[str] = []
    position = 0
    while True:
        start = prompt.find("<", position)
        end = prompt.find(">", start)
        if start < 0 or end < 0:
            return "".join([*kept, prompt[position:]])
        name = _TAG_NAME.match(prompt, start)
        if name is not None and name.end() < end:
            kept.append(prompt[position:start])
            position = end + 1
        else:
            kept.append(prompt[position : start + 1])
            position = start + 1


def _weighted(part: str) -> WeightedPrompt:
    text = part.rstrip()
    colon = text.rfind(":")
    number = _NUMBER.fullmatch(text[colon + 1 :].lstrip()) if colon >= 0 else None
    if number is None:
        return WeightedPrompt(text, 1.0)
    return WeightedPrompt(text[:colon].rstrip(), float(number.group()))
