"""AUTOMATIC1111's chunks of 75 tokens.

Source of the rules: AUTOMATIC1111/stable-diffusion-webui 1.10, modules/sd_hijack_clip.py (tokenize_line) and
modules/textual_inversion/textual_inversion.py (find_embedding_at_position).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aigif.errors import ElementError
from aigif.runtime.prompts.attention import Fragment

__all__ = ["CHUNK", "COMMA_BACKTRACK", "Chunk", "LearnedWord", "Marks", "chunk_tokens"]

CHUNK = 75
"""Tokens of a chunk without its start and end token."""
COMMA_BACKTRACK = 20
"""A chunk that is full is cut after its last comma if that is at most this many tokens back (the tool's default)."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The token ids that frame a chunk. `comma` is None where the vocabulary has no such token."""

    start: int
    end: int
    pad: int
    comma: int | None


@dataclass(frozen=True, slots=True)
class LearnedWord:
    """A textual inversion: the tokens of its name, which `length` learned vectors replace."""

    name: str
    tokens: tuple[int, ...]
    length: int


@dataclass(slots=True)
class Chunk:
    """77 token ids and their weights, and where learned vectors replace them: position and name."""

    tokens: list[int] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    learned: list[tuple[int, str]] = field(default_factory=list)

    def framed(self, marks: Marks) -> Chunk:
        """With start token, end token and padding: start, tokens, end, pad …, 77 in all."""
        empty = CHUNK - len(self.tokens)
        tail = [marks.end] + [marks.pad] * empty
        return Chunk(
            [marks.start, *self.tokens, *tail],
            [1.0, *self.weights, *([1.0] * (empty + 1))],
            [(position + 1, name) for position, name in self.learned],
        )


def chunk_tokens(
    fragments: Sequence[tuple[Fragment, Sequence[int]]],
    marks: Marks,
    learned: Mapping[int, Sequence[LearnedWord]],
) -> list[Chunk]:
    """The framed chunks of a prompt, at least one.

    `fragments` are the prompt's fragments with their token ids, without start and end. `learned` maps the first
    token of a name to the words that begin with it, longest first. Raises ElementError for a learned word of more
    than 75 vectors.
    """
    chunks: list[Chunk] = []
    chunk = Chunk()
    comma = -1

    def finish() -> None:
        nonlocal chunk, comma
        chunks.append(chunk.framed(marks))
        chunk, comma = Chunk(), -1

    for fragment, tokens in fragments:
        if fragment.is_break:
            finish()
            continue
        position = 0
        while position < len(tokens):
            token = tokens[position]
            full = len(chunk.tokens) == CHUNK
            if token == marks.comma:
                comma = len(chunk.tokens)
            elif full and comma != -1 and len(chunk.tokens) - comma <= COMMA_BACKTRACK:
                # Learned vectors stay with their place in the finished chunk: the tool moves ids and weights only.
                cut = comma + 1
                moved = Chunk(chunk.tokens[cut:], chunk.weights[cut:])
                del chunk.tokens[cut:], chunk.weights[cut:]
                finish()
                chunk = moved
            if len(chunk.tokens) == CHUNK:
                finish()
            word = _learned_at(tokens, position, learned)
            if word is None:
                chunk.tokens.append(token)
                chunk.weights.append(fragment.weight)
                position += 1
                continue
            if word.length > CHUNK:
                raise ElementError(
                    [f"the textual inversion {word.name} has {word.length} vectors, of {CHUNK} possible"],
                    element="data.prompt",
                )
            if len(chunk.tokens) + word.length > CHUNK:
                finish()
            chunk.learned.append((len(chunk.tokens), word.name))
            chunk.tokens += [0] * word.length
            chunk.weights += [fragment.weight] * word.length
            position += len(word.tokens)
    if chunk.tokens or not chunks:
        finish()
    return chunks


def _learned_at(
    tokens: Sequence[int], position: int, learned: Mapping[int, Sequence[LearnedWord]]
) -> LearnedWord | None:
    for word in learned.get(tokens[position], ()):
        if tuple(tokens[position : position + len(word.tokens)]) == word.tokens:
            return word
    return None
