"""Loading a pipeline of diffusers and running it on exact arguments. The only place that calls a model."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from aigif.errors import AigifError, ModelError, RecreationError
from aigif.runtime.components import name_moved_modules, one_folder_only
from aigif.runtime.families import ALLOWED
from aigif.runtime.globalrandom import global_generators
from aigif.runtime.modelfolder import ModelFolder
from aigif.runtime.store.checkpoint import Checkpoint
from aigif.runtime.store.singlefile import load_checkpoint
from aigif.runtime.torchlib import quiet, require

__all__ = ["AfterStep", "load_pipeline", "no_numbers", "pipeline_class", "run_pipeline"]

AfterStep = Callable[[int, Any], None]


def pipeline_class(folder: ModelFolder | Checkpoint) -> Any:
    """The diffusers class of a folder whose pipeline is on the list; imports diffusers, loads nothing."""
    if folder.pipeline not in ALLOWED:
        raise AssertionError(f"{folder.pipeline} was not checked against the list")
    with quiet():
        kind = getattr(require("diffusers"), folder.pipeline)
    for package in getattr(kind, "_backends", ()):  # diffusers puts a dummy where a package is missing
        require(package, folder.pipeline)
    return kind


def load_pipeline(folder: ModelFolder | Checkpoint, dtype: str, device: str) -> Any:
    """The pipeline of a folder or a single file, with weights of torch's data type `dtype` on `device`.

    Safetensors only, nothing from the network, no code from the folder. Raises ModelError where diffusers can't
    load it.
    """
    kind, rules = pipeline_class(folder), ALLOWED[folder.pipeline]
    if isinstance(folder, Checkpoint):
        return _ready(load_checkpoint(folder, dtype, device))
    torch = require("torch")
    variant = {"variant": folder.variant} if folder.variant else {}
    name_moved_modules(rules)
    with quiet(), one_folder_only(kind):
        try:
            pipe = kind.from_pretrained(
                str(folder.path),
                dtype=getattr(torch, dtype),
                use_safetensors=True,
                local_files_only=True,
                **variant,
                **rules.left_out,
            ).to(device)
        except Exception as error:  # of diffusers, transformers, safetensors, torch
            raise ModelError(
                f"the model can't be loaded: {type(error).__name__}: {error}",
                file=str(folder.path),
                hint="see whether the folder is complete, and whether this diffusers knows its components",
            ) from error
    return _ready(pipe)


def _ready(pipe: Any) -> Any:
    pipe.set_progress_bar_config(disable=True)
    for name in ("text_encoder", "text_encoder_2"):
        _name_inner_text_model(getattr(pipe, name, None))
    return pipe


def _name_inner_text_model(encoder: Any) -> None:
    # transformers 5 took the inner `text_model` out of CLIPTextModel; the clip skip of diffusers 0.42 still asks for
    # it. Set past torch's own registration, so that the module does not become its own child.
    if encoder is not None and not hasattr(encoder, "text_model") and hasattr(encoder, "final_layer_norm"):
        object.__setattr__(encoder, "text_model", encoder)


def no_numbers() -> RecreationError:
    """The error for a picture of samples that are no numbers."""
    return RecreationError(
        "the model's picture holds values that are no numbers",
        hint="try another scheduler, or float32 as the data type",
    )


def run_pipeline(
    pipe: Any, arguments: Mapping[str, Any], generator: Any, steps: int, after_step: AfterStep
) -> Any:
    """What one call gives: pictures (a list of Pillow's), or latents where the arguments ask for them.

    `after_step` is called with the number of steps done (1 to `steps`, growing) and the latent, where the pipeline
    tells of its steps. Raises RecreationError where the model fails, or where its picture holds no numbers: what such
    samples become in 8 bits depends on the processor.
    """
    told = 0

    def count(index: int, latents: Any) -> None:
        nonlocal told
        calls = getattr(pipe, "num_timesteps", steps) or steps  # some schedulers call more than once a step
        completed = min(steps, (index + 1) * steps // calls)
        if completed > told:
            told = completed
            after_step(completed, latents)

    def at_step_end(_pipe: Any, index: int, _timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        count(index, tensors.get("latents"))
        return tensors

    rules = ALLOWED.get(type(pipe).__name__)  # a second pass has a class of its own
    accepted = inspect.signature(pipe.__call__).parameters
    hooks: dict[str, Any] = {}
    if "callback_on_step_end" in accepted:
        hooks["callback_on_step_end"] = at_step_end
    elif "callback" in accepted:
        hooks["callback"] = lambda index, _timestep, latents: count(index, latents)
    try:
        with quiet(), warnings.catch_warnings(), global_generators(rules, generator):
            warnings.filterwarnings("error", "invalid value encountered in cast", RuntimeWarning)
            return getattr(pipe(**arguments, generator=generator, **hooks), rules.output if rules else "images")
    except RuntimeWarning as error:
        raise no_numbers() from error
    except AigifError:
        raise
    except Exception as error:  # whatever a model, a scheduler or the device raises
        raise RecreationError(
            f"the model failed: {type(error).__name__}: {error}",
            hint="see whether the size and the other elements suit this model, and whether its memory suffices",
        ) from error
