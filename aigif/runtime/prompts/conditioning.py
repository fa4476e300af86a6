"""What a prompt means to the denoising network in the course of a run: embeddings, from call to call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aigif.runtime.torchlib import require

__all__ = ["Conditioning", "Embedding", "Part", "Stretch", "padded_alike"]


@dataclass(frozen=True, slots=True)
class Embedding:
    """A text as the network takes it: `tokens` [tokens, width], `pooled` [width] or None."""

    tokens: Any
    pooled: Any = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """An embedding and the last model call, counted from 0, that it holds for."""

    last_call: int
    embedding: Embedding


@dataclass(frozen=True, slots=True)
class Part:
    """One prompt of a composition, with its weight; its stretches in order."""

    weight: float
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Conditioning:
    """A prompt's parts, which all have embeddings of one length, and the negative prompt's stretches."""

    positive: tuple[Part, ...]
    negative: tuple[Stretch, ...]

    def positive_at(self, call: int) -> list[tuple[Embedding, float]]:
        """The embeddings of model call `call`, counted from 0, with their weights."""
        return [(_at(part.stretches, call), part.weight) for part in self.positive]

    def negative_at(self, call: int) -> Embedding:
        """The negative prompt's embedding of model call `call`, counted from 0."""
        return _at(self.negative, call)

    @property
    def is_steady(self) -> bool:
        """Whether it is one embedding of weight 1 and a negative one of the same length, from start to end: what an
        unwrapped pipeline can do by itself."""
        first = self.positive[0]
        return (
            len(self.positive) == 1
            and first.weight == 1.0
            and len(first.stretches) == len(self.negative) == 1
            and first.stretches[0].embedding.tokens.shape == self.negative[0].embedding.tokens.shape
        )

    def call_arguments(self) -> dict[str, Any]:
        """Arguments of the pipeline's call: prompt_embeds and negative_prompt_embeds [1, tokens, width], and for
        models that have them the pooled ones [1, width].

        They are those of the first call. Where positive and negative differ in length the shorter is filled up with
        zeros, so that the pipeline takes them: the network then needs `conditioned`.
        """
        first, negative = self.positive_at(0)[0][0], self.negative_at(0)
        length = max(len(first.tokens), len(negative.tokens))
        arguments = {
            "prompt_embeds": _filled(first.tokens, length),
            "negative_prompt_embeds": _filled(negative.tokens, length),
        }
        if first.pooled is not None and negative.pooled is not None:
            arguments["pooled_prompt_embeds"] = first.pooled.unsqueeze(0)
            arguments["negative_pooled_prompt_embeds"] = negative.pooled.unsqueeze(0)
        return arguments


def padded_alike(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts, all as long as the longest: its last token's embedding is repeated at a shorter one's end.

    Source: AUTOMATIC1111/stable-diffusion-webui, modules/prompt_parser.py, stack_conds.
    """
    torch = require("torch")
    length = max(len(stretch.embedding.tokens) for part in parts for stretch in part.stretches)

    def longer(embedding: Embedding) -> Embedding:
        tokens = embedding.tokens
        if len(tokens) == length:
            return embedding
        return Embedding(
            torch.vstack([tokens, tokens[-1:].repeat(length - len(tokens), 1)]), embedding.pooled
        )

    return tuple(
        Part(
            part.weight,
            tuple(Stretch(stretch.last_call, longer(stretch.embedding)) for stretch in part.stretches),
        )
        for part in parts
    )


def _at(stretches: Sequence[Stretch], call: int) -> Embedding:
    # Past the last stretch the first one holds again, as in AUTOMATIC1111's reconstruct_cond_batch.
    return next((stretch for stretch in stretches if call <= stretch.last_call), stretches[0]).embedding


def _filled(tokens: Any, length: int) -> Any:
    filled = tokens.new_zeros((1, length, tokens.shape[-1]))
    filled[0, : len(tokens)] = tokens
    return filled
