"""Prompts as AUTOMATIC1111 encodes them, for SD 1.x, SD 2.x and SDXL.

Sources: AUTOMATIC1111/stable-diffusion-webui 1.10, modules/sd_hijack_clip.py, sd_hijack_open_clip.py,
sd_emphasis.py, sd_models_xl.py, prompt_parser.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aigif._gen.enums import Emphasis
from aigif.runtime.prompts.attention import Fragment, parse_attention
from aigif.runtime.prompts.chunks import Chunk, LearnedWord, Marks, chunk_tokens
from aigif.runtime.prompts.composition import split_and, strip_tags
from aigif.runtime.prompts.conditioning import Conditioning, Embedding, Part, Stretch, padded_alike
from aigif.runtime.prompts.encoders import Encoded, TextEncoder, learned_vectors
from aigif.runtime.prompts.schedule import Clock, ScheduledText, schedule
from aigif.runtime.torchlib import require

__all__ = ["Settings", "encode", "reweigh"]


@dataclass(frozen=True, slots=True)
class Settings:
    """`clip_skip` as AUTOMATIC1111 counts, from 1, the last layer. It has an effect on SD 1.x only."""

    clock: Clock
    clip_skip: int = 1
    emphasis: int = Emphasis.DIALECT


def encode(
    encoders: Sequence[TextEncoder],
    prompt: str,
    negative_prompt: str,
    settings: Settings,
    embeddings: Mapping[str, Any] | None,
) -> Conditioning:
    """The conditioning of a prompt and a negative prompt.

    Tags and AND are read in the prompt alone. SDXL's empty negative prompt is zeros. Parts of a composition that
    differ in length are padded with their last token's embedding.
    """
    voices = [_Voice.of(encoder, settings, embeddings) for encoder in encoders]
    large = _is_large(encoders)
    parts = [
        Part(weighted.weight, _stretches(voices, schedule(weighted.text, settings.clock)))
        for weighted in split_and(strip_tags(prompt))
    ]
    texts = schedule(negative_prompt, settings.clock)
    negative = _stretches(voices, texts, zeros=large and not any(stretch.text for stretch in texts))
    return Conditioning(padded_alike(parts), negative)


def reweigh(states: Any, weights: Any, emphasis: int) -> Any:
    """Hidden states [rows, tokens, width] times the tokens' weights [rows, tokens].

    As the dialect has it, the mean over all rows, tokens and width is then restored by one factor, old mean / new
    mean. The rows are one chunk of all texts that a prompt becomes in the course of a run.
    """
    if emphasis in (Emphasis.IGNORE, Emphasis.NONE):
        return states
    weighed = states * weights.unsqueeze(-1)
    if emphasis == Emphasis.NO_NORM:
        return weighed
    return weighed * (states.mean() / weighed.mean())


def _is_large(encoders: Sequence[TextEncoder]) -> bool:
    return encoders[-1].key == "clip_g"


@dataclass(frozen=True, slots=True)
class _Voice:
    """One text model, with what every text needs of it."""

    encoder: TextEncoder
    settings: Settings
    marks: Marks
    vectors: Mapping[str, Any]
    words: Mapping[int, Sequence[LearnedWord]]

    @classmethod
    def of(cls, encoder: TextEncoder, settings: Settings, embeddings: Mapping[str, Any] | None) -> _Voice:
        start = encoder.end if encoder.start is None else encoder.start
        vectors = learned_vectors(embeddings, encoder)
        words: dict[int, list[LearnedWord]] = {}
        for name, tensor in vectors.items():
            tokens = tuple(encoder.ids(encoder.cleaned(name)))
            if tokens:
                words.setdefault(tokens[0], []).append(LearnedWord(name, tokens, len(tensor)))
        for found in words.values():
            found.sort(key=lambda word: len(word.tokens), reverse=True)
        marks = Marks(start, encoder.end, encoder.pad, encoder.comma)
        return cls(encoder, settings, marks, vectors, words)

    def chunks(self, text: str) -> list[Chunk]:
        whole = self.settings.emphasis == Emphasis.NONE
        fragments = [Fragment(text, 1.0)] if whole else parse_attention(text)
        tokens = [self.encoder.ids(self.encoder.cleaned(fragment.text)) for fragment in fragments]
        return chunk_tokens(list(zip(fragments, tokens, strict=True)), self.marks, self.words)

    def states(self, encoded: Encoded, sdxl: bool) -> Any:
        if sdxl:
            return self.encoder.layer(encoded, 2, normed=False)
        skip = self.settings.clip_skip
        if self.encoder.is_open_clip or skip <= 1:
            return encoded.last
        return self.encoder.layer(encoded, skip, normed=True)

    def encode(self, texts: Sequence[str], sdxl: bool) -> tuple[Any, Any]:
        """Embeddings [texts, 77 × chunks, width] and pooled ones [texts, width] or None, of the first chunk."""
        torch = require("torch")
        distinct = list(dict.fromkeys(texts))
        places = torch.tensor([distinct.index(text) for text in texts], device=self.encoder.device)
        lines = [self.chunks(text) for text in distinct]
        empty = Chunk().framed(self.marks)
        columns: list[Any] = []
        pooled: Any = None
        for number in range(max(len(line) for line in lines)):
            row = [line[number] if number < len(line) else empty for line in lines]
            learned = [[(place, self.vectors[name]) for place, name in chunk.learned] for chunk in row]
            encoded = self.encoder.run([chunk.tokens for chunk in row], learned)
            weights = torch.tensor(
                [chunk.weights for chunk in row], dtype=torch.float32, device=self.encoder.device
            )
            states = self.states(encoded, sdxl)
            columns.append(reweigh(states[places], weights[places], self.settings.emphasis).to(states.dtype))
            if number == 0 and encoded.pooled is not None:
                pooled = encoded.pooled[places]
        return torch.cat(columns, dim=1), pooled


def _stretches(
    voices: Sequence[_Voice], texts: Sequence[ScheduledText], *, zeros: bool = False
) -> tuple[Stretch, ...]:
    torch = require("torch")
    sdxl = _is_large([voice.encoder for voice in voices])
    encoded = [voice.encode([stretch.text for stretch in texts], sdxl) for voice in voices]
    tokens = torch.cat([states for states, _pooled in encoded], dim=-1)
    pooled = encoded[-1][1] if sdxl else None
    if zeros:
        tokens = torch.zeros_like(tokens)
        pooled = torch.zeros_like(pooled)
    return tuple(
        Stretch(stretch.last_call, Embedding(tokens[index], None if pooled is None else pooled[index]))
        for index, stretch in enumerate(texts)
    )
