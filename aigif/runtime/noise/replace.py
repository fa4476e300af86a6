"""Replaces functions of other modules for a while, in the thread (or task) that asks for it only."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from types import ModuleType
from typing import Any

__all__ = ["replaced"]

_LOCK = threading.Lock()
_IN_PLACE: dict[tuple[str, str], tuple[Any, int]] = {}
"""The original of each replaced function, and how many replacements of it there are."""

_ACTIVE: ContextVar[Mapping[tuple[str, str], Callable[..., Any]]] = ContextVar("replaced_functions")


@contextlib.contextmanager
def replaced(modules: list[ModuleType], name: str, function: Callable[..., Any]) -> Iterator[None]:
    """Make calls of `name` in `modules` reach `function`; the originals are put back afterwards, also on errors.

    Threads that don't take part go on calling the originals, through a function that is in the module meanwhile.
    Replacements may be nested; the innermost holds.
    """
    keys = [(module.__name__, name) for module in modules]
    for module, key in zip(modules, keys, strict=True):
        _put(module, key)
    token = _ACTIVE.set({**_ACTIVE.get({}), **dict.fromkeys(keys, function)})
    try:
        yield
    finally:
        _ACTIVE.reset(token)
        for module, key in zip(modules, keys, strict=True):
            _put_back(module, key)


def _put(module: ModuleType, key: tuple[str, str]) -> None:
    with _LOCK:
        original, count = _IN_PLACE.get(key, (getattr(module, key[1]), 0))
        _IN_PLACE[key] = (original, count + 1)
        if count:
            return

        def dispatch(*arguments: Any, **named: Any) -> Any:
            return _ACTIVE.get({}).get(key, original)(*arguments, **named)

        setattr(module, key[1], dispatch)


def _put_back(module: ModuleType, key: tuple[str, str]) -> None:
    with _LOCK:
        original, count = _IN_PLACE[key]
        if count > 1:
            _IN_PLACE[key] = (original, count - 1)
            return
        setattr(module, key[1], original)
        del _IN_PLACE[key]
