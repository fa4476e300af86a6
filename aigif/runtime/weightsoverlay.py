"""Weights that a file brings along, put in place of those of the model that it names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aigif.errors import ModelError
from aigif.runtime.torchlib import require
from aigif.weights import Tensor

__all__ = ["collect_weights", "overlay_weights"]

_MOST_NAMED = 3


def overlay_weights(pipe: Any, weights: Mapping[str, Tensor]) -> None:
    """Replace the weights of every component of `pipe` by `weights`.

    Names are `component.parameter` (unet.conv_in.weight); values have the parameters' shapes. Raises
    ModelError where a name or a shape is not the model's, or where a parameter of the model is missing: half a
    replacement would be a third model.
    """
    torch = require("torch")
    modules = _modules(pipe)
    wanted = {
        f"{name}.{key}": tensor for name, module in modules.items() for key, tensor in _own(module).items()
    }
    _check_names(wanted, weights)
    for name, target in wanted.items():
        value = weights[name].to_torch()
        if tuple(value.shape) != tuple(target.shape):
            raise ModelError(
                f"{name} has the shape {tuple(value.shape)} in the file and {tuple(target.shape)} in the model",
                element="compression.saved_weights",
            )
        with torch.no_grad():
            target.copy_(value)


def collect_weights(pipe: Any) -> dict[str, Any]:
    """Every weight of every component of `pipe`: torch tensors on the CPU, under `component.parameter`."""
    return {
        f"{name}.{key}": tensor.detach().cpu()
        for name, module in _modules(pipe).items()
        for key, tensor in _own(module).items()
    }


def _modules(pipe: Any) -> dict[str, Any]:
    torch = require("torch")
    return {name: part for name, part in pipe.components.items() if isinstance(part, torch.nn.Module)}


def _own(module: Any) -> dict[str, Any]:
    # Tied weights come once under each name, as safetensors files have them.
    return dict(module.state_dict())


def _check_names(wanted: Mapping[str, Any], weights: Mapping[str, Any]) -> None:
    for names, problem in (
        (sorted(weights.keys() - wanted.keys()), "the file's weights have names that the model lacks"),
        (sorted(wanted.keys() - weights.keys()), "the file's weights lack names that the model has"),
    ):
        if names:
            shown = ", ".join(names[:_MOST_NAMED]) + (", ..." if len(names) > _MOST_NAMED else "")
            raise ModelError(
                f"{problem}: {shown}",
                element="compression.saved_weights",
                hint="give the folder of the model that the file names",
            )
