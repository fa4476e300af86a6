"""How a token is likely to be written, by how the text before it was.

A token with letters has a *habit* from 0 to 7, how often it was seen as capital; its kind is the habit if it starts
with a space, 8 more if it does not. Other tokens have the kinds ENDER (after them a sentence starts), CLEAR (they
change nothing) and OTHER.
"""

from __future__ import annotations

HABITS = 8
ENDER, CLEAR, OTHER = 16, 17, 18
KINDS = 19
_START, _LETTER, _MIDDLE = range(3)
STATES = 18  # where we are (start of a sentence, after a letter, elsewhere), the last case, whether any was not lower
CONTEXTS = STATES * HABITS
FIRST = 0


def context(state: int, kind: int) -> int:
    """The context in which the case of a token with letters is coded."""
    place, rest = divmod(state, 6)
    within = place == _LETTER and kind >= HABITS
    place = 0 if place == _START else 2 if within else 1
    return (place * 6 + rest) * HABITS + kind % HABITS


def after(state: int, kind: int, case: int) -> int:
    """The state after a token; `case` is 0 for one without letters."""
    rest = state % 6
    if kind == ENDER:
        return rest
    if kind == CLEAR:
        return state
    if kind == OTHER:
        return _MIDDLE * 6 + rest
    return _LETTER * 6 + case * 2 + (1 if case or rest % 2 else 0)


CONTEXT = [[context(state, kind) for kind in range(2 * HABITS)] for state in range(STATES)]
AFTER = [[after(state, kind, case) for kind in range(KINDS) for case in range(3)] for state in range(STATES)]
