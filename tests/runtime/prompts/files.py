"""Syntax elements and embeddings for the prompts' tests."""

from __future__ import annotations

from typing import Any

from aigif._gen.enums import PromptDialect
from aigif._gen.types import Aigif, Data, GenerativeModel


def a_file(
    prompt: str, negative: str = "", dialect: PromptDialect = PromptDialect.A1111, **elements: Any
) -> Aigif:
    """A file with prompts, a dialect, and other elements of the model and the data by name."""
    names = {name: elements.pop(name) for name in ("clip_skip", "emphasis") if name in elements}
    return Aigif(
        model=GenerativeModel(prompt_dialect=dialect, **names),
        data=Data(prompt=prompt, negative_prompt=negative, **elements),
    )


def only(conditioning: Any) -> Any:
    """The tokens of a conditioning whose positive side is one embedding, [tokens, width]."""
    [part] = conditioning.positive
    [stretch] = part.stretches
    return stretch.embedding.tokens
