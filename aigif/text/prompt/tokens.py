"""Strings to tokens and back.

A string is cut into words by one regular expression; a word in letters is folded to lower case and cut into tokens of
the vocabulary by byte-pair encoding; how each token was written (lower, Capital, UPPER) is kept beside it. Characters
that the vocabulary does not know stand in literals, runs that are coded character by character.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from aigif.text.prompt import literals

END, SEPARATOR, LITERAL = 0, 1, 2
SPECIALS = 3
LOWER, CAPITAL, UPPER = 0, 1, 2
LONGEST = 24  # characters of a word, which bounds the time that cutting it takes

_CACHED = 8192

Cut = tuple[tuple[int, ...], tuple[int, ...]]


class Tokenizer:
    """A vocabulary at work. `tokens` are its strings, of which the first three stand for END, SEPARATOR and LITERAL;
    `letters` are the letters outside ASCII that it knows, all in lower case."""

    __slots__ = ("_cache", "_ids", "_split", "tokens")

    def __init__(self, tokens: Sequence[str], letters: str) -> None:
        self.tokens = tokens
        self._ids = {token: id for id, token in enumerate(tokens) if id >= SPECIALS}
        self._split = re.compile(pattern("".join(t for t in self._ids if len(t) == 1), letters)).findall
        self._cache: dict[str, Cut] = {}

    def words(self, string: str) -> list[str]:
        """The words of a string, which joined give it back."""
        return self._split(string)

    def cut(self, string: str, ids: list[int], cases: list[int], literals: list[str]) -> None:
        """Append the tokens of a string, their cases, and the texts of its literals."""
        cache = self._cache
        for word in self._split(string):
            found = cache.get(word)
            if found is None:
                if len(cache) >= _CACHED:
                    cache.clear()
                found = cache[word] = self._cut_word(word)
            ids += found[0]
            cases += found[1]
            if found[0][0] == LITERAL:
                literals.append(word)

    def _cut_word(self, word: str) -> Cut:
        last = word[-1]
        if last not in self._ids and not "A" <= last <= "Z":
            return (LITERAL,), (LOWER,)
        folded = word.lower()
        found = self._merged(folded)
        cases, at = [], 0
        for id in found:
            end = at + len(self.tokens[id])
            cases.append(case_of(word[at:end], folded[at:end]))
            at = end
        return tuple(found), tuple(cases)

    def _merged(self, word: str) -> list[int]:
        """Byte-pair encoding: of all neighbours that are a token together, always the one of the lowest id, the
        first of equals, is joined."""
        ids, tokens = self._ids, self.tokens
        whole = ids.get(word)
        if whole is not None:
            return [whole]
        parts = [ids[character] for character in word]
        none = len(tokens)
        while len(parts) > 1:
            best, at = none, -1
            for index in range(len(parts) - 1):
                joined = ids.get(tokens[parts[index]] + tokens[parts[index + 1]], none)
                if joined < best:
                    best, at = joined, index
            if at < 0:
                break
            parts[at : at + 2] = [best]
        return parts


def case_of(written: str, folded: str) -> int:
    """How a piece of a word is written."""
    if written == folded:
        return LOWER
    return UPPER if len(written.lstrip(" ")) > 1 and written == folded.upper() else CAPITAL


def in_case(token: str, case: int) -> str:
    """A token as it is written in a case."""
    if case == LOWER:
        return token
    if case == UPPER:
        return token.upper()
    at = 1 if token.startswith(" ") else 0
    return token[:at] + token[at : at + 1].upper() + token[at + 1 :]


def pattern(characters: str, letters: str) -> str:
    """The regular expression whose matches are the words.

    `characters` are all that the vocabulary knows; a capital letter of ASCII counts as its small one.
    """
    known = "A-Z" + "".join(sorted(re.escape(c) for c in characters))
    small = "a-z" + letters
    others = "".join(re.escape(c) for c in sorted(characters) if not re.match(f"[{small}0-9 \n]", c))
    most = LONGEST
    return (
        f" ?(?:[A-Z]{{1,{most}}}(?![{small}])|[A-Z]?[{small}]{{1,{most}}})"
        rf"|:[0-9]\.[0-9]{{1,2}}(?![0-9])\)?"
        rf"|'(?:s|t|re|ve|m|ll|d)(?![a-z])"
        f"| ?[0-9]{{1,{most}}}"
        f"| ?[{others}]{{1,{most}}}"
        f"| {{1,{most}}}(?= )| |\n{{1,{most}}}"
        f"|[^{known}](?: ?[^{known}]){{0,{literals.LONGEST - 1}}}"
    )
