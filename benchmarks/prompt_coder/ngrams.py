"""Counts of neighbouring tokens to lists: discounted, backed off, pruned to a number of entries.

Two orders of lists: TRIPLES, by the last two tokens, and PAIRS, by the last one. What a list of triples does not hold
is counted in the list of pairs; what that does not hold either falls to classes of tokens.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
TRIPLES, PAIRS = range(2)


@dataclass(frozen=True, slots=True)
class Grams:
    """The n-grams of one order, ascending: their contexts, the number of all contexts, and the place of each among
    those of the next order."""

    context: Ints
    contexts: int
    below: Ints


@dataclass(frozen=True, slots=True)
class List:
    """What is kept of one order, by context and then by `below`. Of PAIRS `below` is the token itself."""

    context: Ints
    below: Ints
    chance: Floats
    escape: Floats  # of each context; 1 where it has no entry


@dataclass(frozen=True, slots=True)
class Lists:
    """All that the tables hold. The contexts of triples are pairs, and so is their `below`."""

    triples: List
    pairs: List
    unigram: Floats
    following: Floats  # how often a class follows a class where no list holds the token


def build(tokens: Ints, weights: Floats, classes: Ints, entries: int, spread: float, sets: Ints) -> Lists:
    """Lists of `entries` entries in all, from texts one after the other, each between two tokens 0.

    `weights` are those of each token's text; `sets` the number of the set that it comes from.
    """
    size = len(classes)
    pairs, pair_of = np.unique(tokens[:-1] * size + tokens[1:], return_inverse=True)
    first, second = pairs // size, pairs % size
    weight = weights[1:]
    middle = tokens[1:-1] != 0
    keys = pair_of[:-1][middle] * len(pairs) + pair_of[1:][middle]
    triples, triple_of = np.unique(keys, return_inverse=True)
    counts = np.bincount(triple_of, weights=weight[1:][middle])
    orders = (
        Grams(triples // len(pairs), len(pairs), triples % len(pairs)),
        Grams(first, size, second),
    )
    starting = np.bincount(pair_of[tokens[:-1] == 0], weights=weight[tokens[:-1] == 0], minlength=len(pairs))
    varieties = _variety(triple_of, sets[2:][middle]), _variety(pair_of, sets[1:])
    full = _model(orders, counts, starting, classes, None)
    worth = [_worth(order, full, at) * varieties[at] ** spread for at, order in enumerate(orders)]
    kept = _choose(worth, orders, entries)
    model = _model(orders, counts, starting, classes, kept)
    number = np.cumsum(kept[PAIRS]) - 1
    lists = []
    for at, order in enumerate(orders):
        held = kept[at]
        context, below = order.context[held], order.below[held]
        escape = model.escape[at]
        if at == TRIPLES:
            context, below, escape = number[context], number[below], escape[kept[PAIRS]]
        chance = model.chance[at][held]
        sort = np.lexsort((below, context))
        lists.append(List(context[sort], below[sort], chance[sort], escape))
    return Lists(*lists, model.unigram, model.following)


def _variety(of: Ints, sets: Ints) -> Floats:
    """In how many sets each n-gram stands."""
    most = int(sets.max()) + 1
    return np.bincount(np.unique(of * most + sets) // most).astype(float)


def _discount(counts: Floats) -> Floats:
    """What is taken off each count: modified Kneser-Ney (Chen and Goodman 1998)."""
    whole = np.ceil(counts - 1e-9)
    n1, n2, n3, n4 = (max(1.0, float((whole == k).sum())) for k in (1, 2, 3, 4))
    y = n1 / (n1 + 2 * n2)
    cuts = [max(0.3, 1 - 2 * y * n2 / n1), max(0.5, 2 - 3 * y * n3 / n2), max(0.7, 3 - 4 * y * n4 / n3)]
    step = np.clip(whole.astype(int), 1, 3) - 1
    return np.minimum(np.array(cuts)[step], counts * 0.95)


@dataclass(frozen=True, slots=True)
class _Model:
    counts: list[Floats]
    chance: list[Floats]
    escape: list[Floats]
    lower: list[Floats]
    unigram: Floats
    following: Floats


def _model(
    orders: tuple[Grams, ...], counts: Floats, starting: Floats, classes: Ints, kept: list[Flags] | None
) -> _Model:
    """Chances by all n-grams (None), or by those kept, whose lower orders then count what the higher ones leave."""
    size, most = len(classes), int(classes.max()) + 1
    held, cuts = [], []
    for at, order in enumerate(orders):
        cut = _discount(counts)
        held.append(counts)
        cuts.append(cut)
        if at < PAIRS:
            passed = np.minimum(1.0, 1.25 * cut) if kept is None else np.where(kept[at], cut, counts)
            counts = np.bincount(order.below, weights=passed, minlength=len(orders[at + 1].context))
            counts = counts + starting
    pairs = orders[PAIRS]
    escaped = cuts[PAIRS] if kept is None else np.where(kept[PAIRS], cuts[PAIRS], counts)
    low = np.bincount(pairs.below, weights=escaped, minlength=size)
    cut = np.where(low > 0, _discount(np.maximum(low, 1e-9)), 0)
    unigram = (low - cut) / low.sum() + cut.sum() / low.sum() / size
    both = classes[pairs.context] * most + classes[pairs.below]
    following = np.bincount(both, weights=escaped, minlength=most * most).reshape(most, most) + 0.3
    base = following / following.sum(1, keepdims=True) / np.bincount(classes, weights=unigram, minlength=most)
    chance = base[classes[pairs.context], classes[pairs.below]] * unigram[pairs.below]
    chances, escapes, lowers = [], [], []
    for at in (PAIRS, TRIPLES):
        order = orders[at]
        lower = chance if at == PAIRS else chance[order.below]
        keep = np.ones(len(lower), bool) if kept is None else kept[at]
        whole = np.maximum(np.bincount(order.context, weights=held[at], minlength=order.contexts), 1e-9)
        got = np.bincount(
            order.context, weights=np.where(keep, held[at] - cuts[at], 0), minlength=order.contexts
        )
        rest = 1 - got / whole
        below = rest[order.context] * lower
        full = (held[at] - cuts[at]) / whole[order.context] + below
        chance = np.where(keep, full, below)
        chances.append(full)
        escapes.append(
            1 - np.bincount(order.context, weights=np.where(keep, full, 0), minlength=order.contexts)
        )
        lowers.append(lower)
    return _Model(held, chances[::-1], escapes[::-1], lowers[::-1], unigram, following)


def _worth(order: Grams, model: _Model, at: int) -> Floats:
    """Bits that each entry saves in the training text."""
    total = np.bincount(order.context, weights=model.lower[at], minlength=order.contexts)
    lower = model.lower[at] / np.maximum(1e-3, 1 - total[order.context])
    without = np.minimum(1.0, np.maximum(1e-4, model.escape[at][order.context]) * lower)
    return model.counts[at] * np.log2(np.maximum(model.chance[at], 1e-12) / np.maximum(without, 1e-12))


def _choose(worth: list[Floats], orders: tuple[Grams, ...], entries: int) -> list[Flags]:
    """The entries worth most, and with each the pairs that it needs: its last two tokens, a triple's context too."""

    def above(bar: float) -> list[Flags]:
        kept = [one > bar for one in worth]
        kept[PAIRS][orders[TRIPLES].context[kept[TRIPLES]]] = True
        kept[PAIRS][orders[TRIPLES].below[kept[TRIPLES]]] = True
        return kept

    low, high = 0.0, max(float(one.max()) for one in worth)
    for _ in range(50):
        bar = (low + high) / 2
        if sum(int(one.sum()) for one in above(bar)) > entries:
            low = bar
        else:
            high = bar
    return above(high)
