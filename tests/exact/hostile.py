"""A foreign platform, simulated below exact arithmetic: other orders, other roundings, other libraries."""

from __future__ import annotations

from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

_NAMES = """
__and__ __lshift__ __or__ __rshift__ _local_scalar_dense _reshape_alias _to_copy _unsafe_view abs add add_
alias amax amin aminmax any arange argmax as_strided bitwise_and bitwise_left_shift bitwise_or
bitwise_right_shift broadcast_tensors cat ceil chunk clamp clamp_ clamp_max clamp_max_ clamp_min clamp_min_ clip
clone complex constant_pad_nd contiguous copy_ detach detach_ div div_ embedding empty empty_like empty_strided eq
expand expand_as fill_ flatten flip floor fmod frac full full_like gather ge gt imag index index_put index_select
is_nonzero isfinite isnan item le lift_fresh linalg_vector_norm logical_and logical_not lt masked_fill
masked_fill_ max max_pool2d maximum min minimum movedim mul mul_ multiply nan_to_num narrow ne neg neg_ new_empty
new_ones new_zeros nonzero ones ones_like pad permute real repeat repeat_interleave reshape resolve_conj
resolve_neg result_type roll round round_ rsub scalar_tensor scatter searchsorted select sign slice sort split
split_with_sizes square_ squeeze stack sub sub_ t to transpose tril trunc type_as unbind unflatten unfold
uniform_ unsqueeze view view_as_complex view_as_real where zero_ zeros zeros_like
"""
TRUSTED = frozenset(_NAMES.split())
"""Operations that all platforms do alike (or that only steer an engine: the norms)."""


class Hostile(TorchDispatchMode):
    """Permutes every sum and product, divides by constants as CUDA does, and adds an ulp to every other function.

    `foreign` collects the operations outside of the trusted ones, which had noise added.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.random = torch.Generator().manual_seed(seed)
        self.foreign: set[str] = set()

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = str(func._schema.name).partition("::")[2]
        if not any(isinstance(x, torch.Tensor) and x.is_floating_point() for x in args):
            return func(*args, **kwargs)
        if name in ("matmul", "mm", "bmm"):
            return self._product(*args)
        if name in ("addmm_", "addmm", "baddbmm_"):
            made = args[0] + self._product(*args[1:])
            return args[0].copy_(made) if name.endswith("_") else made
        if name == "sum":
            return self._sum(func, args, kwargs)
        if name in ("div", "div_") and not (isinstance(args[1], torch.Tensor) and args[1].ndim):
            inverse = 1.0 / torch.as_tensor(args[1], dtype=args[0].dtype)
            return args[0].mul_(inverse) if name == "div_" else args[0] * inverse
        fused = name in ("add", "sub", "add_", "sub_", "rsub") and kwargs.get("alpha", 1) != 1
        if name in TRUSTED and not fused:
            return func(*args, **kwargs)
        self.foreign.add(name)
        return self._noisy(func(*args, **kwargs))

    def _permuted(self, count: int) -> Any:
        return torch.randperm(count, generator=self.random)

    def _product(self, a: Any, b: Any) -> Any:
        order = self._permuted(a.shape[-1])
        a, b = a[..., order], b[..., order, :]
        parts = [a[..., at::3] @ b[..., at::3, :] for at in range(min(3, a.shape[-1]))]
        total = parts[-1]
        for part in parts[-2::-1]:
            total = part + total
        return total

    def _sum(self, func: Any, args: Any, kwargs: Any) -> Any:
        x, dims = args[0], (args[1] if len(args) > 1 else None)
        for dim in range(x.ndim) if not dims else [dims] if isinstance(dims, int) else dims:
            x = x.index_select(dim, self._permuted(x.shape[dim]))
        return func(x, *args[1:], **kwargs)

    def _noisy(self, x: Any) -> Any:
        if not isinstance(x, torch.Tensor) or not x.is_floating_point():
            return x
        whole = torch.int64 if x.dtype == torch.float64 else torch.int32
        step = torch.randint(-1, 2, x.shape, generator=self.random).to(whole)
        return torch.where(x == 0, x, (x.contiguous().view(whole) + step).view(x.dtype))
