"""Methods that were replaced on one object (`pipe.vae.decode = ...`): a recreation runs those of the class."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from aigif.runtime.families import ALLOWED
from aigif.runtime.recording.reasons import Reasons
from aigif.runtime.torchlib import require

__all__ = ["check_patches"]

_ACCELERATE, _DIFFUSERS = "accelerate.", "diffusers.hooks."
_LISTED = 3
"""How many methods of one part a reason names."""


def check_patches(pipe: Any, reasons: Reasons) -> None:
    """Add a reason for `pipe`, and for each object that it holds, where a callable hides a method of the class.

    Objects are the scheduler, tokenizers, image processors, the pipelines of a combined one, and every layer of the
    networks; parts that a recreation leaves out (a safety checker) are not looked at. What accelerate and diffusers
    put in the place of `forward` to move weights about is let pass where the class's own method is below it.
    """
    left_out = ALLOWED[type(pipe).__name__].not_loaded
    for place, thing in _objects(pipe, "pipe", left_out):
        found = list(_replaced(thing))
        if found:
            more = f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
            reasons.add(
                place,
                f"methods were replaced on the object ({', '.join(found[:_LISTED])}{more}), and a recreation runs "
                "those of the class",
            )


def _objects(pipe: Any, place: str, left_out: frozenset[str]) -> Iterator[tuple[str, Any]]:
    yield place, pipe
    for name, thing in list(vars(pipe).items()):
        if name in left_out or isinstance(thing, type) or not hasattr(thing, "__dict__"):
            continue
        if hasattr(thing, "components"):
            # Its components are those of the combined pipeline, which has them under names of its own.
            yield from _objects(thing, f"{place}.{name}", frozenset(thing.components))
        else:
            yield f"{place}.{name}", thing


def _replaced(thing: Any) -> Iterator[str]:
    layers = thing.named_modules() if isinstance(thing, require("torch").nn.Module) else [("", thing)]
    for path, layer in layers:
        for name, value in vars(layer).items():
            hidden = getattr(type(layer), name, None)
            if callable(value) and callable(hidden) and not _harmless(layer, name, value):
                yield f"{path}.{name}".removeprefix(".")


def _harmless(layer: Any, name: str, value: Any) -> bool:
    if _is_own(layer, name, value):  # put back by accelerate, when its hook was taken off
        return True
    maker = _maker(value)
    if name != "forward":  # accelerate warns where a model that it placed is moved (to, cuda)
        return maker.startswith(_ACCELERATE)
    if maker.startswith(_ACCELERATE):
        hook = getattr(layer, "_hf_hook", None)
        hooks = getattr(hook, "hooks", (hook,))
        return all(type(one).__module__.startswith(_ACCELERATE) for one in hooks) and _harmless(
            layer, name, getattr(layer, "_old_forward", None)
        )
    return maker.startswith(_DIFFUSERS) and _is_clean_chain(layer, name)


def _is_clean_chain(layer: Any, name: str) -> bool:
    # diffusers' hooks, from the innermost: each holds what stood there before. Which hooks: networks.py.
    references = getattr(getattr(layer, "_diffusers_hook", None), "_fn_refs", ())
    before = [reference.original_forward or reference.forward for reference in references]
    return (
        bool(before)
        and _harmless(layer, name, before[0])
        and all(_maker(one).startswith(_DIFFUSERS) for one in before[1:])
    )


def _is_own(layer: Any, name: str, value: Any) -> bool:
    own = type(layer)
    method = getattr(own, name)
    bound = getattr(value, "__self__", None)
    return (bound is None or bound is layer or bound is own) and _function(value) is _function(method)


def _function(method: Any) -> Any:
    return getattr(method, "__func__", method)


def _maker(value: Any) -> str:
    # The module whose code runs; __module__ would be that of the method that functools.wraps copied it from.
    function = value.func if isinstance(value, functools.partial) else value
    return str(getattr(_function(function), "__globals__", {}).get("__name__", ""))
