"""Classes of tokens that stand in the same places: exchange clustering on neighbours.

Kneser and Ney 1993: each token, the most frequent first, moves to the class in which the class bigrams make the
training text most probable.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.prompt_coder.ngrams import Floats, Ints

ROUNDS = 4


def cluster(tokens: Ints, weights: Floats, size: int, count: int) -> Ints:
    """The class of each of `size` tokens, one of `count`, from texts one after the other."""
    pairs, of = np.unique(tokens[:-1] * size + tokens[1:], return_inverse=True)
    n = np.bincount(of, weights=weights[1:])
    first, second = pairs // size, pairs % size
    frequency = np.bincount(first, weights=n, minlength=size) + np.bincount(second, weights=n, minlength=size)
    order = np.argsort(-frequency, kind="stable")
    found = np.zeros(size, np.int64)
    found[order] = np.arange(size) % count
    after, before = _rows(first, second, n, size), _rows(second, first, n, size)
    table = np.zeros((count, count))
    np.add.at(table, (found[first], found[second]), n)
    rows, columns = table.sum(1), table.sum(0)
    for _ in range(ROUNDS):
        for token in order[frequency[order] > 0].tolist():
            old = found[token]
            right, left, itself = _neighbours(token, after, before, found, count)
            out, into = right.sum() + itself, left.sum() + itself
            table[old] -= right
            table[:, old] -= left
            table[old, old] -= itself
            rows[old] -= out
            columns[old] -= into
            best = int(np.argmax(_gain(table, rows, columns, right, left, itself)))
            table[best] += right
            table[:, best] += left
            table[best, best] += itself
            rows[best] += out
            columns[best] += into
            found[token] = best
    return found


def _rows(keys: Ints, others: Ints, counts: Floats, size: int) -> tuple[Ints, Ints, Floats]:
    order = np.lexsort((others, keys))
    return np.searchsorted(keys[order], np.arange(size + 1)), others[order], counts[order]


def _neighbours(
    token: int, after: Sequence[Ints], before: Sequence[Ints], found: Ints, count: int
) -> tuple[Floats, Floats, float]:
    """How often each class stands after and before a token, and how often the token follows itself."""
    made = []
    itself = 0.0
    for starts, others, counts in (after, before):
        part = slice(starts[token], starts[token + 1])
        same = others[part] == token
        itself = float(counts[part][same].sum())
        weights = np.where(same, 0, counts[part])
        made.append(np.bincount(found[others[part]], weights=weights, minlength=count))
    return made[0], made[1], itself


def _log(values: Floats) -> Floats:
    return values * np.log(np.maximum(values, 1e-12))


def _gain(table: Floats, rows: Floats, columns: Floats, right: Floats, left: Floats, itself: float) -> Floats:
    """By how much the log-likelihood grows if the token joins each class."""
    logs, corner = _log(table), np.diag(table)
    own = _log(corner)
    gain = (_log(table + right) - logs).sum(1) + (_log(table + left[:, None]) - logs).sum(0)
    gain += (
        own - _log(corner + right) + own - _log(corner + left) + _log(corner + right + left + itself) - own
    )
    out, into = right.sum() + itself, left.sum() + itself
    return gain - (_log(rows + out) - _log(rows)) - (_log(columns + into) - _log(columns))
