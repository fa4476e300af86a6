"""AUTOMATIC1111's prompt edits, [from:to:when], and alternation, [a|b]: which text holds for which model calls.

Source of the rules: AUTOMATIC1111/stable-diffusion-webui 1.10, modules/prompt_parser.py: its grammar and
get_learned_conditioning_prompt_schedules. The parser here is one pass with a stack in place of a general grammar.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from aigif.runtime.prompts.limits import check_nesting, check_stretches

__all__ = ["Clock", "ScheduledText", "schedule"]

_PLAIN = re.compile(r"(?:[^\\\[\]():|]|\\.)+")
_WHEN = re.compile(r"\s*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*")


@dataclass(frozen=True, slots=True)
class ScheduledText:
    """A text and the number, from 0, of the last model call that it holds for."""

    last_call: int
    text: str


@dataclass(frozen=True, slots=True)
class Clock:
    """What the numbers of a prompt's edits count."""

    calls: int
    """Model calls of this pass; AUTOMATIC1111 counts two a step for samplers of second order."""
    first_pass_calls: int | None = None
    """Model calls of the first pass, where this is the second: whole numbers go on counting, and fractions are of
    1 to 2."""
    old: bool = False
    """Before AUTOMATIC1111 1.6: a number below 1 is a fraction, and the second pass counts as the first."""

    def call_of(self, when: str) -> int:
        """The call after which an edit holds: the number cut to a whole one, at most `calls`; may be negative."""
        value = float(when)
        if self.old:
            value = value * self.calls if value < 1 else value
        elif "." in when:
            value = (value - (0.0 if self.first_pass_calls is None else 1.0)) * self.calls
        else:
            value -= self.first_pass_calls or 0
        return self.calls if value >= self.calls else int(max(value, -1.0))


@dataclass(slots=True)
class _Edit:
    before: list[_Node]
    after: list[_Node]
    when: int


@dataclass(slots=True)
class _Alternation:
    choices: list[list[_Node]]


_Node = str | _Edit | _Alternation


@dataclass(slots=True)
class _Open:
    """A bracket that is not closed yet, and what stands in it: fields with a colon or a bar between them."""

    bracket: str
    fields: list[list[_Node]] = field(default_factory=lambda: [[]])
    separators: list[str] = field(default_factory=list)

    def pieces(self) -> Iterator[_Node]:
        """All of it as it stands in the text."""
        yield self.bracket
        for index, nodes in enumerate(self.fields):
            if index:
                yield self.separators[index - 1]
            yield from nodes


def schedule(prompt: str, clock: Clock) -> list[ScheduledText]:
    """The texts that `prompt` becomes, in order; the last one's `last_call` is `clock.calls`.

    A text that holds from call k to call n says so by `last_call` n; call 0 counts as 1 does, as AUTOMATIC1111
    compares the number of calls done. Brackets that are neither edit, alternation nor emphasis are text. A prompt
    that its grammar doesn't take (a bar outside alternation, a backslash before a line's end) is one text. Raises
    LimitError past MAX_NESTING brackets or MAX_STRETCHES texts.
    """
    nodes = _parse(prompt, clock)
    if nodes is None:
        return [ScheduledText(clock.calls, prompt)]
    ends = {clock.calls}
    alternates = False
    for node in _walk(nodes):
        if isinstance(node, _Alternation):
            alternates = True
        elif isinstance(node, _Edit) and node.when >= 1:
            ends.add(node.when)
            check_stretches(len(ends))
    if alternates:
        check_stretches(clock.calls)
        ends.update(range(1, clock.calls + 1))
    return [ScheduledText(end, "".join(_text(nodes, end))) for end in sorted(ends)]


def _parse(prompt: str, clock: Clock) -> list[_Node] | None:
    top: list[_Node] = []
    stack: list[_Open] = []

    def dissolve() -> bool:
        """What is open is text after all; False where a bar then stands outside alternation."""
        for frame in stack:
            if "|" in frame.separators:
                return False
            top.extend(frame.pieces())
        stack.clear()
        return True

    position = 0
    while position < len(prompt):
        here = stack[-1].fields[-1] if stack else top
        plain = _PLAIN.match(prompt, position)
        if plain is not None:
            here.append(plain.group())
            position = plain.end()
            continue
        character = prompt[position]
        position += 1
        if character == "\\" or (character == "|" and not stack):
            return None
        if character in "([":
            stack.append(_Open(character))
            check_nesting(len(stack))
        elif character in ":|":
            if stack:
                stack[-1].separators.append(character)
                stack[-1].fields.append([])
            else:
                top.append(character)
        else:
            closed = _close(stack[-1], character, clock) if stack else None
            if closed is not None:
                stack.pop()
                (stack[-1].fields[-1] if stack else top).extend(closed)
            elif dissolve():
                top.append(character)
            else:
                return None
    return top if dissolve() else None


def _close(frame: _Open, bracket: str, clock: Clock) -> list[_Node] | None:
    separators = set(frame.separators)
    count = len(frame.separators)
    if (frame.bracket, bracket) not in (("(", ")"), ("[", "]")):
        return None
    if count == 0 or (frame.bracket == "(" and frame.separators == [":"]):
        return [*frame.pieces(), bracket]
    if frame.bracket == "[" and separators == {"|"}:
        return [_Alternation(frame.fields)]
    if frame.bracket == "[" and separators == {":"} and count <= 2:
        last = frame.fields[-1]
        when = _WHEN.fullmatch(last[0]) if len(last) == 1 and isinstance(last[0], str) else None
        if when is not None:
            before = frame.fields[0] if count == 2 else []
            return [_Edit(before, frame.fields[-2], clock.call_of(when.group(1)))]
    return None


def _walk(nodes: list[_Node]) -> Iterator[_Node]:
    for node in nodes:
        yield node
        if isinstance(node, _Edit):
            yield from _walk(node.before)
            yield from _walk(node.after)
        elif isinstance(node, _Alternation):
            for choice in node.choices:
                yield from _walk(choice)


def _text(nodes: list[_Node], call: int) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node
        elif isinstance(node, _Edit):
            yield from _text(node.before if call <= node.when else node.after, call)
        else:
            yield from _text(node.choices[(call - 1) % len(node.choices)], call)
