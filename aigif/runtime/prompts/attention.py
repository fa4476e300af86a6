"""AUTOMATIC1111's emphasis: (more), [less], (by this:1.3), backslash escapes and BREAK, read from a text.

Source of the rules: AUTOMATIC1111/stable-diffusion-webui 1.10, modules/prompt_parser.py, parse_prompt_attention.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from aigif.errors import ElementError
from aigif.runtime.prompts.limits import check_nesting

__all__ = ["BREAK_WEIGHT", "MORE", "Fragment", "parse_attention"]

MORE = 1.1
"""What a pair of round brackets multiplies by; square ones multiply by 1 / 1.1."""
BREAK_WEIGHT = -1.0
"""The weight that marks a fragment BREAK as the end of a chunk."""

_PLAIN = re.compile(r"[^\\()\[\]:]+")
_WEIGHT = re.compile(r":\s*([+-]?[.\d]+)\s*\)")
_BREAK = re.compile(r"\bBREAK\b")


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a prompt whose tokens have one weight."""

    text: str
    weight: float

    @property
    def is_break(self) -> bool:
        """Whether it ends a chunk. A BREAK in brackets has another weight and is text, as in AUTOMATIC1111."""
        return self.text == "BREAK" and self.weight == BREAK_WEIGHT


def parse_attention(text: str) -> list[Fragment]:
    """The fragments of `text`, in order, neighbours of one weight joined; at least one.

    Weights multiply from the innermost brackets outwards. Brackets that nothing closes hold to the end; closing ones
    without an opening one are text. Raises ElementError for a weight that is no number (such as 1.2.3), LimitError
    past MAX_NESTING open brackets.
    """
    pieces: list[list[str | float]] = []
    opened: dict[str, list[int]] = {"(": [], "[": []}

    def close(kind: str, factor: float) -> None:
        for piece in pieces[opened[kind].pop() :]:
            piece[1] *= factor  # type: ignore[operator]

    position = 0
    while position < len(text):
        character = text[position]
        plain = _PLAIN.match(text, position)
        weight = _WEIGHT.match(text, position) if character == ":" else None
        if plain is not None:
            _add_text(pieces, plain.group())
            position = plain.end()
            continue
        if weight is not None:
            if opened["("]:
                close("(", _number(weight.group(1)))
            else:
                pieces.append([weight.group(), 1.0])
            position = weight.end()
            continue
        position += 1
        if character == "\\":
            escaped = text[position : position + 1]
            escaped = escaped if escaped in ("(", ")", "[", "]", "\\") else ""
            pieces.append([escaped, 1.0])
            position += len(escaped)
        elif character in "([":
            opened[character].append(len(pieces))
            check_nesting(len(opened["("]) + len(opened["["]))
        elif character == ")" and opened["("]:
            close("(", MORE)
        elif character == "]" and opened["["]:
            close("[", 1 / MORE)
        else:
            pieces.append([character, 1.0])
    # The outer ones first, as AUTOMATIC1111 does: the order of the factors decides the last bit.
    for kind, factor in (("(", MORE), ("[", 1 / MORE)):
        opened[kind].reverse()
        while opened[kind]:
            close(kind, factor)
    return _joined(Fragment(str(piece), float(factor)) for piece, factor in pieces)


def _add_text(pieces: list[list[str | float]], text: str) -> None:
    parts = _BREAK.split(text)
    for index, part in enumerate(parts):
        if index > 0:
            pieces.append(["BREAK", BREAK_WEIGHT])
            part = part.lstrip()
        if index + 1 < len(parts):
            part = part.rstrip()
        pieces.append([part, 1.0])


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ElementError([f"{text!r} is no weight of a prompt"], element="data.prompt") from None


def _joined(fragments: Iterable[Fragment]) -> list[Fragment]:
    found = [
        Fragment("".join(fragment.text for fragment in run), weight)
        for weight, run in groupby(fragments, key=lambda fragment: fragment.weight)
    ]
    return found or [Fragment("", 1.0)]
