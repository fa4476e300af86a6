"""Meaning of attention: exact scores, exponentials on a fixed grid, and exact sums; a block of queries at a time.

The matrix of scores is never whole. Scores are q k' exactly, then scaled in float64 for the base 2; the exponential
of their distance to the row's largest is made in float32 from the fraction on, and rounded to multiples of 2**-bits;
what the values are weighed with is its exact sum. docs/exact-arithmetic.md, section 8.
"""

from __future__ import annotations

import functools
import math
from typing import Any

from aigif.runtime.exact.constants import EXP_FLOAT32, LOG2_E
from aigif.runtime.exact.functions import horner, sqrt
from aigif.runtime.exact.grids import PLACE_OF_ONE, OnGrid, scalar, to_grid
from aigif.runtime.exact.table import Context, meaning
from aigif.runtime.torchlib import require

__all__: list[str] = []

torch: Any = require("torch")


@meaning("scaled_dot_product_attention")
def _attention(
    context: Context,
    q: Any,
    k: Any,
    v: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    *,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Any:
    if enable_gqa and k.shape[-3] != q.shape[-3]:
        k, v = (x.repeat_interleave(q.shape[-3] // x.shape[-3], -3) for x in (k, v))
    lead = q.shape[:-2]
    if not lead == k.shape[:-2] == v.shape[:-2]:
        lead = torch.broadcast_shapes(lead, k.shape[:-2], v.shape[:-2])
    queries, keys = q.shape[-2], k.shape[-2]
    q, k, v = (x.expand(*lead, *x.shape[-2:]).reshape(-1, *x.shape[-2:]) for x in (q, k, v))
    mask = None
    if attn_mask is not None:
        mask = attn_mask.expand(*lead, queries, keys).reshape(-1, queries, keys)
    heads = q.shape[0]
    factor = (_scale(q.shape[-1]) if scale is None else float(scale)) * LOG2_E
    result = torch.empty((heads, queries, v.shape[-1]), dtype=q.dtype, device=q.device)
    most = 4 * context.most_elements
    rows = max(1, min(queries, most // max(1, keys)))
    together = max(1, most // max(1, rows * keys)) if rows == queries else 1
    place = torch.full((1, 1, 1), PLACE_OF_ONE, dtype=torch.float64, device=q.device)
    for at in range(0, heads, together):
        these = slice(at, at + together)
        turned = to_grid(k[these].transpose(-1, -2), context.bits - 1, -2)
        values = to_grid(v[these], context.bits - 1, -2)
        for row in range(0, queries, rows):
            part = slice(row, row + rows)
            query = to_grid(q[these, part], context.bits, -1)
            scores = context.engine(query, turned, context.bits).mul_(factor)
            allowed = _masked(scores, None if mask is None else mask[these, part], is_causal, row)
            weights = _exponentials(allowed, context.bits)
            total = weights.sum(-1, keepdim=True).clamp_(min=1.0)
            made = context.engine(OnGrid(weights, place), values, context.bits)
            result[these, part] = made.div_(total)
    return result.reshape(*lead, queries, -1)


@functools.lru_cache(maxsize=64)
def _scale(width: int) -> float:
    root = sqrt(scalar(float(width), torch.empty(0, dtype=torch.float64)))
    return 1.0 / float(root)


def _masked(scores: Any, mask: Any, causal: bool, row: int) -> Any:
    if causal:
        places = torch.arange(scores.shape[-1], device=scores.device)
        own = torch.arange(row, row + scores.shape[-2], device=scores.device)
        scores = scores.masked_fill_(places > own[:, None], -math.inf)
    if mask is None:
        return scores
    return (
        scores.masked_fill_(~mask, -math.inf)
        if mask.dtype == torch.bool
        else scores.add_(mask.to(torch.float64).mul_(LOG2_E))
    )


def _exponentials(scores: Any, bits: int) -> Any:
    """Whole numbers in float64: 2**(bits + score - largest). Overwrites `scores`.

    y = score - largest, at least -64; its fraction y - round(y), rounded to float32, goes through the polynomial in
    float32. A row without any allowed key gives zeros.
    """
    top = scores.amax(-1, keepdim=True).clamp_(min=-1e300)
    y = scores.sub_(top).clamp_(min=-64.0)
    whole = y.round()
    power = horner(y.sub_(whole).to(torch.float32), EXP_FLOAT32)
    power.view(torch.int32).add_(whole.add_(float(bits)).to(torch.int32).bitwise_left_shift_(23))
    return power.round_().to(torch.float64)
