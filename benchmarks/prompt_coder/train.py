"""Texts to tables."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from aigif.text.prompt.cases import AFTER, CLEAR, CONTEXT, CONTEXTS, ENDER, FIRST, HABITS, OTHER
from aigif.text.prompt.tokens import END, SEPARATOR, SPECIALS, Tokenizer, pattern
from benchmarks.prompt_coder import bpe, classes, ngrams, pack
from benchmarks.prompt_coder.corpus import Text
from benchmarks.prompt_coder.trace import Cut, Trace

ASCII = [chr(code) for code in range(32, 127) if not 65 <= code <= 90]
_RARE = 30


@dataclass(frozen=True, slots=True)
class Settings:
    """How large the tables become. `spread`: how much more an entry is worth that several sources hold."""

    vocabulary: int = 8192
    classes: int = 64
    entries: int = 297_000
    spread: float = 0.5


# Sources of a kind. The odds of escapes are learned on each kind by lists of all the others, and on texts of
# sources that the lists know, which count IN_DOMAIN.
KINDS = (
    ("pickapic_train",),
    ("coco30k", "parti", "t2icompbench"),
    ("imagereward_refl", "erasing_art"),
    ("aux_danbooru_pseudo", "aux_negatives", "phrases"),
)
IN_DOMAIN = 0.3
_SAMPLE = 30  # every so manieth text is walked over


def characters(texts: Sequence[Text]) -> list[str]:
    """The characters that the vocabulary knows: those of ASCII that print but for capitals, the end of a line, and
    others that are common and no capitals."""
    counts = Counter(c for text in texts for string in text.strings for c in string if ord(c) > 126)
    more = [
        c
        for c, n in counts.items()
        if n >= _RARE and c.lower() == c and len(c.upper()) == 1 and c.isprintable()
    ]
    return ["\n", *ASCII, *sorted(more)]


def vocabulary(texts: Sequence[Text], size: int) -> tuple[list[str], str]:
    """Tokens, and the letters outside ASCII among their characters."""
    known = characters(texts)
    letters = "".join(c for c in known if ord(c) > 126 and c.isalpha())
    split = re.compile(pattern("".join(known), letters)).findall
    words: dict[str, float] = defaultdict(float)
    folded = set(known)
    for text in texts:
        for string in text.strings:
            for word in split(string):
                words[word.lower()] += text.weight
    words = {word: count for word, count in words.items() if count >= 2 and folded.issuperset(word)}
    return ["", "", "", *bpe.train(words, known, size - SPECIALS)], letters


def cut(tokenizer: Tokenizer, texts: Iterable[Text]) -> list[Cut]:
    found = []
    for text in texts:
        tokens: list[int] = []
        cases: list[int] = []
        for index, string in enumerate(text.strings):
            if index:
                tokens.append(SEPARATOR)
                cases.append(0)
            tokenizer.cut(string, tokens, cases, [])
        tokens.append(END)
        cases.append(0)
        found.append(Cut(text, tokens, cases))
    return found


def tables(texts: Sequence[Text], settings: Settings, version: int = 1) -> bytes:
    """The file of tables that these texts give."""
    tokens, letters = vocabulary(texts, settings.vocabulary)
    cuts = cut(Tokenizer(tokens, letters), texts)
    ids, weights, _ = _flat(cuts)
    of = classes.cluster(ids, weights, len(tokens), settings.classes)
    trace = _traced(cuts, settings, of)
    kinds = kinds_of(tokens, cuts)
    small = pack.Small(kinds, trace.escapes(), cases_of(kinds, cuts), trace.recall())
    return pack.packed(pack.planes(tokens, letters, of, lists_of(cuts, settings, of), small), version)


def lists_of(cuts: Sequence[Cut], settings: Settings, of: ngrams.Ints) -> ngrams.Lists:
    ids, weights, sets = _flat(cuts)
    return ngrams.build(ids, weights, of, settings.entries, settings.spread, sets)


def _flat(cuts: Sequence[Cut]) -> tuple[ngrams.Ints, ngrams.Floats, ngrams.Ints]:
    """All texts one after the other, after a token END: tokens, weights, numbers of the sources."""
    names = sorted({one.text.source for one in cuts})
    index = {name: at for at, name in enumerate(names)}
    lengths = [len(one.tokens) for one in cuts]
    tokens = np.array([END, *(token for one in cuts for token in one.tokens)], np.int64)
    weights = np.concatenate(([1.0], np.repeat([one.text.weight for one in cuts], lengths)))
    sets = np.concatenate(([0], np.repeat([index[one.text.source] for one in cuts], lengths)))
    return tokens, weights, sets


def _traced(cuts: Sequence[Cut], settings: Settings, of: ngrams.Ints) -> Trace:
    """What lists meet in texts that they were not made from."""
    whole = Trace()
    for kind in KINDS:
        known = [one for one in cuts if one.text.source not in kind]
        new = [one for one in cuts if one.text.source in kind][:: _SAMPLE // 2]
        if known and new:
            trace = Trace()
            trace.add(lists_of(known, settings, of), new)
            whole.join(trace, (1 - IN_DOMAIN) / len(KINDS))
    trace = Trace()
    trace.add(lists_of([one for at, one in enumerate(cuts) if at % _SAMPLE], settings, of), cuts[::_SAMPLE])
    whole.join(trace, IN_DOMAIN)
    return whole


def kinds_of(tokens: Sequence[str], cuts: Sequence[Cut]) -> bytes:
    """What `cases` wants to know of each token."""
    plain = [_plain_kind(token) for token in tokens]
    seen = np.zeros((len(tokens), 3))
    for one in cuts:
        state = FIRST
        for token, case in zip(one.tokens, one.cases, strict=True):
            if plain[token] < 2 * HABITS and state >= 6:
                seen[token, case] += one.text.weight
            state = AFTER[state][3 * plain[token] + case]
    made = bytearray(plain)
    for index, kind in enumerate(plain):
        if kind < 2 * HABITS:
            made[index] += _habit(*seen[index])
    return bytes(made)


def _plain_kind(token: str) -> int:
    if any("a" <= c <= "z" for c in token):
        return 0 if token.startswith(" ") else HABITS
    if not token or token.endswith("\n") or token.strip() in (".", "!", "?", "...", '."', ".)"):
        return ENDER
    return CLEAR if token.strip() in ("", '"', "'", "(", "[", "((", "“", "‘", "*") else OTHER


def _habit(lower: float, capital: float, upper: float) -> int:
    whole = lower + capital + upper + 1.5
    if (upper + 0.25) / whole > 0.3:
        return 7 if (upper + 0.25) / whole > 0.7 else 6
    part = (capital + 0.25) / whole
    return sum(part > bar for bar in (0.015, 0.05, 0.15, 0.35, 0.65))


def cases_of(kinds: bytes, cuts: Sequence[Cut]) -> list[tuple[int, int]]:
    """Of 1024, how often lower and capital stand in each context."""
    counts = np.full((CONTEXTS, 3), 0.4)
    for one in cuts:
        state = FIRST
        for token, case in zip(one.tokens, one.cases, strict=True):
            kind = kinds[token]
            if kind < 2 * HABITS:
                counts[CONTEXT[state][kind], case] += one.text.weight
            state = AFTER[state][3 * kind + case]
    made = []
    for row in counts:
        upper, capital = (max(1, round(1024 * n / row.sum())) for n in (row[2], row[1]))
        lower = max(1, 1024 - upper - capital)
        made.append((lower, 1024 - lower - upper))
    return made
