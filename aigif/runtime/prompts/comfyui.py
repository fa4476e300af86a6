"""Prompts as ComfyUI encodes them: SD 1.x, SD 2.x, SDXL, SD 3 and FLUX.

Sources: comfyanonymous/ComfyUI, comfy/sd1_clip.py, comfy/sdxl_clip.py, comfy/text_encoders/sd2_clip.py, sd3_clip.py
and flux.py. Fooocus restores the mean after weighing: lllyasviel/Fooocus, modules/patch_clip.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aigif.errors import ModelError
from aigif.runtime.prompts.comfy_syntax import (
    Batching,
    LearnedToken,
    WeightedToken,
    batch_tokens,
    split_learned,
    weigh,
)
from aigif.runtime.prompts.conditioning import Embedding
from aigif.runtime.prompts.encoders import TextEncoder, learned_vectors
from aigif.runtime.torchlib import require

__all__ = ["Settings", "clip_embedding", "flux_embedding", "reweigh", "sd3_embedding"]

_T5_MINIMUM = {"sd3": 77, "flux": 256}
"""Tokens that a shorter text for T5 is padded to."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`clip_skip` counts from 1, the layer that the model itself takes; 2 is the last but one, in every model."""

    clip_skip: int = 1
    restore_mean: bool = False


def clip_embedding(
    encoders: Sequence[TextEncoder],
    texts: Sequence[str],
    settings: Settings,
    embeddings: Mapping[str, Any] | None,
) -> Embedding:
    """The embedding of a prompt for SD 1.x, SD 2.x or SDXL; `texts` has one for each text model.

    SDXL's models give their last layer but one, without the final layer norm, and the second one's pooled output is
    the first batch's.
    """
    torch = require("torch")
    large = encoders[-1].key == "clip_g"
    found = [
        _clip(encoder, text, settings, embeddings, penultimate=large)
        for encoder, text in zip(encoders, texts, strict=True)
    ]
    batches = max(len(tokens) for tokens, _pooled in found)
    wide = torch.cat([_even(tokens, batches) for tokens, _pooled in found], dim=-1)
    return Embedding(wide, found[-1][1] if large else None)


def sd3_embedding(
    pipe: Any, texts: Sequence[str], settings: Settings, embeddings: Mapping[str, Any] | None
) -> Embedding:
    """The embedding of three texts for SD 3: the two CLIP models side by side, filled up with zeros to T5's width,
    then T5's tokens; pooled are both CLIP models' projections."""
    torch = require("torch")
    device = pipe._execution_device
    small = TextEncoder(pipe.tokenizer, pipe.text_encoder, "clip_l", device)
    big = TextEncoder(pipe.tokenizer_2, pipe.text_encoder_2, "clip_g", device)
    first, first_pooled = _clip(small, texts[0], settings, embeddings, penultimate=True)
    second, second_pooled = _clip(big, texts[1], settings, embeddings, penultimate=True)
    length = min(len(first), len(second))
    clip = torch.cat([first[:length], second[:length]], dim=-1)
    pooled = torch.cat([first_pooled, second_pooled], dim=-1)
    width = pipe.transformer.config.joint_attention_dim
    clip = torch.nn.functional.pad(clip, (0, width - clip.shape[-1]))
    if getattr(pipe, "text_encoder_3", None) is None:
        return Embedding(clip, pooled)
    t5 = _t5(TextEncoder(pipe.tokenizer_3, pipe.text_encoder_3, "t5xxl", device), texts[2], "sd3", embeddings)
    return Embedding(torch.cat([clip, t5.to(clip.dtype)], dim=0), pooled)


def flux_embedding(
    pipe: Any, texts: Sequence[str], settings: Settings, embeddings: Mapping[str, Any] | None
) -> Embedding:
    """The embedding of two texts for FLUX: T5's tokens of the second, and CLIP's pooled output of the first."""
    device = pipe._execution_device
    small = TextEncoder(pipe.tokenizer, pipe.text_encoder, "clip_l", device)
    _tokens, pooled = _clip(small, texts[0], settings, embeddings, penultimate=False)
    t5 = TextEncoder(pipe.tokenizer_2, pipe.text_encoder_2, "t5xxl", device)
    return Embedding(_t5(t5, texts[1], "flux", embeddings), pooled)


def reweigh(states: Any, empty: Any, weights: Any, restore_mean: bool = False) -> Any:
    """Hidden states [batches, tokens, width] moved away from those of the empty prompt [tokens, width]:
    (state - empty) × weight + empty, by the tokens' weights [batches, tokens]; where the weight is 1, untouched.

    Fooocus then restores each batch's mean by the factor old mean / new mean.
    """
    torch = require("torch")
    factors = weights.unsqueeze(-1)
    moved = torch.where(factors == 1.0, states, (states - empty) * factors + empty)
    if restore_mean:
        axes = (1, 2)
        moved = moved * (states.mean(dim=axes, keepdim=True) / moved.mean(dim=axes, keepdim=True))
    return moved


def _clip(
    encoder: TextEncoder,
    text: str,
    settings: Settings,
    embeddings: Mapping[str, Any] | None,
    *,
    penultimate: bool,
) -> tuple[Any, Any]:
    vectors = learned_vectors(embeddings, encoder)
    groups = _groups(encoder, text, vectors, embeddings)
    start = encoder.end if encoder.start is None else encoder.start
    batches = batch_tokens(groups, Batching(start, encoder.end, encoder.pad))

    def states(encoded: Any) -> Any:
        skip = settings.clip_skip
        if penultimate:
            return encoder.layer(encoded, max(2, skip), normed=False)
        skip -= encoder.missing_layers
        return encoded.last if skip <= 1 else encoder.layer(encoded, skip, normed=True)

    return _run(encoder, batches, vectors, states, settings.restore_mean)


def _t5(encoder: TextEncoder, text: str, model: str, embeddings: Mapping[str, Any] | None) -> Any:
    vectors = learned_vectors(embeddings, encoder)
    rules = Batching(None, encoder.end, encoder.pad, length=None, minimum=_T5_MINIMUM[model])
    batches = batch_tokens(_groups(encoder, text, vectors, embeddings), rules)
    return _run(encoder, batches, vectors, lambda encoded: encoded.last, False)[0]


def _groups(
    encoder: TextEncoder, text: str, vectors: Mapping[str, Any], embeddings: Mapping[str, Any] | None
) -> list[list[WeightedToken]]:
    groups: list[list[WeightedToken]] = []
    for segment, weight in weigh(text):
        for word, rest in split_learned(segment):
            if word is not None:
                name, rest = _known(word, rest, embeddings)
                length = len(vectors[name]) if name in vectors else 0
                groups.append([(LearnedToken(name, index), weight) for index in range(length)])
            if word is None or rest:
                groups.append([(token, weight) for token in encoder.ids(rest)])
    return [group for group in groups if group]


def _known(word: str, rest: str, embeddings: Mapping[str, Any] | None) -> tuple[str, str]:
    """The textual inversion that a word names, and the text after it. Commas around a name are not part of it."""
    given = embeddings or {}
    bare = word.strip(",")
    for name, after in ((word, rest), (bare, f"{word[len(bare) :]} {rest}" if bare != word else rest)):
        for known in (name, name.rpartition(".")[0]):
            if known in given:
                return known, after
    raise ModelError(
        f"the prompt takes the textual inversion {bare!r}, which was not given",
        element="data.prompt",
        hint="add it to the local store; where the tool did not have it either, give it as None",
    )


def _run(
    encoder: TextEncoder,
    batches: Sequence[Sequence[WeightedToken]],
    vectors: Mapping[str, Any],
    states_of: Any,
    restore_mean: bool,
) -> tuple[Any, Any]:
    """Embeddings [tokens of all batches, width] and the pooled one [width] of the first batch, or None."""
    torch = require("torch")
    weighed = any(weight != 1.0 for batch in batches for _token, weight in batch)
    rows: list[list[int]] = []
    learned: list[list[tuple[int, Any]]] = []
    for batch in batches:
        rows.append([0 if isinstance(token, LearnedToken) else token for token, _weight in batch])
        learned.append(
            [
                (place, vectors[token.name][token.index : token.index + 1])
                for place, (token, _weight) in enumerate(batch)
                if isinstance(token, LearnedToken)
            ]
        )
    length = max(len(row) for row in rows)
    if weighed:
        head = [encoder.end] if encoder.start is None else [encoder.start, encoder.end]
        rows.append((head + [encoder.pad] * length)[:length])
        learned.append([])
    encoded = encoder.run(rows, learned)
    states = states_of(encoded)
    if weighed:
        weights = torch.tensor(
            [[weight for _token, weight in batch] for batch in batches],
            dtype=torch.float32,
            device=states.device,
        )
        moved = reweigh(states[:-1], states[-1], weights, restore_mean)
        states = moved.to(states.dtype)
    pooled = None if encoded.pooled is None else encoded.pooled[0]
    return states.reshape(-1, states.shape[-1]), pooled


def _even(tokens: Any, length: int) -> Any:
    """`tokens` with zeros at the end, `length` in all."""
    torch = require("torch")
    return torch.nn.functional.pad(tokens, (0, 0, 0, length - len(tokens)))
