"""Literals: characters that the vocabulary does not know, coded one by one.

A character belongs to the first class that holds it; the class is coded in the light of the last one, then the
character's place in the class, all places alike. The run ends with class END.
"""

from __future__ import annotations

Event = tuple[int, int, int]

END, NEAR, SPACE, EAST, LOW, BASIC, FACES, REST = range(8)
LONGEST = 64  # characters of a run, not counting a space before each but the first
# First code point and number of code points; NEAR is the 128 code points around the last character.
RANGES = (
    (0, 1),
    (0, 128),
    (32, 1),
    (0x3000, 0x7000),
    (0, 0x800),
    (0, 0x10000),
    (0x1F000, 0x1000),
    (0, 0x110000),
)
# Of 64, how often each class follows a class; the first row starts a run.
FOLLOWING = (
    (1, 1, 1, 14, 24, 10, 12, 1),
    (8, 44, 6, 1, 2, 1, 1, 1),
    (1, 53, 1, 3, 3, 1, 1, 1),
    (3, 2, 2, 53, 1, 1, 1, 1),
    (20, 33, 5, 1, 2, 1, 1, 1),
    (20, 25, 2, 4, 2, 9, 1, 1),
    (26, 24, 2, 1, 1, 4, 5, 1),
    (20, 30, 2, 1, 1, 1, 1, 8),
)
STARTS = tuple([tuple([sum(row[:index]) for index in range(9)]) for row in FOLLOWING])


def class_of(character: int, last: int) -> int:
    """The class of a code point after the code point `last`, which is negative at the start of a run."""
    if last >= 0 and character >> 7 == last >> 7:
        return NEAR
    for index in range(SPACE, REST):
        first, count = RANGES[index]
        if first <= character < first + count:
            return index
    return REST


def events(run: str) -> list[Event]:
    """What to code for a run: first slot, slots, and all slots of each event."""
    found: list[Event] = []
    before, last = END, -1
    for character in map(ord, run):
        index = class_of(character, last)
        found.append((STARTS[before][index], FOLLOWING[before][index], 64))
        first, count = (last & ~127, 128) if index == NEAR else RANGES[index]
        if count > 1:
            found.append((character - first, 1, count))
        before = index
        if index != SPACE:
            last = character
    found.append((STARTS[before][END], FOLLOWING[before][END], 64))
    return found
