"""The mode under which every operation of torch has its exact meaning, or is refused."""

from __future__ import annotations

import inspect
from typing import Any

from aigif.runtime.exact.errors import UnsupportedOperation
from aigif.runtime.exact.modulepath import module_path
from aigif.runtime.exact.native import NATIVE, moves
from aigif.runtime.exact.ops import complexes
from aigif.runtime.exact.table import MEANINGS, Context, Meaning, named
from aigif.runtime.torchlib import require

__all__ = ["ExactMode"]

torch: Any = require("torch")
_dispatch: Any = require("torch.utils._python_dispatch")

_TENSOR = torch.Tensor
_NARROW = frozenset({torch.float16, torch.bfloat16, torch.complex32})
_COMPLEX = frozenset({torch.complex64, torch.complex128})


class _Operation:
    """What is known of an overload once it was seen."""

    __slots__ = ("composite", "in_place", "meaning", "moves", "name", "native", "told")

    def __init__(self, function: Any) -> None:
        self.name = str(function)
        self.moves = moves(function)
        self.native = function in NATIVE
        self.meaning: Meaning | None = MEANINGS.get(function)
        self.told = self.meaning is not None and "function" in inspect.signature(self.meaning).parameters
        schema = str(function._schema.name)
        self.in_place = schema.endswith("_") and not schema.endswith("__")
        key = torch._C.DispatchKey.CompositeImplicitAutograd
        self.composite = function.namespace == "aten" and torch._C._dispatch_has_kernel_for_dispatch_key(
            function.name(), key
        )


class ExactMode(_dispatch.TorchDispatchMode):  # type: ignore[misc]
    """While it is entered (inside `torch.inference_mode`), operations are exact. `seen` counts them by overload."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.seen: dict[str, int] = {}
        self._known: dict[Any, _Operation] = {}

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # torch would wrap every dispatch otherwise; nothing is compiled here

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        operation = self._known.get(func)
        if operation is None:
            operation = self._known[func] = _Operation(func)
        self.seen[operation.name] = self.seen.get(operation.name, 0) + 1
        try:
            return self._run(func, operation, args, kwargs or {})
        except UnsupportedOperation as error:
            if error.module:
                raise
            raise UnsupportedOperation(operation.name, error.reason, module_path()) from None

    def _run(self, func: Any, operation: _Operation, args: Any, kwargs: dict[str, Any]) -> Any:
        if operation.moves:
            return func(*args, **kwargs)
        types = _types(args)
        if kwargs:
            types |= _types(kwargs.values())
            if kwargs.get("out") is not None:
                raise UnsupportedOperation(operation.name, "with out=")
        if not types.isdisjoint(_NARROW):
            raise UnsupportedOperation(operation.name, "of half precision")
        if not types.isdisjoint(_COMPLEX):
            return self._complex(func, operation, args, kwargs)
        if operation.meaning is not None:
            more = {"function": func} if operation.told else {}
            result = operation.meaning(self.context, *args, **kwargs, **more)
            if result is not NotImplemented:
                return args[0].copy_(result) if operation.in_place else result
        if operation.native:
            return func(*args, **kwargs)
        if operation.composite:
            with self:
                return func.decompose(*args, **kwargs)
        if not any(kind.is_floating_point for kind in types):
            result = func(*args, **kwargs)
            if not any(kind.is_floating_point or kind.is_complex for kind in _types((result,))):
                return result
        raise UnsupportedOperation(operation.name)

    def _complex(self, func: Any, operation: _Operation, args: Any, kwargs: dict[str, Any]) -> Any:
        found = complexes.COMPLEX.get(named(func))
        if found is not None and not kwargs:
            return found(*args)
        if operation.composite:
            with self:
                return func.decompose(*args, **kwargs)
        raise UnsupportedOperation(str(func), "of complex numbers")


def _types(values: Any) -> set[Any]:
    """The data types of all tensors among values and in their lists."""
    found: set[Any] = set()
    for value in values:
        if isinstance(value, _TENSOR):
            found.add(value.dtype)
        elif isinstance(value, (list, tuple)):
            found |= _types(value)
    return found
