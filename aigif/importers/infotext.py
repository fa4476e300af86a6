"""The grammar of AUTOMATIC1111's infotext, which many programs write.

    prompt, over one or more lines
    Negative prompt: over one or more lines
    Steps: 20, Sampler: Euler a, Model: "a, b", Version: v1.10.1

The prompt is empty, or the negative prompt or the settings are missing, in texts of their own kind. Settings are
`Key: value` joined by ", "; a value is bare, a JSON string, or (by some services) bare JSON. Nothing is trimmed:
pieces joined again give the text that was split. Every scan passes over the text a bounded number of times.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

SEPARATOR = ", "
NEGATIVE = "Negative prompt:"
FIRST_KEY = "Steps: "
# How a negative prompt of no characters was written; ordinarily it has no line at all.
EMPTY_NEGATIVE_LINES = {"": "", "-": "\nNegative prompt: ", "_": "\nNegative prompt:"}
_LEAST_KNOWN = 3
_LONGEST_KEY = 80
_STRUCTURE = re.compile(r'["\\\[\]{}]')

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Infotext:
    """An infotext in its parts; `empty_line` is a key of EMPTY_NEGATIVE_LINES, values are as they were written."""

    prompt: str
    negative: str
    empty_line: str
    settings: tuple[Pair, ...]


def split(text: str, known: Collection[str]) -> Infotext | None:
    """The parts of a text; None where it has neither a line of settings nor one of a negative prompt.

    The settings begin at the last line that starts with "Steps: " or that has at least three keys of `known`.
    The negative prompt begins at the first line that starts with "Negative prompt:", as in the web UI's parser.
    """
    start = _settings_start(text, known)
    head = text if start is None else text[: max(start - 1, 0)]
    settings = () if start is None else pairs_of(text[start:])
    at = 0 if head.startswith(NEGATIVE) else head.find("\n" + NEGATIVE) + 1
    if not head.startswith(NEGATIVE, at):
        return Infotext(head, "", "", settings) if settings else None
    negative = head[at + len(NEGATIVE) :]
    empty_line = {"": "_", " ": "-"}.get(negative, "")
    return Infotext(head[: max(at - 1, 0)], negative.removeprefix(" "), empty_line, settings)


def join(infotext: Infotext) -> str:
    """The text of the parts."""
    if infotext.negative:
        negative = f"\n{NEGATIVE} {infotext.negative}"
    else:
        negative = EMPTY_NEGATIVE_LINES[infotext.empty_line]
    settings = joined(infotext.settings)
    text = infotext.prompt + negative + ("\n" + settings if settings else "")
    return text if infotext.prompt else text.removeprefix("\n")


def joined(pairs: Iterable[Pair]) -> str:
    return SEPARATOR.join(f"{key}: {value}" for key, value in pairs)


def pairs_of(line: str) -> tuple[Pair, ...]:
    """Keys and values, as written, of a text that is `Key: value` joined by ", ".

    A piece that has no key belongs to the value before it, so that `joined` gives the line back, unless it has
    no key at its very start: then there are no pairs.
    """
    places: list[tuple[str, int, int]] = []
    at = 0
    whole_json = True
    while at <= len(line):
        colon = line.find(": ", at, at + _LONGEST_KEY)
        comma = line.find(SEPARATOR, at, at + _LONGEST_KEY)
        if colon >= 0 and not 0 <= comma < colon:
            end, whole_json = _value_end(line, colon + 2, whole_json)
            places.append((line[at:colon], colon + 2, end))
        elif not places:
            return ()
        else:
            end = _next(line, at)
            key, start, _ = places[-1]
            places[-1] = key, start, end
        at = end + len(SEPARATOR)
    return tuple((key, line[start:end]) for key, start, end in places)


def quoted(value: str) -> str:
    """A value as the web UI writes it: as a JSON string where it holds a comma, a colon or a line break."""
    return json.dumps(value, ensure_ascii=False) if any(mark in value for mark in ",:\n") else value


def unquoted(value: str) -> str:
    """The value that was quoted; a value that is no JSON string stays as it is."""
    if len(value) < 2 or value[0] != '"' or value[-1] != '"':
        return value
    try:
        plain = json.loads(value, strict=False)
    except ValueError:
        return value
    return plain if isinstance(plain, str) else value


def _next(line: str, at: int) -> int:
    """Where the next ", " begins, or the line ends."""
    found = line.find(SEPARATOR, at)
    return found if found >= 0 else len(line)


def _value_end(line: str, at: int, whole_json: bool) -> tuple[int, bool]:
    """Where a value ends, and whether bare JSON may still be looked for.

    It is looked for only until a value merely looks like it: each such mistake passes over the rest of the line.
    """
    mark = line[at : at + 1]
    if mark == '"' or (mark and mark in "[{" and whole_json):
        end = _structure_end(line, at)
        if end == len(line) or line.startswith(SEPARATOR, end):
            return end, whole_json
        whole_json = whole_json and mark == '"'
    return _next(line, at), whole_json


def _structure_end(line: str, at: int) -> int:
    """Where the JSON string, array or object that begins at `at` ends; -1 where it does not."""
    depth, in_string, escaped = 0, False, -1
    for found in _STRUCTURE.finditer(line, at):
        mark, place = found.group(), found.start()
        if place == escaped:
            continue
        if in_string:
            if mark == "\\":
                escaped = place + 1
            in_string = mark != '"'
        elif mark == '"':
            in_string = True
        elif mark in "[{":
            depth += 1
        elif mark in "]}":
            depth -= 1
        if depth <= 0 and not in_string:
            return place + 1
    return -1


def _settings_start(text: str, known: Collection[str]) -> int | None:
    """Where the settings begin.

    A line "Steps: …" with a second known key is taken before one without, and later lines before earlier ones;
    only the last few candidates are looked at.
    """
    fallback: int | None = None
    at = len(text)
    for _ in range(4):
        found = text.rfind("\n" + FIRST_KEY, 0, at)
        start = found + 1 if found >= 0 or text.startswith(FIRST_KEY) else None
        if start is None:
            break
        if _known_keys(text[start:], known) >= 2:
            return start
        fallback = start if fallback is None else fallback
        if start == 0:
            break
        at = start
    if fallback is not None:
        return fallback
    start = text.rstrip().rfind("\n") + 1
    return start if _known_keys(text[start:], known) >= _LEAST_KNOWN else None


def _known_keys(line: str, known: Collection[str]) -> int:
    return len({key for key, _ in pairs_of(line) if key in known})
