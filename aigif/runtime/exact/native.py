"""Operations whose result doesn't depend on the kernel: they move data, compare, or round once by IEEE 754."""

from __future__ import annotations

from typing import Any

from aigif.runtime.exact.table import overloads

__all__ = ["NATIVE", "moves"]

_MOVING = """
_conj _local_scalar_dense _reshape_alias _to_copy _to_cpu _unsafe_index _unsafe_view alias alias_copy
as_strided atleast_1d atleast_2d atleast_3d broadcast_tensors broadcast_to cat channel_shuffle chunk clone
concat conj constant_pad_nd contiguous copy copy_ detach detach_ diag diagonal dstack embedding empty
empty_like empty_strided expand expand_as expand_copy fill fill_ flatten flip fliplr flipud full full_like
gather hstack imag index index_copy index_copy_ index_fill index_fill_ index_select item lift lift_fresh
lift_fresh_copy masked_fill masked_fill_ masked_scatter masked_select meshgrid movedim narrow
native_channel_shuffle new_empty new_empty_strided new_full new_ones new_zeros numpy_T one_hot ones
ones_like pad permute pin_memory pixel_shuffle pixel_unshuffle ravel real reflection_pad1d reflection_pad2d
reflection_pad3d repeat repeat_interleave replication_pad1d replication_pad2d replication_pad3d reshape
reshape_as resolve_conj resolve_neg roll rot90 scalar_tensor scatter.src scatter.value scatter_.src
scatter_.value select select_scatter set_ slice slice_scatter split split_copy split_with_sizes squeeze
squeeze_ stack swapaxes swapdims t take_along_dim tensor_split tile to transpose transpose_ tril tril_ triu
triu_ type_as unbind unbind_copy unflatten unfold unsafe_chunk unsafe_split unsqueeze unsqueeze_ view
view_as view_as_complex view_as_real vstack zero_ zeros zeros_like
"""
_COMPARING = """
__and__ __lshift__ __or__ __rshift__ __xor__ _assert_async _is_all_true _unique2 abs abs_ all amax amin any
argwhere bincount bitwise_and bitwise_and_ bitwise_left_shift bitwise_not bitwise_or bitwise_or_
bitwise_right_shift bitwise_xor bucketize can_cast ceil ceil_ clamp clamp_ clamp_max clamp_max_ clamp_min
clamp_min_ clip copysign cummax eq equal eye floor floor_ fmax fmin frac ge gt hardtanh hardtanh_ heaviside
is_complex is_floating_point is_nonzero is_same_size isfinite isin isinf isnan isneginf isposinf le
logical_and logical_and_ logical_not logical_not_ logical_or logical_or_ logical_xor lt max max_pool1d
max_pool2d max_pool2d_with_indices maximum min minimum nan_to_num nan_to_num_ ne neg neg_ negative nonzero
not_equal relu relu_ result_type round.default round_ searchsorted sgn sign sign_ signbit sym_numel sym_size
sym_stride threshold trunc trunc_ unique_consecutive unique_dim where
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
