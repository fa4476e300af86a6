"""Byte-pair encoding on characters: the vocabulary."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Mapping
from itertools import pairwise

Pair = tuple[str, str]


def train(words: Mapping[str, float], characters: list[str], size: int) -> list[str]:
    """`size` tokens: the characters, then joined ones in the order in which they were joined.

    The most frequent pair of neighbours is joined; of equals the first in the order of code points. A pair whose
    string is a token already is joined without making a new one.
    """
    order = sorted(words)
    parts = [list(word) for word in order]
    counts: dict[Pair, float] = defaultdict(float)
    where: dict[Pair, set[int]] = defaultdict(set)
    for index, word in enumerate(order):
        for pair in pairwise(parts[index]):
            counts[pair] += words[word]
            where[pair].add(index)
    heap = [(-count, pair) for pair, count in counts.items()]
    heapq.heapify(heap)
    tokens = list(characters)
    known = set(tokens)
    while len(tokens) < size and heap:
        negative, pair = heapq.heappop(heap)
        if counts.get(pair, 0) != -negative:
            continue
        joined = pair[0] + pair[1]
        if joined not in known:
            tokens.append(joined)
            known.add(joined)
        changed: set[Pair] = set()
        for index in sorted(where[pair]):
            weight, old = words[order[index]], parts[index]
            new: list[str] = []
            for part in old:
                if new and (new[-1], part) == pair:
                    new[-1] = joined
                else:
                    new.append(part)
            if len(new) == len(old):
                continue
            for neighbours in pairwise(old):
                counts[neighbours] -= weight
                changed.add(neighbours)
            for neighbours in pairwise(new):
                counts[neighbours] += weight
                where[neighbours].add(index)
                changed.add(neighbours)
            parts[index] = new
        counts.pop(pair, None)
        where.pop(pair, None)
        for neighbours in changed:
            if counts.get(neighbours, 0) > 1e-9:
                heapq.heappush(heap, (-counts[neighbours], neighbours))
    return tokens
