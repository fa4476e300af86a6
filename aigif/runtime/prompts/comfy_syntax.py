"""ComfyUI's prompt syntax: (more), (as much as this:1.3), escaped brackets, embedding:name.

Source of the rules: comfyanonymous/ComfyUI, comfy/sd1_clip.py (parse_parentheses, token_weights, SDTokenizer).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aigif.runtime.prompts.limits import check_nesting

__all__ = ["MORE", "Batching", "LearnedToken", "WeightedToken", "batch_tokens", "split_learned", "weigh"]

MORE = 1.1
"""What a pair of round brackets without a number multiplies by."""
_WORD = 8
"""A group of at least so many tokens may be cut between two batches."""
_LEARNED = "embedding:"
_ESCAPES = (("\\)", "\0\1", ")"), ("\\(", "\0\2", "("))


@dataclass(frozen=True, slots=True)
class LearnedToken:
    """Vector number `index` of the textual inversion `name`, in a token's place."""

    name: str
    index: int


WeightedToken = tuple[int | LearnedToken, float]


@dataclass(frozen=True, slots=True)
class Batching:
    """How tokens become batches. A `start` of None: the model has no start token. A `length` of None: one batch
    takes all. `minimum`: what a batch without a `length` is padded to."""

    start: int | None
    end: int
    pad: int
    length: int | None = 77
    minimum: int = 0


def weigh(text: str) -> list[tuple[str, float]]:
    """The segments of `text` with their weights.

    A number in brackets replaces the weight of what is around it, brackets without one multiply it. Brackets that
    nothing closes are text. Raises LimitError past MAX_NESTING open brackets.
    """
    for escaped, mark, _plain in _ESCAPES:
        text = text.replace(escaped, mark)
    return [(_unescape(segment), weight) for segment, weight in _weigh(text, 1.0, 0)]


def split_learned(segment: str) -> list[tuple[str | None, str]]:
    """The parts of a segment, each with the name of the textual inversion that it starts with or None, and the text
    (after the name). A name ends at white space and may follow a blank or a line's end."""
    parts = segment.replace("\n" + _LEARNED, " " + _LEARNED).split(" " + _LEARNED)
    found: list[tuple[str | None, str]] = []
    for index, part in enumerate(parts):
        if index == 0 and not part.startswith(_LEARNED):
            if part:
                found.append((None, part))
            continue
        words = part.removeprefix(_LEARNED if index == 0 else "").split()
        if words:
            found.append((words[0], " ".join(words[1:])))
    return found


def batch_tokens(groups: Sequence[Sequence[WeightedToken]], rules: Batching) -> list[list[WeightedToken]]:
    """The batches of a prompt, at least one: start, tokens, end, padding, `rules.length` in each.

    `groups` are the tokens of the segments and learned words; a group of fewer than eight tokens isn't cut.
    """
    head: list[WeightedToken] = [] if rules.start is None else [(rules.start, 1.0)]
    end: WeightedToken = (rules.end, 1.0)
    pad: WeightedToken = (rules.pad, 1.0)
    batches = [list(head)]
    for tokens in groups:
        group = list(tokens)
        may_cut = len(group) >= _WORD
        while group:
            batch = batches[-1]
            room = len(group) if rules.length is None else rules.length - len(batch) - 1
            if len(group) <= room:
                batch.extend(group)
                break
            if may_cut:
                batch.extend(group[:room])
                batch.append(end)
                group = group[room:]
            else:
                batch.append(end)
                batch.extend([pad] * room)
            batches.append(list(head))
    last = batches[-1]
    last.append(end)
    last.extend([pad] * ((rules.length or rules.minimum) - len(last)))
    return batches


def _weigh(text: str, weight: float, depth: int) -> Iterator[tuple[str, float]]:
    check_nesting(depth)
    for part in _bracketed(text):
        if len(part) < 2 or part[0] != "(" or part[-1] != ")":
            yield part, weight
            continue
        inner, own = part[1:-1], weight * MORE
        colon = inner.rfind(":")
        if colon > 0:
            try:
                own = float(inner[colon + 1 :])
                inner = inner[:colon]
            except ValueError:
                pass
        yield from _weigh(inner, own, depth + 1)


def _bracketed(text: str) -> Iterator[str]:
    """The outermost bracketed parts and what is between them. After a closing bracket too many, the next opening
    one only evens it out."""
    start = 0
    depth = 0
    for index, character in enumerate(text):
        if character == "(":
            if depth == 0:
                if index > start:
                    yield text[start:index]
                start = index
            depth += 1
        elif character == ")":
            depth -= 1
            if depth == 0:
                yield text[start : index + 1]
                start = index + 1
    if start < len(text):
        yield text[start:]


def _unescape(text: str) -> str:
    for _escaped, mark, plain in _ESCAPES:
        text = text.replace(mark, plain)
    return text
