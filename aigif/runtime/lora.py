"""Putting a LoRA on a pipeline: by diffusers' own loader, from tensors that this package has read."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigif.errors import ModelError
from aigif.runtime.adapterfile import SETTINGS, AdapterWeights
from aigif.runtime.torchlib import quiet, require
from aigif.weights import encode

__all__ = ["Lora", "apply_lora"]

_NAME = "aigif"
_FILE = "adapter.safetensors"


@dataclass(frozen=True, slots=True)
class Lora:
    """A LoRA and its weights on the denoising network and on the text models."""

    content: AdapterWeights
    weight: float
    text_weight: float


def apply_lora(pipe: Any, lora: Lora) -> list[str]:
    """Load the LoRA into `pipe` and set its weights; a list of warnings.

    diffusers' `load_lora_weights` converts the names that trainers use. It takes peft's configuration from a file
    only, so the tensors go through a temporary one. The global random generator is left untouched.

    Raises ModelError where the LoRA doesn't fit the model.
    """
    torch = require("torch")
    metadata = {SETTINGS: lora.content.settings} if lora.content.settings else None
    payload = encode(lora.content.tensors, 0, metadata)
    with contextlib.ExitStack() as stack:
        stack.enter_context(quiet())
        stack.enter_context(torch.random.fork_rng(devices=range(torch.cuda.device_count())))
        torch.manual_seed(0)  # peft fills new layers with random numbers before the file's replace them
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="aigif-")))
        (folder / _FILE).write_bytes(payload)
        stack.enter_context(_plain_text_models(pipe))
        try:
            pipe.load_lora_weights(
                str(folder),
                weight_name=_FILE,
                adapter_name=_NAME,
                use_safetensors=True,
                local_files_only=True,
            )
            parts = sorted(part for part, names in pipe.get_list_adapters().items() if _NAME in names)
            if parts:
                weights = {
                    part: lora.text_weight if part.startswith("text_encoder") else lora.weight
                    for part in parts
                }
                pipe.set_adapters([_NAME], adapter_weights=[weights])
        except Exception as error:  # of diffusers, peft, transformers, torch
            raise _misfit(f"{type(error).__name__}: {error}") from error
    return _completeness(pipe, lora)


def _completeness(pipe: Any, lora: Lora) -> list[str]:
    # diffusers only logs what fits no layer; the picture would silently be another one.
    loaded = [
        parameter
        for module in _modules(pipe)
        for name, parameter in module.named_parameters()
        if "lora_" in name and f".{_NAME}." in name and parameter.ndim > 1
    ]
    if not loaded:
        raise _misfit("none of its tensors belongs to a layer of the model")
    if any(parameter.is_meta for parameter in loaded):
        raise _misfit("a layer lacks one of its two matrices")
    here = sum(parameter.numel() for parameter in loaded)
    given = sum(tensor.size for tensor in lora.content.tensors.values() if len(tensor.shape) > 1)
    if here < given:
        return [f"only {here} of the adapter's {given} numbers belong to layers of the model"]
    return []


def _modules(pipe: Any) -> list[Any]:
    torch = require("torch")
    return [part for part in pipe.components.values() if isinstance(part, torch.nn.Module)]


def _misfit(problem: str) -> ModelError:
    return ModelError(
        f"the adapter does not fit the model: {problem}",
        element="model.adapters",
        hint="use the adapter with the model that it was made for",
    )


@contextlib.contextmanager
def _plain_text_models(pipe: Any) -> Iterator[None]:
    # The loader takes a text model that has the attribute `text_model` for one of older layout, and would look for
    # layers under that name. `load_pipeline` gives it that attribute for another part of diffusers.
    named = [part for part in _modules(pipe) if part.__dict__.get("text_model") is part]
    for part in named:
        del part.__dict__["text_model"]
    try:
        yield
    finally:
        for part in named:
            object.__setattr__(part, "text_model", part)
