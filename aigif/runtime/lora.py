"""Putting LoRAs on a pipeline: by diffusers' own loader, from tensors that this package has read."""

from __future__ import annotations

import contextlib
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigif.errors import ModelError
from aigif.runtime.adapterfile import SETTINGS, AdapterWeights
from aigif.runtime.torchlib import quiet, require
from aigif.weights import encode

__all__ = ["Lora", "apply_loras", "remove_loras", "set_active"]

_FILE = "adapter.safetensors"


@dataclass(frozen=True, slots=True)
class Lora:
    """A LoRA, its weights on the denoising network and on the text models, and the fractions of the steps between
    which it acts on the network."""

    content: AdapterWeights
    weight: float
    text_weight: float
    start: float = 0.0
    end: float = 1.0


def apply_loras(pipe: Any, loras: Sequence[Lora]) -> list[str]:
    """Load LoRAs into `pipe` and set their weights; a list of warnings.

    diffusers' `load_lora_weights` converts the names that trainers use. It takes peft's configuration from a file
    only, so the tensors go through a temporary one. The global random generator is left untouched.

    Raises ModelError where a LoRA doesn't fit the model.
    """
    remarks = []
    for at, lora in enumerate(loras):
        _load(pipe, _name(at), lora)
        remarks += _completeness(pipe, _name(at), lora)
    try:
        set_active(pipe, loras, 0.0)
    except Exception as error:  # of diffusers and peft
        raise _misfit(f"{type(error).__name__}: {error}") from error
    return remarks


def set_active(pipe: Any, loras: Sequence[Lora], done: float) -> None:
    """Let those LoRAs act whose range holds the fraction `done` of the steps (0 to 1); the others weigh nothing."""
    names, weights = [], []
    for at, lora in enumerate(loras):
        parts = sorted(part for part, held in pipe.get_list_adapters().items() if _name(at) in held)
        acts = lora.start <= done < lora.end or (done >= 1.0 <= lora.end)
        if parts:
            names.append(_name(at))
            weights.append(
                {
                    part: lora.text_weight if part.startswith("text_encoder") else lora.weight * acts
                    for part in parts
                }
            )
    if names:
        with quiet():
            pipe.set_adapters(names, adapter_weights=weights)


def remove_loras(pipe: Any) -> None:
    """Take all LoRAs off; the layers are as they were before."""
    with quiet():
        pipe.unload_lora_weights()


def _name(at: int) -> str:
    return f"aigif{at}"


def _load(pipe: Any, name: str, lora: Lora) -> None:
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
        stack.enter_context(warnings.catch_warnings())
        warnings.filterwarnings("ignore", "Already found a `peft_config`", UserWarning)  # a second adapter is meant
        try:
            pipe.load_lora_weights(
                str(folder),
                weight_name=_FILE,
                adapter_name=name,
                use_safetensors=True,
                local_files_only=True,
            )
        except Exception as error:  # of diffusers, peft, transformers, torch
            raise _misfit(f"{type(error).__name__}: {error}") from error


def _completeness(pipe: Any, adapter: str, lora: Lora) -> list[str]:
    # diffusers only logs what fits no layer; the picture would silently be another one.
    loaded = [
        parameter
        for module in _modules(pipe)
        for name, parameter in module.named_parameters()
        if "lora_" in name and f".{adapter}." in name and parameter.ndim > 1
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
