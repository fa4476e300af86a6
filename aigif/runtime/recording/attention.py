"""How a pipeline computes attention, and whether a recreation can do the same."""

from __future__ import annotations

from typing import Any

from aigif.runtime.recording.identity import networks
from aigif.runtime.recording.reasons import Reasons
from aigif.runtime.torchlib import quiet, require

__all__ = ["check_attention"]

PLAIN_PROCESSORS = frozenset(
    {
        "AttnProcessor",
        "AttnProcessor2_0",
        "AttnAddedKVProcessor",
        "AttnAddedKVProcessor2_0",
        "SlicedAttnProcessor",
        "SlicedAttnAddedKVProcessor",
        "XFormersAttnProcessor",
        "XFormersAttnAddedKVProcessor",
        "XFormersJointAttnProcessor",
    }
)
"""Processors of diffusers' `attention_processor` that compute plain attention, one way or another."""

_HOME = "diffusers.models.attention_processor"
_NATIVE = ("native", None)


def check_attention(pipe: Any, reasons: Reasons) -> None:
    """Refuse attention processors that compute something else than a fresh model's; warn of other forms of the same.

    The form itself is recorded by the probe of the platform (element platform.attention).
    """
    for name, part in networks(pipe):
        part = getattr(part, "_orig_mod", part)
        processors = getattr(part, "attn_processors", None)
        if not isinstance(processors, dict) or not processors:
            continue
        changed = _changed(part, processors)
        if changed is None:
            reasons.add(f"pipe.{name}", "its attention can't be compared with a fresh model's")
        elif strange := sorted({_label(entry) for entry in changed if not _is_plain(entry)}):
            reasons.add(f"pipe.{name}.attn_processors", f"no element says {', '.join(strange)}")
        elif changed:
            reasons.warn(
                f"attention of {name} is computed another way ({', '.join(sorted(map(_label, changed)))}) than a "
                "recreation does, which may change last bits"
            )
        backends = {_backend(entry) for entry in processors.values()}
        if any(backend not in _NATIVE for backend in backends):
            reasons.add(f"pipe.{name}.attn_processors", "an attention backend of its own is set")
    _check_active_backend(reasons)


def _changed(part: Any, processors: dict[str, Any]) -> set[type] | None:
    # The classes of processors that a fresh model of the same configuration hasn't at the same place.
    torch = require("torch")
    try:
        with quiet(), torch.random.fork_rng(devices=[]), torch.device("meta"):
            fresh = type(part).from_config(dict(part.config)).attn_processors
    except Exception:  # whatever a model's constructor raises
        return None
    return {
        type(entry)
        for place, entry in processors.items()
        if type(entry) is not type(fresh.get(place.replace("base_layer.", "")))
    }


def _is_plain(kind: type) -> bool:
    return kind.__module__ == _HOME and kind.__name__ in PLAIN_PROCESSORS


def _label(kind: type) -> str:
    return kind.__name__


def _backend(processor: Any) -> str | None:
    backend = getattr(processor, "_attention_backend", None)
    return None if backend is None else str(getattr(backend, "value", backend))


def _check_active_backend(reasons: Reasons) -> None:
    dispatch = require("diffusers.models.attention_dispatch")
    active = dispatch._AttentionBackendRegistry.get_active_backend()[0]  # a setting of the whole process
    if str(getattr(active, "value", active)) not in _NATIVE:
        reasons.add("diffusers' attention backend", f"it is {active}, and a recreation has native")
