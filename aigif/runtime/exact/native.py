"""Operations whose result doesn't depend on the kernel: they move data, compare, or round once by IEEE 754."""

from __future__ import annotations

from typing import Any

from aigif.runtime.exact.table import overloads

__all__ = ["NATIVE", "moves"]

_MOVING = """
alias alias_copy as_strided atleast_1d atleast_2d atleast_3d broadcast_tensors broadcast_to cat chunk clone concat
constant_pad_nd contiguous copy copy_ detach detach_ diag diagonal dstack embedding empty empty_like empty_strided
expand expand_as expand_copy fill fill_ flatten flip fliplr flipud full full_like gather hstack index index_copy
index_copy_ index_fill index_fill_ index_select item lift lift_fresh lift_fresh_copy _local_scalar_dense masked_fill
masked_fill_ masked_scatter masked_select meshgrid movedim narrow native_channel_shuffle channel_shuffle new_empty
new_empty_strided new_full new_ones new_zeros numpy_T one_hot ones ones_like pad permute pin_memory pixel_shuffle
pixel_unshuffle ravel reflection_pad1d reflection_pad2d reflection_pad3d repeat repeat_interleave replication_pad1d
replication_pad2d replication_pad3d reshape _reshape_alias reshape_as resolve_conj resolve_neg roll rot90
scalar_tensor scatter select select_scatter set_ slice slice_scatter split split_with_sizes squeeze squeeze_ stack
swapaxes swapdims t take_along_dim tensor_split tile to _to_copy transpose transpose_ tril tril_ triu triu_ type_as
unbind unflatten unfold unsafe_chunk _unsafe_index unsafe_split _unsafe_view unsqueeze unsqueeze_ view view_as vstack
view_as_complex view_as_real _conj conj _to_cpu zero_ zeros zeros_like real imag split_copy unbind_copy
"""
_COMPARING = """
abs abs_ all amax amin any argwhere bitwise_and bitwise_and_ bitwise_not bitwise_or bitwise_or_ bitwise_xor
bitwise_left_shift bitwise_right_shift __and__ __or__ __xor__ __lshift__ __rshift__ bucketize ceil ceil_ clamp clamp_
clamp_max clamp_max_ clamp_min clamp_min_ clip copysign eq equal eye floor floor_ fmax fmin ge gt hardtanh
hardtanh_ heaviside is_nonzero isfinite isin isinf isnan isneginf isposinf le logical_and
logical_and_ logical_not logical_not_ logical_or logical_or_ logical_xor lt max max_pool1d max_pool2d
max_pool2d_with_indices maximum min minimum nan_to_num nan_to_num_ ne neg neg_ negative nonzero not_equal
relu relu_ round.default round_ searchsorted sgn sign sign_ signbit threshold trunc trunc_ where _is_all_true
_assert_async is_floating_point is_complex is_same_size sym_size sym_stride sym_numel result_type can_cast cummax
unique_dim unique_consecutive _unique2 bincount frac
"""
_ROUNDING_ONCE = "mul mul_ multiply multiply_ fmod fmod_"

_MOVES = {op for name in _MOVING.split() for op in overloads(name)}
NATIVE: frozenset[Any] = frozenset(
    _MOVES | {op for name in (_COMPARING + _ROUNDING_ONCE).split() for op in overloads(name)}
)
"""The overloads that run as they are."""


def moves(function: Any) -> bool:
    """Whether an operation only moves data, so that it is exact for every data type."""
    return function in _MOVES
