"""Tokens to events, and events to a number."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from aigif.text.prompt import literals as spelling
from aigif.text.prompt.cases import AFTER, CONTEXT, FIRST, HABITS
from aigif.text.prompt.model import (
    CHUNK,
    FOUND_IN_ALL,
    FOUND_IN_PAIR,
    FOUND_IN_TRIPLE,
    PAIR,
    PAIR_AFTER,
    TRIPLE,
    Model,
    remember,
)
from aigif.text.prompt.tables import List
from aigif.text.prompt.tokens import END, LITERAL, SPECIALS

# First slot, number of slots, number of all slots.
Event = tuple[int, int, int]


def number(events: list[Event]) -> int:
    """The number that events make, the last first: rANS on one integer that starts at nothing."""
    state = 0
    for start, slots, whole in reversed(events):
        turns, rest = divmod(state, slots)
        state = turns * whole + start + rest
    return state


def chunks(
    model: Model, tokens: Sequence[int], cases: Sequence[int], literals: Sequence[str]
) -> list[list[Event]]:
    """The events of a text, CHUNK tokens in each list but the last."""
    tables = model.tables
    pairs, kinds, flags = tables.pairs, tables.kinds, tables.cases
    made: list[list[Event]] = []
    spelled = iter(literals)
    recalled: dict[int, None] = {}
    last, entry, state, mood = END, -1, FIRST, 0
    events: list[Event] = []
    for index, (token, case) in enumerate(zip(tokens, cases, strict=True)):
        if index % CHUNK == 0:
            events = []
            made.append(events)
        pair = pairs[last]
        place, following = -1, -1
        if pair is not None:
            place = bisect_left(pair[0], token)
            if place < len(pair[0]) and pair[0][place] == token:
                following = pair[3] + place
            else:
                place = -1
        found = _listed(model, events, entry, pair, place, mood >> 5)
        if found == FOUND_IN_ALL:
            _unlisted(model, events, last, pair, token, recalled)
            if token >= SPECIALS:
                remember(recalled, token)
        mood += (found - mood) >> 2
        kind = kinds[token]
        if kind < 2 * HABITS:
            lower, capital = flags[CONTEXT[state][kind]]
            events.append(
                ((0, lower, 1024), (lower, capital, 1024), (lower + capital, 1024 - lower - capital, 1024))[
                    case
                ]
            )
        elif token == LITERAL:
            events += spelling.events(next(spelled))
        state = AFTER[state][3 * kind + case]
        last, entry = token, following
    return made


def _listed(model: Model, events: list[Event], entry: int, pair: List | None, place: int, mood: int) -> int:
    """The events of a token in the lists; tells where it was found."""
    if pair is None:
        return FOUND_IN_ALL
    tables = model.tables
    escapes = tables.escapes
    triple = tables.triples[entry] if entry >= 0 else None
    row = PAIR
    if triple is not None:
        places, slots, odds, _ = triple
        taken = escapes[TRIPLE][odds][mood]
        at = bisect_left(places, place) if place >= 0 else -1
        if at >= 0 and at < len(places) and places[at] == place:
            events.append((0, taken, 256))
            if len(places) > 1:
                events.append((slots[at], slots[at + 1] - slots[at], slots[-1]))
            return FOUND_IN_TRIPLE
        events.append((taken, 256 - taken, 256))
        row = PAIR_AFTER
    ids, slots, odds, _ = pair
    lost: Sequence[int] = ()
    gone = [0]
    if triple is not None:
        lost, _, gone = model.left_of_pair(entry, triple, pair)
        if len(lost) == len(ids):
            return FOUND_IN_ALL
    taken = escapes[row][odds][mood]
    if place < 0:
        events.append((taken, 256 - taken, 256))
        return FOUND_IN_ALL
    events.append((0, taken, 256))
    if len(ids) - len(lost) > 1:
        start = slots[place] - gone[bisect_left(lost, place)]
        events.append((start, slots[place + 1] - slots[place], slots[-1] - gone[-1]))
    return FOUND_IN_PAIR


def _unlisted(
    model: Model, events: list[Event], last: int, pair: List | None, token: int, recalled: dict[int, None]
) -> None:
    """The events of a token that no list held."""
    tables = model.tables
    near = list(recalled)
    places: Sequence[int] = ()
    gone = [0]
    if pair is not None:
        places, _, gone, held = model.left_of_all(last, pair)
        near = [other for other in recalled if other not in held]
    if near:
        taken = tables.recalls[len(near)]
        if token in near:
            events.append((0, taken, 256))
            if len(near) > 1:
                events.append((near.index(token), 1, len(near)))
            return
        events.append((taken, 256 - taken, 256))
    index, classes, slots = tables.classes[token], tables.following[tables.classes[last]], tables.unigram
    events.append((classes[index], classes[index + 1] - classes[index], classes[-1]))
    first, end, rank = tables.bounds[index], tables.bounds[index + 1], tables.rank[token]
    begin = slots[first] - gone[bisect_left(places, first)]
    start = slots[rank] - gone[bisect_left(places, rank)]
    whole = slots[end] - gone[bisect_left(places, end)]
    events.append((start - begin, slots[rank + 1] - slots[rank], whole - begin))
